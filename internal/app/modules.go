package app

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/tongban/tongban/internal/budget"
	"github.com/tongban/tongban/internal/care"
	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/cases/calendar"
	"github.com/tongban/tongban/internal/cases/retention"
	"github.com/tongban/tongban/internal/cases/talk"
	"github.com/tongban/tongban/internal/cases/visit"
	"github.com/tongban/tongban/internal/cases/worklist"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/catalogue/intake"
	"github.com/tongban/tongban/internal/feedback"
	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/identity/batch"
	"github.com/tongban/tongban/internal/identity/certs"
	"github.com/tongban/tongban/internal/identity/claim"
	"github.com/tongban/tongban/internal/identity/credit"
	"github.com/tongban/tongban/internal/identity/dossier"
	"github.com/tongban/tongban/internal/identity/factor"
	"github.com/tongban/tongban/internal/identity/mandate"
	"github.com/tongban/tongban/internal/identity/oidc"
	"github.com/tongban/tongban/internal/identity/oidcweb"
	"github.com/tongban/tongban/internal/identity/organisation"
	"github.com/tongban/tongban/internal/identity/privacy"
	"github.com/tongban/tongban/internal/identity/register"
	"github.com/tongban/tongban/internal/identity/signup"
	"github.com/tongban/tongban/internal/insight"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/matching"
	"github.com/tongban/tongban/internal/matching/advice"
	"github.com/tongban/tongban/internal/matching/grant"
	"github.com/tongban/tongban/internal/matching/policy"
	"github.com/tongban/tongban/internal/matching/push"
	"github.com/tongban/tongban/internal/matching/tier"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/config"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/events"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/platform/jobs"
	"github.com/tongban/tongban/internal/platform/notify"
	"github.com/tongban/tongban/internal/platform/quota"
	"github.com/tongban/tongban/internal/platform/seal"
	"github.com/tongban/tongban/internal/platform/session"
	"github.com/tongban/tongban/internal/platform/throttle"
	"github.com/tongban/tongban/internal/queue"
)

// Modules are the services of one installation under one clock. The
// demonstration builds a second set under a moved clock to live through a past
// year with the very same code.
type Modules struct {
	DB        *db.DB
	Clock     clock.Clock
	Audit     *audit.Log
	Jobs      *jobs.Queue
	Files     *files.Store
	Notify    *notify.Service
	Quota     *quota.Book
	Outbox    *notify.Outbox // nil unless mails or short messages stay in memory
	Throttle  *throttle.Throttle
	Sessions  *session.Manager
	Seal      *seal.Ring
	Keeper    *seal.Keeper
	Identity  *identity.Service
	Privacy   *privacy.Service
	Dossier   *dossier.Service
	Batches   *batch.Service
	Register  *register.Memory // of companies, inside the program; nil unless the settings say so
	Claims    *claim.Service
	SignUps   *signup.Service
	Mandates  *mandate.Service
	Offices   *organisation.Service
	Certs     *certs.Service
	Credit    *credit.Service
	Factor    *factor.Service
	OIDC      *oidc.Service
	Catalogue *catalogue.Service
	Intake    *intake.Service
	Cases     *cases.Service
	Calendar  *calendar.Service
	Visits    *visit.Service
	Retention *retention.Service
	Lists     *worklist.Service
	Talk      *talk.Service
	Feedback  *feedback.Service
	Queue     *queue.Service
	Budget    *budget.Service
	Care      *care.Service
	Policies  *policy.Service
	Tiers     *tier.Service
	Matching  *matching.Service
	Advice    *advice.Service
	Grants    *grant.Service
	Push      *push.Service
	Insight   *insight.Service
}

