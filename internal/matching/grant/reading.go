package grant

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/tongban/tongban/internal/kernel/i18n"
	"github.com/tongban/tongban/internal/kernel/money"
	"github.com/tongban/tongban/internal/kernel/page"
	"github.com/tongban/tongban/internal/platform/auth"
	"github.com/tongban/tongban/internal/platform/db"
)

// Row is a batch in a list.
type Row struct {
	Batch
	Tallies Tallies
	Open    int // objections that nobody has settled
}

func (s *Service) row(ctx context.Context, b Batch) (Row, error) {
	t, err := s.store.tallies(ctx, b.ID)
	if err != nil {
		return Row{}, err
	}
	n, err := db.One(ctx, s.DB.Read(ctx), db.Scalar[int], `SELECT count(*) FROM matching_grant_objection WHERE grant_id=$1 AND answered_at=0`, b.ID)
	return Row{b, t, n}, err
}

// most batches of a list.
const most = 200

// Batches are those that the actor sees, the newest first.
func (s *Service) Batches(ctx context.Context, actor auth.Actor) ([]Row, error) {
	list, err := s.store.batches(ctx, `state <> 'discarded' ORDER BY id DESC LIMIT 1000`)
	if err != nil {
		return nil, err
	}
	var out []Row
	for _, b := range list {
		if !sees(actor, &b) || len(out) == most {
			continue
		}
		r, err := s.row(ctx, b)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

// Sheet is a batch with a page of its lines.
type Sheet struct {
	Row
	Lines      page.Result[Line]
	Gone       map[string]bool // firms that fit no more, while that can be mended
	Objections []Objection
	Names      map[string]string // of firms with objections, by line
	Cases      Cases
	Lists      []List
	Stood      []ListLine // what stood on them
	FundName   i18n.Text  // "" when the clause names none, or one that is not there
	Left       money.Fen  // in the fund, for everybody
}

// Filter of the lines of a batch.
type Filter struct {
	State LineState // "": all
	After int       // seq
}

// Batch is one batch; of another department it is ErrNotFound.
func (s *Service) Batch(ctx context.Context, actor auth.Actor, id string, f Filter) (Sheet, error) {
	b, err := s.store.batch(ctx, id)
	if err != nil {
		return Sheet{}, err
	}
	if !sees(actor, &b) {
		return Sheet{}, ErrNotFound
	}
	out := Sheet{}
	if out.Row, err = s.row(ctx, b); err != nil {
		return Sheet{}, err
	}
	if out.Lines, err = s.lines(ctx, id, f); err != nil {
		return Sheet{}, err
	}
	if b.State == Drafted || b.State == Checked {
		v, err := s.Matching.View(ctx)
		if err != nil {
			return Sheet{}, err
		}
		all, err := s.store.lines(ctx, `l.grant_id=$1 AND l.state='listed'`, id)
		if err != nil {
			return Sheet{}, err
		}
		out.Gone = gone(v, &b, all)
	}
	if out.Objections, err = s.store.objections(ctx, `grant_id=$1 ORDER BY answered_at <> 0, id`, id); err != nil {
		return Sheet{}, err
	}
	if b.State.Closed() {
		if out.Cases, err = s.store.count(ctx, id); err != nil {
			return Sheet{}, err
		}
		if out.Stood, err = s.store.listLines(ctx, id); err != nil {
			return Sheet{}, err
		}
		if out.Lists, err = s.store.paylists(ctx, `grant_id=$1`, id); err != nil {
			return Sheet{}, err
		}
	}
	if b.Fund() != "" {
		if out.FundName, out.Left, _, err = s.Ports.Left(ctx, b.Fund()); err != nil {
			return Sheet{}, err
		}
	}
	out.Names = map[string]string{}
	for _, o := range out.Objections {
		l, err := s.store.line(ctx, o.LineID)
		if err != nil {
			return Sheet{}, err
		}
		out.Names[l.ID] = l.Name.For(ctx)
	}
	return out, nil
}

func (s *Service) lines(ctx context.Context, id string, f Filter) (page.Result[Line], error) {
	args := db.Args{id, f.After, page.Request{}.Limit() + 1}
	where := `l.grant_id=$1 AND l.seq > $2`
	if f.State != "" {
		where += ` AND l.state=` + args.Add(string(f.State))
	}
	rows, err := s.store.lines(ctx, where+` ORDER BY l.seq LIMIT $3`, args...)
	if err != nil {
		return page.Result[Line]{}, err
	}
	return page.Cut(rows, page.Request{}.Limit(), seq), nil
}

// Published are the lists that everybody reads, the newest first.
func (s *Service) Published(ctx context.Context) ([]Row, error) {
	list, err := s.store.batches(ctx, `state IN `+public+` ORDER BY released_at DESC, id DESC LIMIT $1`, most)
	if err != nil {
		return nil, err
	}
	var out []Row
	for _, b := range list {
		r, err := s.row(ctx, b)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

// Public is a list as everybody reads it.
type Public struct {
	Batch  Batch
	Lines  page.Result[Line] // those that stand: seq, code, names and sums only
	Total  Tally
	Chosen *Line // the one that somebody objects to
}

// Look narrows a published list.
type Look struct {
	Q     string // in the name of the firm, or how its credit code begins
	After int    // seq
	Line  string // the one to object to
}

func scanPublic(r db.Scanner) (l Line, err error) {
	return l, r.Scan(&l.ID, &l.Seq, &l.USCC, db.JSON[i18n.Text]{V: &l.Name}, &l.Sum)
}

// Public is a published list.
func (s *Service) Public(ctx context.Context, id string, look Look) (Public, error) {
	b, err := s.store.batch(ctx, id)
	if err != nil {
		return Public{}, err
	}
	if !b.State.Public() {
		return Public{}, ErrNotFound
	}
	tallies, err := s.store.tallies(ctx, id)
	if err != nil {
		return Public{}, err
	}
	out := Public{Batch: b, Total: tallies.Standing()}
	const columns = `SELECT l.id, l.seq, l.uscc, l.name, l.fen FROM matching_grant_line l WHERE l.grant_id=$1 AND l.state IN ` + standing
	limit := page.Request{}.Limit()
	args := db.Args{id, look.After, limit + 1}
	where := ` AND l.seq > $2`
	if q := strings.TrimSpace(look.Q); q != "" {
		name, code := args.Add(db.LikeAnywhere(strings.ToLower(q))), args.Add(db.LikePrefix(strings.ToUpper(q)))
		where += ` AND (lower(l.name->>'zh') LIKE ` + name + ` ESCAPE '\' OR lower(l.name->>'en') LIKE ` + name + ` ESCAPE '\' OR l.uscc LIKE ` + code + ` ESCAPE '\')`
	}
	rows, err := db.List(ctx, s.DB.Read(ctx), scanPublic, columns+where+` ORDER BY l.seq LIMIT $3`, args...)
	if err != nil {
		return Public{}, fmt.Errorf("grant: public list: %w", err)
	}
	out.Lines = page.Cut(rows, limit, seq)
	if look.Line != "" {
		l, ok, err := db.Maybe(ctx, s.DB.Read(ctx), scanPublic, columns+` AND l.id=$2`, id, look.Line)
		if err != nil {
			return Public{}, fmt.Errorf("grant: public line: %w", err)
		}
		if ok {
			out.Chosen = &l
		}
	}
	return out, nil
}

func seq(l Line) string { return strconv.Itoa(l.Seq) }
