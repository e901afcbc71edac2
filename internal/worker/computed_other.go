//go:build !linux

package worker

import "time"

// Computed is how long this process has computed until now; known is false where
// the system does not tell.
func Computed() (d time.Duration, known bool) { return 0, false }
