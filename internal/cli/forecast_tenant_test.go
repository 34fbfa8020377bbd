package cli_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// A tenant without conversations gets a state and its reason, and exit code 0.
func TestForecastOfATenant(t *testing.T) {
	t.Parallel()
	url := pgtest.As(t, pgtest.Bootstrapped(t), "supabase_admin")
	if got := run(t, nil, "migrate", "up", "--db-url", url); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	for args, want := range map[string][2]string{
		"forecast --json":                                {"volume", "no_activity"},
		"forecast --grain hour --json":                   {"volume", "no_activity"},
		"forecast --metric satisfaction --json":          {"satisfaction", "no_activity"},
		"forecast --metric performance --json":           {"performance", "no_activity"},
		"staffing --json":                                {"staffing", "no_activity"},
		"staffing --what-if volume=+20% aht=-10% --json": {"staffing", "no_activity"},
	} {
		got := run(t, nil, append(strings.Fields(args), "--db-url", url)...)
		var line struct{ Metric, Status, Reason string }
		if err := json.Unmarshal([]byte(got.out), &line); err != nil || got.code != 0 || line.Metric != want[0] || line.Status != want[1] || line.Reason == "" {
			t.Errorf("%s: %+v, %v", args, got, err)
		}
	}
	// The sidecar's own connection comes first, as it does for jobs.
	environ := []string{"ROMASHKA_DB_BACKGROUND_URI=" + url, "PGRST_DB_URI=postgres://nobody@127.0.0.1:1/none"}
	if got := run(t, environ, "staffing"); got.code != 0 || !strings.HasPrefix(got.out, "plan (UTC): no_activity (no conversation came in") {
		t.Errorf("%+v", got)
	}
}

func TestForecastOfATenantRefusals(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"--metric mood":                      `--metric: want volume, satisfaction or performance`,
		"--origins 2026-01-01":               "--origins is for a file of --csv",
		"--holidays CZ":                      "--holidays is for a file of --csv",
		"--metric satisfaction --grain hour": "leave --grain and --horizon out",
		"--csv x.csv --metric volume":        "--metric is for the tenant's conversations",
		"--horizon 0":                        "want a number of steps above 0",
		"--grain week":                       "want day or hour",
	} {
		got := run(t, nil, append([]string{"forecast"}, strings.Fields(args)...)...)
		if got.code != 2 || got.out != "" || !strings.Contains(got.errOut, want) {
			t.Errorf("%s: %+v", args, got)
		}
	}
}
