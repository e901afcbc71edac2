package daemon

import (
	"os/exec"
	"syscall"
)

// dieWithParent lets no daemon outlive a test that was killed.
func dieWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
