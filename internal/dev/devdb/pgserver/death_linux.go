package pgserver

import "syscall"

// dieWithParent asks the kernel to stop the child when we die, however that
// happens: a hard kill of ours must not leave a server behind.
func dieWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGQUIT }
