package identity

import (
	"context"
	"regexp"
	"time"

	"github.com/tongban/tongban/internal/platform/auth"
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
	return s.CertificateByToken(ctx, token)
}
