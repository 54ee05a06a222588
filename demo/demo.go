// Package demo holds the demonstration zone: an invented city with its science
// zone, the people and firms in it, and the catalogue of its services. The
// files are plain YAML, described in docs/demo-data.md; the tests of this
// package say in words what is wrong with them.
package demo

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/tongban/tongban/internal/budget"
	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/matching/policy"
)

//go:embed zone catalogue policies
var embedded embed.FS

// Zone is everything that the files hold.
type Zone struct {
	Regions          []Region
	Departments      []Department
	Halls            []Hall
	Staff            []Staff
	Firms            []Firm
	Registered       []Firm // known to the register of companies alone
	People           []Person
	CertificateTypes []CertificateType
	Shelves          []catalogue.Shelf
	Themes           []catalogue.Theme
	LifeEvents       []catalogue.LifeEvent
	Items            []catalogue.Definition // bundles among them
	Funds            []budget.Seed
	Phrases          []Phrase
	Authorisations   []Authorisation
	Groups           []Group
	Matters          []Matter
	Sheets           []Sheet
	Policies         []policy.Seed
	TierTargets      []TierTarget
}

// TierTarget is how many firms are to reach a tier this year.
type TierTarget struct {
	Rung         string `yaml:"rung"`
	Commissioner string `yaml:"commissioner"` // login, "" for the department
	Number       int    `yaml:"number"`
}

// Phrase is a canned text of a department.
type Phrase struct {
	Department string `yaml:"department"`
	Use        string `yaml:"use"` // message, supplement, reason
	Title      string `yaml:"title"`
	Text       string `yaml:"text"`
}

// Region is an administrative division.
type Region struct {
	Code   string    `yaml:"code"`
	Level  string    `yaml:"level"` // province city county town
	Parent string    `yaml:"parent"`
	Name   i18n.Text `yaml:"name"`
}

// Department is an office, a service institution or a utility.
type Department struct {
	Key            string    `yaml:"key"`
	USCC           string    `yaml:"uscc"`
	Region         string    `yaml:"region"`
	Name           i18n.Text `yaml:"name"`
	Phone          string    `yaml:"phone"`
	ComplaintPhone string    `yaml:"complaint_phone"`
	Address        i18n.Text `yaml:"address"`
}

// Hall is a service hall with its windows.
type Hall struct {
	Key     string    `yaml:"key"`
	Region  string    `yaml:"region"`
	Name    i18n.Text `yaml:"name"`
	Address i18n.Text `yaml:"address"`
	Hours   i18n.Text `yaml:"hours"`
	Phone   string    `yaml:"phone"`
	Windows []Window  `yaml:"windows"`
	Queue   *Queue    `yaml:"queue"`
}

// Queue of a hall: whether it takes appointments, and what people queue for.
type Queue struct {
	Horizon   int    `yaml:"horizon"` // working days ahead that can be booked; 0 for no appointments
	MissLimit int    `yaml:"miss_limit"`
	MissDays  int    `yaml:"miss_days"`
	Lanes     []Lane `yaml:"lanes"`
}

// Lane of a queue.
type Lane struct {
	Letter  string    `yaml:"letter"`
	Name    i18n.Text `yaml:"name"`
	Note    i18n.Text `yaml:"note"`
	Windows []string  `yaml:"windows"`
	Hours   []string  `yaml:"hours"` // as 09:00-12:00
	Slot    int       `yaml:"slot"`  // minutes
	PerSlot int       `yaml:"per_slot"`
	PerDay  int       `yaml:"per_day"`
	Tickets int       `yaml:"tickets"` // a day, 0 for as many as come
}

// Window of a hall.
type Window struct {
	No   string    `yaml:"no"`
	Name i18n.Text `yaml:"name"`
}

// Staff is an account of somebody who works in the zone.
type Staff struct {
	Login string    `yaml:"login"`
	Name  i18n.Text `yaml:"name"`
	Posts []Post    `yaml:"posts"`
	// AppSecret puts an app with one-time codes into use, for everybody to try.
	AppSecret string `yaml:"app_secret"`
}

// Post is one role at one place.
type Post struct {
	Role       string `yaml:"role"`
	Department string `yaml:"department"`
	Region     string `yaml:"region"`
	Hall       string `yaml:"hall"`
	Window     string `yaml:"window"`
	// FromDays after the zone is filled it begins; 0: it is held at once.
	FromDays int `yaml:"from_days"`
	// Proposed: it waits for the security administrator, with this reason.
	Proposed string `yaml:"proposed"`
}

// Now says whether the post is held as soon as the zone is filled.
func (p Post) Now() bool { return p.FromDays == 0 && p.Proposed == "" }

