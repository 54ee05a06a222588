package organisation

import (
	"context"
	"slices"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/auth"
)

// gap is the first day from today on which nobody holds one of the posts; ""
// when there is none.
func gap(posts []identity.Held, today string) string {
	day := today
	for {
		last := ""
		for _, h := range posts {
			if !h.On(day) {
				continue
			}
			if h.Until == "" {
				return ""
			}
			last = max(last, h.Until)
		}
		if last == "" {
			return day
		}
		d, err := workday.Parse(last)
		if err != nil {
			return day
		}
		day = d.AddDays(1).String()
	}
}

// worse says whether a first day without anybody comes sooner than another one.
func worse(after, before string) bool {
	return after != "" && (before == "" || after < before)
}

// administrators are the posts of the three administrators that somebody with an
// open account holds or will hold, by role.
func (s *Service) administrators(ctx context.Context) (map[auth.Role][]identity.Held, error) {
	list, err := s.Identity.Posts(ctx, `p.ended_at=0 AND p.role IN ('system_admin','security_admin','audit_admin') AND EXISTS (SELECT 1 FROM identity_account a WHERE a.id=p.account_id AND a.state='active')`)
	if err != nil {
		return nil, err
	}
	out := map[auth.Role][]identity.Held{}
	for _, h := range list {
		out[h.Role] = append(out[h.Role], h)
	}
	return out, nil
}

// stillThere refuses a change of posts after which one of the three would be
// missing sooner than without it. as is what becomes of each post. Call it under
// identity.LockPosts.
func (s *Service) stillThere(ctx context.Context, as func(identity.Held) (identity.Held, bool)) error {
	all, err := s.administrators(ctx)
	if err != nil {
		return err
	}
	today := s.Identity.Today()
	for _, role := range identity.Separate {
		var after []identity.Held
		for _, h := range all[role] {
			if x, stays := as(h); stays {
				after = append(after, x)
			}
		}
		if day := gap(after, today); worse(day, gap(all[role], today)) {
			return ErrLast.At("until", ErrLast.Code, "role", string(role), "day", day).With("role", string(role)).With("day", day)
		}
	}
	return nil
}

// last says whether ending a post now would leave nobody.
func (s *Service) last(ctx context.Context, h identity.Held) (bool, error) {
	if !slices.Contains(identity.Separate, h.Role) {
		return false, nil
	}
	all, err := s.administrators(ctx)
	if err != nil {
		return false, err
	}
	today := s.Identity.Today()
	without := slices.DeleteFunc(slices.Clone(all[h.Role]), func(x identity.Held) bool { return x.ID == h.ID })
	return worse(gap(without, today), gap(all[h.Role], today)), nil
}

// Gap is one of the three administrators that nobody will be from a day on.
type Gap struct {
	Role auth.Role
	Day  string // ISO date
}

// Gaps lists which of the three administrators is missing, now or soon. To be
// shown before it is too late to name somebody.
func (s *Service) Gaps(ctx context.Context) ([]Gap, error) {
	all, err := s.administrators(ctx)
	if err != nil {
		return nil, err
	}
	now := s.Clock.Now()
	var out []Gap
	for _, role := range identity.Separate {
		if day := gap(all[role], s.Identity.Today()); day != "" && day <= i18n.ShortDate(now.Add(within)) {
			out = append(out, Gap{role, day})
		}
	}
	return out, nil
}
