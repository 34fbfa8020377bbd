package postgrest_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/internal/postgrest"
)

// TestRecordedAnswersThroughPooler: behind a pooler in transaction mode all is
// answered as without it.
func TestRecordedAnswersThroughPooler(t *testing.T) {
	t.Parallel()
	dbURL := database(t, "oracle", "fixture.sql")
	d := oracleDeployments()["main"]
	d.unprepared, d.pooler = true, pgtest.Pooler(t, dbURL, 2)
	s := serve(t, dbURL, d)
	diverges := readDiverges(t, dbURL)
	replayed := 0
	for _, c := range readRecorded(t) {
		if _, differs := diverges[c.ID]; differs || c.Config != "main" {
			continue
		}
		replayed++
		got, err := s.send(c.Request.message())
		if err != nil {
			t.Fatal(err)
		}
		if faults := c.differences(got); len(faults) > 0 {
			t.Errorf("%s: %s %s\n%s", c.ID, c.Request.Method, c.Request.Path, strings.Join(faults, "\n"))
		}
	}
	if replayed < 1000 {
		t.Errorf("%d cases were replayed, want most of them", replayed)
	}
}

// TestPoolerKeepsCallersApart: callers that share two sessions of the pooler see
// their own rows, whether the request before went well or failed.
func TestPoolerKeepsCallersApart(t *testing.T) {
	t.Parallel()
	dbURL := database(t, "golden", "fixture.sql")
	settings := goldenSettings()
	settings.Timeouts = patient()
	s := serve(t, dbURL, deployment{engine: settings, unprepared: true, pooler: pgtest.Pooler(t, dbURL, 2)})
	var callers sync.WaitGroup
	for i := range 12 {
		owner := []string{"eve", "fay"}[i%2]
		callers.Go(func() {
			for range 25 {
				mine := func(r postgrest.Request) postgrest.Request {
					r.Claims = fmt.Appendf(nil, `{"role":"authenticated","sub":%q}`, owner)
					return r
				}
				note := fmt.Sprintf(`{"id":%d,"owner":%q,"body":"mine"}`, 100+i, owner)
				serves(t, s, mine(request("GET", "/notes", "select=owner", "")), 200, fmt.Sprintf(`[{"owner":"%s"}]`, owner))
				serves(t, s, mine(request("POST", "/notes", "", note, "prefer", "return=representation")), 201, owner) // and rolled back
				serves(t, s, mine(request("GET", "/notes", "select=nope", "")), 400, "42703")
				serves(t, s, mine(request("PATCH", "/notes", "", `{"body":"x"}`, "accept", "application/vnd.pgrst.object+json",
					"prefer", "return=representation")), 200, owner)
				nobody := request("GET", "/notes", "select=owner", "")
				nobody.Role, nobody.Claims = "anon", []byte(`{"role":"anon"}`)
				serves(t, s, nobody, 401, "42501")
			}
		})
	}
	callers.Wait()
}

func serves(t *testing.T, s *service, r postgrest.Request, status int, body string) {
	t.Helper()
	if got := s.engine.Serve(t.Context(), &r); got.Status != status || !strings.Contains(string(got.Body), body) {
		t.Errorf("%s %s as %s: %d %s, want %d %s", r.Method, r.Path, r.Claims, got.Status, got.Body, status, body)
	}
}
