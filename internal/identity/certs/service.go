package certs

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/clock"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/platform/notify"
	"github.com/tongban/tongban/internal/platform/throttle"
)

// Deps of the package.
type Deps struct {
	DB       *db.DB
	Clock    clock.Clock
	Identity *identity.Service
	Files    *files.Store
	Notify   *notify.Service
	Audit    *audit.Log
	Throttle *throttle.Throttle

	// Renewal names the item behind a code and its page, so that who is told that
	// an end comes near can ask for the renewal at once; ok is false where nobody
	// can ask for it now.
	Renewal func(ctx context.Context, itemCode string) (name i18n.Text, link string, ok bool)
}

// Service is the use cases.
type Service struct {
	Deps
	total atomic.Pointer[total]
}

// New wires the package.
func New(d Deps) *Service { return &Service{Deps: d} }

// Staff are the roles that use certificates at all.
var Staff = []auth.Role{auth.Clerk, auth.Handler, auth.Approver, auth.Head}

// desks are the roles that change a certificate for the department that keeps it.
var desks = []auth.Role{auth.Handler, auth.Approver, auth.Head}

// second are the roles that confirm what takes a right away.
var second = []auth.Role{auth.Approver, auth.Head}

// maxText is the bound of reasons, complaints and answers.
const maxText = 500

// keeps says whether the actor has one of the roles in the department that
// issued a certificate, or that keeps the copy of one issued elsewhere.
func keeps(a auth.Actor, c *identity.Certificate, roles []auth.Role) bool {
	if a.Kind != auth.Staff {
		return false
	}
	for _, p := range a.PostsOf(roles...) {
		if p.DepartmentID != "" && (p.DepartmentID == c.IssuerID || p.DepartmentID == c.KeeperID) {
			return true
		}
	}
	return false
}

// sees says whether staff may find a certificate outside a case: a clerk, at
// whose window somebody asks, and who works where it was issued or is kept.
func sees(a auth.Actor, c *identity.Certificate) bool {
	return a.Kind == auth.Staff && (a.Has(auth.Clerk) || keeps(a, c, Staff))
}

// holds says whether somebody holds a certificate: the person, or one whose
// authorisation for the firm is for its file; write: not only to read.
func holds(a auth.Actor, c *identity.Certificate, write bool) bool {
	return a.Kind == auth.Person && (c.HolderKind == identity.HolderPerson && c.HolderID == a.ID || a.May(c.HolderID, auth.ModuleFile, "", write))
}

// departmentOf is where somebody works, for the log of uses.
func departmentOf(a auth.Actor) string {
	if a.Kind == auth.Client {
		return a.DepartmentID
	}
	for _, r := range Staff {
		if posts := a.PostsOf(r); len(posts) > 0 {
			return posts[0].DepartmentID
		}
	}
	if len(a.Posts) > 0 {
		return a.Posts[0].DepartmentID
	}
	return ""
}

// words trims a text and says whether it can be taken.
func words(s string, limit int) (string, bool) {
	s = strings.TrimSpace(s)
	n := utf8.RuneCountInString(s)
	return s, n > 0 && n <= limit
}

// certificate of an id, locked by nothing: the version guards each write.
func (s *Service) certificate(ctx context.Context, id string) (identity.Certificate, error) {
	c, err := s.Identity.CertificateByID(ctx, id)
	if err != nil {
		return c, ErrNotFound.Because(err)
	}
	return c, nil
}

// tellHolder tells the person, or all who may read the file of the firm.
func (s *Service) tellHolder(ctx context.Context, c *identity.Certificate, n notify.News) error {
	var list []identity.Account
	if c.HolderKind == identity.HolderEnterprise {
		agents, err := s.Identity.AgentsFor(ctx, c.HolderID, auth.ModuleFile)
		if err != nil {
			return fmt.Errorf("certs: whom to tell: %w", err)
		}
		list = agents
	} else {
		a, err := s.Identity.Account(ctx, c.HolderID)
		if err != nil {
			return fmt.Errorf("certs: whom to tell: %w", err)
		}
		list = []identity.Account{a}
	}
	for _, a := range list {
		if err := s.Notify.Tell(ctx, notify.Reader{AccountID: a.ID, Locale: a.Locale, Mail: a.Email}, n); err != nil {
			return err
		}
	}
	return nil
}

// PathOf is the page of a certificate for its holder.
func PathOf(id string) string { return "/my/certificates/" + id }

func (s *Service) now() time.Time { return s.Clock.Now() }
