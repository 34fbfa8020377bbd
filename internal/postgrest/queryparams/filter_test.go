package queryparams_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/romashka/sidecar/internal/postgrest/queryparams"
)

type op = queryparams.Operation

func TestParseFilter(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		in   string
		not  bool
		want op
	}{
		{in: "eq.high", want: op{Op: queryparams.Eq, Value: "high"}},
		{in: "eq.", want: op{Op: queryparams.Eq}},
		{in: "not.eq.a.b", not: true, want: op{Op: queryparams.Eq, Value: "a.b"}},
		{in: "neq.1", want: op{Op: queryparams.Neq, Value: "1"}},
		{in: "gt.1", want: op{Op: queryparams.Gt, Value: "1"}},
		{in: "gte.1", want: op{Op: queryparams.Gte, Value: "1"}},
		{in: "lt.1", want: op{Op: queryparams.Lt, Value: "1"}},
		{in: "lte.1", want: op{Op: queryparams.Lte, Value: "1"}},
		{in: "like.*x*", want: op{Op: queryparams.Like, Value: "*x*"}},
		{in: "ilike(all).{a*,b*}", want: op{Op: queryparams.ILike, Quantifier: queryparams.All, Value: "{a*,b*}"}},
		{in: "eq(any).{1,2}", want: op{Op: queryparams.Eq, Quantifier: queryparams.Any, Value: "{1,2}"}},
		{in: "match.^a", want: op{Op: queryparams.Match, Value: "^a"}},
		{in: "imatch.^a", want: op{Op: queryparams.IMatch, Value: "^a"}},
		{in: "cs.{a}", want: op{Op: queryparams.Contains, Value: "{a}"}},
		{in: "cd.{a}", want: op{Op: queryparams.ContainedIn, Value: "{a}"}},
		{in: "ov.[1,2]", want: op{Op: queryparams.Overlap, Value: "[1,2]"}},
		{in: "sl.x", want: op{Op: queryparams.StrictlyLeft, Value: "x"}},
		{in: "sr.x", want: op{Op: queryparams.StrictlyRight, Value: "x"}},
		{in: "nxr.x", want: op{Op: queryparams.NotExtendRight, Value: "x"}},
		{in: "nxl.x", want: op{Op: queryparams.NotExtendLeft, Value: "x"}},
		{in: "adj.x", want: op{Op: queryparams.Adjacent, Value: "x"}},
		{in: "isdistinct.5", want: op{Op: queryparams.IsDistinct, Value: "5"}},
		{in: "is.null", want: op{Op: queryparams.IsOp, Is: queryparams.IsNull}},
		{in: "is.NOT_null", want: op{Op: queryparams.IsOp, Is: queryparams.IsNotNull}},
		{in: "not.is.True", not: true, want: op{Op: queryparams.IsOp, Is: queryparams.IsTrue}},
		{in: "is.false", want: op{Op: queryparams.IsOp, Is: queryparams.IsFalse}},
		{in: "is.unknown", want: op{Op: queryparams.IsOp, Is: queryparams.IsUnknown}},
		{in: "is.nullish", want: op{Op: queryparams.IsOp, Is: queryparams.IsNull}},
		{in: "fts.a b", want: op{Op: queryparams.FTS, Value: "a b"}},
		{in: "plfts(english).a", want: op{Op: queryparams.FTSPlain, Language: "english", Value: "a"}},
		{in: "phfts( a ).b", want: op{Op: queryparams.FTSPhrase, Language: "a", Value: "b"}},
		{in: "wfts.-a", want: op{Op: queryparams.FTSWeb, Value: "-a"}},
		{in: "in.()", want: op{Op: queryparams.In, Values: []string{""}}},
		{in: "in.(1,2)", want: op{Op: queryparams.In, Values: []string{"1", "2"}}},
		{in: "in. ( a , b ) rest", want: op{Op: queryparams.In, Values: []string{"a ", " b "}}},
		{in: `in.("a,b","c\"d\\e",f"g")`, want: op{Op: queryparams.In, Values: []string{"a,b", `c"d\e`, `f"g"`}}},
		{in: `in.("a"b,c)`, want: op{Op: queryparams.In, Values: []string{`"a"b`, "c"}}},
	} {
		t.Run(tt.in, func(t *testing.T) {
			t.Parallel()
			not, got, err := queryparams.ParseFilter(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" || not != tt.not {
				t.Errorf("not = %v, want %v; %s", not, tt.not, diff)
			}
		})
	}
}

func leaf(name string, o op) queryparams.LogicTree {
	return queryparams.LogicTree{Filter: &queryparams.Filter{Field: field(name), Operation: o}}
}

func eq(value string) op { return op{Op: queryparams.Eq, Value: value} }

func TestParseLogic(t *testing.T) {
	t.Parallel()
	type tree = queryparams.LogicTree
	for _, tt := range []struct {
		in   string
		want tree
	}{
		{"id.eq.1", leaf("id", eq("1"))},
		{"and(id.eq.1)", tree{Children: []tree{leaf("id", eq("1"))}}},
		{"not.or( id.eq.1 , b.is.null , c.in.(1,2))", tree{Not: true, Op: queryparams.Or, Children: []tree{
			leaf("id", eq("1 ")),
			leaf("b", op{Op: queryparams.IsOp, Is: queryparams.IsNull}),
			leaf("c", op{Op: queryparams.In, Values: []string{"1", "2"}}),
		}}},
		{"or(a.eq.1,and(b.eq.2,not.and(c.eq.3)))", tree{Op: queryparams.Or, Children: []tree{
			leaf("a", eq("1")),
			{Children: []tree{leaf("b", eq("2")), {Not: true, Children: []tree{leaf("c", eq("3"))}}}},
		}}},
		{`or(a.eq."x,y",b.eq.{1,2},c.eq."x"y,d.eq.{{1}})`, tree{Op: queryparams.Or, Children: []tree{
			leaf("a", eq("x,y")), leaf("b", eq("{1,2}")), leaf("c", eq(`"x"y`)), leaf("d", eq("{{1}}")),
		}}},
		{"or(not.eq.1)", tree{Op: queryparams.Or, Children: []tree{leaf("not", eq("1"))}}},
	} {
		t.Run(tt.in, func(t *testing.T) {
			t.Parallel()
			got, err := queryparams.ParseLogic(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLogicDepth(t *testing.T) {
	t.Parallel()
	nest := func(n int) string {
		return strings.Repeat("and(", n) + "a.eq.1" + strings.Repeat(")", n)
	}
	if _, err := queryparams.ParseLogic(nest(150)); err != nil {
		t.Errorf("150 levels: %v", err)
	}
	_, err := queryparams.ParseLogic(nest(2_500))
	checkRefusal(t, err, 804, "unexpected nesting deeper than 200 levels")
}
