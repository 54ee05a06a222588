package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/tongban/tongban/internal/matching/engine"
)

// question is what a columnar engine is asked, written to a file for its script.
type question struct {
	CSV, Parquet string
	Columns      []column
	Rules        []string
	Gate         int // rows that are counted before anything is timed
	Time         int // rules that are timed
	Engines      []string
}

type column struct{ Name, Type string }

// reply is a line of the script's.
type reply struct {
	Engine  string
	Version string
	Skipped string
	Loaded  float64 // seconds
	Yes     []tally // of the first rows, for every rule
	Open    []tally
	Counts  []int64 // of all rows, for the rules that were timed
	Seconds float64
	// Processor is what all threads took together.
	Processor float64
	How       string  // the quicker form of asking,
	Other     float64 // and what the other took of the processor
	Form      string
}

// widths are types that a column fits into.
func widths(w *words, t *engine.Table) []column {
	out := []column{{"id", "INTEGER"}}
	lo, hi := make([]int64, len(w.terms)), make([]int64, len(w.terms))
	for i := range t.Len() {
		for k, v := range w.ready(t.Row(i)).n {
			if v != missing {
				lo[k], hi[k] = min(lo[k], v), max(hi[k], v)
			}
		}
	}
	for k := range w.terms {
		kind := "BIGINT"
		switch {
		case -1<<15 <= lo[k] && hi[k] < 1<<15:
			kind = "SMALLINT"
		case -1<<31 <= lo[k] && hi[k] < 1<<31:
			kind = "INTEGER"
		}
		out = append(out, column{fmt.Sprintf("t%d", k), kind})
	}
	for k := range w.flags {
		out = append(out, column{fmt.Sprintf("f%d", k), "BOOLEAN"})
	}
	return out
}

func writeCSV(path string, w *words, t *engine.Table) (err error) {
	f, err := os.Create(path) //nolint:gosec // in a directory of our own
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	out := bufio.NewWriterSize(f, 1<<20)
	var line []byte
	for i := range t.Len() {
		r := w.ready(t.Row(i))
		line = strconv.AppendInt(line[:0], int64(i), 10)
		for _, v := range r.n {
			line = append(line, ',')
			if v != missing {
				line = strconv.AppendInt(line, v, 10)
			}
		}
		for _, v := range r.f {
			line = append(line, ',')
			if v != engine.Unknown {
				line = strconv.AppendInt(line, int64(v/engine.Yes), 10)
			}
		}
		if _, err := out.Write(append(line, '\n')); err != nil {
			return err
		}
	}
	return out.Flush()
}

// install brings the packages of js/package.json, once. The part of polars that is
// made for one kind of machine asks for a newer node than it needs, so that npm
// leaves it out unless it is named.
func install(ctx context.Context) error {
	npm := func(args ...string) error {
		cmd := exec.CommandContext(ctx, "npm", append([]string{"install", "--force", "--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--silent"}, args...)...)
		cmd.Dir, cmd.Stderr = "js", os.Stderr
		return cmd.Run()
	}
	if _, err := os.Stat("js/node_modules/@duckdb"); err != nil {
		if err := npm(); err != nil {
			return err
		}
	}
	const polars = "nodejs-polars-linux-x64-gnu"
	if _, err := os.Stat("js/node_modules/" + polars); err != nil && runtime.GOOS == "linux" && runtime.GOARCH == "amd64" {
		_ = npm(polars + "@0.26.1") // else polars alone says that it is skipped
	}
	return nil
}

// columnar asks DuckDB and Polars, where npm brings them. check is called with
// what each says of the gate, before it goes on.
func columnar(ctx context.Context, w *words, t *engine.Table, rules []*engine.Expr, gate, timed int, check func(reply) error) ([]reply, error) {
	skip := func(why string) ([]reply, error) {
		return []reply{{Engine: "duckdb", Skipped: why}, {Engine: "polars", Skipped: why}}, nil
	}
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			return skip("there is no " + tool)
		}
	}
	if err := install(ctx); err != nil {
		return skip("npm could not install them: " + err.Error())
	}
	dir, err := os.MkdirTemp("", "match")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	q := question{CSV: filepath.Join(dir, "f.csv"), Parquet: filepath.Join(dir, "f.parquet"), Columns: widths(w, t), Gate: gate, Time: timed}
	print := w.sql("")
	for _, e := range rules {
		q.Rules = append(q.Rules, print.print(e))
	}
	if err := writeCSV(q.CSV, w, t); err != nil {
		return nil, err
	}
	text, err := json.Marshal(q)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(dir, "question.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return nil, err
	}
	var out []reply
	for _, name := range []string{"duckdb", "polars"} { // polars reads what duckdb has written
		r, err := ask(ctx, name, file, check)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

// ask runs one engine in a process of its own.
func ask(ctx context.Context, name, file string, check func(reply) error) (reply, error) {
	cmd := exec.CommandContext(ctx, "node", "peer.mjs", name, file) //nolint:gosec // our own script
	cmd.Dir, cmd.Stderr = "js", os.Stderr
	cmd.Env = append(os.Environ(), "POLARS_MAX_THREADS=1")
	in, err := cmd.StdinPipe()
	if err != nil {
		return reply{}, err
	}
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return reply{}, err
	}
	if err := cmd.Start(); err != nil {
		return reply{Engine: name, Skipped: err.Error()}, nil
	}
	lines := bufio.NewScanner(pipe)
	lines.Buffer(nil, 1<<24)
	next := func() (r reply, err error) {
		if !lines.Scan() {
			return r, errors.Join(lines.Err(), fmt.Errorf("%s said no more", name))
		}
		return r, json.Unmarshal(lines.Bytes(), &r)
	}
	first, err := next()
	if err == nil && first.Skipped == "" {
		if err := check(first); err != nil {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
			return reply{}, err
		}
		if _, err := in.Write([]byte("go\n")); err != nil {
			return reply{}, err
		}
		var second reply
		if second, err = next(); err == nil {
			first.Counts, first.Seconds, first.Processor, first.How, first.Other = second.Counts, second.Seconds, second.Processor, second.How, second.Other
		}
	}
	_ = in.Close()
	if wait := cmd.Wait(); err != nil || wait != nil {
		return reply{Engine: name, Skipped: strings.ReplaceAll(errors.Join(err, wait).Error(), "\n", "; ")}, nil
	}
	return first, nil
}
