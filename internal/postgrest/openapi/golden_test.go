package openapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/internal/postgrest/catalog"
	"github.com/romashka/sidecar/internal/postgrest/openapi"
	"github.com/romashka/sidecar/internal/postgrest/schemacache"
	"github.com/romashka/sidecar/sql"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// schema is the one that fixture.sql exposes.
const schema = "library"

// TestGolden describes a real database: the objects that anon may use, as anon's
// request sees them, and all there are.
func TestGolden(t *testing.T) {
	t.Parallel()
	conn, cache := fixture(t)
	described := openapi.SchemaDescription(asAnon(t, conn, sql.OpenAPISchemaDescription))
	routines, err := openapi.AccessibleRoutines(cache.AllRoutines(schema), asAnon(t, conn, sql.OpenAPIRoutines))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		in   openapi.Input
	}{
		{name: "anon", in: openapi.Input{
			Tables:            openapi.AccessibleTables(cache.Tables(schema), asAnon(t, conn, sql.OpenAPITables)),
			Routines:          routines,
			Relationships:     cache,
			SchemaDescription: described,
			Host:              "!4", Port: 3000, Version: "16.2", DocsVersion: "v16",
		}},
		{name: "all", in: openapi.Input{
			Tables:            slices.Collect(cache.Tables(schema)),
			Routines:          slices.Collect(cache.AllRoutines(schema)),
			Relationships:     cache,
			SchemaDescription: described,
			SecurityActive:    true,
			ProxyURI:          "https://example.com/rest/v1",
			Version:           "16.2", DocsVersion: "v16",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			compare(t, filepath.Join("testdata", tt.name+".json"), openapi.Document(tt.in))
		})
	}
}

// fixture loads fixture.sql into a database of its own.
func fixture(t *testing.T) (*pgx.Conn, *schemacache.Cache) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "fixture.sql"))
	if err != nil {
		t.Fatal(err)
	}
	url := pgtest.Database(t)
	conn := pgtest.Conn(t, url)
	ctx := context.Background()
	if _, err := conn.Exec(ctx, string(text)); err != nil {
		t.Fatalf("load fixture: %v", err)
	}
	cache, err := catalog.Load(ctx, pgtest.Connector(url), catalog.Options{Schemas: []string{schema}})
	if err != nil {
		t.Fatal(err)
	}
	return conn, cache
}

// asAnon runs a statement as a request of anon does. Afterwards conn is as
// before.
func asAnon(t *testing.T, conn *pgx.Conn, statement string) [][][]byte {
	t.Helper()
	ctx := context.Background()
	tx, err := conn.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(ctx) }()
	if _, err := tx.Exec(ctx, "SET LOCAL ROLE anon; SET LOCAL search_path = "+schema); err != nil {
		t.Fatal(err)
	}
	got := conn.PgConn().ExecParams(ctx, statement, [][]byte{[]byte(schema)}, nil, nil, nil).Read()
	if got.Err != nil {
		t.Fatal(got.Err)
	}
	return got.Rows
}

func compare(t *testing.T, path string, document []byte) {
	t.Helper()
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, document, "", "  "); err != nil {
		t.Fatal(err)
	}
	pretty.WriteByte('\n')
	if *update {
		if err := os.WriteFile(path, pretty.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), pretty.String()); diff != "" {
		t.Errorf("differs from %s (-want +got):\n%s", path, diff)
	}
}
