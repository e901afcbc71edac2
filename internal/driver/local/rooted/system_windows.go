package rooted

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/stardrive/stardrive/internal/vfs"
)

const (
	openFlags    = 0
	stableInodes = false // there are file ids, but the os package keeps them to itself
	foldsCase    = true
)

// holds refuses what Windows would read as something else than a name.
func holds(path string) bool {
	if strings.ContainsAny(path, `\:*?"<>|`) {
		return false
	}
	for name := range strings.SplitSeq(path, "/") {
		if name != "" && !filepath.IsLocal(name) { // NUL, COM1 and their like
			return false
		}
	}
	return true
}

// look takes what the folder itself told.
func look(_ *os.Root, n fs.DirEntry) (fs.FileInfo, error) { return n.Info() }

// describe adds what only this system tells. A junction or mounted volume is
// neither folder nor link to the os package; here it is a folder not to enter.
func describe(e *vfs.Entry, fi fs.FileInfo) (dev uint64) {
	a, ok := fi.Sys().(*syscall.Win32FileAttributeData)
	if !ok {
		return 0
	}
	e.Created = a.CreationTime.Nanoseconds()
	if e.Kind == vfs.Unknown && a.FileAttributes&syscall.FILE_ATTRIBUTE_DIRECTORY != 0 {
		e.Kind, e.Mount = vfs.Folder, true
	}
	return 0
}
