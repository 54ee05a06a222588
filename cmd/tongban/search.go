package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tongban/tongban/internal/app"
	"github.com/tongban/tongban/internal/catalogue"
)

// found is an item as the search prints it.
type found struct {
	Code       string  `json:"code"`
	Name       string  `json:"name"`
	Kind       string  `json:"kind"` // apply, lookup, service, bundle
	Department string  `json:"department"`
	Score      float64 `json:"score"`
}

func searchCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "search [QUESTION]",
		Short: "Find items by an everyday question, as the site does",
		Long: `Find items by an everyday question, as the site does.

With --questions a graded set is asked instead: a CSV file with the columns
query and codes (right answers, separated by |), and optionally id and kind. It
prints hit@1, hit@5 and MRR, in all and by kind; --misses lists what failed.`,
		Args: cobra.MaximumNArgs(1),
	}
	limit := cmd.Flags().Int("limit", 10, "how many items")
	asJSON := cmd.Flags().Bool("json", false, "print JSON")
	questions := cmd.Flags().String("questions", "", "file of graded questions")
	misses := cmd.Flags().Bool("misses", false, "list the questions that failed")
	var args []string
	cmd.PreRun = func(_ *cobra.Command, given []string) { args = given }
	withApp(cmd, func(_ context.Context, a *app.App) error {
		out := cmd.OutOrStdout()
		switch {
		case *questions != "":
			g, err := gradeFile(a.Catalogue.Snapshot(), *questions)
			if err != nil {
				return err
			}
			return g.print(out, *asJSON, *misses)
		case len(args) == 0:
			return errors.New("what is searched for? Give a question, or --questions FILE")
		}
		list := []found{}
		directory := a.Identity.Directory()
		for _, h := range a.Catalogue.Search(args[0], *limit, catalogue.Filter{}) {
			f := found{Code: h.Item.Code, Name: h.Item.Name.ZH, Kind: string(h.Item.Asks()), Department: h.Item.Agency.Name.ZH, Score: float64(int(h.Score*10_000)) / 10_000}
			if !h.Item.External() {
				f.Department = directory.Department(h.Item.Department).Name.ZH
			}
			list = append(list, f)
		}
		if *asJSON {
			return printJSON(out, list)
		}
		for _, f := range list {
			_, _ = fmt.Fprintf(out, "%.3f  %s  %s（%s）\n", f.Score, f.Code, f.Name, f.Department)
		}
		return nil
	})
	return cmd
}

func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// grade is how well a set of questions was answered.
type grade struct {
	Questions int              `json:"questions"`
	Hit1      float64          `json:"hit_at_1"`
	Hit5      float64          `json:"hit_at_5"`
	MRR       float64          `json:"mrr"` // over the first ten
	Kinds     map[string]grade `json:"kinds,omitempty"`

	missed []string
}

func (g *grade) add(rank int) {
	g.Questions++
	if rank == 0 {
		return
	}
	g.MRR += 1 / float64(rank)
	if rank == 1 {
		g.Hit1++
	}
	if rank <= 5 {
		g.Hit5++
	}
}

func (g *grade) mean() {
	n := float64(max(g.Questions, 1))
	g.Hit1, g.Hit5, g.MRR = round(g.Hit1/n), round(g.Hit5/n), round(g.MRR/n)
}

func round(f float64) float64 { return float64(int(f*1000+0.5)) / 1000 }

// gradeFile asks the questions of a file. A question none of whose answers is
// in the catalogue at hand is left out.
func gradeFile(s *catalogue.Snapshot, name string) (grade, error) {
	f, err := os.Open(name)
	if err != nil {
		return grade{}, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) == 0 {
		return grade{}, fmt.Errorf("%s: no table of questions: %w", name, errors.Join(err, io.ErrUnexpectedEOF))
	}
	column := func(key string) int { return slices.Index(rows[0], key) }
	query, codes, kind := column("query"), column("codes"), column("kind")
	if query < 0 || codes < 0 {
		return grade{}, fmt.Errorf("%s: the columns query and codes are needed", name)
	}
	g := grade{Kinds: map[string]grade{}}
	for _, r := range rows[1:] {
		right := slices.DeleteFunc(strings.Split(r[codes], "|"), func(c string) bool { _, err := s.Item(c); return err != nil })
		if len(right) == 0 {
			continue
		}
		hits := s.Search(r[query], 10, catalogue.Filter{})
		rank := 1 + slices.IndexFunc(hits, func(h catalogue.Hit) bool { return slices.Contains(right, h.Item.Code) })
		g.add(rank)
		if kind >= 0 {
			k := g.Kinds[r[kind]]
			k.add(rank)
			g.Kinds[r[kind]] = k
		}
		if rank == 0 || rank > 5 {
			g.missed = append(g.missed, r[query])
		}
	}
	g.mean()
	for k, v := range g.Kinds {
		v.mean()
		g.Kinds[k] = v
	}
	return g, nil
}

func (g grade) print(w io.Writer, asJSON, misses bool) error {
	if asJSON {
		return printJSON(w, g)
	}
	line := func(name string, g grade) {
		_, _ = fmt.Fprintf(w, "%-14s %4d questions  hit@1 %.3f  hit@5 %.3f  MRR %.3f\n", name, g.Questions, g.Hit1, g.Hit5, g.MRR)
	}
	kinds := make([]string, 0, len(g.Kinds))
	for k := range g.Kinds {
		kinds = append(kinds, k)
	}
	slices.Sort(kinds)
	for _, k := range kinds {
		line(k, g.Kinds[k])
	}
	line("all", g)
	if misses {
		for _, m := range g.missed {
			_, _ = fmt.Fprintln(w, "missed:", m)
		}
	}
	return nil
}
