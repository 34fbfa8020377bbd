package catalog_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/romashka/sidecar/internal/postgrest/catalog"
	"github.com/romashka/sidecar/internal/postgrest/ident"
	"github.com/romashka/sidecar/internal/postgrest/schemacache"
)

func pgCatalog(name string) ident.Qualified {
	return ident.Qualified{Schema: "pg_catalog", Name: name}
}

func TestLoadRoutines(t *testing.T) {
	t.Parallel()
	url := database(t, `
		CREATE TABLE items (id int);
		CREATE DOMAIN item_alias AS items;
		CREATE DOMAIN url AS text;
		CREATE DOMAIN link AS url;
		CREATE FUNCTION plain(a int, b text DEFAULT 'x') RETURNS int LANGUAGE sql STABLE AS 'SELECT 1';
		COMMENT ON FUNCTION plain IS 'says one';
		CREATE FUNCTION spread(VARIADIC list int[]) RETURNS void LANGUAGE sql IMMUTABLE AS 'SELECT';
		CREATE FUNCTION outs(OUT x int, IN y int, INOUT z bit) LANGUAGE sql AS 'SELECT 1, $2';
		CREATE FUNCTION listed(n int) RETURNS TABLE (id int) LANGUAGE sql AS 'SELECT 1';
		CREATE FUNCTION rows() RETURNS SETOF items LANGUAGE sql AS 'SELECT * FROM api.items';
		CREATE FUNCTION alias() RETURNS item_alias LANGUAGE sql AS 'SELECT NULL::api.item_alias';
		CREATE FUNCTION linked() RETURNS SETOF link LANGUAGE sql AS 'SELECT ''''::api.link';
		CREATE FUNCTION body(json) RETURNS json LANGUAGE sql AS 'SELECT $1';
		CREATE FUNCTION unnamed(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
		CREATE FUNCTION two_unnamed(json, json) RETURNS int LANGUAGE sql AS 'SELECT 1';
		CREATE FUNCTION set_up() RETURNS void LANGUAGE sql
			SET statement_timeout = '1s' SET work_mem = '1MB' SET default_transaction_isolation = 'serializable' AS 'SELECT';
		CREATE FUNCTION fires() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
		CREATE PROCEDURE does() LANGUAGE sql AS 'SELECT';
		CREATE AGGREGATE total(int) (sfunc = int4pl, stype = int);
		CREATE FUNCTION hidden.secret() RETURNS int LANGUAGE sql AS 'SELECT 1';
	`)
	c := loadWith(t, url, catalog.Options{
		Schemas:         []string{"api"},
		HoistedSettings: []string{"statement_timeout", "default_transaction_isolation"},
	})
	integer := func(name string) schemacache.Param {
		return schemacache.Param{Name: name, Type: "integer", CastType: "integer", Required: true}
	}
	items := ident.Qualified{Schema: "api", Name: "items"}
	want := []*schemacache.Routine{
		{Name: api("alias"), Returns: schemacache.ReturnType{Type: items, Composite: true, Alias: true}},
		{
			Name: api("body"), Returns: schemacache.ReturnType{Type: pgCatalog("json")},
			Params: []schemacache.Param{{Type: "json", CastType: "json", Required: true}},
		},
		{Name: api("linked"), Returns: schemacache.ReturnType{Type: pgCatalog("text"), SetOf: true}},
		{
			Name: api("listed"), Params: []schemacache.Param{integer("n")},
			Returns: schemacache.ReturnType{Type: pgCatalog("int4"), SetOf: true, Composite: true},
		},
		{
			Name:    api("outs"),
			Params:  []schemacache.Param{integer("y"), {Name: "z", Type: "bit", CastType: "bit varying", Required: true}},
			Returns: schemacache.ReturnType{Type: pgCatalog("record"), Composite: true},
		},
		{
			Name: api("plain"), Description: "says one", Volatility: schemacache.Stable,
			Params:  []schemacache.Param{integer("a"), {Name: "b", Type: "text", CastType: "text"}},
			Returns: schemacache.ReturnType{Type: pgCatalog("int4")},
		},
		{Name: api("rows"), Returns: schemacache.ReturnType{Type: items, SetOf: true, Composite: true}},
		{
			Name: api("set_up"), Returns: schemacache.ReturnType{Type: pgCatalog("void")}, Isolation: schemacache.Serializable,
			Settings: []schemacache.Setting{
				{Name: "statement_timeout", Value: "1s"}, {Name: "default_transaction_isolation", Value: "serializable"},
			},
		},
		{
			Name: api("spread"), Volatility: schemacache.Immutable, Variadic: true,
			Params:  []schemacache.Param{{Name: "list", Type: "integer[]", CastType: "integer[]", Required: true, Variadic: true}},
			Returns: schemacache.ReturnType{Type: pgCatalog("void")},
		},
	}
	var got []*schemacache.Routine
	for r := range c.AllRoutines("api") {
		if r.OID == 0 {
			t.Errorf("%s has no oid", r.Name.Name)
		}
		got = append(got, r)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(schemacache.Routine{}, "OID")); diff != "" {
		t.Error(diff)
	}
}

func TestLoadOverloads(t *testing.T) {
	t.Parallel()
	c := load(t, `
		CREATE FUNCTION f(a int, b int) RETURNS int LANGUAGE sql AS 'SELECT 1';
		CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
		CREATE FUNCTION f(z int) RETURNS int LANGUAGE sql AS 'SELECT 1';
		CREATE FUNCTION f(a text) RETURNS int LANGUAGE sql AS 'SELECT 1';
	`)
	var got []string
	for _, r := range c.Routines(api("f")) {
		var params []string
		for _, p := range r.Params {
			params = append(params, p.Name+":"+p.Type)
		}
		got = append(got, strings.Join(params, " "))
	}
	want := []string{"", "a:text", "z:integer", "a:integer b:integer"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
