package app_test

import (
	"context"
	"io"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/romashka/sidecar/internal/app"
	"github.com/romashka/sidecar/internal/config"
	"github.com/romashka/sidecar/internal/dev/devdb"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// A setting that names something that the database does not have ends the start,
// with the reason.
func TestStartIsRefused(t *testing.T) {
	t.Parallel()
	_, api := database(t)
	const project = "https://abcdefghijklmnopqrst.supabase.co"
	for name, tt := range map[string]struct {
		settings map[string]string
		want     string
	}{
		"no such schema":         {map[string]string{"db-schemas": "public, nosuch"}, "db-schemas (PGRST_DB_SCHEMAS): the database has no schema nosuch"},
		"no such role":           {map[string]string{"db-anon-role": "nosuch", "supabase-url": project}, `db-anon-role (PGRST_DB_ANON_ROLE): the database has no role "nosuch"`},
		"a role of others":       {map[string]string{"db-anon-role": "postgres", "supabase-url": project}, `authenticator may not become postgres; as an owner: GRANT "postgres" TO "authenticator"`},
		"a misspelt relation":    {map[string]string{"romashka-serve": "migrations, item", "supabase-url": project}, "romashka-serve (ROMASHKA_SERVE): there is no item in public; perhaps items"},
		"a function that is not": {map[string]string{"romashka-serve": "rpc/nothing_like_it", "supabase-url": project}, "there is no rpc/nothing_like_it in public"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			flags := map[string]string{"db-uri": api, "db-anon-role": "anon", "jwt-secret": secret, "server-host": "127.0.0.1", "server-port": "0", "romashka-shutdown-delay": "0"}
			for key, value := range tt.settings {
				flags[key] = value
			}
			cfg, err := config.Load(config.Sources{Flags: flags})
			if err != nil {
				t.Fatal(err)
			}
			a, err := app.New(cfg, app.Options{LogTo: io.Discard})
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			if err := a.Run(ctx); err == nil || ctx.Err() != nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("Run = %v, want %s", err, tt.want)
			}
		})
	}
}

// A database that is away is one line of the log, and another when it is back.
func TestAwayIsToldOnce(t *testing.T) {
	t.Parallel()
	owner, _ := database(t)
	u, err := url.Parse(owner)
	if err != nil {
		t.Fatal(err)
	}
	password, _ := u.User.Password()
	conn := pgtest.Conn(t, pgtest.As(t, owner, devdb.Superuser)) // from PostgreSQL 16 on the owner may not give anon away
	run(t, conn, "CREATE ROLE startcheck_away LOGIN CONNECTION LIMIT 0 IN ROLE anon PASSWORD '"+password+"'")
	t.Cleanup(func() { run(t, conn, "DROP ROLE startcheck_away") })
	r := start(t, pgtest.As(t, owner, "startcheck_away"), map[string]string{"log-level": "debug"})
	t.Cleanup(func() { _ = r.Stop() })
	eventually(t, "several loads failed", func() bool { return strings.Count(r.Log.String(), "schema cache not loaded") > 3 })
	run(t, conn, "ALTER ROLE startcheck_away CONNECTION LIMIT -1")
	r.ready(t)
	eventually(t, "the load is told", func() bool { return strings.Count(r.Log.String(), `level=NOTICE msg="schema cache loaded"`) == 1 })
	if log := r.Log.String(); strings.Count(log, "level=ERROR") != 1 {
		t.Errorf("the log:\n%s", log)
	}
}
