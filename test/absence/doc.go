// Package absence takes volumes and folders away from a running daemon, in every
// way they go away in life, and holds it to promise P8: what cannot be seen is
// not gone. It treats stardrive as a black box. Its tests mount file systems of
// every kind, in a mount namespace of their own, so that nothing of it is seen
// outside; without the right to do so they are skipped.
package absence
