package worker

import (
	"errors"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// ToolFile is the name by which a Tool opens its file.
const ToolFile = "/proc/self/fd/3"

const toolSuffix = ""

func toolFolders() []string { return []string{"/usr/local/bin", "/usr/bin", "/bin"} }

func runnable(i os.FileInfo) bool { return i.Mode()&0o111 != 0 }

// ownProgram is the program that runs, even when another has taken its name
// since: both sides of the wire are of one build.
func ownProgram() (string, error) { return "/proc/self/exe", nil }

func ownEnv() []string { return []string{} }

func emptyDir() string { return "/" }

// attributes of a child: a group of its own, the end with its parent, and, apart,
// namespaces of its own, in which there is no network and no rights over others.
func attributes(apart bool) *syscall.SysProcAttr {
	a := &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if apart {
		a.Cloneflags = syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET | syscall.CLONE_NEWIPC
		a.UidMappings = []syscall.SysProcIDMap{{ContainerID: os.Getuid(), HostID: os.Getuid(), Size: 1}}
		a.GidMappings = []syscall.SysProcIDMap{{ContainerID: os.Getgid(), HostID: os.Getgid(), Size: 1}}
	}
	return a
}

// refusesSpaces tells whether a start failed for the namespaces: many systems
// forbid them to users.
func refusesSpaces(err error) bool {
	return errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EACCES) || errors.Is(err, syscall.EINVAL) ||
		errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EUSERS) || errors.Is(err, syscall.ENOSYS)
}

// ownWalls are those that the parent builds.
func ownWalls(apart bool) []Wall {
	if !apart {
		return []Wall{{"namespaces", "the system does not allow them"}}
	}
	return []Wall{{"namespaces", ""}}
}

func killGroup(p *os.Process) { _ = syscall.Kill(-p.Pid, syscall.SIGKILL) }

// processorTime is how long a process has computed.
func processorTime(p *os.Process) (time.Duration, bool) {
	var t unix.Timespec
	if unix.ClockGettime(int32(^p.Pid)<<3|2, &t) != nil { // CPUCLOCK_SCHED of the process: see clock_getcpuclockid(3)
		return 0, false
	}
	return time.Duration(t.Nano()), true
}
