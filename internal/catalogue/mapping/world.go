package mapping

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/tongban/tongban/internal/identity"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/idcode"
	"github.com/tongban/tongban/internal/platform/sheet"
)

func (w *World) index() {
	w.byKey, w.byUSCC, w.byName = map[string]string{}, map[string]string{}, map[string]string{}
	for _, d := range w.Departments {
		w.enter(d)
	}
}

func (w *World) enter(d identity.Department) {
	w.byKey[d.ID] = d.ID
	if d.USCC != "" {
		w.byUSCC[strings.ToUpper(d.USCC)] = d.ID
	}
	w.byName[sheet.Canonical(d.Name.ZH)] = d.ID
}

// shelf is the key of a shelf named by its key or its name, "" for none.
func (w *World) shelf(name string) string {
	for _, s := range w.Shelves {
		if s.Key == name || s.Name.ZH == name {
			return s.Key
		}
	}
	return ""
}

// theme is the key of a theme named so; a name that is none of ours stays.
func (w *World) theme(name string) string {
	for _, t := range w.Themes {
		if t.Name.ZH == name {
			return t.Key
		}
	}
	return name
}

// department finds whose an item is: by the aliases of the mapping, the key,
// the credit code, the name. Else the body is one elsewhere, or is to be made.
func (r *Reader) department(e *Entry, row sheet.Row) []string {
	key, name, code := r.cell(row, "department.key"), r.cell(row, "department.name"), r.cell(row, "department.code")
	w, column := r.World, r.Mapping.ColumnOf("department")
	for _, said := range []string{key, name, code} {
		if alias, ok := r.Mapping.Departments[said]; ok && said != "" {
			if id, ok := w.byKey[alias]; ok {
				return one(id)
			}
			e.find(Warning, column, errAlias, "name", said, "key", alias)
		}
	}
	if id, ok := w.byKey[key]; ok {
		return one(id)
	}
	uscc := strings.ToUpper(strings.ReplaceAll(code, " ", ""))
	if id, ok := w.byUSCC[uscc]; ok && uscc != "" {
		return one(id)
	}
	if id, ok := w.byName[sheet.Canonical(name)]; ok && name != "" {
		return one(id)
	}
	if name == "" {
		e.find(Error, column, errDepartment)
		return nil
	}
	if len(uscc) != 18 { // something else that the sheet calls a code
		if uscc != "" {
			e.find(Note, r.Mapping.ColumnOf("department.code"), errOfficeCode, "value", code)
		}
		uscc = ""
	}
	if !w.Create {
		e.find(Note, column, errExternal, "name", name)
		return []string{"", name, uscc}
	}
	d, ok := w.create(name, uscc, r.cell(row, "area"))
	if !ok {
		e.find(Warning, column, errNoRegion, "name", name)
		return []string{"", name, uscc}
	}
	e.find(Note, column, errNewOffice, "name", name)
	return one(d.ID)
}

// create makes a department for a name that nobody has. Its region is that of
// the area code, or the nearest one above that is known; without a known region
// it cannot be made.
func (w *World) create(name, uscc, area string) (identity.Department, bool) {
	region := ""
	for _, r := range w.Regions {
		if p := significant(r.Code); strings.HasPrefix(area, p) && len(p) > len(significant(region)) {
			region = r.Code
		}
	}
	if region == "" && len(w.Regions) > 0 { // of another province, or nobody knows: where the installation stands
		region = w.Regions[0].Code
	}
	if region == "" {
		return identity.Department{}, false
	}
	d := identity.Department{ID: officeKey(name, uscc), USCC: uscc, Region: region, Name: i18n.Text{ZH: name}}
	w.New = append(w.New, d)
	w.enter(d)
	return d, true
}

// significant is an area code without the zeros that fill it up: 44 of 440000.
func significant(code string) string {
	code = strings.TrimRight(code, "0")
	if len(code)%2 == 1 {
		code += "0"
	}
	return code
}

// officeKey is made of the credit code or, without a good one, of the name.
func officeKey(name, uscc string) string {
	if idcode.CheckUSCC(uscc).Verdict == idcode.Valid {
		return strings.ToLower(uscc)
	}
	sum := sha256.Sum256([]byte(name))
	return "d" + hex.EncodeToString(sum[:5])
}
