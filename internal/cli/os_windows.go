package cli

import (
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/windows"
)

var connRefused error = windows.WSAECONNREFUSED

// detached gives a daemon no console and its own process group.
func detached() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{HideWindow: true, CreationFlags: windows.DETACHED_PROCESS | windows.CREATE_NEW_PROCESS_GROUP}
}

// exited asks, without waiting, whether a child has ended, and with what status.
func exited(p *os.Process) (code int, ended bool) {
	h, err := windows.OpenProcess(windows.SYNCHRONIZE|windows.PROCESS_QUERY_LIMITED_INFORMATION, false, uint32(p.Pid))
	if err != nil {
		return -1, true
	}
	defer windows.CloseHandle(h)
	if state, err := windows.WaitForSingleObject(h, 0); err != nil || state != windows.WAIT_OBJECT_0 {
		return 0, false
	}
	var status uint32
	if windows.GetExitCodeProcess(h, &status) != nil {
		return -1, true
	}
	return int(status), true
}

// browser is the command that shows url in the user's browser.
func browser(url string) *exec.Cmd {
	return exec.Command("rundll32", "url.dll,FileProtocolHandler", url)
}

// display reports whether there is a desktop to open a browser on.
func display(func(string) string) bool { return true }
