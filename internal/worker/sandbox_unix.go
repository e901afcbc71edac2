//go:build unix && !linux

package worker

import (
	"errors"
	"os"
	"syscall"
)

const niceness = 19

func lower() error { return syscall.Setpriority(syscall.PRIO_PGRP, 0, niceness) }

// become ends this program and begins the other.
func become(l toolLimits, path string, args []string) error {
	err := syscall.Setrlimit(syscall.RLIMIT_CPU, &syscall.Rlimit{Cur: l.Seconds, Max: l.Seconds})
	if err = errors.Join(err, lower()); err != nil {
		return err
	}
	return os.NewSyscallError("execve", syscall.Exec(path, args, toolEnv())) //nolint:gosec // the path is of FindTool
}

// toolEnv is the environment of other programs.
func toolEnv() []string {
	return []string{"PATH=/usr/bin:/bin", "LANG=C.UTF-8", "OMP_THREAD_LIMIT=1"}
}
