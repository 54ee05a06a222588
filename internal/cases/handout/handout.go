package handout

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/tongban/tongban/internal/cases"
	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/platform/audit"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/files"
	"github.com/tongban/tongban/internal/platform/httpx"
	"github.com/tongban/tongban/internal/platform/watermark"
)

// Desk hands files out.
type Desk struct{ Cases *cases.Service }

// Send sends a file of a case that the reader may see: to staff a marked copy.
func (d Desk) Send(w http.ResponseWriter, r *http.Request, id cases.ID, f files.File) error {
	ctx, actor := r.Context(), auth.From(r.Context())
	content, err := d.Cases.Files.Open(f)
	if err != nil {
		return err
	}
	if actor.Kind != auth.Staff {
		return httpx.SendUpload(w, r, f.MediaType, f.Name, f.CreatedAt, content)
	}
	copied, err := d.Mark(ctx, actor, id, "file:"+f.ID, f.MediaType, content)
	if err != nil {
		_ = content.Close()
		return err
	}
	w.Header().Set("Cache-Control", "private, no-store")
	if copied == nil {
		if _, err := content.Seek(0, io.SeekStart); err != nil {
			_ = content.Close()
			return fmt.Errorf("handout: %w", err)
		}
		return httpx.SendUpload(w, r, f.MediaType, f.Name, f.CreatedAt, content)
	}
	_ = content.Close()
	return httpx.SendUpload(w, r, f.MediaType, f.Name, time.Time{}, nopCloser{bytes.NewReader(copied)})
}

type nopCloser struct{ io.ReadSeeker }

func (nopCloser) Close() error { return nil }

// Mark lays the words over a file and notes who took it; nil when this file
// cannot carry them, which the note says, too.
func (d Desk) Mark(ctx context.Context, actor auth.Actor, id cases.ID, object, mediaType string, content io.Reader) ([]byte, error) {
	k, err := d.Cases.Find(ctx, id)
	if err != nil {
		return nil, err
	}
	copied, ok, err := watermark.Lay(ctx, mediaType, content, d.words(ctx, actor, &k))
	if err != nil {
		return nil, err
	}
	return copied, d.Cases.DB.InTx(ctx, func(ctx context.Context) error {
		return d.Cases.Audit.Record(ctx, actor, audit.Note{Action: "cases.read_file", Object: "case:" + string(id), Change: map[string]any{"what": object, "marked": ok}})
	})
}

// words say who, when and what for.
func (d Desk) words(ctx context.Context, actor auth.Actor, k *cases.Case) []string {
	place := ""
	if len(actor.Posts) > 0 {
		place = d.Cases.Identity.Directory().Department(actor.Posts[0].DepartmentID).Name.For(ctx)
	}
	number := k.Number
	if number == "" { // a draft in a clerk's hands
		number = k.ItemName.For(ctx)
	}
	return []string{
		i18n.T(ctx, "papers.mark.who", "place", place, "name", actor.Name, "time", i18n.ShortTime(d.Cases.Clock.Now())),
		i18n.T(ctx, "papers.mark.why", "number", number),
	}
}
