package main

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"
	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"

	"github.com/tongban/tongban/internal/matching/engine"
)

// peer answers row by row.
type peer struct {
	name, form string
	three      bool // knows three answers; else it says yes or not
	box        func(row []engine.Value, r ready) any
	// bulk answers one rule for rows and counts yes; out may be nil.
	bulk func(rule int, rows []any, out []engine.Tri) int
	// all answers all rules for one row, where the engine does that at once.
	all func(row any, out []engine.Tri) int
}

func note(out []engine.Tri, i int, t engine.Tri) int {
	if out != nil {
		out[i] = t
	}
	return int(t >> 1)
}

// closures are rules as functions in Go, each comparison one call: the floor of
// what can be done row by row.
func closures(w *words, rules []*engine.Expr) peer {
	type fn = func(*ready) engine.Tri
	var compile func(e *engine.Expr) fn
	compile = func(e *engine.Expr) fn {
		var kids []fn
		for _, k := range e.Kids {
			kids = append(kids, compile(k))
		}
		switch e.Op {
		case engine.And:
			return func(r *ready) engine.Tri {
				out := engine.Yes
				for _, k := range kids {
					if out = min(out, k(r)); out == engine.No {
						return out
					}
				}
				return out
			}
		case engine.Or:
			return func(r *ready) engine.Tri {
				out := engine.No
				for _, k := range kids {
					if out = max(out, k(r)); out == engine.Yes {
						return out
					}
				}
				return out
			}
		case engine.Not:
			return func(r *ready) engine.Tri { return engine.Yes - kids[0](r) }
		case engine.Has:
			f := w.flagOf[mark{e.Attr, e.Member}]
			return func(r *ready) engine.Tri { return r.f[f] }
		}
		t, lo, hi := w.term(e.Range.Term), max(e.Range.Lo, none+1), e.Range.Hi
		return func(r *ready) engine.Tri {
			v := r.n[t]
			switch {
			case v >= lo && v < hi:
				return engine.Yes
			case v == missing:
				return engine.Unknown
			}
			return engine.No
		}
	}
	list := make([]fn, len(rules))
	for i, e := range rules {
		list[i] = compile(e)
	}
	return peer{
		name: "closures", form: "Go functions over ready numbers, three answers", three: true,
		box: func(_ []engine.Value, r ready) any { return &r },
		bulk: func(rule int, rows []any, out []engine.Tri) int {
			n, f := 0, list[rule]
			for i, r := range rows {
				n += note(out, i, f(r.(*ready)))
			}
			return n
		},
	}
}

// evals is Expr.Eval itself.
func evals(rules []*engine.Expr) peer {
	return peer{
		name: "eval", form: "Expr.Eval over the facts, three answers", three: true,
		box: func(row []engine.Value, _ ready) any { return row },
		bulk: func(rule int, rows []any, out []engine.Tri) int {
			n, e := 0, rules[rule]
			for i, r := range rows {
				n += note(out, i, e.Eval(r.([]engine.Value)))
			}
			return n
		},
	}
}

func celAnswer(v ref.Val, err error) engine.Tri {
	switch {
	case err != nil:
		return engine.Unknown // a fact that is not in the map
	case v == types.True:
		return engine.Yes
	}
	return engine.No
}

func celPeer(p peer, env *cel.Env, print dialect, rules []*engine.Expr) (peer, error) {
	list := make([]cel.Program, len(rules))
	for i, e := range rules {
		text := print.print(e)
		checked, iss := env.Compile(text)
		if iss.Err() != nil {
			return p, fmt.Errorf("%s: %w", text, iss.Err())
		}
		var err error
		if list[i], err = env.Program(checked, cel.EvalOptions(cel.OptOptimize)); err != nil {
			return p, err
		}
	}
	p.three = true
	p.bulk = func(rule int, rows []any, out []engine.Tri) int {
		n, prog := 0, list[rule]
		for i, r := range rows {
			v, _, err := prog.Eval(r)
			n += note(out, i, celAnswer(v, err))
		}
		return n
	}
	return p, nil
}

