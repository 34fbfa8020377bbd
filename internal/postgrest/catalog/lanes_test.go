package catalog_test

import (
	neturl "net/url"
	"slices"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/internal/postgrest/catalog"
)

// TestLoadOverOneConnection: if there is no place for a second one, the same is
// found over the first.
func TestLoadOverOneConnection(t *testing.T) {
	t.Parallel()
	url := database(t, `
		CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY, a_id int REFERENCES a);
		CREATE VIEW v AS SELECT * FROM b; GRANT USAGE ON SCHEMA api TO PUBLIC;`)
	role := "lonely_" + strings.ReplaceAll(strings.ToLower(t.Name()), "/", "_")
	u, err := neturl.Parse(url)
	if err != nil {
		t.Fatal(err)
	}
	password, _ := u.User.Password()
	exec(t, url, "DROP ROLE IF EXISTS "+role+"; CREATE ROLE "+role+" LOGIN CONNECTION LIMIT 1 PASSWORD '"+password+"'")
	want := loadWith(t, url, catalog.Options{Schemas: []string{"api"}})
	limited := pgtest.As(t, url, role)
	// The second time meets the connection that the first has just closed; several
	// times meet the case in which the two connections of one load refuse each other.
	for i, through := range []string{pgtest.Pooler(t, url, 1), limited, limited, limited, limited, limited, limited} {
		got := loadWith(t, through, catalog.Options{Schemas: []string{"api"}})
		for _, table := range []string{"a", "b", "v"} {
			if r := relationships(got, table); len(r) == 0 || !slices.Equal(r, relationships(want, table)) {
				t.Errorf("load %d: %s has %q, want %q", i, table, r, relationships(want, table))
			}
		}
	}
}
