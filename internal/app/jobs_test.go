package app_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/romashka/sidecar/internal/app"
	"github.com/romashka/sidecar/internal/config"
)

// Jobs are run if the settings ask for it, as the background role; without one
// the sidecar does not start as if they were.
func TestJobs(t *testing.T) {
	t.Parallel()
	owner, api := database(t)
	cfg, err := config.Load(config.Sources{Flags: map[string]string{"db-uri": api, "romashka-jobs": "true"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := app.New(cfg, app.Options{}); err == nil || !strings.Contains(err.Error(), "romashka-db-background-uri") {
		t.Errorf("without a role to run them as: %v", err)
	}
	r := start(t, api, map[string]string{"romashka-jobs": "true", "romashka-db-background-uri": owner}).ready(t)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !strings.Contains(r.Log.String(), "romashka migrate up brings them") { // this database has none
		select {
		case <-ctx.Done():
			t.Fatalf("no job was asked for:\n%s", r.Log)
		case <-tick.C:
		}
	}
	if err := r.Stop(); err != nil {
		t.Error(err)
	}
}