// newModules makes the services and subscribes their reactions.
func newModules(d *db.DB, c clock.Clock, q *jobs.Queue, texts *i18n.Catalog, cfg config.Config, ring *seal.Ring) (*Modules, error) {
	m := &Modules{DB: d, Clock: c, Jobs: q, Audit: audit.New(d, c), Throttle: throttle.New(d, c), Seal: ring}
	m.Audit.Use(func() audit.Hash {
		if ring.Suite() == seal.National {
			return audit.SM3
		}
		return audit.SHA256
	})
	m.Throttle.Hide(func(s string) string { return ring.Index("throttle", s) })
	m.Quota = quota.New(d, c, quota.Limits{Files: cfg.DayFiles, MB: cfg.DayMB, Messages: cfg.DayMessages, Drafts: cfg.DayDrafts, Staff: cfg.DayStaff})
	bus := events.New()
	store, err := files.New(d, c, filepath.Join(cfg.Data, "files"))
	if err != nil {
		return nil, err
	}
	store.Seal(ring)
	m.Files = store
	if cfg.VirusScan != "" {
		clamd, err := files.NewClamd(cfg.VirusScan)
		if err != nil {
			return nil, fmt.Errorf("app: %w", err)
		}
		store.Guard(clamd, cfg.VirusScanDown == "quarantine")
	}
	if cfg.SMTP == config.Memory || cfg.SMS == config.Memory {
		m.Outbox = notify.NewOutbox(c)
	}
	mailer, err := mailerOf(cfg, m.Outbox)
	if err != nil {
		return nil, fmt.Errorf("app: %w", err)
	}
	gateway, err := gatewayOf(cfg, m.Outbox, c)
	if err != nil {
		return nil, fmt.Errorf("app: %w", err)
	}
	m.Notify = notify.New(d, c, q, texts, mailer, cfg.BaseURL)
	m.Identity = identity.New(identity.Deps{DB: d, Clock: c, Audit: m.Audit, Throttle: m.Throttle, Seal: ring, Notify: m.Notify})
	companies, err := m.registerOf(cfg)
	if err != nil {
		return nil, fmt.Errorf("app: %w", err)
	}
	m.Dossier = dossier.New(dossier.Deps{DB: d, Clock: c, Identity: m.Identity, Audit: m.Audit, Notify: m.Notify, Files: m.Files, Jobs: q, Bus: bus, Register: companies})
	m.Certs = certs.New(certs.Deps{DB: d, Clock: c, Identity: m.Identity, Files: m.Files, Notify: m.Notify, Audit: m.Audit, Throttle: m.Throttle, Renewal: m.renewal})
	m.Sessions = session.New(d, c, session.Options{Idle: cfg.SessionIdle, Secure: cfg.SecureCookies, Seal: ring})
	if m.Factor, err = factor.New(factor.Deps{
		DB: d, Clock: c, Identity: m.Identity, Audit: m.Audit, Throttle: m.Throttle, Seal: ring, Notify: m.Notify, Jobs: q, Sessions: m.Sessions,
		Policy: factor.Policy(cfg.SecondFactor), BaseURL: cfg.BaseURL, Brand: texts.Text(i18n.Source, "view.brand"),
	}); err != nil {
		return nil, fmt.Errorf("app: %w", err)
	}
	m.SignUps = signup.New(signup.Deps{DB: d, Clock: c, Identity: m.Identity, Audit: m.Audit, Throttle: m.Throttle, Seal: ring, Notify: m.Notify, Jobs: q})
	providers, err := oidc.Load(cfg.OIDC, os.Getenv)
	if err != nil {
		return nil, fmt.Errorf("app: %w", err)
	}
	m.OIDC = oidc.New(oidc.Deps{DB: d, Clock: c, Identity: m.Identity, Audit: m.Audit, Seal: ring, Notify: m.Notify, Providers: providers, BaseURL: cfg.BaseURL, Client: oidcweb.WithClient})
	m.Factor.Links = m.OIDC
	m.Catalogue = catalogue.New(catalogue.Deps{DB: d, Clock: c, Audit: m.Audit, Bus: bus, Files: m.Files, Ports: m.cataloguePorts()})
	m.Mandates = mandate.New(mandate.Deps{DB: d, Clock: c, Audit: m.Audit, Throttle: m.Throttle, Notify: m.Notify, Identity: m.Identity, HasItem: m.hasItem})
	m.Claims = claim.New(claim.Deps{
		DB: d, Clock: c, Identity: m.Identity, Dossier: m.Dossier, Grants: m.Mandates, Files: m.Files, Notify: m.Notify, Audit: m.Audit, Throttle: m.Throttle, Quota: m.Quota,
	})
	m.Intake = intake.New(intake.Deps{DB: d, Clock: c, Audit: m.Audit, Jobs: q, Files: m.Files, Catalogue: m.Catalogue, Identity: m.Identity})
	m.Calendar = calendar.New(calendar.Deps{DB: d, Clock: c, Base: workday.Official(), Identity: m.Identity, Audit: m.Audit, Bus: bus})
	rules, err := credit.Published()
	if err != nil {
		return nil, fmt.Errorf("app: %w", err)
	}
	m.Credit = credit.New(credit.Deps{DB: d, Clock: c, Identity: m.Identity, Calendars: m.Calendar, Files: m.Files, Notify: m.Notify, Audit: m.Audit, Rules: rules})
	m.Identity.Standing = m.Credit.StandingOf
	m.Batches = batch.New(batch.Deps{DB: d, Clock: c, Identity: m.Identity, Files: m.Files, Jobs: q, Audit: m.Audit, Kinds: []batch.Kind{m.Certs.Sheet(), m.Credit.Sheet()}})
	m.Cases = cases.New(cases.Deps{
		DB: d, Clock: c, Calendar: workday.Official(), Calendars: m.Calendar, Catalogue: m.Catalogue, Identity: m.Identity, Files: m.Files,
		Notify: m.Notify, Audit: m.Audit, Bus: bus, Throttle: m.Throttle, Quota: m.Quota, Seal: ring, Holds: m.holds, Editions: m.Certs,
	})
	m.Identity.Receipts = m.Cases.HoldsReceipt
	m.Offices = organisation.New(organisation.Deps{DB: d, Clock: c, Audit: m.Audit, Notify: m.Notify, Identity: m.Identity, Lost: m.Cases.GiveBack, InHands: m.inHands, Closed: m.closed})
	m.Visits = visit.New(visit.Deps{DB: d, Clock: c, Catalogue: m.Catalogue, Identity: m.Identity, Cases: m.Cases, Audit: m.Audit, Bus: bus})
	m.Lists = worklist.New(worklist.Deps{
		DB: d, Clock: c, Cases: m.Cases, Identity: m.Identity, Catalogue: m.Catalogue, Files: m.Files, Notify: m.Notify, Audit: m.Audit, Jobs: q, Texts: texts, ActorOf: m.ActorOf,
	})
	m.Talk = talk.New(talk.Deps{DB: d, Clock: c, Quota: m.Quota, Cases: m.Cases, Identity: m.Identity, Files: m.Files, Notify: m.Notify, Audit: m.Audit, Jobs: q})
	m.Feedback = feedback.New(feedback.Deps{DB: d, Clock: c, Calendars: m.Calendar, Identity: m.Identity, Notify: m.Notify, Audit: m.Audit})
	m.Budget = budget.New(budget.Deps{DB: d, Clock: c, Identity: m.Identity, Audit: m.Audit, Texts: texts})
	m.Care = care.New(care.Deps{DB: d, Clock: c, Identity: m.Identity, Cases: m.Cases, Audit: m.Audit, Scores: m.Dossier.Scores})
	m.Policies = policy.New(policy.Deps{DB: d, Clock: c, Identity: m.Identity, Catalogue: m.Catalogue, Audit: m.Audit, Bus: bus, Files: m.Files, Texts: texts, Ports: m.policyPorts()})
	m.Tiers = tier.New(tier.Deps{
		DB: d, Clock: c, Identity: m.Identity, Dossier: m.Dossier, Audit: m.Audit, Tables: tier.Published(), Commissioners: m.Care.CommissionersOf, Portfolio: m.Care.Portfolio,
	})
	m.Matching = matching.New(matching.Deps{DB: d, Clock: c, Firms: m.Dossier, Offers: offers{m}, Audit: m.Audit})
	m.Identity.Held = m.Matching.Note
	m.Advice = advice.New(advice.Deps{Matching: m.Matching, Policies: m.Policies, Dossier: m.Dossier, Identity: m.Identity})
	m.Grants = grant.New(grant.Deps{
		DB: d, Clock: c, Matching: m.Matching, Policies: m.Policies, Identity: m.Identity, Calendars: m.Calendar, Notify: m.Notify, Audit: m.Audit, Throttle: m.Throttle, Seal: ring, Texts: texts,
		Dossier: m.Dossier, Jobs: q, Ports: m.grantPorts(),
	})
	m.Insight = insight.New(insight.Deps{DB: d, Clock: c, Calendars: m.Calendar, Catalogue: m.Catalogue, Identity: m.Identity})
	m.Notify.Connect(notify.Connection{Gateway: gateway, ReportSecret: cfg.SMSSecret, Contacts: contacts{m}, Briefing: briefing{m, texts}, Audit: m.Audit, Seal: ring})
	m.Queue = queue.New(queue.Deps{DB: d, Clock: c, Calendars: m.Calendar, Identity: m.Identity, Visits: m.Visits, Notify: m.Notify, Audit: m.Audit, Throttle: m.Throttle})
	m.Privacy = privacy.New(privacy.Deps{
		DB: d, Clock: c, Identity: m.Identity, Audit: m.Audit, Throttle: m.Throttle, Jobs: q, Files: m.Files, Notify: m.Notify, Texts: texts, Ports: m.privacyPorts(),
	})
	m.Push = push.New(push.Deps{
		DB: d, Clock: c, Matching: m.Matching, Policies: m.Policies, Identity: m.Identity, Privacy: m.Privacy, Notify: m.Notify, Audit: m.Audit, Texts: texts, Ports: m.pushPorts(),
	})
	kept, err := retention.Published()
	if err != nil {
		return nil, fmt.Errorf("app: %w", err)
	}
	m.Retention = retention.New(retention.Deps{DB: d, Clock: c, Cases: m.Cases, Identity: m.Identity, Notify: m.Notify, Audit: m.Audit, Table: kept, Needs: m.needsCase})
	m.Keeper = seal.NewKeeper(ring, d, c, m.sealedColumns()...)
	m.Keeper.Watch(m.Files)
	react(bus, m)
	return m, nil
}
