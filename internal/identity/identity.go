package identity

import (
	"time"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/money"
	"github.com/tongban/tongban/internal/platform/auth"
)

// Account is somebody who can sign in, or a visitor registered at a window.
type Account struct {
	ID         string
	Login      string
	Kind       auth.Kind // auth.Person or auth.Staff
	Name       i18n.Text
	IDNumber   string // resident identity number, "" when unknown
	Phone      string
	Email      string
	Locale     i18n.Locale
	State      string // "active", "closed"
	HasSecret  bool   // a password is set
	CreatedAt  time.Time
	SignedInAt time.Time
	// PhoneProvenAt is when he proved, or a clerk or an administrator wrote down,
	// that the telephone is his; zero while it is only typed.
	PhoneProvenAt time.Time
	Version       int
}

// Region is a division of GB/T 2260 (or a town with nine digits).
type Region struct {
	Code   string
	Level  string // province, city, county, town
	Parent string
	Name   i18n.Text
}

// Department that handles items.
type Department struct {
	ID             string // short key
	USCC           string
	Region         string
	Name           i18n.Text
	Phone          string
	ComplaintPhone string
	Address        i18n.Text
}

// Hall where windows stand.
type Hall struct {
	ID      string
	Region  string
	Name    i18n.Text
	Address i18n.Text
	Hours   i18n.Text
	Phone   string
	Windows []Window
}

// Window of a hall. ID is hall/number.
type Window struct {
	ID     string
	HallID string
	Number string
	Name   i18n.Text
}

// Enterprise is a firm's file (一企一档).
type Enterprise struct {
	ID                  string
	USCC                string
	Name                i18n.Text
	LegalRepresentative string
	Industry            string // GB/T 4754-2017
	Region              string
	Address             string
	RegisteredOn        string // ISO date
	Capital             money.Fen
	Phone               string
	Email               string
	Version             int
}

// Figure is one year of a firm. What is nil is missing, which is not zero.
type Figure struct {
	Year              int
	Staff, RDStaff    *int
	Revenue           *money.Fen
	Main, HighTech    *money.Fen // of the revenue: from the main business, from high-tech products and services
	Costs, RD         *money.Fen
	Profit, Tax       *money.Fen
	Assets, NetAssets *money.Fen
	Patents1          *int // in force: class I, inventions and the like
	Patents2          *int // class II: utility models, designs, software copyrights
}

// Level of an authorisation.
type Level = auth.Level

// The levels under their names here.
const (
	Owner   = auth.LevelOwner
	Manager = auth.LevelManager
	Agent   = auth.LevelAgent
)

// HolderKind says who holds a certificate or asks in a case.
type HolderKind string

// The kinds of holders.
const (
	HolderPerson     HolderKind = "person"
	HolderEnterprise HolderKind = "enterprise"
)

// CertificateType is a kind of certificate, with the trust level of its stored copies.
type CertificateType struct {
	Key    string
	Name   i18n.Text
	Holder HolderKind
	Level  string
	Code   string    // type part of the identifiers of GB/T 36904: credit code of its owner and three more; "" without
	Proves i18n.Text // what it proves, in a sentence
	Remind []int     // days before its end on which the holder is told, falling; empty for DefaultRemind
	Item   string    // code of the item that renews it, "" for none
}

// DefaultRemind is how many days before its end the holder of a certificate is
// told when its type says nothing else.
var DefaultRemind = []int{60, 30, 7}

// Certificate on file.
type Certificate struct {
	ID         string
	Number     string
	Type       string
	HolderKind HolderKind
	HolderID   string
	HolderName i18n.Text
	IssuerID   string
	Title      i18n.Text
	CaseID     string
	ValidFrom  string // ISO date
	ValidTo    string // ISO date, "" for unlimited
	State      string // see below
	Token      string
	IssuedAt   time.Time
	Version    int

	Code       string // identifier of GB/T 36904, "" without one
	Level      string // trust level of this copy: A to D
	Source     string // decision, import, window, holder; "" of before
	Edition    int    // raised by each change
	FileID     string // the file itself, "" when its sheet is set from the data
	IssuerName string // of one issued elsewhere, "" when nobody wrote it down
	KeeperID   string // department that keeps a copy of one issued elsewhere
	Checked    Checked
	ReplacedAt time.Time // of a former version: when the next one was issued
}

// Checked says who held the copy of a certificate against its original.
type Checked struct {
	By     string // clerk, "" for nobody
	At     time.Time
	Window string
}

// The states of a certificate. Only a valid one spares a paper; an end that is
// over, or a beginning that is still to come, is derived from its days.
const (
	CertValid     = "valid"
	CertSuspended = "suspended"
	CertRevoked   = "revoked"
	CertUnchecked = "unchecked" // uploaded by its holder: to be held against the original first
	CertDeclared  = "declared"  // made by its holder, who promises that it is true
	CertReplaced  = "replaced"  // of a former version only
)

// Status of a certificate on a day: its state, or expired, or future when its
// first day is still to come.
func (c Certificate) Status(today string) string {
	switch {
	case c.State != "valid":
		return c.State
	case c.ValidTo != "" && c.ValidTo < today:
		return "expired"
	case c.ValidFrom > today:
		return "future"
	default:
		return "valid"
	}
}

// Client is a program that calls the API.
type Client struct {
	ID     string
	Name   string
	Scopes []auth.Scope
	// DepartmentID is the department that the program works for, "" for none.
	DepartmentID string
	// Orphan says that whoever made it works here no more: somebody has to look
	// whether it is still needed. Of lists only.
	Orphan bool

	CreatedAt time.Time
	ExpiresAt time.Time
	RevokedAt time.Time
	UsedAt    time.Time
	Version   int
}

// Party is who asks in a case: a person, or a firm with the person who acts for it.
type Party struct {
	Kind HolderKind
	ID   string // account or enterprise
	Name i18n.Text
	Code string // identity number or credit code
}
