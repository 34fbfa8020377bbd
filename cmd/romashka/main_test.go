//go:build unix

package main

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// asMain makes the test binary be the command.
const asMain = "TEST_AS_ROMASHKA"

func TestMain(m *testing.M) {
	if os.Getenv(asMain) != "" {
		os.Exit(run())
	}
	os.Exit(m.Run())
}

// TestSignals: SIGHUP, SIGUSR1 and SIGUSR2 do not end a server, also one that
// has no database yet; SIGTERM and SIGINT end it in good order.
func TestSignals(t *testing.T) {
	t.Parallel()
	for _, end := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		t.Run(end.String(), func(t *testing.T) {
			t.Parallel()
			c := exec.Command(os.Args[0], "serve", "--host", "127.0.0.1", "--port", "0")
			c.Env = []string{asMain + "=1", "PGRST_DB_URI=postgres://127.0.0.1:1/none", "PGRST_DB_ANON_ROLE=anon"}
			stderr, err := c.StderrPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewScanner(stderr)
			var log strings.Builder
			for lines.Scan() {
				log.WriteString(lines.Text() + "\n")
				if !strings.Contains(lines.Text(), "msg=listening") {
					continue
				}
				for _, s := range []syscall.Signal{syscall.SIGHUP, syscall.SIGUSR1, syscall.SIGUSR2, end} {
					if err := c.Process.Signal(s); err != nil {
						t.Fatal(err)
					}
				}
			}
			if err := c.Wait(); err != nil || !strings.Contains(log.String(), "msg=stopped") {
				t.Errorf("%v\n%s", err, log.String())
			}
		})
	}
}

func TestExitCode(t *testing.T) {
	t.Parallel()
	for want, args := range map[int][]string{0: {"version"}, 1: {"serve", "no-such-file.conf"}, 2: {"brew"}} {
		c := exec.Command(os.Args[0], args...)
		c.Env = []string{asMain + "=1"}
		if err := c.Run(); c.ProcessState == nil || c.ProcessState.ExitCode() != want {
			t.Errorf("%v: %v, want exit code %d", args, err, want)
		}
	}
}
