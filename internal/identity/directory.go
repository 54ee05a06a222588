package identity

import (
	"context"
	"time"

	"github.com/tongban/tongban/internal/kernel/division"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
)

// Directory is the organisation of the zone, held in memory and never changed;
// a reload makes a new one.
type Directory struct {
	Regions     []Region
	Departments []Department
	Halls       []Hall
	Groups      []Group // closed ones among them

	regions     map[string]Region
	departments map[string]Department
	types       map[string]CertificateType
	windows     map[string]Window
	generation  int64
}

// Department returns the department with the id; an unknown one has its id as name.
func (d *Directory) Department(id string) Department {
	if x, ok := d.departments[id]; ok {
		return x
	}
	return Department{ID: id, Name: i18n.Text{ZH: id}}
}

// HasDepartment says whether the id is known.
func (d *Directory) HasDepartment(id string) bool { _, ok := d.departments[id]; return ok }

// Region returns the region with the code.
func (d *Directory) Region(code string) Region {
	if x, ok := d.regions[code]; ok {
		return x
	}
	return Region{Code: code, Name: i18n.Text{ZH: code}}
}

// Hall returns the hall with the id.
func (d *Directory) Hall(id string) (Hall, bool) {
	for _, h := range d.Halls {
		if h.ID == id {
			return h, true
		}
	}
	return Hall{}, false
}

// Window returns the window with the id (hall/number).
func (d *Directory) Window(id string) (Window, bool) { w, ok := d.windows[id]; return w, ok }

// CertificateType returns the type with the key.
func (d *Directory) CertificateType(key string) (CertificateType, bool) {
	t, ok := d.types[key]
	return t, ok
}

// directoryGeneration is raised by every change of the organisation, so that
// other processes on the same database notice it.
const directoryGeneration = "directory"

// Directory returns the organisation. At most once a second it looks whether
// another process has changed it; when the database does not answer, the one
// in memory is served.
func (s *Service) Directory() *Directory {
	now := s.clock.Now().UnixMilli()
	if last := s.looked.Load(); now-last >= 1000 && s.looked.CompareAndSwap(last, now) {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		if g, err := s.store.generation(ctx); err == nil && g != s.directory.Load().generation {
			_ = s.Load(ctx)
		}
	}
	return s.directory.Load()
}

// Load reads the organisation into memory. Call it at start and after a change.
func (s *Service) Load(ctx context.Context) error {
	g, err := s.store.generation(ctx) // first: a change while loading is then seen at the next look
	if err != nil {
		return err
	}
	d, err := s.store.loadDirectory(ctx)
	if err != nil {
		return err
	}
	d.generation = g
	own := make([]division.Division, len(d.Regions))
	for i, r := range d.Regions {
		own[i] = division.Division{Code: r.Code, Parent: r.Parent, Name: r.Name.ZH}
	}
	division.Add(own...)
	s.directory.Store(d)
	return nil
}

// Place of a post in words: "科创区政务服务中心 A01", or the department.
func (d *Directory) Place(p auth.Post) i18n.Text {
	if h, ok := d.Hall(p.HallID); ok {
		w, _ := d.Window(p.WindowID)
		return i18n.Text{ZH: h.Name.ZH + " " + w.Number, EN: h.Name.EN + " " + w.Number}
	}
	return d.Department(p.DepartmentID).Name
}
