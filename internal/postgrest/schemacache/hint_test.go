package schemacache_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/postgrest/ident"
	"github.com/romashka/sidecar/internal/postgrest/schemacache"
)

func tables(names ...string) schemacache.Facts {
	facts := schemacache.Facts{Schemas: []string{"api"}}
	for _, n := range names {
		facts.Tables = append(facts.Tables, table(n))
	}
	return facts
}

func TestNearTable(t *testing.T) {
	t.Parallel()
	c := schemacache.New(tables("projects", "project_reports", "clients", "Ünïcode Täble", "hidden.projectz"))
	for _, tt := range []struct{ name, want string }{
		{"projectx", "projects"},
		{"projecxx", "projects"}, // 6 of 8 letters: just close enough
		{"projexxx", ""},         // 5 of 8
		{"PROJECTS", "projects"}, // equal but for case
		{"client", "clients"},    //
		{"ünïcode table", "Ünïcode Täble"},
		{"x", ""},
		{"", ""},
		{"projects'; drop", ""},
	} {
		for range 2 { // the second is remembered
			if got := c.NearTable("api", tt.name); got != tt.want {
				t.Errorf("NearTable(%q) = %q, want %q", tt.name, got, tt.want)
			}
		}
	}
	if got := c.NearTable("nowhere", "projects"); got != "" {
		t.Errorf("unknown schema: %q", got)
	}
}

// Two-letter grams are for names that share no three letters in a row.
func TestNearTableByShortGrams(t *testing.T) {
	t.Parallel()
	c := schemacache.New(tables("aaxbbxccx"))
	if got := c.NearTable("api", "aaxbbycc"); got != "aaxbbxccx" {
		t.Errorf("got %q", got)
	}
}

func TestNearTableAmongMany(t *testing.T) {
	t.Parallel()
	facts := tables("security_incidents")
	for i := range 10_000 {
		facts.Tables = append(facts.Tables, table(fmt.Sprintf("entity_%d", i)))
	}
	if got := schemacache.New(facts).NearTable("api", "securty_incidents"); got != "security_incidents" {
		t.Errorf("got %q", got)
	}
}

func routine(text string, params ...string) schemacache.Routine {
	r := schemacache.Routine{Name: name(text)}
	for _, p := range params {
		r.Params = append(r.Params, schemacache.Param{Name: p, Required: true})
	}
	return r
}

func TestNearRoutine(t *testing.T) {
	t.Parallel()
	c := schemacache.New(schemacache.Facts{Schemas: []string{"api"}, Routines: []schemacache.Routine{
		routine("test"), routine("another"), routine("another", "a"), routine("hidden.other"),
	}})
	for _, tt := range []struct{ name, want string }{
		{"testt", "test"},
		{"other", ""},
		{"anothre", ""}, // 5 of 7 letters stand where they should
		{"anothr", "another"},
		{"noclosealternative", ""},
	} {
		if got := c.NearRoutine("api", tt.name); got != tt.want {
			t.Errorf("NearRoutine(%q) = %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestNearParams(t *testing.T) {
	t.Parallel()
	c := schemacache.New(schemacache.Facts{Schemas: []string{"api"}, Routines: []schemacache.Routine{
		routine("f", "val", "param", "name"), routine("f", "id", "attr"),
	}})
	for _, tt := range []struct {
		sent []string
		want string
	}{
		{[]string{"vall", "pqaram", "nam"}, "(name, param, val)"},
		{[]string{"val", "param"}, "(name, param, val)"},
		{[]string{"id", "attrs"}, "(attr, id)"},
		{[]string{"id"}, "(attr, id)"},
		{[]string{"noclosealternative"}, ""},
	} {
		if got := schemacache.NearParams(c.Routines(name("f")), tt.sent); got != tt.want {
			t.Errorf("NearParams(%q) = %q, want %q", tt.sent, got, tt.want)
		}
	}
}

func TestNearRelationship(t *testing.T) {
	t.Parallel()
	c := schemacache.New(schemacache.Facts{
		Schemas: []string{"api"},
		Tables:  []schemacache.Table{table("films"), table("lonely")},
		ForeignKeys: []schemacache.ForeignKey{
			fk("a", "films(director_id) -> directors(id)", false),
			fk("b", "roles(film_id) -> films(id)", false),
			fk("c", "actors(film_id) -> films(id)", false),
			fk("d", "hidden.joins(a*) -> end_1(id)", false),
			fk("e", "hidden.joins(b*) -> end_2(id)", false),
			fk("f", "end_3(id) -> films(id)", false),
		},
		Computed: []schemacache.ComputedRelationship{
			{Function: name("spies"), Table: name("end_4"), Foreign: name("hidden.spies")},
		},
	})
	for _, tt := range []struct{ schema, parent, child, near, wrong string }{
		{"api", "film", "directors", "films", "film"},
		{"api", "films", "role", "roles", "role"},
		{"api", "films", "actors", "", ""}, // it is there: the client's hint is at fault
		{"api", "lonely", "roles", "", ""},
		{"api", "end_1", "end_2", "", ""}, // related by a table that is not exposed: end_1 is no mistake for end_3
		{"api", "end_4", "spies", "", ""},
		{"api", "end_11", "end_2", "end_1", "end_11"},
		{"api", "noclosealternative", "roles", "", ""},
		{"api", "films", "noclosealternative", "", ""},
		{"nowhere", "films", "roles", "", ""},
	} {
		near, wrong := c.NearRelationship(tt.schema, tt.parent, tt.child)
		if near != tt.near || wrong != tt.wrong {
			t.Errorf("NearRelationship(%s, %s, %s) = %q, %q, want %q, %q",
				tt.schema, tt.parent, tt.child, near, wrong, tt.near, tt.wrong)
		}
	}
}

// A suggestion is a name that exists, and a name that exists is its own best match.
func FuzzNearTable(f *testing.F) {
	for _, seed := range []string{"projectx", "", "-", "ÄÖ", "a\x00b", "İ", "\xff", "entity 1, 2"} {
		f.Add("projects", seed)
		f.Add(seed, "clients")
	}
	f.Fuzz(func(t *testing.T, exists, asked string) {
		facts := tables("clients")
		facts.Tables = append(facts.Tables, schemacache.Table{Name: ident.Qualified{Schema: "api", Name: exists}})
		c := schemacache.New(facts)
		if got := c.NearTable("api", asked); got != "" && got != "clients" && got != exists {
			t.Errorf("suggested %q", got)
		}
		if got := c.NearTable("api", exists); !strings.EqualFold(got, exists) {
			t.Errorf("nearest to %q is %q", exists, got)
		}
	})
}
