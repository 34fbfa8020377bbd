//go:build !linux

package pgserver

import "syscall"

// dieWithParent has no counterpart here; the next start finds and stops the processes that
// a hard kill left behind.
func dieWithParent(*syscall.SysProcAttr) {}
