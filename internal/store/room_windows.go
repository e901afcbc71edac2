package store

import "golang.org/x/sys/windows"

// freeSpace tells how many bytes the user may still write to the disk of a folder.
func freeSpace(folder string) (bytes int64, known bool) {
	p, err := windows.UTF16PtrFromString(folder)
	if err != nil {
		return 0, false
	}
	var free uint64
	if windows.GetDiskFreeSpaceEx(p, &free, nil, nil) != nil {
		return 0, false
	}
	return int64(free), true
}
