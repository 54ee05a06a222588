package audit

import (
	"context"
	"fmt"

	"github.com/tongban/tongban/internal/platform/db"
)

// Report is the outcome of walking every chain.
type Report struct {
	Entries int64        // links that hold
	Heads   map[int]Head // where each chain ends; write them down elsewhere to prove that nothing was cut off
	Broken  *BrokenLink  // the first link that does not hold, nil when all do
}

// Head is the end of a chain.
type Head struct {
	Seq  int64
	Hash string
}

// BrokenLink names the first entry that does not fit.
type BrokenLink struct {
	Chain int
	Seq   int64  // expected number of the entry
	ID    string // entry found there, "" when there is none
	Why   string // one of the Why constants
}

// Why a link does not hold.
const (
	WhyChanged = "changed" // the entry is not what was hashed
	WhyMissing = "missing" // an entry is gone from the middle
	WhyOrder   = "order"   // an entry stands where it was not written
	WhyCut     = "cut"     // the end of the chain is gone
	WhyHead    = "head"    // the head was set back: entries stand beyond it
	WhyStray   = "stray"   // an entry outside of every chain
)

// WhyAll lists them, for those who have words for each.
var WhyAll = []string{WhyChanged, WhyMissing, WhyOrder, WhyCut, WhyHead, WhyStray}

func (b BrokenLink) String() string {
	return fmt.Sprintf("chain %d, entry %d (%s): %s", b.Chain, b.Seq, b.ID, b.Why)
}

// Verify walks the chains and names the first broken link.
func (l *Log) Verify(ctx context.Context) (Report, error) {
	r := Report{Heads: map[int]Head{}}
	type headRow struct {
		chain int
		Head
	}
	heads, err := db.List(ctx, l.db.Read(ctx), func(s db.Scanner) (h headRow, err error) {
		return h, s.Scan(&h.chain, &h.Seq, &h.Hash)
	}, `SELECT chain, seq, hash FROM audit_head ORDER BY chain`)
	if err != nil {
		return r, fmt.Errorf("audit: verify: %w", err)
	}
	for _, h := range heads {
		r.Heads[h.chain] = h.Head
	}
	for chain := range chains {
		head := r.Heads[chain]
		broken, n, err := l.verifyChain(ctx, chain, head)
		if err != nil {
			return r, fmt.Errorf("audit: verify chain %d: %w", chain, err)
		}
		r.Entries += n
		if broken != nil {
			r.Broken = broken
			return r, nil
		}
	}
	if r.Broken, err = l.stray(ctx); err != nil {
		return r, fmt.Errorf("audit: verify: %w", err)
	}
	return r, nil
}

// stray finds an entry of a chain that does not exist: no walk would pass it,
// and pages would show it.
func (l *Log) stray(ctx context.Context) (*BrokenLink, error) {
	e, found, err := db.Maybe(ctx, l.db.Read(ctx), scan, `SELECT `+columns+` FROM audit_entry WHERE chain < 0 OR chain >= $1 ORDER BY chain, seq LIMIT 1`, chains)
	if err != nil || !found {
		return nil, err
	}
	return &BrokenLink{Chain: e.Chain, Seq: e.Seq, ID: e.ID, Why: WhyStray}, nil
}

// Kept is where a chain ended when somebody wrote it down.
type Kept struct {
	Chain int
	Head
}

// Compare holds heads that were written down earlier against the chains: each
// has to be an entry still. It finds what Verify cannot: a trail that was cut
// off or written anew together with its heads.
func (l *Log) Compare(ctx context.Context, kept []Kept) (*BrokenLink, error) {
	for _, k := range kept {
		if k.Seq == 0 {
			continue
		}
		e, found, err := db.Maybe(ctx, l.db.Read(ctx), scan, `SELECT `+columns+` FROM audit_entry WHERE chain=$1 AND seq=$2`, k.Chain, k.Seq)
		switch {
		case err != nil:
			return nil, fmt.Errorf("audit: compare: %w", err)
		case !found:
			return &BrokenLink{Chain: k.Chain, Seq: k.Seq, Why: WhyCut}, nil
		case e.Hash != k.Hash:
			return &BrokenLink{Chain: k.Chain, Seq: k.Seq, ID: e.ID, Why: WhyChanged}, nil
		}
	}
	return nil, nil
}

func (l *Log) verifyChain(ctx context.Context, chain int, head Head) (*BrokenLink, int64, error) {
	var last Entry
	for {
		page, err := db.List(ctx, l.db.Read(ctx), scan, `SELECT `+columns+` FROM audit_entry
			WHERE chain=$1 AND seq>$2 AND seq<=$3 ORDER BY seq LIMIT 1000`, chain, last.Seq, head.Seq)
		if err != nil {
			return nil, 0, err
		}
		for _, e := range page {
			want := last.Seq + 1
			switch {
			case e.Seq != want:
				return &BrokenLink{Chain: chain, Seq: want, Why: WhyMissing}, last.Seq, nil
			case e.Prev != last.Hash && e.Hash == e.sum():
				return &BrokenLink{Chain: chain, Seq: want, ID: e.ID, Why: WhyOrder}, last.Seq, nil
			case e.Prev != last.Hash || e.Hash != e.sum():
				return &BrokenLink{Chain: chain, Seq: want, ID: e.ID, Why: WhyChanged}, last.Seq, nil
			}
			last = e
		}
		if len(page) < 1000 {
			break
		}
	}
	broken, err := l.outside(ctx, chain, head)
	switch {
	case err != nil || broken != nil:
	case last.Seq != head.Seq:
		broken = &BrokenLink{Chain: chain, Seq: last.Seq + 1, Why: WhyCut}
	case last.Hash != head.Hash:
		broken = &BrokenLink{Chain: chain, Seq: last.Seq, ID: last.ID, Why: WhyHead}
	}
	return broken, last.Seq, err
}

// outside finds an entry of a chain before its beginning or beyond its head,
// unless the head has moved on there meanwhile, as it does with every entry.
func (l *Log) outside(ctx context.Context, chain int, head Head) (*BrokenLink, error) {
	for _, where := range []string{`seq < 1 AND seq <= $2 ORDER BY seq`, `seq > $2 ORDER BY seq`} {
		e, found, err := db.Maybe(ctx, l.db.Read(ctx), scan, `SELECT `+columns+` FROM audit_entry WHERE chain=$1 AND `+where+` LIMIT 1`, chain, head.Seq)
		if err != nil || !found {
			if err != nil {
				return nil, err
			}
			continue
		}
		if e.Seq < 1 {
			return &BrokenLink{Chain: chain, Seq: e.Seq, ID: e.ID, Why: WhyStray}, nil
		}
		now, _, err := db.Maybe(ctx, l.db.Read(ctx), db.Scalar[int64], `SELECT seq FROM audit_head WHERE chain=$1`, chain)
		if err != nil {
			return nil, err
		}
		if now < e.Seq {
			return &BrokenLink{Chain: chain, Seq: e.Seq, ID: e.ID, Why: WhyHead}, nil
		}
	}
	return nil, nil
}
