//go:build !windows

package errs

import "syscall"

const errDiskFull = syscall.ENOSPC
