//go:build unix

package rooted

import (
	"io/fs"
	"os"
	"syscall"
)

// openFlags keep an open from waiting, should a FIFO have taken the name.
const openFlags = syscall.O_NONBLOCK | syscall.O_NOCTTY

// holds reports whether this system can hold the names of path.
func holds(string) bool { return true }

// look examines a child. DirEntry.Info would go by the folder's name.
func look(dir *os.Root, n fs.DirEntry) (fs.FileInfo, error) { return dir.Lstat(n.Name()) }
