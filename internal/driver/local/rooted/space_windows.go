package rooted

import (
	"os"

	"golang.org/x/sys/windows"

	"github.com/stardrive/stardrive/internal/vfs"
)

const tellsSpace = true

func capacity(path string, _ *os.File) (s vfs.Space, err error) {
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return s, err
	}
	var free, total uint64
	if err := windows.GetDiskFreeSpaceEx(name, &free, &total, nil); err != nil {
		return s, err
	}
	return vfs.Space{Total: int64(total), Free: int64(free)}, nil
}
