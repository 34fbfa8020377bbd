package pgserver

import (
	"os"
	"syscall"
)

// send ends the process whatever the signal is: there are none here, so that
// a server can only be killed.
func send(pid int, _ syscall.Signal) error {
	p, err := os.FindProcess(pid)
	if err != nil {
		return err
	}
	return p.Kill()
}

func removeSegment(int) {}

func (a Account) procAttr() *syscall.SysProcAttr { return nil }
