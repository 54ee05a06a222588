package sheet

import (
	"errors"
	"io"
)

// Head returns the first rows of a file as they stand, whatever they mean: for
// showing somebody who writes a mapping what is to be mapped.
func Head(src Source, o Options, n int) (rows [][]string, err error) {
	o = o.withDefaults()
	t, err := open(src, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, t.Close()) }()
	for len(rows) < n {
		r, err := t.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if len(r.Cells) > 0 {
			rows = append(rows, r.Cells)
		}
	}
	return rows, nil
}
