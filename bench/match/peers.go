package main

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/tongban/tongban/internal/matching/engine"
)

func rowPeers(w *words, rules []*engine.Expr) []peer {
	list := []peer{closures(w, rules), evals(rules)}
	for _, make := range []func() (peer, error){
		func() (peer, error) { return celNative(rules) },
		func() (peer, error) { return celTuned(w, rules) },
		func() (peer, error) { return exprLang(w, rules) },
		func() (peer, error) { return opa(w, rules) },
	} {
		p, err := make()
		if err != nil {
			say("  skipped: %v", err)
			continue
		}
		list = append(list, p)
	}
	return list
}

// measureRows measures the engines that go row by row, over samples.
func measureRows(out *result, list []peer, w *words, t *engine.Table, firms, count int, o oursTook) {
	const chunk = 512
	keys := map[string]string{"cel": "ratio_cel_rowwise", "cel-tuned": "ratio_cel_tuned", "closures": "ratio_closures", "eval": "ratio_eval", "expr": "ratio_expr", "opa": "ratio_opa"}
	for _, p := range list {
		boxed := boxAll(&p, w, sample(t, chunk))
		for _, rules := range slices.Compact([]int{min(100, count), count}) {
			if p.bulk == nil && rules != count {
				continue // its query is made for all
			}
			n := 4
			var d took
			for { // so many rows that it takes a second, twice
				d = best(1, func() {
					for from := 0; from < n; from += chunk {
						part := boxed[:min(chunk, n-from)]
						if p.bulk == nil {
							for _, row := range part {
								p.all(row, nil)
							}
							continue
						}
						for r := range rules {
							p.bulk(r, part, nil)
						}
					}
				})
				if d.wall > time.Second || n >= 1<<16 {
					break
				}
				n *= 4
			}
			pair := d.per(float64(n) * float64(rules))
			whole := time.Duration(pair * float64(firms) * float64(rules))
			row(fmt.Sprintf("matrix %s x %s", size(firms), size(rules)), p.name, whole, short(time.Duration(float64(d.cpu)/float64(n)*float64(firms))), fmt.Sprintf("%.1f", pair), fmt.Sprintf("%s; reckoned from %s firms", p.form, size(n)))
			if p.bulk == nil {
				out.put(keys[p.name], pair/o.matrix.per(o.pairs))
				row(fmt.Sprintf("one firm x %s", size(count)), p.name, time.Duration(pair*float64(count)), "", fmt.Sprintf("%.1f", pair), "one query for all rules")
				continue
			}
			const rowsOut = 64
			one := best(2, func() {
				for i := range rowsOut {
					for r := range rules {
						p.bulk(r, boxed[i:i+1], nil)
					}
				}
			})
			row(fmt.Sprintf("one firm x %s", size(rules)), p.name, one.wall/rowsOut, "", fmt.Sprintf("%.1f", one.per(rowsOut*float64(rules))), fmt.Sprintf("rules one after the other, mean of %d firms", rowsOut))
			if rules != count {
				continue
			}
			row(fmt.Sprintf("one rule x %s", size(firms)), p.name, time.Duration(pair*float64(firms)), "", fmt.Sprintf("%.1f", pair), "as a part of the matrix")
			out.put(keys[p.name], pair/o.matrix.per(o.pairs))
			if p.name == "cel" {
				out.put("ratio_cel_one_firm", one.per(rowsOut)/1e3/o.oneRow)
			}
		}
	}
}

// sqliteFirms is how many firms stand in SQLite's table.
const sqliteFirms = 100_000

