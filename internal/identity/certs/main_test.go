package certs_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/certs"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/locales"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/platform/jobs"
	"github.com/tongban/tongban/internal/platform/notify"
	"github.com/tongban/tongban/internal/platform/throttle"
	"github.com/tongban/tongban/internal/testkit/dbtest"
	"github.com/tongban/tongban/internal/testkit/sealtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

const (
	uscc     = "91350200776049653A"
	idNumber = "371602199001010018"
	owner    = "12441500196720244T" // of the type of permit, and credit code of the office
)

// house is a register with a firm, a person, and an office with two desks.
type house struct {
	*certs.Service
	db                                     *db.DB
	clock                                  *clock.Moved
	id                                     *identity.Service
	firm                                   identity.Enterprise
	holder, stranger                       auth.Actor
	clerk, handler, approver, head, beside auth.Actor
}

func setup(t *testing.T, d *db.DB) *house {
	t.Helper()
	c := clock.At(time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC))
	texts, err := locales.Load()
	if err != nil {
		t.Fatal(err)
	}
	log, hits, ctx, sys := audit.New(d, c), throttle.New(d, c), t.Context(), auth.SystemActor()
	id := identity.New(identity.Deps{DB: d, Clock: c, Audit: log, Throttle: hits, Seal: sealtest.Ring(t)})
	store, err := files.New(d, c, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	q, err := jobs.New(d, dbtest.Quiet())
	if err != nil {
		t.Fatal(err)
	}
	h := &house{db: d, clock: c, id: id, Service: certs.New(certs.Deps{
		DB: d, Clock: c, Identity: id, Files: store, Notify: notify.New(d, c, q, texts, nil, "http://t.test"), Audit: log, Throttle: hits,
	})}
	if err := id.SaveOrganisation(ctx, sys, identity.Organisation{
		Regions:     []identity.Region{{Code: "371600", Level: "city", Name: i18n.Text{ZH: "市"}}, {Code: "371671", Level: "county", Parent: "371600", Name: i18n.Text{ZH: "区"}}},
		Departments: []identity.Department{{ID: "kj", USCC: owner, Region: "371671", Name: i18n.Text{ZH: "科创局"}}, {ID: "sc", USCC: "113716000043456718", Region: "371671", Name: i18n.Text{ZH: "市场局"}}},
		Halls:       []identity.Hall{{ID: "main", Region: "371671", Name: i18n.Text{ZH: "大厅"}, Windows: []identity.Window{{Number: "A01", Name: i18n.Text{ZH: "综合"}}}}},
		CertificateTypes: []identity.CertificateType{
			{Key: "permit", Name: i18n.Text{ZH: "许可证", EN: "Permit"}, Holder: identity.HolderEnterprise, Level: "A", Code: owner + "001"},
			{Key: "diploma", Name: i18n.Text{ZH: "学历", EN: "Diploma"}, Holder: identity.HolderPerson, Level: "B", Remind: []int{30}},
		},
	}); err != nil {
		t.Fatal(err)
	}
	staff := func(login string, p auth.Post) auth.Actor {
		a, err := id.CreateStaff(ctx, sys, identity.StaffInput{Login: login, Name: i18n.Text{ZH: login}, Password: "window-pass", Posts: []auth.Post{p}})
		if err != nil {
			t.Fatal(err)
		}
		actor, err := id.Actor(ctx, a.ID)
		if err != nil {
			t.Fatal(err)
		}
		return actor
	}
	h.clerk = staff("clerk", auth.Post{Role: auth.Clerk, DepartmentID: "kj", Region: "371671", HallID: "main", WindowID: "main/A01"})
	h.handler = staff("handler", auth.Post{Role: auth.Handler, DepartmentID: "kj", Region: "371671"})
	h.approver = staff("approver", auth.Post{Role: auth.Approver, DepartmentID: "kj", Region: "371671"})
	h.head = staff("head", auth.Post{Role: auth.Head, DepartmentID: "kj", Region: "371671"})
	h.beside = staff("beside", auth.Post{Role: auth.Approver, DepartmentID: "sc", Region: "371671"})
	person := func(login, number string) auth.Actor {
		a, err := id.SeedAccount(ctx, sys, identity.Account{Login: login, Kind: auth.Person, Name: i18n.Text{ZH: "张三"}, IDNumber: number, Phone: "13900010001"}, nil, "x")
		if err != nil {
			t.Fatal(err)
		}
		return auth.Actor{Kind: auth.Person, ID: a.ID}
	}
	h.holder, h.stranger = person("holder", idNumber), person("stranger", "371602199001010026")
	if h.firm, err = id.SaveEnterprise(ctx, sys, identity.EnterpriseInput{Enterprise: identity.Enterprise{USCC: uscc, Name: i18n.Text{ZH: "试验公司"}, Region: "371671", RegisteredOn: "2020-01-01"}}); err != nil {
		t.Fatal(err)
	}
	if err := id.Authorise(ctx, sys, h.firm.ID, h.holder.ID, identity.Owner); err != nil {
		t.Fatal(err)
	}
	h.holder, err = id.Actor(ctx, h.holder.ID)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *house) permit(t *testing.T, until string) identity.Certificate {
	t.Helper()
	c, err := h.id.Issue(t.Context(), auth.SystemActor(), identity.IssueInput{Type: "permit", Holder: h.firm.Party(), Issuer: "kj", From: "2026-01-01", Until: until, CaseID: "k"})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Propose is that of the service, by who opened the certificate before.
func (h *house) Propose(ctx context.Context, who auth.Actor, id string, p certs.Proposal) (certs.Act, error) {
	_ = h.Open(ctx, who, id, "办理") // refused to some: what they propose is refused, too
	return h.Service.Propose(ctx, who, id, p)
}

// notices counts what the holder was told of a kind.
func (h *house) notices(t *testing.T, kind string) int {
	t.Helper()
	n, err := db.One(t.Context(), h.db.Read(t.Context()), db.Scalar[int], `SELECT count(*) FROM notify_message WHERE kind=$1 AND account_id=$2`, kind, h.holder.ID)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
