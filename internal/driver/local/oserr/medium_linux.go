package oserr

import "golang.org/x/sys/unix"

const noMedium = unix.ENOMEDIUM // an empty card reader