func measureSQLite(ctx context.Context, out *result, w *words, t *engine.Table, rules []*engine.Expr, o oursTook) error {
	n := min(sqliteFirms, t.Len())
	db, err := sqliteTable(ctx, w, t, n)
	if err != nil {
		say("  skipped: sqlite: %v", err)
		return nil //nolint:nilerr // a peer that is not to be had
	}
	defer func() { _ = db.Close() }()
	print := w.sql("")
	texts := make([]string, len(rules))
	for i, e := range rules {
		texts[i] = print.print(e)
	}
	rows := make([][]engine.Value, gateRows)
	for i := range rows {
		rows[i] = t.Row(i)
	}
	if err := sqliteGate(ctx, db, texts, eval(rules, rows)); err != nil {
		return err
	}
	asked, d, err := sqliteCount(ctx, db, texts, 6*time.Second)
	if err != nil {
		return err
	}
	pair := float64(d.Nanoseconds()) / float64(n) / float64(asked)
	form := fmt.Sprintf("modernc, whole numbers, ratios ready, counts of one plane; gate of %d firms agrees; reckoned from %s firms x %d rules", gateRows, size(n), asked)
	row(fmt.Sprintf("matrix %s x %s", size(t.Len()), size(len(rules))), "sqlite", time.Duration(pair*o.pairs), "", fmt.Sprintf("%.1f", pair), form)
	row(fmt.Sprintf("one rule x %s", size(t.Len())), "sqlite", time.Duration(pair*float64(t.Len())), "", fmt.Sprintf("%.1f", pair), "the same")
	out.put("ratio_sqlite", pair/o.matrix.per(o.pairs))
	return nil
}

// columnarRules is how many rules DuckDB and Polars are timed with.
const columnarRules = 300

func measureColumnar(ctx context.Context, out *result, w *words, t *engine.Table, rules []*engine.Expr, o oursTook) error {
	rows := make([][]engine.Value, gateRows)
	for i := range rows {
		rows[i] = t.Row(i)
	}
	want := eval(rules, rows)
	replies, err := columnar(ctx, w, t, rules, gateRows, min(columnarRules, len(rules)), func(r reply) error {
		for i := range rules {
			if yes, open := tallies(want[i]); r.Yes[i] != yes || r.Open[i] != open {
				return fmt.Errorf("%s: rule %d: %v and %v, want %v and %v", r.Engine, i, r.Yes[i], r.Open[i], yes, open)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	bestPair, bestCPU, bestName := math.NaN(), math.NaN(), ""
	var skipped []string
	for _, r := range replies {
		if r.Skipped != "" {
			say("  skipped: %s: %s", r.Engine, r.Skipped)
			skipped = append(skipped, r.Engine+": "+r.Skipped)
			continue
		}
		for i, n := range r.Counts {
			if int(n) != o.yes[i] {
				return fmt.Errorf("%s: rule %d: %d firms, want %d", r.Engine, i, n, o.yes[i])
			}
		}
		pair := r.Seconds * 1e9 / float64(t.Len()) / float64(len(r.Counts))
		form := fmt.Sprintf("%s %s, %s (the other form takes %.2f times that); gate of %d firms agrees, and all counts; reckoned from %d rules", r.Form, cmp.Or(r.Version, ""), r.How, r.Other/r.Processor, gateRows, len(r.Counts))
		row(fmt.Sprintf("matrix %s x %s", size(t.Len()), size(len(rules))), r.Engine, time.Duration(pair*o.pairs), short(time.Duration(pair*o.pairs*r.Processor/r.Seconds)), fmt.Sprintf("%.2f", pair), form)
		row(fmt.Sprintf("one rule x %s", size(t.Len())), r.Engine, time.Duration(pair*float64(t.Len())), "", fmt.Sprintf("%.2f", pair), "the same")
		out.put("ratio_"+r.Engine, pair/o.matrix.per(o.pairs))
		if !(pair >= bestPair) {
			bestPair, bestCPU, bestName = pair, pair*r.Processor/r.Seconds, r.Engine
		}
	}
	out.put("ratio_best_columnar_peer", bestPair/o.matrix.per(o.pairs))
	out.put("ratio_best_columnar_peer_portable", bestPair/o.simple.per(o.pairs))
	out.put("ratio_best_columnar_peer_cpu", bestCPU/float64(o.matrix.cpu.Nanoseconds())*o.pairs)
	out.put("ratio_best_columnar_peer_portable_cpu", bestCPU/float64(o.simple.cpu.Nanoseconds())*o.pairs)
	out.put("best_columnar_peer", bestName)
	if o.oneRule.wall > 0 {
		out.put("ratio_best_columnar_one_rule", bestPair*float64(t.Len())/float64(o.oneRule.wall.Nanoseconds()))
	}
	if skipped != nil {
		out.put("skipped", strings.Join(skipped, "; "))
	}
	return nil
}
