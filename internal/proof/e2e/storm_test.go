package e2e_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// memoryCgroup makes a cgroup with a limit of memory, of v1 or v2, and returns
// the file that a process is moved into it with. The test is skipped where that
// may not be.
func memoryCgroup(t *testing.T, v2 bool, limit int) (procs string) {
	t.Helper()
	parent, file := "/sys/fs/cgroup/memory", "memory.limit_in_bytes"
	if v2 {
		parent, file = "/sys/fs/cgroup", "memory.max"
	}
	if _, err := os.Stat(filepath.Join(parent, map[bool]string{false: file, true: "cgroup.controllers"}[v2])); err != nil {
		t.Skipf("this machine has no such cgroups: %v", err)
	}
	folder, err := os.MkdirTemp(parent, "romashka-test-") //nolint:usetesting // a cgroup is no folder for files
	if err != nil {
		t.Skipf("no cgroup can be made: %v", err)
	}
	t.Cleanup(func() {
		eventually(t, "the cgroup is empty", func() bool { return os.Remove(folder) == nil || errors.Is(os.Remove(folder), os.ErrNotExist) })
	})
	if err := os.WriteFile(filepath.Join(folder, file), fmt.Append(nil, limit), 0o600); err != nil {
		t.Skipf("the cgroup can be given no limit: %v", err)
	}
	return filepath.Join(folder, "cgroup.procs")
}

// storm are the requests that several clients send at the same time.
type storm struct {
	clients, size int
	rounds        int // of each client
}

// In 512 MB no number of bodies ends a sidecar, and others are served meanwhile.
func TestStormOfBodies(t *testing.T) {
	t.Parallel()
	s := newSwallower(t)
	for name, v2 := range map[string]bool{"cgroup v1": false, "cgroup v2": true} {
		t.Run(name, func(t *testing.T) {
			procs := memoryCgroup(t, v2, 512*megabyte)
			p := run(t, "/bin/sh", append(s.environment(), "PROCS="+procs, "BINARY="+s.binary), "-c", `echo $$ > "$PROCS" && exec "$BINARY" serve`)
			c := caller{url: p.listening(), client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100}}, patience: 4 * longestRequest}
			if log := p.log.String(); !strings.Contains(log, "romashka-body-memory") {
				t.Errorf("it does not say that bodies have less memory here\n%s", log)
			}
			small, large := storm{clients: 64, size: 64 * kilobyte, rounds: len(bodies())}, storm{clients: 8, size: 30 * megabyte, rounds: 1}
			if full() {
				large.rounds = len(bodies())
			}
			for _, storm := range []storm{small, large} {
				storm.blow(t, p, c)
				t.Logf("%d MB at most, %d MB now", p.peak(t)/megabyte, p.memory(t, "VmRSS")/megabyte)
				if most, err := os.ReadFile(filepath.Join(filepath.Dir(procs), map[bool]string{false: "memory.max_usage_in_bytes", true: "memory.peak"}[v2])); err == nil {
					t.Logf("%s bytes at most in the cgroup", bytes.TrimSpace(most))
				}
				eventually(t, "the memory is given back", func() bool { return p.memory(t, "VmRSS") < 128*megabyte })
			}
		})
	}
}

// blow has each client send one body after the other, and another one ask for a
// little all the while.
func (s storm) blow(t *testing.T, p *process, c caller) {
	t.Helper()
	list := bodies()
	texts := make([]func() string, len(list))
	for i := range list {
		texts[i] = sync.OnceValue(func() string { return list[i].of(s.size) })
	}
	var clients, others sync.WaitGroup
	var served int
	due := make(chan struct{}, 1)
	others.Go(func() {
		for range due {
			a, err := c.try("GET", "/rest/v1/swallowed?select=a&limit=1", "")
			if err != nil || a.Status != 200 {
				t.Errorf("another is not served: %v %d %s", err, a.Status, a.Body)
			}
			served++
		}
	})
	var mu sync.Mutex
	statuses := map[int]int{}
	for client := range s.clients {
		clients.Go(func() {
			for round := range s.rounds {
				at := (client*5 + round) % len(list)
				select {
				case due <- struct{}{}: // while this one is under way
				default:
				}
				a, err := c.try("POST", "/rest/v1"+list[at].path, texts[at](), "Content-Type: "+list[at].contentType)
				if err != nil {
					t.Errorf("%s: no answer: %v", list[at].name, err)
					return
				}
				mu.Lock()
				statuses[a.Status]++
				mu.Unlock()
				if a.Status >= 400 && (a.code() == "" || a.code() == "ROM500") {
					t.Errorf("%s: %d %s", list[at].name, a.Status, firstOf(a.Body, 200))
				}
			}
		})
	}
	clients.Wait()
	close(due)
	others.Wait()
	select {
	case <-p.ended:
		t.Fatalf("the sidecar ended: %v\n%s", p.err, firstOf(p.log.String(), 4000))
	default:
	}
	t.Logf("%d clients of %d kB: %v; others were served %d times", s.clients, s.size/kilobyte, statuses, served)
}