// celNative is CEL as anybody would use it: facts by name in a map, what is
// missing not in it.
func celNative(rules []*engine.Expr) (peer, error) {
	var opts []cel.EnvOption
	for _, a := range schema.Attrs {
		t := cel.IntType
		switch {
		case a.Kind == engine.Set && a.Members == 1:
			t = cel.BoolType
		case a.Kind == engine.Set:
			t = cel.ListType(cel.StringType)
		}
		opts = append(opts, cel.Variable(a.Key, t))
	}
	env, err := cel.NewEnv(opts...)
	if err != nil {
		return peer{}, err
	}
	return celPeer(peer{
		name: "cel", form: "cel-go, facts in a map, ratios as written, three answers",
		box: func(row []engine.Value, _ ready) any {
			m := map[string]any{}
			for i, v := range row {
				a := schema.Attrs[i]
				switch {
				case v.State == engine.Missing:
				case a.Kind != engine.Set && v.State == engine.NotApplicable:
					m[a.Key] = int64(none)
				case a.Kind != engine.Set:
					m[a.Key] = v.N
				case a.Members == 1:
					m[a.Key] = v.N == 1
				default:
					list := []string{}
					for k := range a.Members {
						if v.N>>k&1 == 1 {
							list = append(list, member(k))
						}
					}
					m[a.Key] = list
				}
			}
			return m
		},
	}, env, celPlain(), rules)
}

// celTuned is CEL over ready numbers that are its own values already.
func celTuned(w *words, rules []*engine.Expr) (peer, error) {
	var opts []cel.EnvOption
	for i := range w.terms {
		opts = append(opts, cel.Variable(fmt.Sprintf("t%d", i), cel.IntType))
	}
	for i := range w.flags {
		opts = append(opts, cel.Variable(fmt.Sprintf("f%d", i), cel.BoolType))
	}
	env, err := cel.NewEnv(opts...)
	if err != nil {
		return peer{}, err
	}
	return celPeer(peer{
		name: "cel-tuned", form: "cel-go over ready numbers, boxed before, three answers",
		box: func(_ []engine.Value, r ready) any {
			m := map[string]any{}
			for i, n := range r.n {
				if n != missing {
					m[fmt.Sprintf("t%d", i)] = types.Int(n)
				}
			}
			for i, f := range r.f {
				if f != engine.Unknown {
					m[fmt.Sprintf("f%d", i)] = types.Bool(f == engine.Yes)
				}
			}
			act, err := cel.NewActivation(m)
			if err != nil {
				panic(err) // it is a map
			}
			return act
		},
	}, env, w.celReady(), rules)
}

