package plan_test

import (
	"testing"

	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/postgrest/apirequest"
	"github.com/romashka/sidecar/internal/postgrest/ident"
	"github.com/romashka/sidecar/internal/postgrest/plan"
	"github.com/romashka/sidecar/internal/postgrest/schemacache"
)

func qualified(name string) ident.Qualified { return ident.Qualified{Schema: "api", Name: name} }

func table(name string, columns ...string) schemacache.Table {
	t := schemacache.Table{Name: qualified(name), Insertable: true, Updatable: true, Deletable: true, PrimaryKey: []string{"id"}}
	for _, c := range columns {
		t.Columns = append(t.Columns, schemacache.Column{Name: c, Type: "text", NominalType: "text"})
	}
	return t
}

func key(name, from, column, to string) schemacache.ForeignKey {
	return schemacache.ForeignKey{
		Name: name, Table: qualified(from), Foreign: qualified(to),
		Columns: []schemacache.ColumnPair{{Column: column, Foreign: "id"}},
	}
}

func routine(name string, params ...schemacache.Param) schemacache.Routine {
	return schemacache.Routine{
		Name: qualified(name), Params: params,
		Returns: schemacache.ReturnType{Type: ident.Qualified{Schema: "pg_catalog", Name: "int4"}},
	}
}

func required(name, typ string) schemacache.Param {
	return schemacache.Param{Name: name, Type: typ, CastType: typ, Required: true}
}

func optional(name, typ string) schemacache.Param {
	return schemacache.Param{Name: name, Type: typ, CastType: typ}
}

// schemaCache has people who manage each other, and incidents with two keys to people.
func schemaCache() *schemacache.Cache {
	return schemacache.New(schemacache.Facts{
		Schemas: []string{"api"},
		Tables: []schemacache.Table{
			table("people", "id", "name", "boss"),
			table("incidents", "id", "user_id", "resolved_by"),
			table("tags", "id"),
			table("incident_tags", "incident_id", "tag_id"),
		},
		ForeignKeys: []schemacache.ForeignKey{
			key("people_boss_fkey", "people", "boss", "people"),
			key("incidents_user_fkey", "incidents", "user_id", "people"),
			key("incidents_resolver_fkey", "incidents", "resolved_by", "people"),
		},
		Routines: []schemacache.Routine{
			routine("sum2", required("a", "int4"), required("b", "int4")),
			routine("sum2", required("a", "int4"), optional("c", "int4")),
			routine("whole", required("", "json")),
			routine("twin", required("a", "int4")), routine("twin", required("a", "text")),
		},
	})
}

func build(t *testing.T, method, path, query string, header ...string) (*plan.Plan, error) {
	t.Helper()
	raw := apirequest.Raw{Method: method, Path: path, RawQuery: query, Body: []byte(`{}`)}
	for i := 0; i < len(header); i += 2 {
		raw.Header = append(raw.Header, apirequest.Field{Name: header[i], Value: header[i+1]})
	}
	req, err := apirequest.Parse(raw, apirequest.Options{Schemas: []string{"api"}})
	if err != nil {
		t.Fatalf("request: %v", err)
	}
	return plan.Build(plan.Options{LegacyNames: true}, req, schemaCache())
}

