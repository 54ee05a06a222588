package rowedit

import (
	"net/url"
	"strconv"
	"strings"
)

// Names of the helpers beside an input.
const (
	count = ":n"    // rows of a list
	pick  = ":pick" // a condition that was chosen from the list
	was   = ":was"  // a condition as it was shown
	file  = ":file" // an upload
	drop  = ":drop" // a file is taken off
	own   = "own"   // of pick: what is typed counts
)

// mostRows of one list.
const mostRows = 200

// Values are what a form shows of a tree. known are the conditions that can be
// chosen from the list; others are shown as text.
func Values(nodes []Node, tree map[string]any, known func(string) bool) url.Values {
	v := url.Values{}
	fill(v, nodes, tree, "", known)
	return v
}

func fill(v url.Values, nodes []Node, tree map[string]any, path string, known func(string) bool) {
	for _, n := range nodes {
		at, x := join(path, n.Key), tree[n.Key]
		switch n.Kind {
		case Text, LongText:
			t := object(x)
			if n.Key == "" {
				t = tree
			}
			v.Set(at+".zh", str(t["zh"]))
			v.Set(at+".en", str(t["en"]))
		case Words:
			v.Set(at, strings.Join(texts(x), "\n"))
		case Many:
			for _, s := range texts(x) {
				v.Add(at, s)
			}
		case Whole, Number:
			if f, ok := x.(float64); ok {
				v.Set(at, strconv.FormatFloat(f, 'f', -1, 64))
			}
		case Span:
			l := object(x)
			if f, ok := l["n"].(float64); ok && f != 0 {
				v.Set(at+".n", strconv.FormatFloat(f, 'f', -1, 64))
			}
			if u := str(l["unit"]); u != "" {
				v.Set(at+".unit", u)
			}
		case Bool:
			if b, _ := x.(bool); b {
				v.Set(at, "on")
			}
		case When:
			showWhen(v, at, str(x), known)
		case Group:
			fill(v, n.Nodes, object(x), at, known)
		case List:
			for i, row := range rows(x) {
				fill(v, n.Nodes, object(row), join(at, strconv.Itoa(i)), known)
			}
			v.Set(at+count, strconv.Itoa(len(rows(x))))
		default:
			v.Set(at, str(x))
		}
	}
}

func showWhen(v url.Values, at, expression string, known func(string) bool) {
	v.Set(at+was, expression)
	switch {
	case expression == "":
		v.Set(at+pick, "")
	case known(expression):
		v.Set(at+pick, expression)
	default:
		v.Set(at+pick, own)
		v.Set(at, expression)
	}
}

func texts(x any) []string {
	var out []string
	for _, s := range rows(x) {
		out = append(out, str(s))
	}
	return out
}

// Rows is how many rows a list in a form has.
func Rows(v url.Values, path string) int {
	n, _ := strconv.Atoi(v.Get(path + count))
	return min(max(n, 0), mostRows)
}

// Do carries out what a button of a row says: "add|path", "put|path|key|value",
// "up|path|row", "down|path|row", "remove|path|row". It returns the path of the
// row to look at then, and whether it understood.
func Do(nodes []Node, v url.Values, what string) (focus string, ok bool) {
	parts := strings.Split(what, "|")
	if len(parts) < 2 {
		return "", false
	}
	list, ok := find(nodes, parts[1])
	if !ok {
		return "", false
	}
	path, n := parts[1], Rows(v, parts[1])
	switch {
	case parts[0] == "add" && len(parts) == 2, parts[0] == "put" && len(parts) == 4:
		if n >= mostRows {
			return "", false
		}
		row := join(path, strconv.Itoa(n))
		begin(v, list.Nodes, row)
		for key, start := range list.Start {
			v.Set(join(row, key), start)
		}
		if parts[0] == "put" {
			v.Set(join(row, parts[2]), parts[3])
		}
		v.Set(path+count, strconv.Itoa(n+1))
		return row, true
	case len(parts) != 3:
		return "", false
	}
	i, err := strconv.Atoi(parts[2])
	if err != nil || i < 0 || i >= n {
		return "", false
	}
	switch parts[0] {
	case "up":
		swap(v, path, i, max(i-1, 0))
		return join(path, strconv.Itoa(max(i-1, 0))), true
	case "down":
		swap(v, path, i, min(i+1, n-1))
		return join(path, strconv.Itoa(min(i+1, n-1))), true
	case "remove":
		for k := i; k+1 < n; k++ {
			swap(v, path, k, k+1)
		}
		take(v, join(path, strconv.Itoa(n-1)))
		v.Set(path+count, strconv.Itoa(n-1))
		if n == 1 {
			return path, true
		}
		return join(path, strconv.Itoa(min(i, n-2))), true
	}
	return "", false
}

// begin gives the lists in a new row no rows.
func begin(v url.Values, nodes []Node, row string) {
	for _, n := range nodes {
		if n.Kind == List {
			v.Set(join(row, n.Key)+count, "0")
		}
	}
}

// take removes all values of a row and returns them.
func take(v url.Values, row string) url.Values {
	out := url.Values{}
	for name, values := range v {
		if rest, ok := strings.CutPrefix(name, row+"."); ok {
			out[rest] = values
			delete(v, name)
		}
	}
	return out
}

func swap(v url.Values, path string, i, k int) {
	if i == k {
		return
	}
	a, b := join(path, strconv.Itoa(i)), join(path, strconv.Itoa(k))
	one, other := take(v, a), take(v, b)
	for rest, values := range one {
		v[b+"."+rest] = values
	}
	for rest, values := range other {
		v[a+"."+rest] = values
	}
}
