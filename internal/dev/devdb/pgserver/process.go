package pgserver

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
)

// process is one running program of which we hear the end.
type process struct {
	pid  int
	done chan struct{} // closed when it has ended and was waited for
	err  error         // how it ended, never nil; read after done
}

// startProcess runs cmd until it ends. On Linux the kernel sends it a signal
// when the starting *thread* dies, so one thread is kept for each process.
func startProcess(cmd *exec.Cmd) (*process, error) {
	p := &process{done: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		if err == nil {
			p.pid = cmd.Process.Pid
		}
		started <- err
		if err == nil {
			if p.err = cmd.Wait(); p.err == nil {
				p.err = errors.New("exit status 0")
			}
			close(p.done)
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

// signal sends sig; a process that has ended already is no error.
func (p *process) signal(sig syscall.Signal) error {
	select {
	case <-p.done: // the number may belong to somebody else by now
		return nil
	default:
	}
	if err := send(p.pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
		return err
	}
	return nil
}

// serverEnv is the whole environment of the server: no PG* setting of the
// user leaks in, and messages are in English.
func serverEnv() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "LC_MESSAGES=C", "TZ=UTC", "TMPDIR=" + os.TempDir()}
}

// lastLines returns the last n non-empty lines of out in one line.
func lastLines(out []byte, n int) string {
	lines := strings.FieldsFunc(string(bytes.TrimSpace(out)), func(r rune) bool { return r == '\n' })
	if len(lines) > n {
		lines = lines[len(lines)-n:]
	}
	return strings.Join(lines, " / ")
}
