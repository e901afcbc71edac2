//go:build !linux

package app

// onBattery reports whether the machine runs on battery. Here that is not known,
// and it is taken to be on mains.
func onBattery() bool { return false }
