package catalogueweb

import (
	"net/http"
	"slices"
	"strings"

	"github.com/tongban/tongban/internal/catalogue"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/form"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/sheet"
)

// export is the address of the list as a sheet.
func (l adminListPage) export(f sheet.Format) string {
	address := strings.Replace(l.address(1), "/admin/items", "/admin/items/export", 1)
	if strings.Contains(address, "?") {
		return address + "&format=" + string(f)
	}
	return address + "?format=" + string(f)
}

// adminExport sends what the list of administrators is narrowed to as a sheet:
// the published versions, to be changed and imported again.
func (p *Pages) adminExport(w http.ResponseWriter, r *http.Request) error {
	_, all, err := p.filtered(r)
	if err != nil {
		return err
	}
	f, err := form.Parse(r)
	if err != nil {
		return err
	}
	format := sheet.Format(f.Value("format"))
	if !slices.Contains(sheet.Formats, format) {
		format = sheet.XLSX
	}
	chosen := make(map[string]bool, len(all))
	for _, line := range all {
		chosen[line.ID] = true
	}
	name := "items-" + i18n.ShortDate(p.Service.Clock.Now()) + format.Extension()
	httpx.Attachment(w, format.MediaType(), name)
	out, err := sheet.NewWriter(w, format)
	if err != nil {
		return err
	}
	_, err = p.Intake.Export(r.Context(), auth.From(r.Context()), out, func(st catalogue.Standing) bool { return chosen[st.ID] })
	return err
}
