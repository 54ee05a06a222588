// Package auth says who acts. It knows no module: identity fills in an Actor,
// every use case takes one as its second parameter, and each module keeps one
// table of what which role may do where.
//
// A Need is what a route declares: the coarse gate before the page. The fine
// decision (this case, this firm) is the module's and always made again there.
package auth

import (
	"context"
	"slices"
	"strings"
)

// Kind of actor.
type Kind string

// The kinds.
const (
	Anonymous Kind = ""
	Person    Kind = "person" // an applicant: enterprise owner, agent, talent, citizen
	Staff     Kind = "staff"  // holds posts
	Client    Kind = "client" // an API client with scopes
	System    Kind = "system" // the engine itself: sweeps, automatic decisions
)

// Role is what a post is for. See the glossary for the Chinese words.
type Role string

// The roles of posts.
const (
	Clerk          Role = "clerk"           // 综合窗口人员: receives at a window
	Handler        Role = "handler"         // 审查人员: examines
	Approver       Role = "approver"        // 审批人员: decides
	Commissioner   Role = "commissioner"    // 服务专员: looks after firms
	Head           Role = "head"            // 部门负责人
	Leader         Role = "leader"          // 园区领导
	CatalogueAdmin Role = "catalogue_admin" // 事项管理员
	SystemAdmin    Role = "system_admin"    // 系统管理员
	SecurityAdmin  Role = "security_admin"  // 安全管理员
	AuditAdmin     Role = "audit_admin"     // 审计管理员
)

// Roles lists every role in the order shown to administrators.
var Roles = []Role{Clerk, Handler, Approver, Commissioner, Head, Leader, CatalogueAdmin, SystemAdmin, SecurityAdmin, AuditAdmin}

// Post is one role at one place: role × department × region (× hall × window).
type Post struct {
	Role         Role
	DepartmentID string
	Region       string // division code; the post reaches this region and what lies below it
	HallID       string
	WindowID     string
	For          string   // account that a deputy stands in for; "" for a post of one's own
	Groups       []string // groups of the department that its holder is of today
}

// Scope of an API client.
type Scope string

// The scopes.
const (
	ScopeItems      Scope = "items:read"
	ScopeCasesRead  Scope = "cases:read"
	ScopeCasesWrite Scope = "cases:write"
	ScopeFirmsRead  Scope = "enterprises:read"
	ScopeFirmsWrite Scope = "enterprises:write" // what registers say of firms
	ScopeCertsRead  Scope = "certificates:read"
	ScopeCertsUse   Scope = "certificates:use"   // whose it is, for a reason
	ScopeCertsWrite Scope = "certificates:write" // issue and ask for revocation, for its department
)

// Scopes lists every scope a token can carry.
var Scopes = []Scope{ScopeItems, ScopeCasesRead, ScopeCasesWrite, ScopeFirmsRead, ScopeFirmsWrite, ScopeCertsRead, ScopeCertsUse, ScopeCertsWrite}

// Actor is who acts, for whom, and from where. The zero Actor is an anonymous
// visitor.
type Actor struct {
	Kind      Kind
	ID        string    // account, or API client
	Name      string    // as shown in a timeline
	Firms     []string  // enterprises for which the person has some authorisation in force
	Mandates  []Mandate // those authorisations: how far he may act, see May
	Portfolio []string  // enterprises that a commissioner looks after
	Posts     []Post
	Scopes    []Scope
	// DepartmentID is the department that an API client works for, "" for none.
	DepartmentID string

	From      string // network address, for the audit
	RequestID string
}

// SystemActor is the engine itself.
func SystemActor() Actor { return Actor{Kind: System, ID: "system", Name: "system"} }

// SignedIn says whether somebody known acts.
func (a Actor) SignedIn() bool { return a.Kind != Anonymous }

// Has says whether one of the posts has one of the roles.
func (a Actor) Has(roles ...Role) bool {
	return slices.ContainsFunc(a.Posts, func(p Post) bool { return slices.Contains(roles, p.Role) })
}

// HasScope says whether an API client carries the scope.
func (a Actor) HasScope(s Scope) bool { return slices.Contains(a.Scopes, s) }

// StandsInFor lists whom the actor is a deputy of.
func (a Actor) StandsInFor() []string {
	var out []string
	for _, p := range a.Posts {
		if p.For != "" && !slices.Contains(out, p.For) {
			out = append(out, p.For)
		}
	}
	return out
}

// PostsOf returns the posts with one of the roles.
func (a Actor) PostsOf(roles ...Role) []Post {
	var out []Post
	for _, p := range a.Posts {
		if slices.Contains(roles, p.Role) {
			out = append(out, p)
		}
	}
	return out
}

// ActsFor says whether the person has some authorisation for the enterprise. How
// far it goes is asked with May.
func (a Actor) ActsFor(enterpriseID string) bool {
	return enterpriseID != "" && slices.Contains(a.Firms, enterpriseID)
}

// Reach is the prefix that the division codes of a region and of all regions
// below it share: 371600 (a city) reaches 3716…, 371671 reaches 371671….
func Reach(region string) string {
	if len(region) == 6 {
		region = strings.TrimSuffix(region, "00")
		if len(region) == 4 {
			region = strings.TrimSuffix(region, "00")
		}
	}
	return region
}

// CityOf is the prefix of the city that a region lies in, the widest reach of
// a window: every window of the city serves for every other.
func CityOf(region string) string {
	if len(region) > 4 {
		return region[:4]
	}
	return region
}

type actorKey struct{}

// With puts the actor into the context of a request.
func With(ctx context.Context, a Actor) context.Context { return context.WithValue(ctx, actorKey{}, a) }

// From returns the actor of a request; anonymous when nobody signed in.
func From(ctx context.Context) Actor {
	a, _ := ctx.Value(actorKey{}).(Actor)
	return a
}

// Need is the right that a route declares.
type Need struct {
	name  string
	check func(Actor) bool
}

// String names the need for the route table.
func (n Need) String() string { return n.name }

// Met says whether the actor passes the gate.
func (n Need) Met(a Actor) bool { return n.check != nil && n.check(a) }

// Declared says whether a need was set at all; a route without one is refused at start.
func (n Need) Declared() bool { return n.check != nil }

// The needs that routes declare.
var (
	Public   = Need{"public", func(Actor) bool { return true }}
	SignedIn = Need{"signed-in", Actor.SignedIn}
	AsPerson = Need{"person", func(a Actor) bool { return a.Kind == Person }}
	AsStaff  = Need{"staff", func(a Actor) bool { return a.Kind == Staff }}
)

// AsRole lets staff with one of the roles pass.
func AsRole(roles ...Role) Need {
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = string(r)
	}
	return Need{"role:" + strings.Join(names, "|"), func(a Actor) bool { return a.Kind == Staff && a.Has(roles...) }}
}

// WithScope lets API clients with the scope pass.
func WithScope(s Scope) Need {
	return Need{"scope:" + string(s), func(a Actor) bool { return a.Kind == Client && a.HasScope(s) }}
}
