package identity

// MayBe says that two accounts look as if they were of one person: they share the
// identity number, the name, or a telephone. An account of the staff has no
// identity number, so this is a reason to ask somebody else, and no proof.
func (a Account) MayBe(b Account) bool {
	same := func(x, y string) bool { return x != "" && x == y }
	return a.ID == b.ID || same(a.IDNumber, b.IDNumber) || same(a.Name.ZH, b.Name.ZH) || same(a.Phone, b.Phone)
}

// PhoneProven says that the telephone of an account is its owner's, as far as this
// installation can find out.
func (s *Service) PhoneProven(a Account) bool {
	return s.provenFrom() == 0 || !a.PhoneProvenAt.IsZero()
}
