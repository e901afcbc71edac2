package store

import (
	"path/filepath"
	"strings"

	"golang.org/x/sys/windows"
)

// networkFS names the network share that folder is on, or "".
func networkFS(folder string) string {
	root := filepath.VolumeName(folder)
	if strings.HasPrefix(root, `\\`) && !strings.HasPrefix(root, `\\?\`) && !strings.HasPrefix(root, `\\.\`) {
		return root
	}
	p, err := windows.UTF16PtrFromString(root + `\`)
	if err == nil && windows.GetDriveType(p) == windows.DRIVE_REMOTE {
		return root
	}
	return ""
}
