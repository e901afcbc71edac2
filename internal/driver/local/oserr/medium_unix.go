//go:build unix && !linux

package oserr

import "golang.org/x/sys/unix"

const noMedium = unix.ENXIO
