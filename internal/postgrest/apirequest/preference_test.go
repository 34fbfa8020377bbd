package apirequest_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/romashka/sidecar/internal/postgrest/apirequest"
)

func TestParsePreferences(t *testing.T) {
	t.Parallel()
	type prefs = apirequest.Preferences
	for _, tt := range []struct {
		name    string
		headers []string
		noTx    bool
		want    prefs
		applied string
	}{
		{name: "none"},
		{name: "empty", headers: []string{""}},
		{
			name:    "one header",
			headers: []string{"resolution=ignore-duplicates, count=exact, timezone=America/Los_Angeles, max-affected=100"},
			want: prefs{
				Resolution: apirequest.IgnoreDuplicates, Count: apirequest.CountExact,
				Timezone: "America/Los_Angeles", HasTimezone: true, MaxAffected: 100, HasMaxAffected: true,
			},
			applied: "resolution=ignore-duplicates, count=exact, timezone=America/Los_Angeles",
		},
		{
			name:    "several headers",
			headers: []string{"resolution=merge-duplicates", "count=planned", "missing=null", "handling=lenient", "invalid", "max-affected=5999"},
			want: prefs{
				Resolution: apirequest.MergeDuplicates, Count: apirequest.CountPlanned, Missing: apirequest.MissingNull,
				Handling: apirequest.HandlingLenient, MaxAffected: 5999, HasMaxAffected: true, Invalid: []string{"invalid"},
			},
			applied: "resolution=merge-duplicates, missing=null, count=planned, handling=lenient",
		},
		{
			name:    "first counts",
			headers: []string{"tx=commit, tx=rollback", "return=minimal", "return=representation", "timezone=a", "timezone=b", "max-affected=1", "max-affected=2"},
			want: prefs{
				Transaction: apirequest.TxCommit, Representation: apirequest.ReturnMinimal,
				Timezone: "a", HasTimezone: true, MaxAffected: 1, HasMaxAffected: true,
			},
			applied: "return=minimal, tx=commit, timezone=a",
		},
		{
			name:    "spaces",
			headers: []string{"count=estimated,    tx=commit   ,return=headers-only , missing=default, handling=strict, anything, max-affected=0"},
			want: prefs{
				Count: apirequest.CountEstimated, Transaction: apirequest.TxCommit, Representation: apirequest.ReturnHeadersOnly,
				Missing: apirequest.MissingDefault, Handling: apirequest.HandlingStrict, HasMaxAffected: true, Invalid: []string{"anything"},
			},
			applied: "missing=default, return=headers-only, count=estimated, tx=commit, handling=strict, max-affected=0",
		},
		{
			name: "tx unheard", headers: []string{"tx=rollback"}, noTx: true,
		},
		{
			name:    "invalid",
			headers: []string{"count=exac,, params=multiple-objects, max-affected=five, timezone=, Count=exact"},
			want: prefs{
				HasTimezone: true, Invalid: []string{"count=exac", "", "params=multiple-objects", "Count=exact"},
			},
			applied: "timezone=",
		},
		{
			name:    "a number that is none hides a later one",
			headers: []string{"max-affected=five", "max-affected=5"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := apirequest.ParsePreferences(tt.headers, !tt.noTx)
			if diff := cmp.Diff(tt.want, got, cmpopts.IgnoreUnexported(prefs{})); diff != "" {
				t.Error(diff)
			}
			if got.Applied() != tt.applied {
				t.Errorf("applied = %q, want %q", got.Applied(), tt.applied)
			}
		})
	}
}

func TestCount(t *testing.T) {
	t.Parallel()
	for c, want := range map[apirequest.Count][2]bool{
		apirequest.CountNone:      {false, false},
		apirequest.CountExact:     {true, false},
		apirequest.CountPlanned:   {false, true},
		apirequest.CountEstimated: {true, true},
	} {
		if got := [2]bool{c.Exact(), c.Explain()}; got != want {
			t.Errorf("count %d: exact and explain = %v, want %v", c, got, want)
		}
	}
}
