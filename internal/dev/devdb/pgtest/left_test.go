package pgtest_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// inChild marks a child process as one.
const inChild = "ROMASHKA_TEST_CHILD"

// TestChild is no test: in a child process it uses a server until standard
// input ends; elsewhere it does nothing.
func TestChild(t *testing.T) { //nolint:paralleltest // alone in its process
	if os.Getenv(inChild) == "" {
		return
	}
	var dir string
	if err := pgtest.Tx(t).QueryRow(context.Background(), "SHOW data_directory").Scan(&dir); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(os.Stdout, dir)
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		t.Error(err)
	}
}

// TestNothingIsLeft ends a test binary in both ways, and waits for its server
// and its folder to go.
func TestNothingIsLeft(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		end  func(cmd *exec.Cmd, stdin io.Closer) error
	}{
		{"passes", func(_ *exec.Cmd, stdin io.Closer) error { return stdin.Close() }},
		{"is killed", func(cmd *exec.Cmd, _ io.Closer) error { return cmd.Process.Kill() }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command(os.Args[0], "-test.run=^TestChild$")
			cmd.Env = append(os.Environ(), inChild+"=1")
			stdin, err := cmd.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			stdout, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			dir, err := bufio.NewReader(stdout).ReadString('\n')
			if err != nil {
				t.Fatalf("the child did not start: %v", err)
			}
			if err := tt.end(cmd, stdin); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait() // it may have been killed
			waitGone(t, filepath.Dir(strings.TrimSpace(dir)))
		})
	}
}

func waitGone(t *testing.T, dir string) {
	t.Helper()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	deadline := time.After(30 * time.Second)
	for {
		if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
			return
		}
		select {
		case <-ticker.C:
		case <-deadline:
			t.Fatalf("%s is still there", dir)
		}
	}
}
