package credit

import (
	"context"
	"slices"
)

// Against lists what somebody cannot leave behind by closing his account: bad
// records in force, and those about which he asked something that is not
// decided. Else he would come back with the same number and a clean record.
func (s *Service) Against(ctx context.Context, party string) ([]Record, error) {
	list, err := s.records(ctx, party)
	if err != nil {
		return nil, err
	}
	day := s.Identity.Today()
	return slices.DeleteFunc(list, func(r Record) bool {
		stands := r.Bad() && r.RepairedAt.IsZero() && r.StruckAt.IsZero() && r.Until >= day // also one that counts from tomorrow
		return !stands && r.Open == nil
	}), nil
}
