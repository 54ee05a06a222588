// Package quotaweb shows administrators the daily limits of accounts (每日限额)
// and who used much of them today.
package quotaweb

import (
	"context"
	"net/http"
	"strconv"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/quota"
	"github.com/tongban/tongban/internal/platform/view"
)

// Pages are the pages of the package.
type Pages struct {
	Book   *quota.Book
	NameOf func(ctx context.Context, account string) i18n.Text
}

// Routes of the package.
func (p *Pages) Routes() []httpx.Route {
	return []httpx.Route{httpx.Get("/admin/quotas", auth.AsRole(auth.SystemAdmin), p.limits)}
}

// settings by which the limits are changed, as they stand in the file.
const settings = "day-files, day-mb, day-messages, day-drafts, day-staff"

type row struct {
	name string
	quota.Used
	full bool
}

type limitsPage struct {
	quota.Limits
	rows []row
}

func (p *Pages) limits(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	list, err := p.Book.Most(ctx, auth.From(ctx))
	if err != nil {
		return err
	}
	d := limitsPage{Limits: p.Book.Limits}
	for _, u := range list {
		// One more would be too much; of bytes, hardly any file is as small as what is left.
		limit := d.Of(u.Kind, u.Staff)
		d.rows = append(d.rows, row{p.NameOf(ctx, u.AccountID).For(ctx), u, u.Used >= limit || u.Kind == quota.Bytes && limit-u.Used < 1<<20})
	}
	return view.Render(w, r, http.StatusOK, limitsView(d))
}

// amount of a kind as people read it.
func amount(k quota.Kind, n int64) string {
	if k == quota.Bytes {
		n >>= 20
	}
	return strconv.FormatInt(n, 10)
}

// limit of a kind, or the words for none.
func (d limitsPage) limit(ctx context.Context, k quota.Kind, staff bool) string {
	if n := d.Of(k, staff); n > 0 {
		return amount(k, n)
	}
	return i18n.T(ctx, "quota.none")
}
