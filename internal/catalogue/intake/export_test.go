package intake

import "context"

// WorkOff does what the jobs of a run would do now.
func (s *Service) WorkOff(ctx context.Context, id string) error {
	r, err := s.store.run(ctx, id)
	if err != nil {
		return err
	}
	if r.State == Checking {
		return s.check(ctx, id)
	}
	return s.apply(ctx, id)
}
