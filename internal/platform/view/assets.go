package view

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

// asset is one embedded file, ready to be sent.
type asset struct {
	kind  string
	etag  string
	plain []byte
	gz    []byte // nil where packing gains nothing
}

type bundle struct {
	hash  string
	files map[string]*asset
}

// kinds do not depend on the mime table of the machine.
var kinds = map[string]string{
	".css":   "text/css; charset=utf-8",
	".js":    "text/javascript; charset=utf-8",
	".json":  "application/json",
	".svg":   "image/svg+xml",
	".txt":   "text/plain; charset=utf-8",
	".png":   "image/png",
	".woff2": "font/woff2",
}

var loadAssets = sync.OnceValue(func() *bundle {
	b := &bundle{files: map[string]*asset{}}
	all := sha256.New()
	files := Assets()
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) == ".md" { // notes for developers
			return err
		}
		raw, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		one := sha256.Sum256(raw)
		fmt.Fprintf(all, "%s %x\n", name, one)
		b.files[name] = newAsset(name, raw, one)
		return nil
	})
	if err != nil {
		panic("view: " + err.Error()) // the folder is embedded
	}
	b.hash = hex.EncodeToString(all.Sum(nil))[:12]
	return b
})

func newAsset(name string, raw []byte, sum [32]byte) *asset {
	a := &asset{kind: kinds[path.Ext(name)], etag: `"` + hex.EncodeToString(sum[:8]) + `"`, plain: raw}
	if a.kind == "" {
		a.kind = mime.TypeByExtension(path.Ext(name))
	}
	if a.kind == "" {
		a.kind = "application/octet-stream"
	}
	var z bytes.Buffer
	w, _ := gzip.NewWriterLevel(&z, gzip.BestCompression) // the level is a valid one
	_, _ = w.Write(raw)                                   // a buffer takes everything
	_ = w.Close()
	if z.Len() < len(raw)*9/10 {
		a.gz = z.Bytes()
	}
	return a
}

// AssetsHash names the present set of asset files: 12 hexadecimal digits.
func AssetsHash() string { return loadAssets().hash }

// Asset returns the address of an asset file: it changes with any of them, so
// that browsers may keep what they have for ever.
func Asset(ctx context.Context, name string) string {
	hash := ChromeOf(ctx).AssetsHash
	if hash == "" {
		hash = AssetsHash()
	}
	return "/assets/" + hash + "/" + name
}

// hasAsset says whether there is such a file.
func hasAsset(name string) bool { return loadAssets().files[name] != nil }

// AssetsHandler serves /assets/<hash>/<file> for ever, and /assets/<file> as
// well as addresses with an older hash for an hour.
func AssetsHandler() http.Handler {
	b := loadAssets()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
			return
		}
		name := strings.TrimPrefix(r.URL.Path, "/assets/")
		keep := "public, max-age=3600"
		if first, rest, ok := strings.Cut(name, "/"); ok && isHash(first) {
			name = rest
			if first == b.hash {
				keep = "public, max-age=31536000, immutable"
			}
		}
		a := b.files[name]
		if a == nil {
			http.NotFound(w, r)
			return
		}
		a.send(w, r, keep)
	})
}

func (a *asset) send(w http.ResponseWriter, r *http.Request, keep string) {
	h := w.Header()
	body, etag := a.plain, a.etag
	h.Set("Content-Type", a.kind)
	h.Set("Cache-Control", keep)
	h.Set("X-Content-Type-Options", "nosniff")
	if a.gz != nil {
		h.Set("Vary", "Accept-Encoding")
		if takesGzip(r.Header.Get("Accept-Encoding")) {
			body, etag = a.gz, strings.TrimSuffix(a.etag, `"`)+`-gz"`
			h.Set("Content-Encoding", "gzip")
		}
	}
	h.Set("ETag", etag)
	if matches(r.Header.Get("If-None-Match"), etag) {
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return
	}
	_, _ = w.Write(body) // a reader who left is no error of ours
}

func isHash(s string) bool {
	return len(s) == 12 && strings.Trim(s, "0123456789abcdef") == ""
}

// takesGzip says whether an Accept-Encoding header admits gzip.
func takesGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		coding, param, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.TrimSpace(coding) != "gzip" {
			continue
		}
		q := strings.TrimPrefix(strings.ReplaceAll(param, " ", ""), "q=")
		return strings.Trim(q, "0.") != "" || q == ""
	}
	return false
}

func matches(header, etag string) bool {
	for part := range strings.SplitSeq(header, ",") {
		if p := strings.TrimPrefix(strings.TrimSpace(part), "W/"); p == etag || p == "*" {
			return true
		}
	}
	return false
}