func TestRelationships(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, path, sel string
		wantConstraint  string
		wantToOne       bool
		wantCode        string
	}{
		{name: "two keys to choose from", path: "/incidents", sel: "people(name)", wantCode: "PGRST201"},
		{name: "hint by column", path: "/incidents", sel: "people!user_id(name)", wantConstraint: "incidents_user_fkey", wantToOne: true},
		{name: "hint by constraint", path: "/incidents", sel: "people!incidents_resolver_fkey(name)", wantConstraint: "incidents_resolver_fkey", wantToOne: true},
		{name: "target by column", path: "/incidents", sel: "resolved_by(name)", wantConstraint: "incidents_resolver_fkey", wantToOne: true},
		{name: "target by constraint", path: "/people", sel: "incidents_user_fkey(id)", wantConstraint: "incidents_user_fkey"},
		{name: "hint by far column", path: "/people", sel: "incidents!user_id(id)", wantConstraint: "incidents_user_fkey"},
		{name: "hint that fits nothing", path: "/incidents", sel: "people!nothing(name)", wantCode: "PGRST200"},
		{name: "no relationship", path: "/incidents", sel: "tags(id)", wantCode: "PGRST200"},
		{name: "own table means the many side", path: "/people", sel: "people(name)", wantConstraint: "people_boss_fkey"},
		{name: "own column means the one side", path: "/people", sel: "boss(name)", wantConstraint: "people_boss_fkey", wantToOne: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p, err := build(t, "GET", tt.path, "select="+tt.sel)
			if code := apierr.CodeOf(err); code != tt.wantCode {
				t.Fatalf("code = %q, want %q", code, tt.wantCode)
			}
			if err != nil {
				return
			}
			r := p.Tree.Children[0].Relation
			if r.Constraint != tt.wantConstraint || r.ToOne() != tt.wantToOne {
				t.Errorf("relationship %s, to one %v", r.Constraint, r.ToOne())
			}
		})
	}
}

func TestRoutines(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, method, path, query string
		wantParams                int
		wantCode                  string
	}{
		{"both required", "GET", "/rpc/sum2", "a=1&b=2", 2, ""},
		{"without the optional one", "GET", "/rpc/sum2", "a=1", 1, ""},
		{"with the optional one", "GET", "/rpc/sum2", "a=1&c=2", 2, ""},
		{"a required one is missing", "GET", "/rpc/sum2", "b=2", 0, "PGRST202"},
		{"one too many", "GET", "/rpc/sum2", "a=1&b=2&z=3", 0, "PGRST202"},
		{"no such function", "GET", "/rpc/sum3", "a=1", 0, "PGRST202"},
		{"alike but for types", "GET", "/rpc/twin", "a=1", 0, "PGRST203"},
		{"takes the body", "POST", "/rpc/whole", "", 0, ""},
		{"takes a body, not a URL", "GET", "/rpc/whole", "", 0, "PGRST202"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p, err := build(t, tt.method, tt.path, tt.query)
			if code := apierr.CodeOf(err); code != tt.wantCode {
				t.Fatalf("code = %q, want %q (%v)", code, tt.wantCode, err)
			}
			if err == nil && len(p.Call.Params) != tt.wantParams {
				t.Errorf("params = %v", p.Call.Params)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, method, path, query string
		header                    []string
		wantCode                  string
	}{
		{"no such table", "GET", "/nowhere", "", nil, "PGRST205"},
		{"filter on what is not embedded", "GET", "/people", "incidents.id=eq.1", nil, "PGRST108"},
		{"order by what is not embedded", "GET", "/people", "order=boss(name)", nil, "PGRST108"},
		{"order by many", "GET", "/people", "select=*,incidents!user_id(*)&order=incidents(id)", nil, "PGRST118"},
		{"aggregate without the setting", "GET", "/people", "select=count()", nil, "PGRST123"},
		{"media type that nobody makes", "GET", "/people", "", []string{"accept", "image/png"}, "PGRST107"},
		{"unknown preference", "GET", "/people", "", []string{"prefer", "handling=strict, sugar"}, "PGRST122"},
		{"PUT without the key", "PUT", "/people", "name=eq.x", nil, "PGRST105"},
		{"PUT with another operator", "PUT", "/people", "id=gt.1", nil, "PGRST105"},
		{"plan without the setting", "GET", "/people", "", []string{"accept", "application/vnd.pgrst.plan"}, "PGRST107"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if _, err := build(t, tt.method, tt.path, tt.query, tt.header...); apierr.CodeOf(err) != tt.wantCode {
				t.Errorf("error = %v, want %s", err, tt.wantCode)
			}
		})
	}
}

func TestLegacyNamesAreNoticed(t *testing.T) {
	t.Parallel()
	p, err := build(t, "GET", "/people", "select=*,mine:incidents!user_id(*)&incidents.id=eq.1")
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Legacy(); len(got) != 1 || got[0] != [2]string{"incidents", "mine"} {
		t.Errorf("legacy names = %v", got)
	}
}
