package watermark

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/filter"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// maxUnpacked is how much the pages of a document, its fonts and what else is no
// picture may take in memory once unpacked.
const maxUnpacked = 96 << 20

// settings of the library for files of strangers.
func settings() *model.Configuration {
	conf := model.NewDefaultConfiguration()
	conf.ValidationMode = model.ValidationRelaxed
	conf.Limits.MaxDecodeBytes = maxUnpacked
	conf.Limits.MaxObjectCount, conf.Limits.MaxXRefEntries = 1_000_000, 1_000_000
	return conf
}

// unpacks says whether a document stays within bounds when its pages are
// unpacked. The library bounds each stream of its own, at half a gigabyte, and
// keeps those of all pages: of a few megabytes some pages of blanks made more
// than any machine has, and Go ends the process over that. Here each is unpacked
// alone and forgotten. Pictures are left packed, by the library too, unless a
// page says that one is its content.
func unpacks(file []byte) error {
	doc, err := api.ReadContext(bytes.NewReader(file), settings())
	if err != nil {
		return fmt.Errorf("watermark: %w", err)
	}
	uses := map[int]int{} // how many pages say that a stream is of their content
	object := func(nr int) types.Object {
		o, err := doc.Dereference(*types.NewIndirectRef(nr, 0))
		if err != nil {
			return nil // what cannot be read is not unpacked either
		}
		return o
	}
	var use func(o types.Object, depth int)
	use = func(o types.Object, depth int) {
		switch o := o.(type) {
		case types.IndirectRef:
			nr := o.ObjectNumber.Value()
			if list, ok := object(nr).(types.Array); ok && depth < 3 {
				use(list, depth+1)
			} else {
				uses[nr]++
			}
		case types.Array:
			for _, x := range o {
				use(x, depth+1)
			}
		}
	}
	for nr := range doc.Table {
		if d, ok := object(nr).(types.Dict); ok {
			if o, ok := d.Find("Contents"); ok {
				use(o, 0)
			}
		}
	}
	left := int64(maxUnpacked)
	for nr := range doc.Table {
		var s types.StreamDict
		switch o := object(nr).(type) {
		case types.StreamDict:
			s = o
		case *types.StreamDict:
			s = *o
		default:
			continue
		}
		if uses[nr] == 0 && s.Subtype() != nil && *s.Subtype() == "Image" {
			continue
		}
		s.Content = nil
		// What no filter can unpack the library leaves as it is.
		if err := s.DecodeWithLimit(left + 1); errors.Is(err, filter.ErrDecodeLimitExceeded) {
			return errUnmarked
		}
		if left -= int64(len(s.Content)) * int64(max(uses[nr], 1)); left < 0 {
			return errUnmarked
		}
	}
	return nil
}
