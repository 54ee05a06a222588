package index_test

import (
	"encoding/csv"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/tongban/tongban/internal/catalogue/index"
)

func TestScratch(t *testing.T) {
	var docs []index.Doc
	for _, f := range []string{"gd", "sc"} {
		h, err := os.Open("/work/shared/data/items/" + f + "-items.csv")
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(h).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		col := map[string]int{}
		for i, c := range rows[0] {
			col[strings.TrimPrefix(c, "\ufeff")] = i
		}
		for _, r := range rows[1:] {
			if f == "gd" {
				docs = append(docs, index.Doc{Name: r[col["name"]], Codes: []string{r[col["task_code"]]}, Fields: []index.Field{{r[col["dept"]], 0.25}, {r[col["materials"]], 0.2}, {r[col["accept_condition"]], 0.12}}})
			} else {
				m := r[col["main_item"]]
				if m == "未分类" {
					m = ""
				}
				docs = append(docs, index.Doc{Name: r[col["name"]], Main: m, Codes: []string{r[col["item_code"]]}, Fields: []index.Field{{r[col["department"]], 0.25}}})
			}
		}
	}
	x := index.New(docs, nil)
	fmt.Println(x.Len(), x.Size())
	if g := os.Getenv("G"); g != "" {
		h, _ := os.Open(g)
		rows, err := csv.NewReader(h).ReadAll()
		if err != nil {
			fmt.Println(err)
		}
		n, h1, h5, mrr := 0, 0, 0, 0.0
		type k struct{ n, h5 int }
		kinds := map[string]k{}
		for _, r := range rows[1:] {
			want := map[string]bool{}
			for _, c := range strings.Split(r[3], "|") {
				want[c] = true
			}
			hits := x.Search(r[1], 10, nil)
			at := 0
			for i, h := range hits {
				if want[docs[h.Doc].Codes[0]] {
					at = i + 1
					break
				}
			}
			n++
			kk := kinds[r[2]]
			kk.n++
			if at == 1 {
				h1++
			}
			if at > 0 {
				mrr += 1 / float64(at)
			}
			if at > 0 && at <= 5 {
				h5++
				kk.h5++
			} else {
				fmt.Printf("MISS %s [%s] at %d\n", r[1], r[2], at)
				for i, h := range hits {
					if i < 5 {
						fmt.Printf("      %.3f %s\n", h.Score, docs[h.Doc].Name)
					}
				}
				i := 0
				for _, d := range docs {
					if want[d.Codes[0]] && i < 3 {
						i++
						fmt.Printf("   want %s\n", d.Name)
					}
				}
			}
			kinds[r[2]] = kk
		}
		fmt.Printf("n %d hit1 %.3f hit5 %.3f mrr %.3f %v\n", n, float64(h1)/float64(n), float64(h5)/float64(n), mrr/float64(n), kinds)
	}
	for _, q := range strings.Fields(os.Getenv("Q")) {
		fmt.Println("==", q, x.Explain(q))
		for _, h := range x.Search(q, 6, nil) {
			fmt.Printf("  %.3f %s\n", h.Score, docs[h.Doc].Name)
		}
	}
}
