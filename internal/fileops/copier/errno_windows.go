package copier

import "syscall"

const (
	etxtbsy = syscall.Errno(32) // ERROR_SHARING_VIOLATION
	estale  = syscall.Errno(33) // ERROR_LOCK_VIOLATION
)
