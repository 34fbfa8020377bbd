package cli_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// counts is a file of n days with a weekly shape, from 2024-01-01 on.
func counts(t *testing.T, n int) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("ds,y\n")
	day := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range n {
		fmt.Fprintf(&b, "%s,%d\n", day.AddDate(0, 0, i).Format(time.DateOnly), []int{80, 75, 70, 72, 60, 20, 10}[i%7]+i*i%5)
	}
	return write(t, "counts.csv", b.String())
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestForecast(t *testing.T) {
	t.Parallel()
	path := counts(t, 120)
	got := run(t, nil, "forecast", "--csv", path, "--origins", "2024-04-20,2024-04-01", "--closed", write(t, "closed.txt", "2024-04-23\n"), "--holidays", "us", "--json")
	lines := strings.Split(strings.TrimSpace(got.out), "\n")
	if got.code != 0 || len(lines) != 2 {
		t.Fatalf("%+v", got)
	}
	var first struct {
		Origin, Status string
		Horizon        int
		Points         []struct {
			DS   string
			Mean float64
		}
		Accuracy struct{ Value float64 }
	}
	if err := json.Unmarshal([]byte(lines[0]), &first); err != nil {
		t.Fatal(err)
	}
	if first.Origin != "2024-04-20" || first.Status != "ok" || first.Horizon != 30 || len(first.Points) != 30 || first.Accuracy.Value < 0.9 {
		t.Errorf("%s", lines[0])
	}
	if p := first.Points[2]; p.DS != "2024-04-23" || p.Mean != 0 {
		t.Errorf("a closed day: %+v", p)
	}
	text := run(t, nil, "forecast", "--csv", path, "--horizon", "7")
	if text.code != 0 || !strings.Contains(text.out, "after 2024-04-29: ok") || !strings.Contains(text.out, "30 days:") {
		t.Errorf("%+v", text)
	}
	few := "ds,y\n"
	for i := range 60 {
		few += fmt.Sprintf("%s,%d\n", time.Date(2024, 1, 1+i, 0, 0, 0, 0, time.UTC).Format(time.DateOnly), []int{0, 3, 1, 2, 0, 4}[i*i%6])
	}
	text = run(t, nil, "forecast", "--csv", write(t, "few.csv", few))
	if text.code != 0 || !strings.Contains(text.out, "nobody can reach 85 % for each day here: with ") || !strings.Contains(text.out, "the best anybody could reach is ") {
		t.Errorf("few a day: %+v", text)
	}
	back := run(t, nil, "forecast", "--csv", path, "--backtest", "--json")
	if n := strings.Count(back.out, "\n"); back.code != 0 || n != 8 {
		t.Errorf("%d lines of a back-test, want 8 (days 44, 50, ... 86): %s", n, back.errOut)
	}
	short := run(t, nil, "forecast", "--csv", counts(t, 20), "--backtest", "--json")
	if short.code != 0 || short.out != "" || !strings.Contains(short.errOut, "needs 28 days") {
		t.Errorf("%+v", short)
	}
}

func TestForecastRefusals(t *testing.T) {
	t.Parallel()
	path := counts(t, 60)
	for _, tt := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"neither a file nor a database", []string{"--data", t.TempDir()}, 1, "no database is named"},
		{"a file without a name", []string{"--csv", ""}, 2, "--csv"},
		{"no such file", []string{"--csv", path + ".none"}, 1, "no such file"},
		{"a folder", []string{"--csv", filepath.Dir(path)}, 1, "is a directory"},
		{"horizon 0", []string{"--csv", path, "--horizon", "0"}, 2, "--horizon 0"},
		{"a horizon of a million", []string{"--csv", path, "--horizon", "1000000"}, 1, "horizon 1000000: want 1 to 400"},
		{"minutes", []string{"--csv", path, "--grain", "minute"}, 2, "--grain: want day or hour"},
		{"hours of a file of days", []string{"--csv", path, "--grain", "hour"}, 1, "line 2"},
		{"an origin that is no date", []string{"--csv", path, "--origins", "soon"}, 1, `"soon"`},
		{"an empty origin", []string{"--csv", path, "--origins", "2024-02-01,"}, 1, "--origins"},
		{"an origin after the file", []string{"--csv", path, "--origins", "2025-01-01"}, 1, "2025-01-01 lies outside"},
		{"both", []string{"--csv", path, "--origins", "2024-02-01", "--backtest"}, 2, "exclude each other"},
		{"a country without calendar", []string{"--csv", path, "--holidays", "XX"}, 1, `"XX"`},
		{"a broken calendar", []string{"--csv", path, "--closed", write(t, "c.txt", "2024-02-01,2\n")}, 1, "line 1: share"},
		{"broken counts", []string{"--csv", write(t, "b.csv", "ds,y\n2024-01-01,many\n")}, 1, `line 2: y "many"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := run(t, nil, append([]string{"forecast"}, tt.args...)...)
			if got.code != tt.code || got.out != "" || !strings.Contains(strings.Split(got.errOut, "\n")[0], tt.want) {
				t.Errorf("%+v, want code %d and %q", got, tt.code, tt.want)
			}
		})
	}
}
