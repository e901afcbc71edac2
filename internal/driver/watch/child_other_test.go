//go:build !linux

package watch

// inChild is for the tests that run themselves again.
func inChild() {}
