package organisation

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/errs"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/ids"
	"github.com/tongban/tongban/internal/kernel/workday"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// groupForm is the id of a group, which flows name.
var groupForm = regexp.MustCompile(`^[a-z][a-z0-9-]{1,38}[a-z0-9]$`)

// working are the posts with which somebody does tasks.
var working = []auth.Role{auth.Handler, auth.Approver}

// Group is a group with its members.
type Group struct {
	identity.Group
	Members []GroupMember // today's and those to come
}

// Staffed says whether somebody is of it today.
func (g Group) Staffed() bool {
	return slices.ContainsFunc(g.Members, func(m GroupMember) bool { return m.Now })
}

// GroupMember is somebody of a group.
type GroupMember struct {
	ID          string
	GroupID     string
	AccountID   string
	Name        i18n.Text
	From, Until string // ISO dates; "" since the group is there, and for no end
	Now         bool   // today
	Works       bool   // holds a post with which he does tasks of the department today
	Version     int
}

// GroupInput opens a group.
type GroupInput struct {
	ID, Department string
	Name           i18n.Text
}

// MemberInput puts somebody into a group.
type MemberInput struct {
	Group, AccountID string
	From, Until      string // ISO dates; "" for today, and for no end
}

// Groups lists the groups with their members, open ones first. Administrators only.
func (s *Service) Groups(ctx context.Context, actor auth.Actor) ([]Group, error) {
	if !reads(actor) {
		return nil, ErrForbidden
	}
	return s.groups(ctx, `1=1`)
}

// Group shows a group. Administrators only.
func (s *Service) Group(ctx context.Context, actor auth.Actor, id string) (Group, error) {
	if !reads(actor) {
		return Group{}, ErrForbidden
	}
	return s.group(ctx, id)
}

func (s *Service) group(ctx context.Context, id string) (Group, error) {
	list, err := s.groups(ctx, `g.id=$1`, id)
	if err == nil && len(list) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return Group{}, err
	}
	return list[0], nil
}

func (s *Service) groups(ctx context.Context, where string, args ...any) ([]Group, error) {
	list, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (g Group, err error) {
		return g, r.Scan(&g.ID, &g.DepartmentID, db.JSON[i18n.Text]{V: &g.Name}, &g.Closed, &g.Version)
	}, `SELECT g.id, g.department_id, g.name, g.closed_at > 0, g.version FROM identity_group g WHERE `+where+` ORDER BY g.closed_at > 0, g.department_id, g.id`, args...)
	if err != nil {
		return nil, fmt.Errorf("organisation: groups: %w", err)
	}
	members, err := s.members(ctx, where, args...)
	if err != nil {
		return nil, err
	}
	for i := range list {
		g := &list[i]
		for _, m := range members {
			if m.GroupID == g.ID {
				g.Members = append(g.Members, m)
			}
		}
	}
	return list, nil
}

// members are those of some groups g, today's and those to come.
func (s *Service) members(ctx context.Context, where string, args ...any) ([]GroupMember, error) {
	today := s.Identity.Today()
	day := fmt.Sprintf("$%d", len(args)+1)
	list, err := db.List(ctx, s.DB.Read(ctx), func(r db.Scanner) (m GroupMember, err error) {
		err = r.Scan(&m.ID, &m.GroupID, &m.AccountID, db.JSON[i18n.Text]{V: &m.Name}, &m.From, &m.Until, &m.Version, &m.Works)
		m.Now = m.From <= today
		return m, err
	}, `SELECT m.id, m.group_id, m.account_id, a.name, m.from_on, m.until_on, m.version,
		EXISTS (SELECT 1 FROM identity_post p WHERE p.account_id=a.id AND p.department_id=g.department_id AND p.role IN ('handler','approver') AND `+identity.PostOn("p", day)+`)
		FROM identity_group_member m JOIN identity_group g ON g.id=m.group_id JOIN identity_account a ON a.id=m.account_id
		WHERE m.ended_at=0 AND (m.until_on='' OR m.until_on >= `+day+`) AND `+where+` ORDER BY m.from_on, m.id`, append(slices.Clone(args), today)...)
	if err != nil {
		return nil, fmt.Errorf("organisation: members: %w", err)
	}
	return list, nil
}

