package errs

import "syscall"

const errDiskFull = syscall.Errno(112) // ERROR_DISK_FULL, which package syscall does not name
