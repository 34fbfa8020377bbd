package queryparams

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The scanner and the rules are two readings of one grammar. These tests look
// inside the package because only there both can be asked.

// agreeOn fails unless the rules accept text exactly if the scanner did.
func agreeOn(t *testing.T, text string, r rule, scanned bool) {
	t.Helper()
	if ruled := r(&input{text: text}).ok; ruled != scanned {
		t.Errorf("scanner accepts %q: %v, rules accept: %v", text, scanned, ruled)
	}
}

var agreementSeeds = []string{
	"", "*", "id", "id,name", "a:b::c.sum()::d", "count()", "n:count()::int", "a->b->>c", "a->-1,b->>0::int",
	"rel(*)", "rel!hint!inner(a,b(c))", "...rel!left(x)", "x:rel!inner!hint()", `"a b":"c\"d"->"e.f"`,
	"id.desc.nullslast", "rel(a->b).asc,c", "eq.1", "not.in.(1,\"a,b\", c )", "is.NOT_NULL", "fts(english).x",
	"eq(any).{1,2}", "isdistinct.5", "and(id.eq.1,or(a.in.(1,2),not.and(b.is.null)))", "or(a.eq.{1,2},b.eq.\"x,y\")",
	"a - b-c", "a-", "a->", "count(id)", "\"count\"(id)", "rel(a) ,b", " a , b ", "a::b::c", "*,*", "*!x", "a.b.c->d",
	"\ta\t,\tb", "a->1)", "x!leftover(y)", "naïve", "имя", "a\u0085b", "not.and(a.eq.1)", "a.not.eq.1 , b.lt.2",
	"and(a.is.null )", "or( a.eq.1 , b.eq.2 )", "in.( 1,2 ) x", "eq(all.1", "like(any).{a*}", "and(a.in.(1) ,b.eq.2)",
}

func FuzzAgreement(f *testing.F) {
	for _, seed := range agreementSeeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if text != ValidText(text) || nestsTooDeep(text) {
			return
		}
		s := scanner{text: text}
		_, ok := s.forest()
		agreeOn(t, text, forestRule, ok)
		s = scanner{text: text}
		_, ok = s.orderTerms()
		agreeOn(t, text, orderRule, ok)
		s = scanner{text: text}
		_, _, ok = s.operation(wholeValue)
		agreeOn(t, text, filterRule, ok)
		s = scanner{text: text}
		_, ok = s.logicTree()
		agreeOn(t, text, logicRule, ok)
		s = scanner{text: text}
		_, ok = s.names()
		agreeOn(t, text, namesRule, ok)
		_, _, err := parseTreePath(text)
		agreeOn(t, text, treePathRule, err == nil)
		_, _, err = parseLogicPath(text)
		agreeOn(t, text, logicPathRule, err == nil)
	})
}

// FuzzConsumption checks the one place where a failure of the scanner must say
// whether it consumed: an argument of a function called by GET.
func FuzzConsumption(f *testing.F) {
	for _, seed := range agreementSeeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if text != ValidText(text) {
			return
		}
		s := scanner{text: text}
		_, _, ok := s.operation(wholeValue)
		if ok {
			return
		}
		if got, want := s.i > 0, filterRule(&input{text: text}).consumed; got != want {
			t.Errorf("scanner consumed of %q: %v, rules: %v", text, got, want)
		}
	})
}

func nestsTooDeep(text string) bool {
	open := 0
	for i := range len(text) {
		if text[i] == '(' {
			open++
		}
	}
	return open >= maxDepth/2
}

func FuzzRoundTrip(f *testing.F) {
	for _, seed := range agreementSeeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if text != ValidText(text) {
			return
		}
		if items, err := ParseSelect(text); err == nil {
			again, err := ParseSelect(FormatSelect(items))
			same(t, FormatSelect(items), items, again, err)
		}
		if terms, err := ParseOrder(text); err == nil {
			again, err := ParseOrder(FormatOrder(terms))
			same(t, FormatOrder(terms), terms, again, err)
		}
		if not, op, err := ParseFilter(text); err == nil {
			notAgain, again, err := ParseFilter(FormatFilter(not, op))
			same(t, FormatFilter(not, op), op, again, err)
			same(t, FormatFilter(not, op), not, notAgain, nil)
		}
		if tree, err := ParseLogic(text); err == nil {
			again, err := ParseLogic(tree.String())
			same(t, tree.String(), tree, again, err)
		}
	})
}

func same[T any](t *testing.T, text string, want, got T, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("%q: %s", text, diff)
	}
}