// Authorisation is somebody who acts for a firm besides those of its own file, or
// is asked to.
type Authorisation struct {
	Firm         string   `yaml:"firm"`         // credit code
	Kind         string   `yaml:"kind"`         // manager, agent, mandate, invitation
	Person       string   `yaml:"person"`       // login; of a mandate whom the organisation names
	Organisation string   `yaml:"organisation"` // credit code, of a mandate
	Name         string   `yaml:"name"`         // of an invitation
	Items        []string `yaml:"items"`        // none: all
	Days         int      `yaml:"days"`         // until it ends; 0 without an end
}

// Group is several of the staff of a department who share a list of work.
type Group struct {
	ID         string        `yaml:"id"`
	Department string        `yaml:"department"`
	Name       i18n.Text     `yaml:"name"`
	Members    []GroupMember `yaml:"members"`
}

// GroupMember is somebody of a group.
type GroupMember struct {
	Login string `yaml:"login"`
	Days  int    `yaml:"days"` // until he leaves it; 0 without an end
}

// Firm is an enterprise of the zone.
type Firm struct {
	USCC                string            `yaml:"uscc"`
	Name                i18n.Text         `yaml:"name"`
	LegalRepresentative string            `yaml:"legal_representative"`
	Industry            string            `yaml:"industry"` // GB/T 4754-2017
	Region              string            `yaml:"region"`
	Address             string            `yaml:"address"`
	RegisteredOn        string            `yaml:"registered_on"` // ISO date
	CapitalWan          float64           `yaml:"capital_wan"`
	Phone               string            `yaml:"phone"`
	Email               string            `yaml:"email"`
	Commissioner        string            `yaml:"commissioner"` // login of a staff member, "" without one
	Agents              []string          `yaml:"agents"`       // logins of people; the first is the owner
	Figures             []Figure          `yaml:"figures"`
	Certificates        []FirmCertificate `yaml:"certificates"`
	Credit              []FirmCredit      `yaml:"credit"`
	Facts               []FirmFact        `yaml:"facts"`
}

// FirmFact is something else that is known of a firm, under its key in the
// vocabulary of files of firms.
type FirmFact struct {
	Key   string `yaml:"key"`
	Year  int    `yaml:"year"`  // 0 of what is not yearly
	Value string `yaml:"value"` // as people write it, money in 10,000 yuan
}

// FirmCredit is a record of trust; dates are ISO.
type FirmCredit struct {
	// Kind is good or bad as the engine enters it, or a kind of package credit:
	// honour, broken, penalty, severe_penalty, arrears.
	Kind   string `yaml:"kind"` // good or bad
	Reason string `yaml:"reason"`
	Source string `yaml:"source"` // who said so
	From   string `yaml:"from"`
	To     string `yaml:"to"`
	// Department answers for it, "" when it came from elsewhere.
	Department string `yaml:"department"`
}

// Figure holds the figures of a firm for one year, money in 10,000 yuan. What a
// firm did not state is nil, which is another thing than none.
type Figure struct {
	Year         int      `yaml:"year"`
	Staff        *int     `yaml:"staff"`
	RDStaff      *int     `yaml:"rd_staff"`
	RevenueWan   *float64 `yaml:"revenue_wan"`
	MainWan      *float64 `yaml:"main_wan"`      // of the revenue, from the main business
	HighTechWan  *float64 `yaml:"high_tech_wan"` // of the revenue, from high-tech products and services
	CostsWan     *float64 `yaml:"costs_wan"`
	RDWan        *float64 `yaml:"rd_wan"`
	ProfitWan    *float64 `yaml:"profit_wan"` // before income tax; a loss is negative
	TaxWan       *float64 `yaml:"tax_wan"`    // paid, of all kinds
	AssetsWan    *float64 `yaml:"assets_wan"`
	NetAssetsWan *float64 `yaml:"net_assets_wan"`
	Patents1     *int     `yaml:"patents_1"` // in force at the end of the year: class I, inventions and the like
	Patents2     *int     `yaml:"patents_2"` // class II: utility models, designs, software copyrights
}

// FirmCertificate is a certificate on file; dates are ISO, To is "" without an end.
type FirmCertificate struct {
	Type   string `yaml:"type"`
	Number string `yaml:"number"`
	From   string `yaml:"from"`
	To     string `yaml:"to"`
}

// Person is an account of an applicant.
type Person struct {
	Login    string    `yaml:"login"`
	Name     i18n.Text `yaml:"name"`
	IDNumber string    `yaml:"id_number"` // made up
	Phone    string    `yaml:"phone"`
	Email    string    `yaml:"email"`
}

