package migrator_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/database/migrator"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// A schema of a newer release is neither changed nor taken back, and every
// refusal says so in words that are not about files.
func TestNewerSchema(t *testing.T) {
	t.Parallel()
	url, m := migrated(t)
	conn := pgtest.Conn(t, url)
	ctx := context.Background()
	standing, err := m.Standing(ctx)
	if err != nil || standing.Version != standing.Release || standing.Missing+standing.Newer != 0 {
		t.Fatalf("standing %+v, %v", standing, err)
	}
	for _, tt := range []struct {
		name, before, want string
	}{
		{"newer", "INSERT INTO romashka.schema_migrations VALUES (29990101000000, 'later', '', now())", "newer than this release"},
		{
			"of a branch", "UPDATE romashka.schema_migrations SET version = (SELECT max(version) - 1 FROM romashka.schema_migrations AS o WHERE o.version < 29990101000000) WHERE version = 29990101000000; " +
				"DELETE FROM romashka.schema_migrations AS m WHERE version = (SELECT max(version) FROM romashka.schema_migrations)",
			"does not have",
		},
	} {
		exec(t, conn, tt.before)
		before := schema(t, conn)
		for act, err := range map[string]error{"up": m.Up(ctx), "down": m.Down(ctx, 1)} {
			unknown, ok := errors.AsType[*migrator.UnknownError](err)
			if !ok || !strings.Contains(unknown.Error(), tt.want) || strings.Contains(err.Error(), "file") && tt.name == "newer" {
				t.Errorf("%s, %s: %v", tt.name, act, err)
			}
		}
		if after := schema(t, conn); strings.Join(after, "\n") != strings.Join(before, "\n") {
			t.Errorf("%s: the schema was changed", tt.name)
		}
		p := planFor(t, url)
		if len(p.Problems) == 0 || !strings.Contains(p.Problems[len(p.Problems)-1].Fault, tt.want) || len(p.Drift) != 0 {
			t.Errorf("%s: plan %+v", tt.name, p.Problems)
		}
	}
}