// OpenGroup opens a group of a department, with nobody in it yet. System
// administrators, and the engine itself (seeding).
func (s *Service) OpenGroup(ctx context.Context, actor auth.Actor, in GroupInput) error {
	if actor.Kind != auth.System && !keeps(actor) {
		return ErrForbidden
	}
	in.ID = strings.TrimSpace(in.ID)
	bad := nameOfGroup(&in.Name)
	if !groupForm.MatchString(in.ID) {
		bad = bad.At("id", errGroup.Code)
	}
	if !s.Identity.Directory().HasDepartment(in.Department) {
		bad = bad.At("department", errMember.Code)
	}
	if err := bad.OrNil(); err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		if _, err := s.DB.Exec(ctx, `INSERT INTO identity_group (id, department_id, name, closed_at, version) VALUES ($1,$2,$3,0,1)`, in.ID, in.Department, db.ToJSON(in.Name)); err != nil {
			if errors.Is(err, db.ErrDuplicate) {
				return ErrInvalid.At("id", errTaken.Code)
			}
			return err
		}
		return s.groupChanged(ctx, actor, "open_group", in.ID, "", map[string]any{"department": in.Department, "name": in.Name})
	})
}

func nameOfGroup(name *i18n.Text) *errs.Error {
	bad := ErrInvalid
	for at, text := range map[string]*string{"name": &name.ZH, "name_en": &name.EN} {
		if *text = strings.TrimSpace(*text); utf8.RuneCountInString(*text) > 60 || strings.ContainsAny(*text, "\r\n\t") {
			bad = bad.At(at, errLong.Code, "max", 60)
		}
	}
	if name.ZH == "" {
		bad = bad.At("name", errName.Code)
	}
	return bad
}

// groupChanged leaves behind what every change of a group does.
func (s *Service) groupChanged(ctx context.Context, actor auth.Actor, what, group, reason string, change map[string]any) error {
	if err := s.Identity.DirectoryChanged(ctx); err != nil {
		return err
	}
	return s.Audit.Record(ctx, actor, audit.Note{Action: "organisation." + what, Object: "group:" + group, Reason: reason, Change: change})
}

// open is an open group, for a change by a system administrator.
func (s *Service) open(ctx context.Context, actor auth.Actor, id string) (Group, error) {
	if actor.Kind != auth.System && !keeps(actor) {
		return Group{}, ErrForbidden
	}
	if err := s.Identity.LockPosts(ctx); err != nil {
		return Group{}, err
	}
	g, err := s.group(ctx, id)
	if err == nil && g.Closed {
		err = ErrOver
	}
	return g, err
}

// RenameGroup changes what a group is called. System administrators only.
func (s *Service) RenameGroup(ctx context.Context, actor auth.Actor, id string, version int, name i18n.Text) error {
	if err := nameOfGroup(&name).OrNil(); err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		g, err := s.open(ctx, actor, id)
		if err != nil {
			return err
		}
		if g.Version != version {
			return ErrOver
		}
		if err := s.DB.ExecOne(ctx, `UPDATE identity_group SET name=$3, version=version+1 WHERE id=$1 AND version=$2`, id, version, db.ToJSON(name)); err != nil {
			return err
		}
		return s.groupChanged(ctx, actor, "rename_group", id, "", map[string]any{"before": g.Name, "after": name})
	})
}

// CloseGroup closes a group for good: what it has to do is the department's. System
// administrators only.
func (s *Service) CloseGroup(ctx context.Context, actor auth.Actor, id string, version int, reason string) error {
	reason, err := reasonOf(reason)
	if err != nil {
		return err
	}
	now := db.MS(s.Clock.Now())
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		g, err := s.open(ctx, actor, id)
		if err != nil {
			return err
		}
		if g.Version != version {
			return ErrOver
		}
		if err := s.DB.ExecOne(ctx, `UPDATE identity_group SET closed_at=$3, version=version+1 WHERE id=$1 AND version=$2`, id, version, now); err != nil {
			return err
		}
		if _, err := s.DB.Exec(ctx, `UPDATE identity_group_member SET ended_at=$2, ended_by=$3, version=version+1 WHERE group_id=$1 AND ended_at=0`, id, now, actor.ID); err != nil {
			return err
		}
		if err := s.groupChanged(ctx, actor, "close_group", id, reason, nil); err != nil {
			return err
		}
		return s.left(ctx, g.Members...)
	})
}

