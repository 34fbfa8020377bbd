package schemacache_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/romashka/sidecar/internal/postgrest/ident"
	"github.com/romashka/sidecar/internal/postgrest/schemacache"
)

func TestColumn(t *testing.T) {
	t.Parallel()
	for _, width := range []int{3, 40} { // walked, and found by map
		wide := table("wide")
		for i := range width {
			wide.Columns = append(wide.Columns, schemacache.Column{Name: fmt.Sprintf("c%d", i), MaxLength: int32(i)})
		}
		c := schemacache.New(schemacache.Facts{Schemas: []string{"api"}, Tables: []schemacache.Table{wide}})
		got, _ := c.Table(name("wide"))
		if col, ok := got.Column("c2"); !ok || col.MaxLength != 2 {
			t.Errorf("width %d: Column(c2) = %v, %t", width, col, ok)
		}
		if _, ok := got.Column("nope"); ok {
			t.Errorf("width %d: found a column that is not there", width)
		}
	}
}

func TestRoutineOrder(t *testing.T) {
	t.Parallel()
	described := routine("f", "a")
	described.Description = "later than none"
	typed := routine("f", "a")
	typed.Params[0].Type = "text"
	setOf := routine("f", "a")
	setOf.Returns.SetOf = true
	c := schemacache.New(schemacache.Facts{Schemas: []string{"api"}, Routines: []schemacache.Routine{
		routine("g"), routine("f", "b", "a"), described, typed, setOf, routine("f", "a"), routine("f"),
	}})
	var got []string
	for r := range c.AllRoutines("api") {
		got = append(got, fmt.Sprintf("%s%d %s set=%t %q", r.Name.Name, len(r.Params), typeOf(r), r.Returns.SetOf, r.Description))
	}
	want := []string{
		`f0  set=false ""`, `f1  set=false ""`, `f1  set=true ""`, `f1 text set=false ""`,
		`f1  set=false "later than none"`, `f2  set=false ""`, `g0  set=false ""`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if n := len(c.Routines(name("f"))); n != 6 {
		t.Errorf("%d overloads of f", n)
	}
}

func typeOf(r *schemacache.Routine) string {
	if len(r.Params) == 0 {
		return ""
	}
	return r.Params[0].Type
}

func TestReturnType(t *testing.T) {
	t.Parallel()
	row := ident.Qualified{Schema: "api", Name: "projects"}
	for _, tt := range []struct {
		name                              string
		returns                           schemacache.ReturnType
		void, single, scalar, setOfScalar bool
		table                             string
	}{
		{name: "scalar", returns: schemacache.ReturnType{Type: ident.Parse("pg_catalog.int4")}, single: true, scalar: true},
		{name: "void", returns: schemacache.ReturnType{Type: ident.Parse("pg_catalog.void")}, void: true, single: true, scalar: true},
		{name: "set of scalars", returns: schemacache.ReturnType{Type: ident.Parse("pg_catalog.int4"), SetOf: true}, setOfScalar: true},
		{name: "row", returns: schemacache.ReturnType{Type: row, Composite: true}, single: true, table: "projects"},
		{name: "rows", returns: schemacache.ReturnType{Type: row, Composite: true, SetOf: true}, table: "projects"},
	} {
		r := schemacache.Routine{Returns: tt.returns}
		got := []bool{r.Void(), r.Single(), r.Scalar(), r.SetOfScalar()}
		want := []bool{tt.void, tt.single, tt.scalar, tt.setOfScalar}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
		if r.TableName() != tt.table {
			t.Errorf("%s: TableName = %q", tt.name, r.TableName())
		}
	}
}

func TestHandlers(t *testing.T) {
	t.Parallel()
	anyElement := ident.Qualified{Schema: "pg_catalog", Name: "anyelement"}
	c := schemacache.New(schemacache.Facts{Handlers: []schemacache.CustomHandler{
		{Function: name("to_html"), Target: name("pages"), MediaType: "text/html", Resolved: "text/html"},
		{Function: name("all_csv"), Target: anyElement, MediaType: "text/csv", Resolved: "text/csv"},
		{Function: name("*/*"), Target: name("download"), MediaType: "*/*", Resolved: "application/octet-stream"},
	}})
	for _, tt := range []struct {
		media  string
		rel    ident.Qualified
		want   schemacache.Handler
		wantOK bool
	}{
		{media: "text/html", rel: name("pages"), wantOK: true, want: schemacache.Handler{
			Kind: schemacache.HandlerCustom, Function: name("to_html"), Target: name("pages"), MediaType: "text/html",
		}},
		{media: "text/html", rel: name("other")},
		{media: "*/*", rel: name("download"), wantOK: true, want: schemacache.Handler{
			Kind: schemacache.HandlerCustom, Function: name("*/*"), Target: name("download"), MediaType: "application/octet-stream",
		}},
	} {
		got, ok := c.Handler(tt.rel, tt.media)
		if ok != tt.wantOK {
			t.Errorf("Handler(%v, %s): %t", tt.rel, tt.media, ok)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Error(diff)
		}
	}
	if h, _ := c.AnyHandler("text/csv"); h.Kind != schemacache.HandlerCustom || !h.AnyElement {
		t.Errorf("text/csv is still built in: %+v", h)
	}
	if h, _ := c.AnyHandler(schemacache.AnyMedia); h.Kind != schemacache.HandlerJSON || h.MediaType != "application/json" {
		t.Errorf("*/*: %+v", h)
	}
}

func TestTransformAndRole(t *testing.T) {
	t.Parallel()
	c := schemacache.New(schemacache.Facts{
		Representations: []schemacache.Representation{{Source: "color", Target: "json", Function: "to_json"}},
		Roles:           []schemacache.Role{{Name: "anon", Isolation: schemacache.Serializable}},
	})
	if r, ok := c.Transform("color", "json"); !ok || r.Function != "to_json" {
		t.Errorf("Transform = %v, %t", r, ok)
	}
	if _, ok := c.Transform("json", "color"); ok {
		t.Error("the other direction was not given")
	}
	if r := c.Role("anon"); r.Isolation != schemacache.Serializable {
		t.Errorf("anon: %+v", r)
	}
	if r := c.Role("nobody"); r.Isolation != schemacache.IsolationUnset || r.Settings != nil {
		t.Errorf("nobody: %+v", r)
	}
}
