package openapi_test

import (
	"testing"

	"github.com/romashka/sidecar/internal/postgrest/openapi"
	"github.com/romashka/sidecar/internal/postgrest/schemacache"
)

func TestColumnType(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		sqlType, want string
	}{
		{"character varying", `{"format":"character varying","type":"string"}`},
		{"character", `{"format":"character","type":"string"}`},
		{"text", `{"format":"text","type":"string"}`},
		{"boolean", `{"format":"boolean","type":"boolean"}`},
		{"smallint", `{"format":"int32","type":"integer"}`},
		{"integer", `{"format":"int32","type":"integer"}`},
		{"bigint", `{"format":"int64","type":"integer"}`},
		{"numeric", `{"format":"numeric","type":"number"}`},
		{"real", `{"format":"real","type":"number"}`},
		{"double precision", `{"format":"double precision","type":"number"}`},
		{"json", `{"format":"json"}`},
		{"jsonb", `{"format":"jsonb"}`},
		{"extensions.citext", `{"format":"extensions.citext","type":"string"}`},
		{"text[]", `{"format":"text[]","items":{"type":"string"},"type":"array"}`},
		{"bigint[]", `{"format":"bigint[]","items":{"type":"integer"},"type":"array"}`},
		{"jsonb[]", `{"format":"jsonb[]","items":{},"type":"array"}`},
	} {
		t.Run(tt.sqlType, func(t *testing.T) {
			t.Parallel()
			in := oneColumn(schemacache.Column{Type: tt.sqlType})
			if got := document(t, in, "definitions", "t", "properties", "c"); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestDefault(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		sqlType, expression, want string // want "" = not named
	}{
		{"text", `'x'::text`, `"x"`},
		{"text", `''::text`, `""`},
		{"text", `'it''s'::text`, `"it''s"`},
		{"text", `'a "quote"'::text`, ""},
		{"text", `'a \ backslash'::text`, ""},
		{"text", "'two\nlines'::text", ""},
		{"text", `lower('X'::text)`, `"lower('X'::text)"`},
		{"text", `NULL::text`, `"NULL"`},
		{"character varying", `'x'::character varying`, `"x"`},
		{"timestamp with time zone", `now()`, `"now()"`},
		{"date", `'1900-01-01'::date`, `"1900-01-01"`},
		{"api.mood", `'fine'::api.mood`, `"fine"`},
		{"integer", `42`, `42`},
		{"integer", `'-1'::integer`, ""},
		{"bigint", `nextval('api.s'::regclass)`, ""},
		{"numeric", `42.20`, `42.2`},
		{"double precision", `1e-05`, `0.00001`},
		{"boolean", `false`, `false`},
		{"boolean", `(1 = 1)`, ""},
		{"jsonb", `'{}'::jsonb`, ""},
		{"text[]", `'{}'::text[]`, ""},
		{"text", "", ""},
	} {
		t.Run(tt.sqlType+" "+tt.expression, func(t *testing.T) {
			t.Parallel()
			in := oneColumn(schemacache.Column{Type: tt.sqlType, Default: tt.expression})
			if got := document(t, in, "definitions", "t", "properties", "c", "default"); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// oneColumn describes table t with c as its only column.
func oneColumn(c schemacache.Column) openapi.Input {
	c.Name = "c"
	return openapi.Input{Tables: []*schemacache.Table{{Name: name("t"), Columns: []schemacache.Column{c}}}}
}

func TestArgument(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name        string
		param       schemacache.Param
		query, body string
	}{
		{
			name:  "number",
			param: schemacache.Param{Name: "p", Type: "integer", Required: true},
			query: `{"format":"int32","in":"query","name":"p","required":true,"type":"integer"}`,
			body:  `{"format":"int32","type":"integer"}`,
		},
		{
			name:  "json is text in the query",
			param: schemacache.Param{Name: "p", Type: "jsonb"},
			query: `{"format":"jsonb","in":"query","name":"p","required":false,"type":"string"}`,
			body:  `{"format":"jsonb"}`,
		},
		{
			name:  "array is text in the query",
			param: schemacache.Param{Name: "p", Type: "integer[]"},
			query: `{"format":"integer[]","in":"query","name":"p","required":false,"type":"string"}`,
			body:  `{"format":"integer[]","items":{"type":"integer"},"type":"array"}`,
		},
		{
			name:  "variadic",
			param: schemacache.Param{Name: "p", Type: "bigint[]", Variadic: true},
			query: `{"collectionFormat":"multi","in":"query","items":{"format":"int64","type":"integer"},"name":"p","required":false,"type":"array"}`,
			body:  `{"format":"bigint[]","items":{"type":"integer"},"type":"array"}`,
		},
		{
			name:  "variadic json",
			param: schemacache.Param{Name: "p", Type: "json[]", Variadic: true},
			query: `{"collectionFormat":"multi","in":"query","items":{"format":"json"},"name":"p","required":false,"type":"array"}`,
			body:  `{"format":"json[]","items":{},"type":"array"}`,
		},
		{
			name:  "unnamed",
			param: schemacache.Param{Type: "text", Required: true},
			query: `{"format":"text","in":"query","name":"","required":true,"type":"string"}`,
			body:  `{"format":"text","type":"string"}`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			in := openapi.Input{Routines: []*schemacache.Routine{
				{Name: name("f"), Volatility: schemacache.Stable, Params: []schemacache.Param{tt.param}},
			}}
			if got := document(t, in, "paths", "/rpc/f", "get", "parameters", 0); got != tt.query {
				t.Errorf("query: got %s, want %s", got, tt.query)
			}
			got := document(t, in, "paths", "/rpc/f", "post", "parameters", 0, "schema", "properties", tt.param.Name)
			if got != tt.body {
				t.Errorf("body: got %s, want %s", got, tt.body)
			}
		})
	}
}

func TestRoutineMethods(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name       string
		volatility schemacache.Volatility
		wantGet    bool
	}{
		{name: "volatile", volatility: schemacache.Volatile},
		{name: "stable", volatility: schemacache.Stable, wantGet: true},
		{name: "immutable", volatility: schemacache.Immutable, wantGet: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			in := openapi.Input{Routines: []*schemacache.Routine{{Name: name("f"), Volatility: tt.volatility}}}
			if got := document(t, in, "paths", "/rpc/f", "get") != ""; got != tt.wantGet {
				t.Errorf("get: %v, want %v", got, tt.wantGet)
			}
			if document(t, in, "paths", "/rpc/f", "post") == "" {
				t.Error("no post")
			}
		})
	}
}