// left gives the tasks of those who left a group back to it, and to the department
// when nobody of it is left.
func (s *Service) left(ctx context.Context, members ...GroupMember) error {
	for _, m := range members {
		if err := s.Lost(ctx, m.AccountID, ""); err != nil {
			return err
		}
	}
	return nil
}

// Join puts somebody into a group who does tasks of its department. System
// administrators, and the engine itself (seeding).
func (s *Service) Join(ctx context.Context, actor auth.Actor, in MemberInput) error {
	today := s.Identity.Today()
	if actor.Kind != auth.System { // who is there from the start is of it since ever, as with posts
		in.From = cmp.Or(in.From, today)
	}
	bad := ErrInvalid
	for at, day := range map[string]string{"from": in.From, "until": in.Until} {
		if _, err := workday.Parse(day); day != "" && (err != nil || day < today) {
			bad = bad.At(at, errDay.Code)
		}
	}
	if in.Until != "" && in.Until < in.From {
		bad = bad.At("until", errDay.Code)
	}
	if err := bad.OrNil(); err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		g, err := s.open(ctx, actor, in.Group)
		if err != nil {
			return err
		}
		can, err := s.Identity.Holders(ctx, []string{g.DepartmentID}, working...)
		if err != nil {
			return err
		}
		is := slices.ContainsFunc(g.Members, func(m GroupMember) bool {
			return m.AccountID == in.AccountID && (m.Until == "" || in.From <= m.Until) && (in.Until == "" || m.From <= in.Until)
		})
		if is || !slices.ContainsFunc(can, func(h identity.Holder) bool { return h.ID == in.AccountID }) {
			return ErrInvalid.At("account", errMember.Code)
		}
		by := actor.ID
		if actor.Kind == auth.System {
			by = ""
		}
		if _, err := s.DB.Exec(ctx, `INSERT INTO identity_group_member (id, group_id, account_id, from_on, until_on, added_by, ended_at, ended_by, version) VALUES ($1,$2,$3,$4,$5,$6,0,'',1)`,
			ids.New(s.Clock.Now()), g.ID, in.AccountID, in.From, in.Until, by); err != nil {
			return err
		}
		return s.groupChanged(ctx, actor, "join_group", g.ID, "", map[string]any{"account": in.AccountID, "from": in.From, "until": in.Until})
	})
}

// Leave takes a member out of a group now. What he has of it in hand goes back to
// the others. System administrators only.
func (s *Service) Leave(ctx context.Context, actor auth.Actor, group, member string, version int) error {
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		g, err := s.open(ctx, actor, group)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(g.Members, func(m GroupMember) bool { return m.ID == member })
		switch {
		case i < 0:
			return ErrNotFound
		case g.Members[i].Version != version:
			return ErrOver
		}
		if err := s.DB.ExecOne(ctx, `UPDATE identity_group_member SET ended_at=$3, ended_by=$4, version=version+1 WHERE id=$1 AND version=$2`, member, version, db.MS(s.Clock.Now()), actor.ID); err != nil {
			return err
		}
		if err := s.groupChanged(ctx, actor, "leave_group", g.ID, "", map[string]any{"account": g.Members[i].AccountID}); err != nil {
			return err
		}
		return s.left(ctx, g.Members[i])
	})
}

// Candidates are those who can be put into a group, each once. System
// administrators only.
func (s *Service) Candidates(ctx context.Context, actor auth.Actor, id string) ([]identity.Holder, error) {
	if !keeps(actor) {
		return nil, ErrForbidden
	}
	g, err := s.group(ctx, id)
	if err != nil {
		return nil, err
	}
	list, err := s.Identity.Holders(ctx, []string{g.DepartmentID}, working...)
	var out []identity.Holder
	for _, h := range list {
		if !slices.ContainsFunc(out, func(o identity.Holder) bool { return o.ID == h.ID }) {
			out = append(out, h)
		}
	}
	return out, err
}