// exprLang is expr-lang/expr over a struct with a field for each word.
func exprLang(w *words, rules []*engine.Expr) (peer, error) {
	var fields []reflect.StructField
	for i := range w.terms {
		fields = append(fields, reflect.StructField{Name: fmt.Sprintf("T%d", i), Type: reflect.TypeFor[int]()})
	}
	for i := range w.flags { // yes, and no; missing is neither
		fields = append(fields, reflect.StructField{Name: fmt.Sprintf("F%d", i), Type: reflect.TypeFor[bool]()},
			reflect.StructField{Name: fmt.Sprintf("N%d", i), Type: reflect.TypeFor[bool]()})
	}
	row := reflect.StructOf(fields)
	join := func(with string) func([]string) string {
		return func(parts []string) string { return "(" + strings.Join(parts, with) + ")" }
	}
	print := guarded{join(" && "), join(" || "), func(e *engine.Expr, not bool) string {
		if e.Op == engine.Has {
			letter := map[bool]string{false: "F", true: "N"}[not]
			return fmt.Sprintf("%s%d", letter, w.flagOf[mark{e.Attr, e.Member}])
		}
		parts, or := certainly(e, fmt.Sprintf("T%d", w.term(e.Range.Term)), not)
		return "(" + strings.Join(parts, map[bool]string{false: " && ", true: " || "}[or]) + ")"
	}}
	list := make([]*vm.Program, len(rules))
	for i, e := range rules {
		var err error
		if list[i], err = expr.Compile(print.print(e, false), expr.Env(reflect.New(row).Elem().Interface()), expr.AsBool()); err != nil {
			return peer{}, err
		}
	}
	var machine vm.VM
	return peer{
		name: "expr", form: "expr-lang/expr, typed struct of ready numbers, certain only",
		box: func(_ []engine.Value, r ready) any {
			v := reflect.New(row).Elem()
			for i, n := range r.n {
				v.Field(i).SetInt(n)
			}
			for i, f := range r.f {
				v.Field(len(r.n) + 2*i).SetBool(f == engine.Yes)
				v.Field(len(r.n) + 2*i + 1).SetBool(f == engine.No)
			}
			return v.Interface()
		},
		bulk: func(rule int, rows []any, out []engine.Tri) int {
			n, prog := 0, list[rule]
			for i, r := range rows {
				v, err := machine.Run(prog, r)
				if err != nil {
					panic(err) // the types are checked
				}
				t := engine.No
				if v.(bool) {
					t = engine.Yes
				}
				n += note(out, i, t)
			}
			return n
		},
	}, nil
}

// opa is one prepared query that gives the set of the rules that hold.
func opa(w *words, rules []*engine.Expr) (peer, error) {
	var text strings.Builder
	text.WriteString("package m\n")
	helpers := 0
	var print guarded
	print = guarded{
		and: func(parts []string) string { return strings.Join(parts, "; ") },
		or: func(parts []string) string { // a rule with a body for each choice
			helpers++
			for _, p := range parts {
				fmt.Fprintf(&text, "h%d if { %s }\n", helpers, p)
			}
			return fmt.Sprintf("h%d", helpers)
		},
	}
	print.leaf = func(e *engine.Expr, not bool) string {
		if e.Op == engine.Has {
			return fmt.Sprintf("input.f%d == %t", w.flagOf[mark{e.Attr, e.Member}], !not)
		}
		parts, or := certainly(e, fmt.Sprintf("input.t%d", w.term(e.Range.Term)), not)
		for i := range parts {
			parts[i] = strings.ReplaceAll(parts[i], " && ", "; ")
		}
		if or {
			return print.or(parts)
		}
		return print.and(parts)
	}
	for i, e := range rules {
		body := print.print(e, false)
		fmt.Fprintf(&text, "yes contains %d if { %s }\n", i, body)
	}
	ctx := context.Background()
	query, err := rego.New(rego.Query("data.m.yes"), rego.Module("m.rego", text.String())).PrepareForEval(ctx)
	if err != nil {
		return peer{}, err
	}
	return peer{
		name: "opa", form: "OPA, one prepared query for all rules, parsed input, certain only",
		box: func(_ []engine.Value, r ready) any {
			o := ast.NewObject()
			for i, n := range r.n {
				o.Insert(ast.StringTerm(fmt.Sprintf("t%d", i)), ast.IntNumberTerm(int(n)))
			}
			for i, f := range r.f {
				if f != engine.Unknown {
					o.Insert(ast.StringTerm(fmt.Sprintf("f%d", i)), ast.BooleanTerm(f == engine.Yes))
				}
			}
			return ast.Value(o)
		},
		all: func(row any, out []engine.Tri) int {
			res, err := query.Eval(ctx, rego.EvalParsedInput(row.(ast.Value)))
			if err != nil {
				panic(err) // it was compiled
			}
			set := res[0].Expressions[0].Value.([]any)
			for _, v := range set {
				if out != nil {
					var i int
					fmt.Sscan(fmt.Sprint(v), &i)
					out[i] = engine.Yes
				}
			}
			return len(set)
		},
	}, nil
}
