package insightweb

import (
	"bytes"
	"errors"
	"io"
	"net/http"

	"github.com/tongban/tongban/internal/insight"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/sheet"
)

// creditExport is the page of credit as a workbook, in the reader's language.
func (p *Pages) creditExport(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	c, err := p.Service.Credit(ctx, auth.From(ctx), insight.Period(r.URL.Query().Get("period")))
	if err != nil {
		return err
	}
	var out bytes.Buffer
	book, err := sheet.NewBook(&out, i18n.T(ctx, "credit.halls"), i18n.T(ctx, "credit.departments"))
	if err != nil {
		return err
	}
	for n, keys := range [][]string{{"hall", "received", "crossed", "handed_over"}, {"department", "handled", "decided", "passed_on"}} {
		var heads []any
		for _, key := range keys {
			heads = append(heads, i18n.T(ctx, "credit.col."+key))
		}
		err = errors.Join(err, book.Write(n, heads...))
	}
	for _, h := range c.Halls {
		err = errors.Join(err, book.Write(0, h.Name.For(ctx), h.Received, h.Crossed, h.HandedOver))
	}
	for _, d := range c.Departments {
		err = errors.Join(err, book.Write(1, d.Name.For(ctx), d.Handled, d.Decided, d.PassedOn))
	}
	if err := errors.Join(err, book.Close()); err != nil {
		return err
	}
	httpx.Attachment(w, sheet.XLSX.MediaType(), i18n.T(ctx, "insight.credit_sheet.file", "from", c.From, "to", c.To)+sheet.XLSX.Extension())
	_, _ = io.Copy(w, &out) // a reader who left is no error of ours
	return nil
}
