// Package locales holds every text of the interface, in one folder for each
// language; zh-CN is the source. The first word of a key is the name of its
// file, of an error the second.
package locales

import (
	"embed"

	"github.com/tongban/tongban/internal/kernel/i18n"
)

//go:embed zh-CN en
var files embed.FS

// Load reads all texts.
func Load() (*i18n.Catalog, error) { return i18n.Load(files) }
