package factor

import "github.com/tongban/tongban/internal/platform/seal"

// Purposes under which texts are sealed.
const (
	purposeSecret  = "identity_totp.secret"
	purposePending = "factor.pending"
	purposeTyped   = "factor.send_code"
)

// SealedColumns are the columns of this package that a new key is brought to.
func (s *Service) SealedColumns() []seal.Column {
	return []seal.Column{{Table: "identity_totp", ID: "account_id", Row: "account_id", Text: "secret", Purpose: purposeSecret, Where: "secret <> ''"}}
}
