package casesweb

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"mime/multipart"
	"net/http"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/docs"
	"github.com/tongban/tongban/internal/identity/personal"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/view"
)

// verifyLimit bounds a file that is compared: no document of ours is larger.
const verifyLimit = 4 << 20

// verifyPage is a document as anybody may see it who has its code.
type verifyPage struct {
	cases.Verified
	Title string
	Pairs []view.Pair
	File  string // same, other, none: of a file that was compared; "" when none was
}

// VerifyPaper is the public page behind the QR code of a document. The pages
// of certificates call it for codes of this length.
func (p *Pages) VerifyPaper(w http.ResponseWriter, r *http.Request, code string) error {
	x, err := p.verified(r.Context(), code)
	if err != nil {
		return err
	}
	return view.Render(w, r, http.StatusOK, verifyPaperView(x))
}

// verifyFile compares a file with those that were handed out. Only its sum is
// taken; the file is not kept.
func (p *Pages) verifyFile(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	x, err := p.verified(ctx, r.PathValue("token"))
	if errors.Is(err, cases.ErrNotFound) {
		return httpx.ErrNotFound
	}
	if err != nil {
		return err
	}
	if _, err := form.Parse(r); err != nil {
		return err
	}
	x.File = "none"
	if r.MultipartForm != nil {
		defer func() { _ = r.MultipartForm.RemoveAll() }()
		if list := r.MultipartForm.File["file"]; len(list) == 1 && list[0].Size > 0 {
			if x.File, err = p.compare(ctx, x, list[0].Open); err != nil {
				return err
			}
		}
	}
	status := http.StatusOK
	if x.File == "none" {
		status = http.StatusUnprocessableEntity
	}
	return view.Render(w, r, status, verifyPaperView(x))
}

func (p *Pages) compare(ctx context.Context, x verifyPage, open func() (multipart.File, error)) (string, error) {
	f, err := open()
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", err
	}
	same, err := p.Service.SameFile(ctx, x.Issued, hex.EncodeToString(sum.Sum(nil)))
	if err != nil || !same {
		return "other", err
	}
	return "same", nil
}

// verified gathers what may be shown: the name of a person is masked, and of
// what the paper says only what is needed to compare it.
func (p *Pages) verified(ctx context.Context, code string) (verifyPage, error) {
	v, err := p.Service.VerifyDocument(ctx, auth.From(ctx), code)
	if err != nil {
		return verifyPage{}, err
	}
	text, ok := v.Compose(i18n.LocaleOf(ctx), nil)
	if !ok {
		return verifyPage{}, cases.ErrBadDocument
	}
	x := verifyPage{Verified: v, Title: text.Title}
	add := func(key, value string) {
		if value != "" {
			x.Pairs = append(x.Pairs, view.Pair{Key: i18n.T(ctx, "docs.verify."+key), Value: value})
		}
	}
	fact := func(name string) string { return v.Facts.Text[name].For(ctx) }
	applicant := fact("applicant")
	if v.Facts.Text["person"].ZH != "" {
		applicant = personal.Mask(personal.Name, v.Facts.Text["applicant"].ZH)
	}
	add("number", text.Number)
	add("item", fact("item"))
	add("applicant", applicant)
	add("body", fact("body"))
	add("on", text.On)
	k, _ := docs.At(v.Kind, v.Version)
	for _, name := range k.Shown {
		switch name {
		case "due":
			add("due", fact(name))
		case "certificate_number":
			add("certificate", fact(name))
		}
	}
	add("hash", docs.Short(v.Hash, 16))
	return x, nil
}

// changed says which paper changed it, and when.
func (x verifyPage) changed(ctx context.Context) string {
	return i18n.T(ctx, "docs.verify.changed_text", "title", x.ChangedBy.Title, "day", i18n.Date(i18n.LocaleOf(ctx), x.ChangedAt))
}
