package stage_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/romashka/sidecar/internal/postgrest/stage"
)

// TestNames: each stage has a name, and its time is found under it.
func TestNames(t *testing.T) {
	t.Parallel()
	want := []string{"auth", "parse", "plan", "query", "database", "render"}
	if diff := cmp.Diff(want, stage.Names()); diff != "" {
		t.Error(diff)
	}
	if n := len(stage.Timings{}); n != len(want) {
		t.Errorf("%d timings for %d names", n, len(want))
	}
}

// TestHeader: Server-Timing has PostgREST's stages, of which the transaction is
// two of ours.
func TestHeader(t *testing.T) {
	t.Parallel()
	taken := stage.Timings{
		stage.Auth: time.Millisecond, stage.Plan: 2 * time.Millisecond,
		stage.Query: 300 * time.Microsecond, stage.Database: 4 * time.Millisecond, stage.Render: 50 * time.Microsecond,
	}
	const want = "jwt;dur=1.0, parse;dur=0.0, plan;dur=2.0, transaction;dur=4.3, response;dur=0.1"
	if diff := cmp.Diff(want, taken.Header()); diff != "" {
		t.Error(diff)
	}
}
