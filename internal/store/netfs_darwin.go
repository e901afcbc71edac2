package store

import "golang.org/x/sys/unix"

// networkFS names the network file system that folder is on, or "".
func networkFS(folder string) string {
	var s unix.Statfs_t
	if unix.Statfs(folder, &s) != nil {
		return "" // opening the file will tell what is wrong
	}
	switch name := unix.ByteSliceToString(s.Fstypename[:]); name {
	case "nfs", "smbfs", "afpfs", "webdav", "ftp":
		return name
	}
	return ""
}
