//go:build unix

package pgserver

import (
	"syscall"

	"golang.org/x/sys/unix"
)

func send(pid int, sig syscall.Signal) error { return syscall.Kill(pid, sig) }

// removeSegment removes shared memory; it is gone already after a good stop, and
// nothing else is to be done if it is not ours.
func removeSegment(id int) { _, _ = unix.SysvShmCtl(id, unix.IPC_RMID, nil) }

// procAttr makes a child of another process group (a Ctrl-C at the terminal
// is for us; we then stop it in good order) that runs as the account.
func (a Account) procAttr() *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setpgid: true}
	if a.Name != "" {
		attr.Credential = &syscall.Credential{Uid: a.uid, Gid: a.gid}
	}
	return attr
}
