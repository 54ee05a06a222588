package casesweb_test

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/tongban/tongban/internal/app"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/testkit/browser"
)

type uploadAnswer struct {
	ID           string
	Offset, Size int64
}

// TestUploadInPieces: begin, pieces at the offset that the server names, and the
// usual request with the upload in place of the file; nobody else's is found.
func TestUploadInPieces(t *testing.T) {
	t.Parallel()
	b := newWorkBench(t)
	c, other := b.As(t, "applicant"), b.As(t, "agent")
	k := b.started("applicant", "KJ-0004")
	whole := append(bytes.Clone(tinyPDF), make([]byte, files.Piece+1000)...)
	ask := func(path string, header http.Header, body []byte, status int) uploadAnswer {
		t.Helper()
		p := c.Do(http.MethodPost, path, bytes.NewReader(body), header)
		want(t, p, status)
		var x uploadAnswer
		if status < 300 {
			if err := json.Unmarshal([]byte(p.Body), &x); err != nil {
				t.Fatal(err)
			}
		}
		return x
	}
	plain := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	begin := myPath(k, "/materials/audit_report/uploads")
	about := url.Values{"name": {"审计报告.pdf"}, "size": {strconv.Itoa(len(whole))}, "mark": {"1"}}
	u := ask(begin, plain, []byte(about.Encode()), http.StatusCreated)
	ask(myPath(k, "/materials/no_such/uploads"), plain, []byte(about.Encode()), http.StatusUnprocessableEntity)
	big := url.Values{"name": {"a.pdf"}, "size": {strconv.Itoa(300 << 20)}}
	ask(begin, plain, []byte(big.Encode()), http.StatusUnprocessableEntity)
	want(t, other.Do(http.MethodPost, begin, strings.NewReader(about.Encode()), plain), http.StatusNotFound)

	at := myPath(k, "/uploads/"+u.ID)
	piece := func(offset int64) http.Header {
		return http.Header{"Upload-Offset": {strconv.FormatInt(offset, 10)}, "Content-Type": {"application/offset+octet-stream"}}
	}
	want(t, other.Get(at), http.StatusNotFound)
	want(t, other.Do(http.MethodPost, at, bytes.NewReader(whole[:10]), piece(0)), http.StatusNotFound)
	if x := ask(at, piece(0), whole[:500_000], http.StatusOK); x.Offset != 500_000 {
		t.Fatalf("%+v", x)
	}
	ask(at, piece(0), whole[:500_000], http.StatusConflict) // another tab that is behind
	ask(at, nil, whole[:10], http.StatusConflict)
	if p := c.Get(at); p.Status != http.StatusOK || p.Header.Get("Upload-Offset") != "500000" {
		t.Fatalf("%d %v", p.Status, p.Header)
	}
	finish := func() (*http.Header, []byte) {
		var body bytes.Buffer
		w := multipart.NewWriter(&body)
		_ = w.WriteField("upload", u.ID)
		_ = w.Close()
		return &http.Header{"Content-Type": {w.FormDataContentType()}, "X-Upload": {"1"}}, body.Bytes()
	}
	h, body := finish()
	want(t, c.Do(http.MethodPost, myPath(k, "/materials/audit_report"), bytes.NewReader(body), *h), http.StatusUnprocessableEntity, "文件还没有传完")
	ask(at, piece(500_000), whole[500_000:], http.StatusOK)
	want(t, c.Do(http.MethodPost, myPath(k, "/materials/deduction_return"), bytes.NewReader(body), *h), http.StatusNotFound) // begun for another material
	want(t, c.Do(http.MethodPost, myPath(k, "/materials/audit_report"), bytes.NewReader(body), *h), http.StatusOK, "审计报告.pdf", "已上传 1 个文件")
	want(t, c.Do(http.MethodPost, myPath(k, "/materials/audit_report"), bytes.NewReader(body), *h), http.StatusNotFound)
}

// TestUploadInABrowser: a large file dropped onto the form arrives although the
// network breaks in the middle of it.
func TestUploadInABrowser(t *testing.T) {
	t.Parallel()
	b := newWorkBench(t)
	k := b.started("applicant", "KJ-0004")
	var pieces, broke atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && strings.Contains(r.URL.Path, "/uploads/") && pieces.Add(1) == 2 {
			broke.Add(1)
			_, _ = io.CopyN(io.Discard, r.Body, 1000)
			panic(http.ErrAbortHandler) // the connection is gone
		}
		b.Handler.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	p := browser.Start(t, srv.URL).Page(t, "applicant", 1200, 900)
	p.Open("/sign-in")
	p.Type("login", "applicant")
	p.Type("password", app.DemoPassword)
	p.ClickOn(`main button[type="submit"], main form[action^="/sign-in"] button`)
	p.Until("be signed in", `!location.pathname.startsWith("/sign-in")`)
	p.Open(myPath(k, "/form"))
	p.JS(`(() => {
		const bytes = new Uint8Array(3 * 1024 * 1024);
		bytes.set(new TextEncoder().encode("%PDF-1.4\n"));
		const data = new DataTransfer();
		data.items.add(new File([bytes], "审计报告.pdf", { type: "application/pdf", lastModified: 1 }));
		const zone = document.querySelector('[data-upload-pieces*="/audit_report/"]');
		zone.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: data }));
	})()`)
	p.Wait("审计报告.pdf")
	p.Until("see it kept", `[...document.querySelectorAll(".tb-files a")].some((a) => a.textContent.includes("审计报告.pdf"))`)
	if broke.Load() != 1 || pieces.Load() != 4 {
		t.Errorf("%d pieces, broken %d times", pieces.Load(), broke.Load())
	}
	m, err := b.Cases.Form(b.ctx, b.Actor(t, "applicant"), k.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range m.Materials {
		if x.Key == "audit_report" && (len(x.Files) != 1 || x.Files[0].Size != 3<<20) {
			t.Errorf("%+v", x.Files)
		}
	}
}
