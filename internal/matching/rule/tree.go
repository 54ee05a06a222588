package rule

import (
	"math/big"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
)

// Node is a part of a rule as it is written, for those who put it into words.
type Node struct {
	Op   string   // see NodeOps
	Kids []*Node  // of everything that has parts
	Fact FactRef  // of NodeFact
	Num  *big.Rat // of NodeNumber
	Text string   // of NodeText, NodeDay (an ISO date) and NodeOther (the name of a function)
	// At and End are where a number stands in the source, in bytes.
	At, End int
}

// What nodes are, besides OpAnd, OpOr, OpNot and the signs of comparisons and of reckoning.
const (
	NodeFact   = "fact"
	NodeNumber = "number"
	NodeText   = "text"
	NodeBool   = "bool"   // Text is true or false
	NodeMember = "member" // the first is in the set, or among those of the list that follow
	NodeUnder  = "under"  // the first lies in the branch that the second names
	NodeToday  = "today"
	NodeDay    = "day"
	NodeAgo    = "years_ago"   // so many years before today
	NodeSince  = "years_since" // whole years from a day until today
	NodeNegate = "negate"
	NodeOther  = "other" // any other function
)

// Tree is the rule in parts.
func (r *Rule) Tree() *Node { return r.node(r.ast.NativeRep().Expr()) }

// Numbers are the numbers of a rule that somebody might want otherwise, in the
// order in which they are written.
func (r *Rule) Numbers() []*Node {
	var out []*Node
	var walk func(*Node)
	walk = func(n *Node) {
		if n.Op == NodeNumber && n.End > n.At {
			out = append(out, n)
		}
		for _, k := range n.Kids {
			walk(k)
		}
	}
	walk(r.Tree())
	return out
}

// With is the source of the rule with other texts in place of some of its
// Numbers, by their places in that list.
func (r *Rule) With(texts map[int]string) string {
	var out strings.Builder
	at := 0
	for i, n := range r.Numbers() {
		t, ok := texts[i]
		if !ok || n.At < at {
			continue
		}
		out.WriteString(r.Source[at:n.At])
		out.WriteString(t)
		at = n.End
	}
	out.WriteString(r.Source[at:])
	return out.String()
}

var reckoned = map[string]string{operators.Add: "+", operators.Subtract: "-", operators.Multiply: "*", operators.Divide: "/"}

func (r *Rule) node(e ast.Expr) *Node {
	switch e.Kind() {
	case ast.LiteralKind:
		return r.literalNode(e)
	case ast.IdentKind:
		if e.AsIdent() == "today" {
			return &Node{Op: NodeToday}
		}
		key, back := splitYear(e.AsIdent())
		return &Node{Op: NodeFact, Fact: FactRef{key, back}}
	case ast.CallKind:
		return r.callNode(e.AsCall())
	}
	return &Node{Op: NodeOther}
}

func (r *Rule) literalNode(e ast.Expr) *Node {
	switch v := e.AsLiteral().(type) {
	case types.Bool:
		return &Node{Op: NodeBool, Text: map[bool]string{true: "true", false: "false"}[bool(v)]}
	case types.String:
		return &Node{Op: NodeText, Text: string(v)}
	default:
		n, ok := literal(e.AsLiteral())
		if !ok {
			return &Node{Op: NodeOther}
		}
		at, end := r.span(e)
		return &Node{Op: NodeNumber, Num: n, At: at, End: end}
	}
}

// span is where a number stands in the source, in bytes; none when it stands
// nowhere, as in what a macro adds.
func (r *Rule) span(e ast.Expr) (at, end int) {
	rng, ok := r.ast.NativeRep().SourceInfo().GetOffsetRange(e.ID())
	if !ok {
		return 0, 0
	}
	runes := []rune(r.Source) // the parser counts letters
	if int(rng.Start) >= len(runes) {
		return 0, 0
	}
	at = len(string(runes[:rng.Start]))
	end = at
	for end < len(r.Source) && strings.IndexByte("0123456789.eE", r.Source[end]) >= 0 {
		end++
	}
	if end == at && strings.HasPrefix(r.Source[at:], "-") { // a number below zero is one word to the parser
		for end++; end < len(r.Source) && strings.IndexByte("0123456789. eE", r.Source[end]) >= 0; end++ {
		}
	}
	return at, end
}

func (r *Rule) callNode(c ast.CallExpr) *Node {
	args := c.Args()
	if c.IsMemberFunction() {
		args = append([]ast.Expr{c.Target()}, args...)
	}
	kids := make([]*Node, 0, len(args))
	for _, a := range args {
		kids = append(kids, r.node(a))
	}
	name := c.FunctionName()
	switch name {
	case operators.LogicalAnd, operators.LogicalOr:
		out := &Node{Op: map[bool]string{true: OpAnd, false: OpOr}[name == operators.LogicalAnd]}
		for _, k := range kids {
			if k.Op == out.Op { // joined in a row
				out.Kids = append(out.Kids, k.Kids...)
			} else {
				out.Kids = append(out.Kids, k)
			}
		}
		return out
	case operators.LogicalNot:
		return &Node{Op: OpNot, Kids: kids}
	case operators.Negate:
		return &Node{Op: NodeNegate, Kids: kids}
	case operators.In:
		if args[1].Kind() == ast.ListKind {
			list := kids[:1]
			for _, x := range args[1].AsList().Elements() {
				list = append(list, r.node(x))
			}
			return &Node{Op: NodeMember, Kids: list}
		}
		return &Node{Op: NodeMember, Kids: kids}
	case "under":
		return &Node{Op: NodeUnder, Kids: kids}
	case "day":
		if kids[0].Op == NodeText {
			return &Node{Op: NodeDay, Text: kids[0].Text}
		}
	case "years_between":
		if len(kids) == 2 && kids[1].Op == NodeToday {
			return &Node{Op: NodeSince, Kids: kids[:1]}
		}
	case "years_before":
		if len(kids) == 2 && kids[0].Op == NodeToday {
			return &Node{Op: NodeAgo, Kids: kids[1:]}
		}
	}
	if op, ok := sign[name]; ok {
		return &Node{Op: op, Kids: kids}
	}
	if op, ok := reckoned[name]; ok {
		return &Node{Op: op, Kids: kids}
	}
	return &Node{Op: NodeOther, Text: name, Kids: kids}
}
