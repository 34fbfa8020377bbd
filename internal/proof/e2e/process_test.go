package e2e_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// build makes the binary and returns its path; it detects races where the
// tests do.
func build(t *testing.T) string {
	t.Helper()
	return buildWith(t, raceDetector)
}

// buildWith makes the binary, which takes several times the memory where it
// detects races.
func buildWith(t *testing.T, races bool) string {
	t.Helper()
	path := filepath.Join(pgtest.Folder(t), "romashka")
	args := []string{"build", "-buildvcs=false", "-o", path}
	if races {
		args = append(args, "-race")
	}
	if out, err := exec.Command("go", append(args, "../../../cmd/romashka")...).CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return path
}

// process is a running romashka, alone in a process group as under a shell.
type process struct {
	t        *testing.T
	cmd      *exec.Cmd
	out, log *buffer
	ended    chan struct{} // closed after err was set
	err      error
}

// run starts binary with nothing but env and PATH in its environment.
func run(t *testing.T, binary string, env []string, args ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command(binary, args...), out: new(buffer), log: new(buffer), ended: make(chan struct{})}
	p.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME")}, env...)
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.log
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p.begin()
	return p
}

// begin starts the process, which ends with the test at the latest.
func (p *process) begin() {
	p.t.Helper()
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	go func() { p.err = p.cmd.Wait(); close(p.ended) }()
	p.t.Cleanup(func() {
		select {
		case <-p.ended:
		default:
			p.kill(syscall.SIGKILL)
			<-p.ended
		}
	})
}

// kill sends sig to the process alone.
func (p *process) kill(sig syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(sig); err != nil {
		p.t.Fatal(err)
	}
}

// interrupt is a Ctrl-C: the terminal sends it to the whole process group.
func (p *process) interrupt() {
	p.t.Helper()
	if err := syscall.Kill(-p.cmd.Process.Pid, syscall.SIGINT); err != nil {
		p.t.Fatal(err)
	}
}

// wait returns how the process ended: nil for exit code 0.
func (p *process) wait() error {
	p.t.Helper()
	const longest = 60 * time.Second
	return p.waitUpTo(longest)
}

func (p *process) waitUpTo(longest time.Duration) error {
	p.t.Helper()
	select {
	case <-p.ended:
		return p.err
	case <-time.After(longest):
		p.t.Fatalf("%v does not end\n%s", p.cmd.Args, p.log)
		return nil
	}
}

// until waits for ok, and fails the test when the process ends before.
func (p *process) until(what string, ok func() bool) {
	p.t.Helper()
	eventually(p.t, what, func() bool {
		select {
		case <-p.ended:
			p.t.Fatalf("%v ended (%v) before %s\n%s", p.cmd.Args, p.err, what, p.log)
		default:
		}
		return ok()
	})
}

// apiAddress is in the line of the log that has the address it listens on.
var apiAddress = regexp.MustCompile(`msg=listening .*\bapi=(\S+)`)

// listening waits until the process is ready to serve, and returns its URL.
func (p *process) listening() string {
	p.t.Helper()
	url := p.address()
	p.until("it is ready", func() bool {
		a, err := caller{url: url}.try("GET", "/ready", "")
		return err == nil && a.Status == 200
	})
	return url
}

// address waits until the process listens, and returns its URL.
func (p *process) address() string {
	p.t.Helper()
	var url string
	p.until("it listens", func() bool {
		if found := apiAddress.FindStringSubmatch(p.log.String()); found != nil {
			url = "http://" + found[1]
		}
		return url != ""
	})
	return url
}

// family lists the process, those it started, and those that they started.
func (p *process) family() []int {
	p.t.Helper()
	parents := parentsOf(p.t)
	pids := []int{p.cmd.Process.Pid}
	for i := 0; i < len(pids); i++ {
		for pid, parent := range parents {
			if parent == pids[i] {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}

// parentsOf maps each process of the machine to its parent. Zombies count as
// gone: the process that inherits them has not looked yet.
func parentsOf(t *testing.T) map[int]int {
	t.Helper()
	list, err := exec.Command("ps", "-A", "-o", "pid=,ppid=,stat=").Output()
	if err != nil {
		return parentsInProc(t)
	}
	parents := map[int]int{}
	for line := range strings.Lines(string(list)) {
		if f := strings.Fields(line); len(f) == 3 && !strings.HasPrefix(f[2], "Z") {
			pid, _ := strconv.Atoi(f[0])
			parents[pid], _ = strconv.Atoi(f[1])
		}
	}
	return parents
}

// parentsInProc is for containers without ps.
func parentsInProc(t *testing.T) map[int]int {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil || len(files) == 0 {
		t.Fatalf("neither ps nor /proc tells of processes: %v", err)
	}
	parents := map[int]int{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		// pid (name) state ppid ...: the name may hold anything.
		f := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil && len(f) > 1 && f[0] != "Z" {
			parents[pid], _ = strconv.Atoi(f[1])
		}
	}
	return parents
}

// left returns which of pids still run.
func left(t *testing.T, pids []int) []int {
	t.Helper()
	parents := parentsOf(t)
	var alive []int
	for _, pid := range pids {
		if _, ok := parents[pid]; ok {
			alive = append(alive, pid)
		}
	}
	return alive
}