// CertificateType is a kind of certificate.
type CertificateType struct {
	Key    string    `yaml:"key"`
	Name   i18n.Text `yaml:"name"`
	Holder string    `yaml:"holder"` // enterprise person
	Level  string    `yaml:"level"`  // A issued here, B taken over from elsewhere
	Code   string    `yaml:"code"`   // type part of the identifiers of GB/T 36904: credit code of its owner and three more
	Proves i18n.Text `yaml:"proves"` // what it proves
	Remind []int     `yaml:"remind"` // days before its end; 60, 30 and 7 when it says nothing
	Item   string    `yaml:"item"`   // code of the item that renews it
}

// Sheet waits for its release: what a department brings in (certificates, credit),
// with some rows that are wrong.
type Sheet struct {
	Kind    string
	Content []byte
}

// Load reads the demonstration.
func Load() (Zone, error) { return LoadFrom(embedded) }

// LoadFrom reads the zone in a folder of the same shape; a file that is not
// there is an empty list. An unknown key in any of them is an error, since it
// is most often a misspelt one or a text with a comma that needs quotes.
func LoadFrom(files fs.FS) (Zone, error) {
	var z Zone
	for _, err := range []error{
		one(files, "zone/regions.yaml", "regions", &z.Regions),
		one(files, "zone/departments.yaml", "departments", &z.Departments),
		one(files, "zone/halls.yaml", "halls", &z.Halls),
		one(files, "zone/staff.yaml", "staff", &z.Staff),
		one(files, "zone/firms.yaml", "firms", &z.Firms),
		one(files, "zone/register.yaml", "registered", &z.Registered),
		one(files, "zone/people.yaml", "people", &z.People),
		one(files, "zone/certificate-types.yaml", "certificate_types", &z.CertificateTypes),
		one(files, "zone/funds.yaml", "funds", &z.Funds),
		one(files, "zone/tier-targets.yaml", "targets", &z.TierTargets),
		one(files, "zone/phrases.yaml", "phrases", &z.Phrases),
		one(files, "zone/authorisations.yaml", "authorisations", &z.Authorisations),
		one(files, "zone/groups.yaml", "groups", &z.Groups),
		one(files, "zone/matters.yaml", "matters", &z.Matters),
		one(files, "catalogue/shelves.yaml", "shelves", &z.Shelves),
		one(files, "catalogue/themes.yaml", "themes", &z.Themes),
		one(files, "catalogue/life-events.yaml", "life_events", &z.LifeEvents),
	} {
		if err != nil {
			return Zone{}, err
		}
	}
	for i := range z.Shelves {
		z.Shelves[i].Position = i + 1
	}
	sheets, err := fs.Glob(files, "zone/sheets/*.csv")
	if err != nil {
		return Zone{}, fmt.Errorf("demo: %w", err)
	}
	for _, name := range sheets {
		content, err := fs.ReadFile(files, name)
		if err != nil {
			return Zone{}, fmt.Errorf("demo: %w", err)
		}
		z.Sheets = append(z.Sheets, Sheet{Kind: strings.TrimSuffix(path.Base(name), ".csv"), Content: content})
	}
	policies, err := fs.Glob(files, "policies/*.yaml")
	if err != nil {
		return Zone{}, fmt.Errorf("demo: %w", err)
	}
	slices.Sort(policies)
	for _, name := range policies {
		var list []policy.Seed
		if err := one(files, name, "documents", &list); err != nil {
			return Zone{}, err
		}
		z.Policies = append(z.Policies, list...)
	}
	papers, err := library(files)
	if err != nil {
		return Zone{}, err
	}
	for _, pattern := range []string{"catalogue/complete/*.yaml", "catalogue/items/*.yaml", "catalogue/bundles/*.yaml"} {
		names, err := fs.Glob(files, pattern)
		if err != nil {
			return Zone{}, fmt.Errorf("demo: %w", err)
		}
		slices.Sort(names)
		for _, name := range names {
			items, err := itemsOf(files, name, papers)
			if err != nil {
				return Zone{}, err
			}
			z.Items = append(z.Items, items...)
		}
	}
	return z, nil
}

// one decodes a file that holds a single list under key.
func one[T any](files fs.FS, name, key string, into *[]T) error {
	b, err := fs.ReadFile(files, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	dec := yaml.NewDecoder(bytes.NewReader(b))
	dec.KnownFields(true)
	var doc map[string][]T
	if err := dec.Decode(&doc); err != nil {
		return fmt.Errorf("demo: %s: %w", name, err)
	}
	list, ok := doc[key]
	if !ok || len(doc) != 1 {
		return fmt.Errorf("demo: %s: wants one list, %q", name, key)
	}
	if err := dec.Decode(&doc); !errors.Is(err, io.EOF) {
		return fmt.Errorf("demo: %s: holds more than one document", name)
	}
	*into = list
	return nil
}
