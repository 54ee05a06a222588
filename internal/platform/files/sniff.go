package files

import (
	"archive/zip"
	"io"
	"net/http"
	"path"
	"slices"
	"strings"
	"unicode"
)

const xlsxType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// accepted types with the extensions that a name may carry.
var accepted = map[string][]string{
	"application/pdf": {".pdf"},
	"image/jpeg":      {".jpg", ".jpeg"},
	"image/png":       {".png"},
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document": {".docx"},
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":       {".xlsx"},
	"application/ofd": {".ofd"}, // GB/T 33190-2016
}

// AcceptAttribute is the accept attribute of a file input.
const AcceptAttribute = ".pdf,.jpg,.jpeg,.png,.docx,.xlsx,.ofd"

// sniff says what the content is, or ErrType.
func sniff(r io.ReaderAt, size int64) (string, error) {
	head := make([]byte, 512)
	n, err := r.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return "", err
	}
	media, _, _ := strings.Cut(http.DetectContentType(head[:n]), ";")
	if media == "application/zip" {
		media = office(r, size)
	}
	if _, ok := accepted[media]; !ok {
		return "", ErrType
	}
	return media, nil
}

// maxDirectory is how much of a zip container is read to list its members. Of a
// real document that is some kilobytes; a list made to fill the memory, where
// each member of 46 bytes costs many times that, ends here.
const maxDirectory = 1 << 20

// bounded is a file of which only so many bytes may be read.
type bounded struct {
	io.ReaderAt
	left int64
}

// ReadAt reads, and fails once the bytes are used up.
func (b *bounded) ReadAt(p []byte, off int64) (int, error) {
	if b.left -= int64(len(p)); b.left < 0 {
		return 0, io.ErrNoProgress
	}
	return b.ReaderAt.ReadAt(p, off)
}

// office tells what a zip container holds by its well-known member.
func office(r io.ReaderAt, size int64) string {
	z, err := zip.NewReader(&bounded{r, maxDirectory}, size)
	if err != nil {
		return ""
	}
	for _, f := range z.File {
		switch f.Name {
		case "word/document.xml":
			return "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
		case "xl/workbook.xml":
			return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
		case "OFD.xml":
			return "application/ofd"
		}
	}
	return ""
}

// fits says whether the extension of a name agrees with the content.
func fits(name, media string) bool {
	return slices.Contains(accepted[media], strings.ToLower(path.Ext(strings.ReplaceAll(name, `\`, "/"))))
}

// CleanName makes a label of a client's file name: its last element, without
// control and direction characters, at most 120 runes with the extension kept.
func CleanName(name string) string {
	name = path.Base(strings.ReplaceAll(strings.ToValidUTF8(name, ""), `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || strings.ContainsRune(`<>:"|?*`, r) {
			return -1
		}
		return r
	}, name)
	name = strings.Trim(name, ". ")
	ext := path.Ext(name)
	if stem := []rune(strings.TrimSuffix(name, ext)); len(stem) > 110 {
		name = string(stem[:110]) + ext
	}
	if name == "" || name == "/" {
		return "file"
	}
	return name
}
