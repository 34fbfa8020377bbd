package queryparams_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/romashka/sidecar/internal/postgrest/queryparams"
)

type item = queryparams.SelectItem

func field(name string, path ...queryparams.JSONStep) queryparams.Field {
	return queryparams.Field{Name: name, Path: path}
}

func col(name string) item { return item{Field: field(name)} }

func rel(name string, children ...item) item {
	return item{Kind: queryparams.SelectRelation, Relation: name, Children: children}
}

func key(name string) queryparams.JSONStep { return queryparams.JSONStep{Operand: name} }

func index(n string) queryparams.JSONStep { return queryparams.JSONStep{Index: true, Operand: n} }

func asText(s queryparams.JSONStep) queryparams.JSONStep {
	s.AsText = true
	return s
}

func TestParseSelect(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		in   string
		want []item
	}{
		{"", nil},
		{"*", []item{col("*")}},
		{"id,name", []item{col("id"), col("name")}},
		{"id , name", []item{col("id"), col("name")}},
		{"identifier with spaces", []item{col("identifier with spaces")}},
		{" no leading or trailing spaces ", []item{col("no leading or trailing spaces")}},
		{`" kept "`, []item{col(" kept ")}},
		{`"a\"b\\c"`, []item{col(`a"b\c`)}},
		{"with-dash", []item{col("with-dash")}},
		{"with - dash", []item{col("with-dash")}},
		{"имя", []item{col("имя")}},
		{"al:id", []item{{Alias: "al", Field: field("id")}}},
		{"id::text", []item{{Field: field("id"), Cast: "text"}}},
		{"al:id::text", []item{{Alias: "al", Field: field("id"), Cast: "text"}}},
		{"id::double precision", []item{{Field: field("id"), Cast: "double precision"}}},
		{"a->b->>c", []item{{Field: field("a", key("b"), asText(key("c")))}}},
		{"a->0->>-1", []item{{Field: field("a", index("+0"), asText(index("-1")))}}},
		{"a->!@#$%^&*_a", []item{{Field: field("a", key("!@#$%^&*_a"))}}},
		{`a->"b.c"->d-e`, []item{{Field: field("a", key("b.c"), key("d-e"))}}},
		{"a->1::int", []item{{Field: field("a", index("+1")), Cast: "int"}}},
		{"al:a->>b::int", []item{{Alias: "al", Field: field("a", asText(key("b"))), Cast: "int"}}},
		{"count()", []item{{Field: field("*"), Aggregate: queryparams.Count}}},
		{"n:count()::text", []item{{Alias: "n", Field: field("*"), Aggregate: queryparams.Count, AggregateCast: "text"}}},
		{"total:a::int.sum()::text", []item{{Alias: "total", Field: field("a"), Cast: "int", Aggregate: queryparams.Sum, AggregateCast: "text"}}},
		{"a.max(),a.min(),a.avg()", []item{
			{Field: field("a"), Aggregate: queryparams.Max},
			{Field: field("a"), Aggregate: queryparams.Min},
			{Field: field("a"), Aggregate: queryparams.Avg},
		}},
		{"a->b.count()", []item{{Field: field("a", key("b")), Aggregate: queryparams.Count}}},
		{"count", []item{col("count")}},
		{"rel(*)", []item{rel("rel", col("*"))}},
		{"rel()", []item{rel("rel")}},
		{"rel(a->1)", []item{rel("rel", item{Field: field("a", key("1"))})}},
		{"x:rel!hint!inner(id)", []item{{
			Kind: queryparams.SelectRelation, Alias: "x", Relation: "rel", Hint: "hint", Join: queryparams.JoinInner,
			Children: []item{col("id")},
		}}},
		{"rel!inner!hint(id)", []item{{
			Kind: queryparams.SelectRelation, Relation: "rel", Hint: "hint", Join: queryparams.JoinInner, Children: []item{col("id")},
		}}},
		{"rel!left!inner(id)", []item{{
			Kind: queryparams.SelectRelation, Relation: "rel", Join: queryparams.JoinLeft, Children: []item{col("id")},
		}}},
		{"rel!a!b(id)", []item{{Kind: queryparams.SelectRelation, Relation: "rel", Hint: "a", Children: []item{col("id")}}}},
		{"...rel(a,b(c))", []item{{
			Kind: queryparams.SelectSpread, Relation: "rel", Children: []item{col("a"), rel("b", col("c"))},
		}}},
		{"*,client(*,nested(*)),other(*)", []item{
			col("*"), rel("client", col("*"), rel("nested", col("*"))), rel("other", col("*")),
		}},
		{"rel(id)ignored", []item{rel("rel", col("id"))}},
		{"*!x", nil},
	} {
		t.Run(tt.in, func(t *testing.T) {
			t.Parallel()
			got, err := queryparams.ParseSelect(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSelectDepth(t *testing.T) {
	t.Parallel()
	nest := func(n int) string { return strings.Repeat("a(", n) + strings.Repeat(")", n) }
	if _, err := queryparams.ParseSelect(nest(150)); err != nil {
		t.Errorf("150 levels: %v", err)
	}
	_, err := queryparams.ParseSelect(nest(2_500))
	checkRefusal(t, err, 401, "unexpected nesting deeper than 200 levels")
}

func TestParseOrder(t *testing.T) {
	t.Parallel()
	type term = queryparams.OrderTerm
	for _, tt := range []struct {
		in   string
		want []term
	}{
		{"id", []term{{Field: field("id")}}},
		{"id.desc", []term{{Field: field("id"), Direction: queryparams.Desc}}},
		{"name.desc.nullsfirst", []term{{Field: field("name"), Direction: queryparams.Desc, Nulls: queryparams.NullsFirst}}},
		{"name.nullslast,id.asc", []term{
			{Field: field("name"), Nulls: queryparams.NullsLast},
			{Field: field("id"), Direction: queryparams.Asc},
		}},
		{"a->b->>0.asc", []term{{Field: field("a", key("b"), asText(index("+0"))), Direction: queryparams.Asc}}},
		{"clients(a->b).desc, id", []term{
			{Relation: "clients", Field: field("a", key("b")), Direction: queryparams.Desc},
			{Field: field("id")},
		}},
		{"details desc", []term{{Field: field("details desc")}}},
	} {
		t.Run(tt.in, func(t *testing.T) {
			t.Parallel()
			got, err := queryparams.ParseOrder(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
