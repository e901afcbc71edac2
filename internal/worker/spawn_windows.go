package worker

import (
	"os"
	"syscall"
	"time"
)

// ToolFile is empty: files cannot be handed to other programs here.
const ToolFile = ""

const toolSuffix = ".exe"

func toolFolders() []string { return nil }

func runnable(os.FileInfo) bool { return true }

func ownProgram() (string, error) { return os.Executable() }

// ownEnv is empty: the few that Windows itself cannot do without are added by
// package os/exec.
func ownEnv() []string { return []string{} }

func emptyDir() string { return "" }

func attributes(bool) *syscall.SysProcAttr {
	const createNoWindow, belowNormal = 0x08000000, 0x00004000
	return &syscall.SysProcAttr{HideWindow: true, CreationFlags: createNoWindow | belowNormal}
}

func refusesSpaces(error) bool { return false }

func ownWalls(bool) []Wall {
	return []Wall{{"files and network", "this system has no way to close them off"}}
}

func killGroup(p *os.Process) { _ = p.Kill() }

func processorTime(*os.Process) (time.Duration, bool) { return 0, false }
