package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// report holds the figures of a run; it is the JSON that is kept.
type report struct {
	Machine machine    `json:"machine"`
	Date    string     `json:"date"`
	Commit  string     `json:"commit"`
	Rows    int        `json:"rows"`
	Took    string     `json:"took"`
	Cases   []*outcome `json:"cases"`
	Extras  []figure   `json:"extras"`
	Targets []target   `json:"targets"`
}

// machine is where it was measured.
type machine struct {
	CPU      string `json:"cpu"`
	Cores    int    `json:"cores"`
	System   string `json:"system"`
	Go       string `json:"go"`
	Postgres string `json:"postgres"`
	// Load is the number of processes that wanted to run when the bench began:
	// above 1, the machine was not alone with it.
	Load string `json:"load"`
}

// figure is a result that is no case.
type figure struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
}

func newReport(ctx context.Context, b *bench) *report {
	r := &report{Date: time.Now().UTC().Format(time.DateOnly), Rows: b.scale, Machine: machine{
		CPU: lineOf("/proc/cpuinfo", "model name"), Cores: runtime.NumCPU(), System: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version(),
	}}
	if text, err := os.ReadFile("/proc/loadavg"); err == nil {
		r.Machine.Load, _, _ = strings.Cut(string(text), " ")
	}
	if out, err := exec.CommandContext(ctx, "git", "describe", "--always", "--dirty").Output(); err == nil {
		r.Commit = strings.TrimSpace(string(out))
	}
	if conn, err := pgx.Connect(ctx, b.db.url(apiLogin)); err == nil {
		r.Machine.Postgres = conn.PgConn().ParameterStatus("server_version")
		conn.Close(ctx)
	}
	return r
}

// lineOf is the value of the first "name : value" in a file.
func lineOf(file, name string) string {
	text, _ := os.ReadFile(file)
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func (r *report) printHead(w io.Writer) {
	fmt.Fprintf(w, "%s, %d cores, PostgreSQL %s, %s, load %s\n", r.Machine.CPU, r.Machine.Cores, r.Machine.Postgres, r.Machine.Go, r.Machine.Load)
	fmt.Fprintf(w, "%-26s %5s %7s %7s %9s %9s %8s %8s %8s %24s %10s %8s %14s\n",
		"case", "conns", "ratio", "by cpu", "req/s", "ceiling", "p50 ms", "p99 ms", "p99.9", "cpu µs pg/server/client", "pg/pgbench", "B/req", "of the floor")
}

// add prints a line and keeps the outcome.
func (r *report) add(w io.Writer, o *outcome) {
	r.Cases = append(r.Cases, o)
	ms := func(us int64) float64 { return float64(us) / 1000 }
	top, ratio, byCPU, costs := "", "", "", ""
	if o.Ceiling != nil {
		top, ratio, byCPU = fmt.Sprintf("%.0f", o.Ceiling.PerSecond), fmt.Sprintf("%.2f", o.Ratio), fmt.Sprintf("%.2f", o.CPURatio)
		costs = fmt.Sprintf("%.0f/%.0f", o.Ceiling.PostgresCPU, o.Ceiling.ClientCPU)
	}
	fmt.Fprintf(w, "%-26s %5d %7s %7s %9.0f %9s %8.2f %8.2f %8.2f %24s %10s %8.0f %14s\n", o.Case, o.Connections, ratio, byCPU, o.Server.PerSecond, top,
		ms(o.Server.P50), ms(o.Server.P99), ms(o.Server.P999),
		fmt.Sprintf("%.0f/%.0f/%.0f", o.Server.PostgresCPU, o.Server.ServerCPU, o.Server.ClientCPU), costs, o.Server.Allocated, fmt.Sprintf("%.1f x %.0f", o.OfFloor, o.floorCPU()))
	if o.Rival != nil {
		fmt.Fprintf(w, "%-26s %5d %7s %7s %9.0f %9s %8.2f %8.2f %8.2f %24s\n", "  postgrest", o.Connections, "", "", o.Rival.PerSecond, "",
			ms(o.Rival.P50), ms(o.Rival.P99), ms(o.Rival.P999),
			fmt.Sprintf("%.0f/%.0f/%.0f", o.Rival.PostgresCPU, o.Rival.ServerCPU, o.Rival.ClientCPU))
	}
}

func (r *report) addFigure(w io.Writer, f figure) {
	r.Extras = append(r.Extras, f)
	fmt.Fprintf(w, "%-60s %10.2f %s\n", f.Name, f.Value, f.Unit)
}

// close judges the targets, compares with the baseline and writes the JSON.
func (r *report) close(w io.Writer, o options) error {
	if r.Targets = r.judge(); len(r.Targets) > 0 {
		fmt.Fprintln(w, "\ntargets")
	}
	for _, t := range r.Targets {
		fmt.Fprintln(w, t)
	}
	if err := r.compare(w, o.baseline); err != nil {
		return err
	}
	return r.write(o.out)
}

func (r *report) write(file string) error {
	text, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return fmt.Errorf("encode report: %w", err)
	}
	return os.WriteFile(file, append(text, '\n'), 0o644) //nolint:gosec // a report is for all to read
}

// noticeable is the change of a ratio that is no noise any more.
const noticeable = 0.08

// compare prints the cases whose ratio differs from an earlier report's.
func (r *report) compare(w io.Writer, file string) error {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var old report
	if err == nil {
		err = json.Unmarshal(text, &old)
	}
	if err != nil {
		return fmt.Errorf("read baseline: %w", err)
	}
	fmt.Fprintf(w, "\nagainst %s of %s (%s)\n", file, old.Date, old.Commit)
	changes := 0
	for _, now := range r.Cases {
		before := old.find(now.Case, now.Connections)
		if before == nil || before.CPURatio == 0 || now.CPURatio == 0 {
			continue
		}
		change := now.CPURatio/before.CPURatio - 1
		if change < -noticeable || change > noticeable {
			changes++
			fmt.Fprintf(w, "%-26s %5d  by cpu %.2f -> %.2f (%+.0f %%), server cpu %.0f -> %.0f µs\n", now.Case, now.Connections,
				before.CPURatio, now.CPURatio, 100*change, before.Server.ServerCPU, now.Server.ServerCPU)
		}
	}
	if changes == 0 {
		fmt.Fprintln(w, "nothing changed by more than 8 %")
	}
	return nil
}

// find returns the outcome of a case, nil when there is none.
func (r *report) find(name string, conns int) *outcome {
	for _, o := range r.Cases {
		if o.Case == name && o.Connections == conns {
			return o
		}
	}
	return nil
}

// figure returns an extra's value.
func (r *report) figure(name string) (float64, bool) {
	for _, f := range r.Extras {
		if f.Name == name {
			return f.Value, true
		}
	}
	return 0, false
}
