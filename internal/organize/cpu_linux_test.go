package organize

import (
	"syscall"
	"testing"
)

// cpuTime is the processor time that the process has taken so far, which other
// work on the machine changes less than the time on the clock.
func cpuTime(testing.TB) float64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return float64(u.Utime.Nano() + u.Stime.Nano())
}
