//go:build linux || darwin

package store

import "golang.org/x/sys/unix"

// freeSpace tells how many bytes the user may still write to the disk of a folder.
func freeSpace(folder string) (bytes int64, known bool) {
	var s unix.Statfs_t
	if unix.Statfs(folder, &s) != nil {
		return 0, false
	}
	return int64(s.Bavail) * int64(s.Bsize), true
}
