//go:build !linux

package app

import "runtime"

// residentMemory is how much memory the Go runtime holds, in bytes.
func residentMemory() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.Sys)
}

// limits knows of none here.
func limits() []limit { return nil }
