package app_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/dev/devdb"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// TestReplicas holds that a client which wrote reads its own writes while the standby stands still, that
// others read there, that its death is noticed by nobody, and what is told.
func TestReplicas(t *testing.T) {
	t.Parallel()
	primary, standbys := pgtest.Standbys(t, 1)
	run(t, pgtest.Conn(t, primary.URL("postgres")), schema)
	standby := pgtest.Conn(t, standbys[0].URL(devdb.Superuser))
	uri := standbys[0].URL("authenticator")
	r := start(t, primary.URL("authenticator"), map[string]string{
		"romashka-db-replica-uris": uri, "romashka-db-replica-max-lag": "1m", "admin-server-port": freePort(t),
	}).ready(t)
	used := func(n int) func() bool {
		return func() bool {
			_, metrics, _ := ask(t, "GET", r.Admin+"/metrics", "")
			return strings.Contains(metrics, fmt.Sprintf("romashka_replica_used{replica=\"1\"} %d\n", n))
		}
	}
	eventually(t, "the replica is used", used(1))
	// The load of the schema cache is older than the replica's state by now, or soon.
	there := func(headers ...string) bool {
		_, body, _ := ask(t, "GET", r.URL+"/rpc/setting?name=transaction_read_only", "", headers...)
		_, port, _ := ask(t, "GET", r.URL+"/rpc/setting?name=port", "", headers...)
		return body == `"on"` && strings.Contains(uri, ":"+strings.Trim(port, `"`)+"/")
	}
	writer, reader := "Authorization: Bearer "+token(t, "authenticated"), "Authorization: Bearer "+token(t, "service_role")
	eventually(t, "reads go there", func() bool { return there(reader) && there(writer) && there() })

	run(t, standby, "SELECT pg_wal_replay_pause()")
	for i := 10; i < 40; i++ {
		if status, body, _ := ask(t, "POST", r.URL+"/items", fmt.Sprintf(`{"id":%d}`, i), writer, "Content-Type: application/json"); status != 201 {
			t.Fatalf("%d %s", status, body)
		}
		if _, body, _ := ask(t, "GET", fmt.Sprintf("%s/items?select=id&id=eq.%d", r.URL, i), "", writer); body != fmt.Sprintf(`[{"id":%d}]`, i) {
			t.Fatalf("own write %d: %s", i, body)
		}
	}
	if !there(reader) || there(writer) {
		t.Errorf("others read there: %t; who wrote does: %t", there(reader), there(writer))
	}
	run(t, standby, "SELECT pg_wal_replay_resume()")
	eventually(t, "who wrote is back", func() bool { return there(writer) })

	standbys[0].Kill()
	for range 20 {
		if status, body, _ := ask(t, "GET", r.URL+"/items?select=id&id=eq.39", "", reader); status != 200 || body != `[{"id":39}]` {
			t.Errorf("%d %s", status, body)
		}
	}
	eventually(t, "it is left", used(0))
	if status, _, _ := ask(t, "GET", r.Admin+"/ready", ""); status != 200 {
		t.Errorf("/ready is %d", status)
	}
	log := r.Log.String()
	if strings.Count(log, "reads go to the replica") != 1 || strings.Count(log, "the replica is not used") != 1 || strings.Contains(log, "authenticator:") {
		t.Errorf("the log says:\n%s", log)
	}
}
