package app_test

import (
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// The log says once which release of the schema is there, and what that means.
func TestReleaseOfTheSchemaIsTold(t *testing.T) {
	t.Parallel()
	owner := pgtest.Migrated(t, "postgres")
	conn := pgtest.Conn(t, owner)
	api := pgtest.As(t, owner, "authenticator")
	for _, tt := range []struct {
		name, before, want string
		settings           map[string]string
	}{
		{name: "this release", want: `level=NOTICE msg="the schema is of this release"`},
		{
			name: "a login without rights", settings: map[string]string{"romashka-db-background-uri": ""},
			want: "the login may not read romashka.schema_migrations; romashka-db-background-uri names one that may",
		},
		{
			name: "older", before: "DELETE FROM romashka.schema_migrations WHERE version > 20261129100000",
			want: `level=WARN msg="the schema is older than this release`,
		},
		{
			name: "newer", before: "INSERT INTO romashka.schema_migrations VALUES (29990101000000, 'later', '', now())",
			want: `level=WARN msg="the schema is newer than this release`,
		},
		{name: "none", before: "DROP SCHEMA romashka CASCADE", settings: map[string]string{"supabase-anon-key": ""}, want: "the database has no schema of ROMASHKA"},
	} {
		if tt.before != "" {
			run(t, conn, tt.before)
		}
		settings := map[string]string{"romashka-db-background-uri": owner, "romashka-api-log": "false", "romashka-jobs": "false", "log-level": "debug"}
		for key, value := range tt.settings {
			settings[key] = value
		}
		r := start(t, api, settings).ready(t)
		eventually(t, tt.name, func() bool { return strings.Contains(r.Log.String(), tt.want) })
		if log := r.Log.String(); strings.Count(log, "schema=") > 1 {
			t.Errorf("%s: more than once:\n%s", tt.name, log)
		}
		_ = r.Stop()
	}
}
