package certsheet

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/pdf"
)

// PDF sets a certificate in the language of the context. baseURL is where the
// public verification lies.
func PDF(ctx context.Context, dir *identity.Directory, c identity.Certificate, today, baseURL string) ([]byte, error) {
	l := i18n.LocaleOf(ctx)
	lang := "zh-CN"
	if l == i18n.English {
		lang = "en"
	}
	status := c.Status(today)
	issuer := i18n.T(ctx, "identity.certificate.elsewhere")
	signed := i18n.T(ctx, "identity.certificate.kept")
	if dir.HasDepartment(c.IssuerID) {
		issuer = dir.Department(c.IssuerID).Name.For(ctx)
		signed = issuer
	}
	verify := strings.TrimSuffix(baseURL, "/") + "/verify/" + c.Token
	d := pdf.New(pdf.Info{
		Title: c.Title.For(ctx), Author: issuer, Subject: number(c), Lang: lang, Created: c.IssuedAt, Watermark: watermark(ctx, dir, c, status, issuer),
		Foot: []string{i18n.T(ctx, "docs.certificate.foot", "number", number(c), "code", group(c.Token))},
		Page: func(n, of int) string { return i18n.T(ctx, "docs.sheet.page", "n", n, "of", of) },
	})
	d.Frame()
	d.Skip(56)
	d.Title(c.Title.For(ctx))
	d.Centre(i18n.T(ctx, "identity.certificate.no", "number", number(c)))
	d.Skip(28)
	rows := [][]string{
		{i18n.T(ctx, "identity.certificate.holder"), c.HolderName.For(ctx)},
		{i18n.T(ctx, "identity.certificate.validity"), validity(ctx, c)},
		{i18n.T(ctx, "identity.certificate.issuer"), issuer},
	}
	if status != "valid" {
		rows = append(rows, []string{i18n.T(ctx, "identity.certificate.how"), i18n.T(ctx, "identity.certificate.state."+status)})
	}
	d.Table(nil, []float64{1, 3}, rows)
	d.Skip(16)
	if dir.HasDepartment(c.IssuerID) {
		d.Para(i18n.T(ctx, "docs.certificate.issued", "holder", c.HolderName, "title", c.Title))
	}
	seal := ""
	if dir.HasDepartment(c.IssuerID) {
		seal = i18n.T(ctx, "docs.sheet.seal")
	}
	d.Skip(30)
	d.Sign(signed, seal, i18n.Day(l, c.IssuedAt))
	d.Skip(20)
	words := i18n.T(ctx, "identity.certificate.copy")
	if !dir.HasDepartment(c.IssuerID) {
		words = i18n.T(ctx, "identity.certificate.record")
	}
	lines := []string{words}
	if l != i18n.Source {
		lines = append(lines, i18n.T(ctx, "docs.sheet.language"))
	}
	if err := d.QR(verify, lines); err != nil {
		return nil, err
	}
	return d.Bytes(), nil
}

// watermark says how far the copy may be trusted, or that it is not valid.
func watermark(ctx context.Context, dir *identity.Directory, c identity.Certificate, status, issuer string) string {
	if status != "valid" {
		return i18n.T(ctx, "docs.certificate.mark."+status)
	}
	t, _ := dir.CertificateType(c.Type)
	switch cmp.Or(c.Level, t.Level) {
	case "A":
		if c.ValidTo != "" {
			return i18n.T(ctx, "docs.certificate.mark_a_until", "issuer", issuer, "day", day(ctx, c.ValidTo))
		}
		return i18n.T(ctx, "docs.certificate.mark_a", "issuer", issuer)
	case "B":
		return i18n.T(ctx, "docs.certificate.mark_b")
	case "C":
		return i18n.T(ctx, "docs.certificate.mark_c")
	default:
		return i18n.T(ctx, "docs.certificate.mark_d")
	}
}

// Mark is what is laid over a copy of a certificate: how far it may be trusted
// and what for, or that it is not valid.
func Mark(ctx context.Context, dir *identity.Directory, c identity.Certificate, today string) string {
	issuer := i18n.T(ctx, "identity.certificate.elsewhere")
	if dir.HasDepartment(c.IssuerID) {
		issuer = dir.Department(c.IssuerID).Name.For(ctx)
	}
	return watermark(ctx, dir, c, c.Status(today), issuer)
}

// number of a certificate; that of an identity card is the identity number.
func number(c identity.Certificate) string { return identity.ShownNumber(c.Number) }

func validity(ctx context.Context, c identity.Certificate) string {
	if c.ValidTo == "" {
		return i18n.T(ctx, "identity.certificate.from", "from", day(ctx, c.ValidFrom))
	}
	return i18n.T(ctx, "identity.certificate.from_to", "from", day(ctx, c.ValidFrom), "to", day(ctx, c.ValidTo))
}

func day(ctx context.Context, iso string) string {
	t, err := time.Parse(time.DateOnly, iso)
	if err != nil {
		return iso
	}
	return i18n.Day(i18n.LocaleOf(ctx), t)
}

// group writes a code in groups of four, as it is typed.
func group(code string) string {
	var b strings.Builder
	for i, r := range code {
		if i > 0 && i%4 == 0 {
			b.WriteByte('-')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Serve answers with the sheet of a certificate.
func Serve(ctx context.Context, w http.ResponseWriter, c identity.Certificate, file []byte) error {
	h := w.Header()
	h.Set("Content-Type", "application/pdf")
	h.Set("Content-Disposition", "inline; filename*=UTF-8''"+url.PathEscape(c.Title.For(ctx)+" "+number(c))+".pdf")
	h.Set("Content-Length", strconv.Itoa(len(file)))
	h.Set("Cache-Control", "private, no-store")
	_, err := w.Write(file)
	return err
}
