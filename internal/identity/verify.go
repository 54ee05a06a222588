package identity

import (
	"cmp"
	"context"
	"errors"
	"regexp"
	"slices"
	"time"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

var tokenForm = regexp.MustCompile(`^[a-z2-7]{32}$`)

// Verify returns the certificate behind the token of its QR code to anybody,
// sixty times from one address in a quarter of an hour. An unknown token is
// ErrNotFound.
func (s *Service) Verify(ctx context.Context, from auth.Actor, token string) (Certificate, error) {
	if err := s.throttle.Hit(ctx, "verify-from:"+from.From, 60, 15*time.Minute); err != nil {
		return Certificate{}, err
	}
	if !tokenForm.MatchString(token) {
		return Certificate{}, ErrNotFound
	}
	c, err := s.CertificateByToken(ctx, token)
	if errors.Is(err, ErrNotFound) {
		return s.formerCertificate(ctx, `p.token=$1`, token)
	}
	return c, err
}

// VerifyNumber is Verify for who has a paper with the identifier of GB/T 36904
// on it but no code to scan. An identifier can be guessed from another, so that
// there are few tries, and the page says no name.
func (s *Service) VerifyNumber(ctx context.Context, from auth.Actor, code string) (Certificate, error) {
	key, most := "verify-number:"+from.From, 20
	if from.Kind == auth.Client { // an administrator gave it the right, and its name is known
		key, most = "verify-number:"+from.ID, 1000
	}
	if err := s.throttle.Hit(ctx, key, most, 15*time.Minute); err != nil {
		return Certificate{}, err
	}
	r := idcode.CheckCertificateID(code)
	if !r.OK(true) {
		return Certificate{}, ErrNotFound
	}
	list, err := s.store.certificates(ctx, `code=$1 AND code <> '' AND state NOT IN ('unchecked', 'declared') ORDER BY CASE WHEN source='decision' THEN 0 ELSE 1 END, id`, r.Normalised)
	if err != nil {
		return Certificate{}, err
	}
	list = slices.DeleteFunc(list, func(c Certificate) bool { // anybody may write a number on a paper
		t, _ := s.Directory().CertificateType(c.Type)
		level := cmp.Or(c.Level, t.Level)
		return level != "A" && level != "B"
	})
	c := Certificate{}
	if len(list) > 0 {
		c = list[0]
	} else if c, err = s.formerCertificate(ctx, `p.code=$1 AND p.code <> ''`, r.Normalised); err != nil {
		return c, err
	}
	c.HolderID, c.HolderName, c.Token = "", i18n.Text{}, ""
	return c, nil
}

// formerCertificate is a version that was replaced: what its paper shows, and
// nothing of the one that replaced it.
func (s *Service) formerCertificate(ctx context.Context, where string, arg any) (Certificate, error) {
	c, ok, err := db.Maybe(ctx, s.db.Read(ctx), func(r db.Scanner) (c Certificate, err error) {
		c.State = CertReplaced
		return c, r.Scan(&c.Type, &c.HolderKind, &c.IssuerID, &c.IssuerName, &c.Number, &c.Code, db.JSON[i18n.Text]{V: &c.Title}, db.JSON[i18n.Text]{V: &c.HolderName}, &c.ValidFrom, &c.ValidTo,
			db.Time{Time: &c.IssuedAt}, &c.Edition, db.Time{Time: &c.ReplacedAt})
	}, `SELECT c.type, c.holder_kind, c.issuer_id, c.issuer_name, p.number, p.code, p.title, p.holder_name, p.valid_from, p.valid_to, p.issued_at, p.edition, p.ended_at
		FROM identity_certificate_past p JOIN identity_certificate c ON c.id=p.certificate_id WHERE `+where, arg)
	if err == nil && !ok {
		err = ErrNotFound
	}
	return c, err
}
