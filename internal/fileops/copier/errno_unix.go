//go:build !windows

package copier

import "syscall"

const (
	etxtbsy = syscall.ETXTBSY
	estale  = syscall.ESTALE
)
