// Package watch holds the real daemon to what it says about watching: past the
// kernel's limits, after hints were lost, and in a storm. It knows the daemon
// only by its socket and by what the kernel tells of it.
package watch
