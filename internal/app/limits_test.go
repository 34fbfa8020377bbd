package app_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/internal/dev/devvalkey"
)

// TestSharedLimits holds that two sidecars admit together what one may, that each goes on
// by itself while the server is away, and that both are told once.
func TestSharedLimits(t *testing.T) {
	t.Parallel()
	server := devvalkey.Run(t)
	db := pgtest.Database(t)
	run(t, pgtest.Conn(t, db), schema)
	sidecar := func() *running {
		return start(t, pgtest.As(t, db, "authenticator"), map[string]string{
			"romashka-limits-url": server.URL(), "romashka-rate-limit-user": "6/h", "admin-server-port": freePort(t),
		}).ready(t)
	}
	one, two := sidecar(), sidecar()
	shared := func(r *running, n string) func() bool {
		return func() bool {
			_, metrics, _ := ask(t, "GET", r.Admin+"/metrics", "")
			return strings.Contains(metrics, "\nromashka_limits_shared "+n+"\n")
		}
	}
	who := func(subject string) string {
		return "Authorization: Bearer " + signed(t, map[string]any{"role": "authenticated", "sub": subject})
	}
	admitted := func(subject string, of ...*running) (n int) {
		for range 6 {
			for _, r := range of {
				status, body, header := ask(t, "GET", r.URL+"/items?select=id&limit=1", "", who(subject))
				switch {
				case status == 200:
					n++
				case status != 429 || header.Get("Retry-After") == "":
					t.Errorf("%d %s", status, body)
				}
			}
		}
		return n
	}
	eventually(t, "both have found the server", func() bool { return shared(one, "1")() && shared(two, "1")() })
	if n := admitted("alice", one, two); n != 6 {
		t.Errorf("both admitted %d of alice, want 6", n)
	}
	server.Kill()
	if n := admitted("bob", one, two); n != 12 {
		t.Errorf("each by itself, both admitted %d of bob, want 12", n)
	}
	eventually(t, "both say so", func() bool { return shared(one, "0")() && shared(two, "0")() })
	server.Start()
	eventually(t, "both are back", func() bool { return shared(one, "1")() && shared(two, "1")() })
	alone := func() (n int) { // requests that each counted by itself
		for _, r := range []*running{one, two} {
			_, metrics, _ := ask(t, "GET", r.Admin+"/metrics", "")
			_, after, _ := strings.Cut(metrics, "\nromashka_limits_decided_total{where=\"here\"} ")
			line, _, _ := strings.Cut(after, "\n")
			count, err := strconv.Atoi(line)
			if err != nil {
				t.Fatal(err)
			}
			n += count
		}
		return n
	}
	before := alone()
	// An answer that comes too late on a busy machine leaves its request to the one that was asked.
	if n, late := admitted("carol", one, two), alone()-before; n < 6 || n > 6+late {
		t.Errorf("back, both admitted %d of carol, want 6; %d answers came too late", n, late)
	}
	for _, r := range []*running{one, two} {
		log := r.Log.String()
		if strings.Count(log, "rate limits are not shared: each sidecar counts by itself") != 1 || strings.Count(log, "rate limits are shared again") != 1 || strings.Contains(log, "Xq7") {
			t.Errorf("the log says:\n%s", log)
		}
	}
}
