package identityweb

import (
	"context"
	"strconv"
	"time"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/personal"
	"github.com/tongban/tongban/internal/kernel/i18n"
)

// certificateView is a certificate as it is written on a page.
type certificateView struct {
	ID, Title, Number string
	Code              string // identifier of GB/T 36904, "" without one
	Holder            string
	Issuer            string
	Validity          string
	State             string // valid, future, expired, revoked
	Verify, Print     string // paths
	PDF               string
	SignedBy          string
	Signed            time.Time
	Replaced          string // the day on which a former version was replaced, "" for the present one
	Ours              bool   // issued by a department of the zone, not only filed
}

// show writes a certificate for its holder. The number of an identity card is
// the identity number and therefore masked.
func (p *Pages) show(ctx context.Context, c identity.Certificate) certificateView {
	d := p.Service.Directory()
	v := certificateView{
		Ours: c.IssuerID != "", ID: c.ID, Code: c.Code, Title: c.Title.For(ctx), Number: identity.ShownNumber(c.Number), Holder: c.HolderName.For(ctx), State: c.Status(p.Service.Today()),
		Validity: validity(ctx, c), Verify: "/verify/" + c.Token, Print: "/my/certificates/" + c.ID + "/print", PDF: "/my/certificates/" + c.ID + "/pdf",
		Issuer: i18n.T(ctx, "identity.certificate.elsewhere"), SignedBy: i18n.T(ctx, "identity.certificate.kept"), Signed: c.IssuedAt,
	}
	if c.IssuerName != "" {
		v.Issuer = c.IssuerName
	}
	if !c.ReplacedAt.IsZero() {
		v.Replaced = i18n.FormatDate(ctx, c.ReplacedAt)
	}
	if d.HasDepartment(c.IssuerID) {
		v.Issuer = d.Department(c.IssuerID).Name.For(ctx)
		v.SignedBy = v.Issuer
	}
	return v
}

// showPublic writes a certificate for whoever holds the paper in hand: the name
// of a person is masked.
func (p *Pages) showPublic(ctx context.Context, c identity.Certificate) certificateView {
	v := p.show(ctx, c)
	if c.HolderKind == identity.HolderPerson {
		v.Holder = personal.Shown(personal.Name, personal.World, personal.Reader{}, c.HolderName.ZH)
	}
	return v
}

// validity says from when to when, the last day included.
func validity(ctx context.Context, c identity.Certificate) string {
	if c.ValidTo == "" {
		return i18n.T(ctx, "identity.certificate.from", "from", dayWords(ctx, c.ValidFrom))
	}
	return i18n.T(ctx, "identity.certificate.from_to", "from", dayWords(ctx, c.ValidFrom), "to", dayWords(ctx, c.ValidTo))
}

// dayWords writes a date as papers do, without the day of the week.
func dayWords(ctx context.Context, iso string) string {
	t, err := time.Parse(time.DateOnly, iso)
	switch {
	case err != nil:
		return iso
	case i18n.LocaleOf(ctx) == i18n.English:
		return t.Format("2 January 2006")
	default:
		return strconv.Itoa(t.Year()) + "年" + strconv.Itoa(int(t.Month())) + "月" + strconv.Itoa(t.Day()) + "日"
	}
}

// stateIcon gives each state a shape of its own.
func stateIcon(state string) string {
	switch state {
	case "valid":
		return "circle-check"
	case "revoked":
		return "circle-x"
	case "suspended":
		return "player-pause"
	case "replaced":
		return "history"
	case "unchecked", "declared":
		return "eye"
	default:
		return "calendar-due"
	}
}
