//go:build !windows

package cli

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

var connRefused error = unix.ECONNREFUSED

// detached gives a daemon its own session: it outlives the terminal and gets
// none of its signals.
func detached() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

// exited asks, without waiting, whether a child has ended, and with what status.
func exited(p *os.Process) (code int, ended bool) {
	var ws unix.WaitStatus
	pid, err := unix.Wait4(p.Pid, &ws, unix.WNOHANG, nil)
	if err != nil && !errors.Is(err, unix.EINTR) {
		return -1, true
	}
	if pid != p.Pid {
		return 0, false
	}
	if ws.Signaled() {
		return 128 + int(ws.Signal()), true
	}
	return ws.ExitStatus(), true
}

// browser is the command that shows url in the user's browser.
func browser(url string) *exec.Cmd {
	if runtime.GOOS == "darwin" {
		return exec.Command("open", url)
	}
	return exec.Command("xdg-open", url)
}

// display reports whether there is a desktop to open a browser on.
func display(env func(string) string) bool {
	return runtime.GOOS == "darwin" || env("DISPLAY") != "" || env("WAYLAND_DISPLAY") != ""
}
