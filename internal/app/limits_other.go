//go:build !linux

package app

import goruntime "runtime"

// residentMemory is how much memory the Go runtime holds, in bytes.
func residentMemory() int64 {
	var m goruntime.MemStats
	goruntime.ReadMemStats(&m)
	return int64(m.Sys)
}

// limits knows of none here.
func limits() []limit { return nil }
