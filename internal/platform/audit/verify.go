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
	Why   string // "changed", "missing", "order", "cut"
}

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
	return r, nil
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
				return &BrokenLink{Chain: chain, Seq: want, Why: "missing"}, last.Seq, nil
			case e.Prev != last.Hash && e.Hash == e.sum():
				return &BrokenLink{Chain: chain, Seq: want, ID: e.ID, Why: "order"}, last.Seq, nil
			case e.Prev != last.Hash || e.Hash != e.sum():
				return &BrokenLink{Chain: chain, Seq: want, ID: e.ID, Why: "changed"}, last.Seq, nil
			}
			last = e
		}
		if len(page) < 1000 {
			break
		}
	}
	if last.Seq != head.Seq || last.Hash != head.Hash {
		return &BrokenLink{Chain: chain, Seq: last.Seq + 1, Why: "cut"}, last.Seq, nil
	}
	return nil, last.Seq, nil
}
