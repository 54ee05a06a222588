// Package locales holds every text of the interface: one file per module and
// language. zh-CN is the source.
package locales

import (
	"embed"

	"github.com/tongban/tongban/internal/kernel/i18n"
)

//go:embed zh-CN en
var files embed.FS

// Load reads all texts.
func Load() (*i18n.Catalog, error) { return i18n.Load(files) }
