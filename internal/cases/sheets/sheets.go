package sheets

import (
	"context"
	"image"
	_ "image/png" // signatures
	"strings"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/docs"
	"github.com/tongban/tongban/internal/kernel/i18n"
)

// Maker makes files of documents.
type Maker struct {
	Cases   *cases.Service
	BaseURL string // of the installation, for the QR code
}

// Sheet is a document ready for paper.
func (m Maker) Sheet(ctx context.Context, d cases.Issued, text docs.Text) docs.Sheet {
	return docs.Sheet{
		Text: text, Created: d.At, Code: d.Code, Hash: d.Hash, URL: strings.TrimSuffix(m.BaseURL, "/") + "/verify/" + d.Code, Phones: Phones(ctx, d),
		Say:       func(key string, kv ...any) string { return i18n.T(ctx, key, kv...) },
		Signature: func(file string) (image.Image, bool) { return m.signature(ctx, file) },
	}
}

// PDF sets a document in the language of the reader. More are facts for this
// reader alone. Name is what the file is called, without an ending.
func (m Maker) PDF(ctx context.Context, d cases.Issued, more map[string]i18n.Text) (name string, file []byte, err error) {
	text, ok := d.Compose(i18n.LocaleOf(ctx), more)
	if !ok {
		return "", nil, cases.ErrNotFound
	}
	if file, _, err = m.Sheet(ctx, d, text).PDF(); err != nil {
		return "", nil, err
	}
	return text.Title + " " + d.Number, file, m.Cases.HandedOut(ctx, d, i18n.LocaleOf(ctx), file)
}

// signature reads the picture that a document shows.
func (m Maker) signature(ctx context.Context, id string) (image.Image, bool) {
	f, err := m.Cases.DocumentFile(ctx, id)
	if err != nil {
		return nil, false
	}
	r, err := m.Cases.Files.Open(f)
	if err != nil {
		return nil, false
	}
	defer func() { _ = r.Close() }()
	img, _, err := image.Decode(r)
	return img, err == nil
}

// Phones are the lines beside the QR code that say whom to call.
func Phones(ctx context.Context, d cases.Issued) []string {
	var out []string
	if s := d.Facts.Text["phone"].For(ctx); s != "" {
		out = append(out, i18n.T(ctx, "cases.paper.foot_phone", "phone", s))
	}
	if s := d.Facts.Text["complaint"].For(ctx); s != "" {
		out = append(out, i18n.T(ctx, "cases.paper.foot_complaint", "phone", s))
	}
	return out
}
