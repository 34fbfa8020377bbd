package main

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// TestFaults tries all faults, each for moments. The binary is built as for
// users: the race detector's would hold memory of its own.
func TestFaults(t *testing.T) {
	t.Parallel()
	binary := filepath.Join(pgtest.Folder(t), "romashka")
	if out, err := exec.Command("go", "build", "-buildvcs=false", "-o", binary, "../../../cmd/romashka").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	var out, said bytes.Buffer
	err := run(t.Context(), options{
		binary: binary, folder: pgtest.Folder(t), only: regexp.MustCompile(""), short: true, out: &out, say: &said,
	})
	t.Logf("\n%s", out.String())
	if err != nil {
		t.Errorf("%v\nup to then:\n%s", err, said.String())
	}
}

// TestBooks holds that the harness notices the faults that it exists for.
func TestBooks(t *testing.T) {
	t.Parallel()
	write, count := &request{id: "1-1"}, &request{bump: true}
	for _, tt := range []struct {
		name    string
		what    *request
		outcome string
		done    map[string]int
		counter int64
		want    string // part of the complaint; "" = none
	}{
		{name: "acknowledged and done", what: write, outcome: outcomeGood, done: map[string]int{"1-1": 1}},
		{name: "acknowledged and lost", what: write, outcome: outcomeGood, want: "is lost"},
		{name: "refused and not done", what: write, outcome: "504 PGRST003"},
		{name: "refused and done", what: write, outcome: "504 PGRST003", done: map[string]int{"1-1": 1}, want: "refused and done"},
		{name: "not known", what: write, outcome: "503 PGRST001", done: map[string]int{"1-1": 1}},
		{name: "counted, perhaps", what: count, outcome: "503 PGRST001", counter: 1},
		{name: "counted twice", what: count, outcome: "503 PGRST001", counter: 2, want: "the counter is 2"},
		{name: "refused and counted", what: count, outcome: outcomeRefused, counter: 1, want: "the counter is 1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var b acks
			b.enter(tt.what, tt.outcome)
			got := strings.Join(b.compare(tt.done, tt.counter), "; ")
			if (tt.want == "") != (got == "") || !strings.Contains(got, tt.want) {
				t.Errorf("complaint = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestCounted(t *testing.T) {
	t.Parallel()
	b := acks{last: 5, unsure: 1}
	for _, step := range []struct {
		n  int64
		ok bool
	}{{6, true}, {8, true}, {10, false}, {8, false}, {9, true}} {
		if err := b.counted(step.n); (err == nil) != step.ok {
			t.Errorf("counter at %d: %v", step.n, err)
		}
	}
}

func TestOutcome(t *testing.T) {
	t.Parallel()
	r := &request{method: "GET", path: "/", status: 200, right: exactly(`[]`)}
	for _, tt := range []struct {
		name    string
		a       reply
		outcome string
		wrong   bool
	}{
		{"right", reply{status: 200, body: []byte("[]")}, outcomeGood, false},
		{"a row of another", reply{status: 200, body: []byte(`[{}]`)}, outcomeGood, true},
		{"honest", reply{status: 503, body: []byte(`{"code":"PGRST001","message":"m","details":null,"hint":null}`)}, "503 PGRST001", false},
		{"no shape", reply{status: 500, body: []byte("oops")}, "500", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			outcome, err := tt.a.outcome(r)
			if outcome != tt.outcome || (err != nil) != tt.wrong {
				t.Errorf("outcome = %q, %v, want %q", outcome, err, tt.outcome)
			}
		})
	}
}

func TestVerdictFails(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		v    verdict
		want bool
	}{
		{"nothing", verdict{recovered: time.Second}, false},
		{"wrong", verdict{wrong: []string{"x"}}, true},
		{"grown", verdict{growth: &growth{census{goroutines: 1}}}, true},
		{"shrunk", verdict{growth: &growth{census{goroutines: -1}}}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if tt.v.growth != nil {
				tt.v.growth.judge(&tt.v)
			}
			if got := anyFailed([]verdict{tt.v}); got != tt.want {
				t.Errorf("failed = %t, want %t", got, tt.want)
			}
		})
	}
}
