package devdb_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/dev/devdb"
)

// childFolder is set in a child process to the folder of the instance to run.
const childFolder = "ROMASHKA_TEST_CHILD_FOLDER"

// TestChild is no test: in a child process it runs an instance until standard
// input ends; elsewhere it does nothing.
func TestChild(t *testing.T) { //nolint:paralleltest // alone in its process
	dir := os.Getenv(childFolder)
	if dir == "" {
		return
	}
	i := start(t, devdb.Options{Folder: dir})
	fmt.Fprintln(os.Stdout, i.OwnerURL())
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		t.Error(err)
	}
}

// child is an instance in a process of its own.
type child struct {
	*exec.Cmd
	stdin io.Closer
	url   string
}

// startChild runs binary (a copy of this test binary) over dir, as attr says.
func startChild(t *testing.T, binary, dir string, attr *syscall.SysProcAttr) *child {
	t.Helper()
	cmd := exec.Command(binary, "-test.run=^TestChild$")
	cmd.Dir = os.TempDir()
	cmd.Env = append(os.Environ(), childFolder+"="+dir)
	cmd.SysProcAttr = attr
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
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
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		_ = cmd.Wait()
		t.Fatalf("the child did not start: %v: %s", err, complaints.String())
	}
	return &child{Cmd: cmd, stdin: stdin, url: strings.TrimSpace(line)}
}

func postmaster(t *testing.T, folder string) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, "pgdata", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	line, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(line)
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

func killPostgres(t *testing.T, i *devdb.Instance) {
	t.Helper()
	if err := syscall.Kill(postmaster(t, i.Folder()), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

// gone returns when no process has the number any more.
func gone(t *testing.T, pid int) {
	t.Helper()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	deadline := time.After(30 * time.Second)
	for !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		select {
		case <-ticker.C:
		case <-deadline:
			t.Fatalf("process %d is still there", pid)
		}
	}
}

func TestHardKillLeavesNothingAndRecovers(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	c := startChild(t, os.Args[0], dir, nil)
	conn, err := pgx.Connect(t.Context(), c.url)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), "CREATE TABLE kept AS SELECT 7 AS n"); err != nil {
		t.Fatal(err)
	}
	server := postmaster(t, dir)
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait() // killed, as intended
	gone(t, server)

	i := start(t, devdb.Options{Folder: dir})
	if i.OwnerURL() != c.url {
		t.Error("the address has changed")
	}
	if n := ask[int](t, c.url, "SELECT n FROM kept"); n != 7 {
		t.Errorf("n = %d, want 7", n)
	}
}

// TestOrdinaryUser runs an instance as a user who is not root.
func TestOrdinaryUser(t *testing.T) {
	t.Parallel()
	dir, binary, attr := folder(t), os.Args[0], (*syscall.SysProcAttr)(nil)
	if os.Geteuid() == 0 {
		nobody, err := user.Lookup("nobody")
		if err != nil {
			t.Fatal(err)
		}
		uid, _ := strconv.Atoi(nobody.Uid)
		gid, _ := strconv.Atoi(nobody.Gid)
		attr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
		binary = filepath.Join(filepath.Dir(dir), "devdb.test")
		copyFile(t, binary, os.Args[0])
		if err := os.Chown(filepath.Dir(dir), uid, gid); err != nil {
			t.Fatal(err)
		}
	}
	c := startChild(t, binary, dir, attr)
	if n := ask[int](t, c.url, "SELECT count(*) FROM public.conversations"); n == 0 {
		t.Error("there are no demo rows")
	}
	server := postmaster(t, dir)
	if err := c.stdin.Close(); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); err != nil {
		t.Errorf("the child ended badly: %v", err)
	}
	gone(t, server)
}

func copyFile(t *testing.T, dst, src string) {
	t.Helper()
	text, err := os.ReadFile(src)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dst, text, 0o755); err != nil {
		t.Fatal(err)
	}
}

// TestUnreachableFolder starts over a folder that only its owner can enter:
// root's server, which runs as another user, must live elsewhere then.
func TestUnreachableFolder(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	if err := os.Chmod(filepath.Dir(dir), 0o700); err != nil {
		t.Fatal(err)
	}
	o := devdb.Options{Folder: dir}
	i := start(t, o)
	link, err := os.Readlink(filepath.Join(dir, "pgdata"))
	if isRoot := os.Geteuid() == 0; isRoot != (err == nil) {
		t.Errorf("root: %v; pgdata is a link: %v", isRoot, err == nil)
	}
	if link != "" {
		t.Cleanup(func() { _ = os.RemoveAll(link) })
	}
	if n := ask[int](t, i.OwnerURL(), "SELECT 1"); n != 1 {
		t.Error("no answer")
	}
	secret := i.JWTSecret()
	stop(t, i)
	if err := os.RemoveAll(dir); err != nil { // and a new folder there is a new database
		t.Fatal(err)
	}
	if again := start(t, o); again.JWTSecret() == secret {
		t.Error("the old database came back")
	}
}
