package worker

import (
	"syscall"
	"time"
)

// Computed is how long this process has computed until now; known is false where
// the system does not tell.
func Computed() (d time.Duration, known bool) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, false
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), true
}
