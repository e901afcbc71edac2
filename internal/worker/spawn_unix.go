//go:build unix && !linux

package worker

import (
	"os"
	"syscall"
	"time"
)

// ToolFile is the name by which a Tool opens its file.
const ToolFile = "/dev/fd/3"

const toolSuffix = ""

func toolFolders() []string {
	return []string{"/opt/homebrew/bin", "/usr/local/bin", "/opt/local/bin", "/usr/bin", "/bin"}
}

func runnable(i os.FileInfo) bool { return i.Mode()&0o111 != 0 }

func ownProgram() (string, error) { return os.Executable() }

func ownEnv() []string { return []string{} }

func emptyDir() string { return "/" }

func attributes(bool) *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

func refusesSpaces(error) bool { return false }

func ownWalls(bool) []Wall {
	return []Wall{{"files and network", "this system has no way to close them off"}}
}

func killGroup(p *os.Process) { _ = syscall.Kill(-p.Pid, syscall.SIGKILL) }

func processorTime(*os.Process) (time.Duration, bool) { return 0, false }
