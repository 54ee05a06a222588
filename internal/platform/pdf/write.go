package pdf

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"strings"
	"time"
	"unicode/utf16"
)

// writer numbers and writes the objects of a file.
type writer struct {
	b       bytes.Buffer
	offsets []int // by number - 1
}

// reserve gives the number of an object that is written later.
func (w *writer) reserve() int {
	w.offsets = append(w.offsets, 0)
	return len(w.offsets)
}

func (w *writer) object(n int, body string) int {
	if n == 0 {
		n = w.reserve()
	}
	w.offsets[n-1] = w.b.Len()
	fmt.Fprintf(&w.b, "%d 0 obj\n%s\nendobj\n", n, body)
	return n
}

// stream writes compressed data under a dictionary.
func (w *writer) stream(dict string, data []byte) int {
	var z bytes.Buffer
	zw := zlib.NewWriter(&z)
	_, _ = zw.Write(data) // into memory
	_ = zw.Close()
	n := w.reserve()
	w.offsets[n-1] = w.b.Len()
	fmt.Fprintf(&w.b, "%d 0 obj\n<< %s /Filter /FlateDecode /Length %d >>\nstream\n", n, dict, z.Len())
	w.b.Write(z.Bytes())
	w.b.WriteString("\nendstream\nendobj\n")
	return n
}

// finish writes the table of objects and the trailer.
func (w *writer) finish(root, info int, id string) []byte {
	at := w.b.Len()
	fmt.Fprintf(&w.b, "xref\n0 %d\n0000000000 65535 f \n", len(w.offsets)+1)
	for _, o := range w.offsets {
		fmt.Fprintf(&w.b, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&w.b, "trailer\n<< /Size %d /Root %d 0 R /Info %d 0 R /ID [<%s> <%s>] >>\nstartxref\n%d\n%%%%EOF\n", len(w.offsets)+1, root, info, id, id, at)
	return w.b.Bytes()
}

// hexText writes a text string of a dictionary.
func hexText(s string) string {
	var b strings.Builder
	b.WriteString("<FEFF")
	for _, u := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, "%04X", u)
	}
	b.WriteString(">")
	return b.String()
}

func pdfDate(t time.Time) string {
	s := t.Format("20060102150405-0700")
	return "(D:" + s[:17] + "'" + s[17:] + "')"
}

// num writes a measure shortly.
func num(v float64) string {
	s := strings.TrimRight(strings.TrimRight(fmt.Sprintf("%.2f", v), "0"), ".")
	if s == "-0" || s == "" {
		return "0"
	}
	return s
}
