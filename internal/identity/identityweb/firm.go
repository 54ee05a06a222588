package identityweb

import (
	"context"
	"net/http"
	"strconv"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/money"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/view"
)

type firmPage struct {
	Firm         identity.FirmFile
	Region       string
	Certificates []certificateView
}

// firm shows the file of a firm (一企一档) to those who act for it.
func (p *Pages) firm(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	file, err := p.Service.FirmFile(ctx, auth.From(ctx), r.PathValue("id"))
	if err != nil {
		return err
	}
	page := firmPage{Firm: file, Region: p.Service.Directory().Region(file.Region).Name.For(ctx)}
	for _, c := range file.Certificates {
		page.Certificates = append(page.Certificates, p.show(ctx, c))
	}
	return view.Render(w, r, http.StatusOK, firmView(page))
}

// large writes an amount in the unit in which firms are spoken of: 万元, or
// millions in English. The head of the column names the unit.
func large(ctx context.Context, f money.Fen) string {
	if i18n.LocaleOf(ctx) == i18n.English {
		return strconv.FormatFloat(float64(f)/1e8, 'f', 2, 64)
	}
	return thousands(f.Wan())
}

// thousands puts separators into the whole part of a number.
func thousands(s string) string {
	whole, rest := s, ""
	for i := range len(s) {
		if s[i] == '.' {
			whole, rest = s[:i], s[i:]
			break
		}
	}
	start := 0
	if len(whole) > 0 && whole[0] == '-' {
		start = 1
	}
	for i := len(whole) - 3; i > start; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	return whole + rest
}

// share is the part of research cost in revenue, in percent.
func share(part, whole money.Fen) string {
	if whole <= 0 {
		return "—"
	}
	return strconv.FormatFloat(float64(part)*100/float64(whole), 'f', 1, 64) + "%"
}
