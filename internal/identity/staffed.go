package identity

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// Staffed returns a function that says whether somebody with an open account
// holds a post with the role in the department: whether a task given to it
// would find anybody.
func (s *Service) Staffed(ctx context.Context) (func(role auth.Role, department string) bool, error) {
	type place struct {
		role       auth.Role
		department string
	}
	rows, err := db.List(ctx, s.db.Read(ctx), func(r db.Scanner) (p place, err error) {
		return p, r.Scan(&p.role, &p.department)
	}, `SELECT DISTINCT p.role, p.department_id FROM identity_post p JOIN identity_account a ON a.id = p.account_id WHERE `+PostOn("p", "$1")+` AND a.state='active'`, s.Today())
	if err != nil {
		return nil, fmt.Errorf("identity: staffed: %w", err)
	}
	has := make(map[place]bool, len(rows))
	for _, p := range rows {
		has[p] = true
	}
	return func(role auth.Role, department string) bool { return has[place{role, department}] }, nil
}

// Officers returns a function that counts who holds one of the roles in a
// department, each person once.
func (s *Service) Officers(ctx context.Context, roles ...auth.Role) (func(department string) int, error) {
	type row struct {
		department string
		n          int
	}
	var args db.Args
	on := PostOn("p", args.Add(s.Today()))
	rows, err := db.List(ctx, s.db.Read(ctx), func(r db.Scanner) (x row, err error) { return x, r.Scan(&x.department, &x.n) },
		`SELECT p.department_id, count(DISTINCT a.id) FROM identity_post p JOIN identity_account a ON a.id = p.account_id
		WHERE `+on+` AND a.state='active' AND p.role IN `+db.In(&args, roles)+` GROUP BY p.department_id`, args...)
	if err != nil {
		return nil, fmt.Errorf("identity: officers: %w", err)
	}
	n := make(map[string]int, len(rows))
	for _, x := range rows {
		n[x.department] = x.n
	}
	return func(department string) int { return n[department] }, nil
}

// CertificateTypes lists the types in the order of their keys.
func (d *Directory) CertificateTypes() []CertificateType {
	out := make([]CertificateType, 0, len(d.types))
	for _, t := range d.types {
		out = append(out, t)
	}
	slices.SortFunc(out, func(a, b CertificateType) int { return cmp.Compare(a.Key, b.Key) })
	return out
}
