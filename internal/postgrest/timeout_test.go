package postgrest_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/romashka/sidecar/internal/edge/server"
	"github.com/romashka/sidecar/internal/postgrest"
	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/postgrest/exec"
	"github.com/romashka/sidecar/internal/postgrest/query"
	"github.com/romashka/sidecar/internal/postgrest/schemacache"
)

// canceling is a runner whose statements are canceled, in the server's language.
type canceling struct{}

// Run satisfies postgrest.Runner.
func (canceling) Run(context.Context, *query.Script, query.Check) ([]query.Result, error) {
	return nil, apierr.FromPostgres(apierr.Postgres{Code: "57014", Message: "storniere Anfrage wegen Zeitüberschreitung der Anfrage"}, true)
}

// Open satisfies postgrest.Runner.
func (canceling) Open(context.Context, *query.Script) (*exec.Cursor, error) { return nil, nil }

// TestTimeoutIsNamed: a statement that our limit has ended names the setting,
// whatever the language of the server; one that was ended before does not.
func TestTimeoutIsNamed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		limit time.Duration
		want  bool
	}{{time.Nanosecond, true}, {time.Hour, false}} {
		e, err := postgrest.New(
			postgrest.Deps{Cache: func() *schemacache.Cache { return schemacache.New(schemacache.Facts{}) }, Runner: canceling{}, Logger: slog.New(slog.DiscardHandler)},
			&postgrest.Settings{Schemas: []string{"api"}, Names: server.Names(), Timeouts: map[string]time.Duration{"anon": tt.limit}})
		if err != nil {
			t.Fatal(err)
		}
		got := e.Serve(t.Context(), &postgrest.Request{Method: "GET", Path: "/", Role: "anon"})
		named := strings.Contains(string(got.Body), "romashka-statement-timeout") && strings.Contains(string(got.Body), tt.limit.String())
		if got.Code != "57014" || named != tt.want {
			t.Errorf("limit %v: %d %s, want the setting named: %v", tt.limit, got.Status, got.Body, tt.want)
		}
	}
}
