package queryparams_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/postgrest/queryparams"
)

func TestParse(t *testing.T) {
	t.Parallel()
	star := []item{col("*")}
	for _, tt := range []struct {
		in      string
		routine bool
		want    queryparams.Query // Canonical is compared only where given
	}{
		{in: "", want: queryparams.Query{Select: star}},
		{in: "select", want: queryparams.Query{Select: star}},
		{in: "select=", want: queryparams.Query{}},
		{in: "select=id&select=name", want: queryparams.Query{Select: []item{col("id")}}},
		{in: "id=eq.1&a.b.c->d=gt.2&flag", want: queryparams.Query{
			Select:     star,
			FilterKeys: []string{"a.b.c->d", "id"},
			Filters: []queryparams.PathFilter{
				{Filter: queryparams.Filter{Field: field("id"), Operation: eq("1")}},
				{Path: []string{"a", "b"}, Filter: queryparams.Filter{
					Field: field("c", key("d")), Operation: op{Op: queryparams.Gt, Value: "2"},
				}},
			},
		}},
		{in: "a=eq.1;b=eq.a%2Bb+c%26%3B%zz", want: queryparams.Query{
			Select: star, FilterKeys: []string{"a", "b"}, Filters: []queryparams.PathFilter{
				{Filter: queryparams.Filter{Field: field("a"), Operation: eq("1")}},
				{Filter: queryparams.Filter{Field: field("b"), Operation: eq("a+b c&;%zz")}},
			},
		}},
		{in: "a=eq.%C3%BFx%00", want: queryparams.Query{
			Select: star, FilterKeys: []string{"a"}, Filters: []queryparams.PathFilter{
				{Filter: queryparams.Filter{Field: field("a"), Operation: eq("ÿx\x00")}},
			},
		}},
		{in: "order=a.desc&x.y.order=b", want: queryparams.Query{Select: star, Order: []queryparams.PathOrder{
			{Terms: []queryparams.OrderTerm{{Field: field("a"), Direction: queryparams.Desc}}},
			{Path: []string{"x", "y"}, Terms: []queryparams.OrderTerm{{Field: field("b")}}},
		}}},
		{in: "x.not.or=(a.eq.1)&not.y.and=(b.eq.2)", want: queryparams.Query{Select: star, Logic: []queryparams.PathLogic{
			{Path: []string{"x"}, Tree: queryparams.LogicTree{Not: true, Op: queryparams.Or, Children: []queryparams.LogicTree{leaf("a", eq("1"))}}},
			{Path: []string{"y"}, Tree: queryparams.LogicTree{Not: true, Children: []queryparams.LogicTree{leaf("b", eq("2"))}}},
		}}},
		{in: "columns=b,a,b,\"c d\"&on_conflict=z,a", want: queryparams.Query{
			Select: star, Columns: []string{"a", "b", "c d"}, HasColumns: true, OnConflict: []string{"z", "a"}, HasOnConflict: true,
		}},
		{in: "columns&on_conflict", want: queryparams.Query{Select: star}},
		{in: "a=1&b=eq.2&c.d=x", routine: true, want: queryparams.Query{
			Select:     star,
			FilterKeys: []string{"a", "b", "c.d"},
			Params:     []queryparams.Param{{Name: "a", Value: "1"}, {Name: "d", Value: "x"}},
			Filters:    []queryparams.PathFilter{{Filter: queryparams.Filter{Field: field("b"), Operation: eq("2")}}},
		}},
		{in: "limit=5&offset=10&x.offset=2", want: queryparams.Query{Select: star, Ranges: []queryparams.PathRange{
			{Key: "limit", Range: queryparams.NewRange(10, 5)},
			{Key: "x.limit", Range: queryparams.NewRange(2, -1)},
		}}},
	} {
		t.Run(tt.in, func(t *testing.T) {
			t.Parallel()
			got, err := queryparams.Parse(tt.in, queryparams.Options{RoutineRead: tt.routine})
			if err != nil {
				t.Fatal(err)
			}
			got.Canonical = ""
			if diff := cmp.Diff(&tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRoutineArguments(t *testing.T) {
	t.Parallel()
	for in, accepted := range map[string]bool{
		"a=in": true, "a=5": true, "a=": true, "a=note": true, "a=eq": true, "a=isx.y": true,
		"a=in.5": false, "a=is.5": false, "a=not.5": false,
	} {
		q, err := queryparams.Parse(in, queryparams.Options{RoutineRead: true})
		if (err == nil) != accepted {
			t.Errorf("Parse(%q): %v, want accepted: %v", in, err, accepted)
		}
		if accepted && len(q.Params) != 1 {
			t.Errorf("Parse(%q): params = %v, want one", in, q.Params)
		}
	}
}

func TestRootFilters(t *testing.T) {
	t.Parallel()
	q, err := queryparams.Parse("a=eq.1&x.b=eq.2&c=eq.3", queryparams.Options{})
	if err != nil {
		t.Fatal(err)
	}
	root := q.RootFilters()
	if len(root) != 2 || root[0].Field.Name != "a" || root[1].Field.Name != "c" {
		t.Errorf("root filters = %v, want a and c", root)
	}
}

func TestNotUTF8(t *testing.T) {
	t.Parallel()
	for _, in := range []string{"a=eq.%FF", "a=eq.\xff", "%c3%28=eq.1", "a=eq.%e2%82", "a=eq.%ed%a0%80", "limit=%c0%af", "x%ff"} {
		if _, err := queryparams.Parse(in, queryparams.Options{}); apierr.CodeOf(err) != "PGRST100" {
			t.Errorf("Parse(%q): %v, want PGRST100", in, err)
		}
	}
}

func TestCanonical(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                           "",
		"a=1&c=3&b=2&d":              "a=1&b=2&c=3&d=",
		"id=gt.1&a=2&id=lt.5":        "a=2&id=gt.1,lt.5",
		"a=x+y%20z~-_.!*":            "a=x%20y%20z~-_.%21%2A",
		"a=na%C3%AFve":               "a=na%C3%83%C2%AFve",
		"a&&b":                       "=&a=&b=",
		"a=1&":                       "a=1",
		"B=1&a=2":                    "B=1&a=2",
		"select=id,%22x%22&x=%7f%00": "select=id%2C%22x%22&x=%7F%00",
	} {
		q, err := queryparams.Parse(in, queryparams.Options{RoutineRead: true})
		if err != nil {
			t.Errorf("Parse(%q): %v", in, err)
		} else if q.Canonical != want {
			t.Errorf("canonical of %q = %q, want %q", in, q.Canonical, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"", "a=1&b=eq.2", "select=*,x(y)&x.order=a.desc&limit=5&offset=-3&or=(a.eq.1,b.in.(1,2))",
		"columns=a,b&on_conflict=c", "%zz=%00&+=+", "not.and=(a.is.null)&x.limit=(7)", "a.b.c->1=not.fts(x).y",
	} {
		f.Add(seed, true)
	}
	f.Fuzz(func(t *testing.T, raw string, routine bool) {
		q, err := queryparams.Parse(raw, queryparams.Options{RoutineRead: routine})
		if err != nil {
			return
		}
		again, err := queryparams.Parse(raw, queryparams.Options{RoutineRead: routine})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(q, again); diff != "" {
			t.Errorf("not the same twice: %s", diff)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	long := "select=id&id=in.(" + strings.Repeat("00000001-0000-4000-8000-000000000011,", 500) + "x)"
	for name, raw := range map[string]string{
		"row by key": "select=*&id=eq.00000001-0000-4000-8000-000000000011",
		"embed":      "select=*,profiles!user_id(email,department:departments(name))&severity=eq.high&order=created_at.desc&limit=25",
		"logic":      "select=id,created_at,status&or=(severity.eq.high,and(resolved.is.false,created_at.gte.2025-01-01))&order=id",
		"long list":  long,
		"refused":    "select=id,clients(name[])",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(raw)))
			for b.Loop() {
				_, _ = queryparams.Parse(raw, queryparams.Options{})
			}
		})
	}
}
