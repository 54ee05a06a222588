package identity

// ClientState is how a token stands now: live, expired or revoked.
func (s *Service) ClientState(c Client) string {
	switch {
	case !c.RevokedAt.IsZero():
		return "revoked"
	case !s.clock.Now().Before(c.ExpiresAt):
		return "expired"
	default:
		return "live"
	}
}
