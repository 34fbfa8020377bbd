package cli_test

import (
	"context"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/romashka/sidecar/internal/app"
	"github.com/romashka/sidecar/internal/auth"
	"github.com/romashka/sidecar/internal/config"
	"github.com/romashka/sidecar/internal/database/doctor"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

const staleSecret = "3fb1d0a97c52e8b64f0a1d9c7e25b8f3"

// serveDeaf runs a sidecar that does not listen to NOTIFY.
func serveDeaf(t testing.TB, url string) (a *app.App, address string) {
	t.Helper()
	cfg, err := config.Load(config.Sources{Flags: map[string]string{
		"db-uri": pgtest.As(t, url, "authenticator"), "db-anon-role": "anon", "jwt-secret": staleSecret,
		"server-host": "127.0.0.1", "server-port": "0", "db-channel-enabled": "false", "log-level": "crit", "romashka-shutdown-delay": "0",
	}})
	if err != nil {
		t.Fatal(err)
	}
	at := make(chan app.Addresses, 1)
	a, err = app.New(cfg, app.Options{LogTo: io.Discard, Listening: func(l app.Addresses) { at <- l }})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	wait, stop := context.WithTimeout(ctx, 30*time.Second)
	defer stop()
	if err := a.Wait(wait); err != nil {
		t.Fatal(err)
	}
	return a, "http://" + (<-at).API.String()
}

// A server that did not hear of a change is distinguished from one that did, by
// its own answers.
func TestStaleSchemaCache(t *testing.T) {
	t.Parallel()
	url := pgtest.As(t, pgtest.Bootstrapped(t), "supabase_admin")
	sidecar, address := serveDeaf(t, url)
	key, err := auth.ServiceRoleKey([]byte(staleSecret), time.Now(), time.Now().AddDate(5, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	look := func() (evidence string) {
		r, err := doctor.Examine(context.Background(), doctor.Options{DirectURI: url, APIURL: address, Secret: staleSecret, ServiceKey: key})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(r.Checked, "stale_schema_cache") {
			t.Errorf("not checked: %+v", r.Skipped)
		}
		for _, f := range r.Findings {
			if f.Rule == "stale_schema_cache" && f.Severity == doctor.Error && strings.Contains(f.Object, address) {
				evidence += f.Evidence
			}
		}
		return evidence
	}
	if got := look(); got != "" {
		t.Errorf("fresh, and found %s", got)
	}
	const change = `CREATE TABLE public.test_new (id int PRIMARY KEY);
		ALTER TABLE public.messages ADD COLUMN test_column text;
		ALTER TABLE public.conversations DROP COLUMN customer_phone;
		GRANT ALL ON public.test_new TO service_role;
		NOTIFY pgrst, 'reload schema'`
	conn := pgtest.Conn(t, url)
	if _, err := conn.PgConn().Exec(context.Background(), change).ReadAll(); err != nil {
		t.Fatal(err)
	}
	const want = "gone: public.conversations.customer_phone, new: public.messages.test_column, new: public.test_new"
	if got := look(); got != want {
		t.Errorf("stale, and found %q, want %q", got, want)
	}
	loads := sidecar.Loads()
	sidecar.ReloadSchema()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(30 * time.Second); sidecar.Loads() == loads; <-tick.C {
		if time.Now().After(deadline) {
			t.Fatal("the sidecar does not reload")
		}
	}
	if got := look(); got != "" {
		t.Errorf("reloaded, and found %s", got)
	}
}
