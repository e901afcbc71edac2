// Package durable writes small files of our own so that a crash or a power cut
// leaves the old file or the new one, never a piece of either. User files have
// their own, stricter path; this package knows nothing of them.
package durable

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

// Create makes a file that was not there, readable by its owner alone: whole and
// on the disk, or not at all. An existing one stays as it is: fs.ErrExist.
func Create(path string, b []byte) error {
	return publish(path, b, func(temp string) error { return claim(temp, path) })
}

// claim gives temp the name path, which nothing may bear.
func claim(temp, path string) error {
	err := os.Link(temp, path)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	// A file system without hard links.
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return fs.ErrExist
	}
	return os.Rename(temp, path)
}

// Stream makes a file of what write gives, of any length, readable by its owner
// alone: whole and on the disk, or not at all. An existing one stays as it is
// (fs.ErrExist) unless replace is set. It is written to temp first, a path in the
// same folder that is the caller's alone: whoever tries again after a crash
// should give the same one, since what stands there is removed.
func Stream(path, temp string, replace bool, write func(to io.Writer) error) error {
	if err := os.Remove(temp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer os.Remove(temp)
	place := claim
	if replace {
		place = os.Rename
	}
	err = private(f)
	return finish(f, path, func() error {
		if err != nil {
			return err
		}
		return write(f)
	}, func(temp string) error { return place(temp, path) })
}

// Replace makes or replaces a file at one blow, readable by its owner alone.
func Replace(path string, b []byte) error {
	return publish(path, b, func(temp string) error { return os.Rename(temp, path) })
}

// Cache is Replace that does not wait for the disk: for what can be made again.
// A crash of the process leaves the old file or the new one; after a power cut
// it may be gone, empty, or hold other bytes.
func Cache(path string, b []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp")
	if err != nil {
		return err
	}
	if err = private(f); err == nil {
		_, err = f.Write(b)
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

// publish writes b to a file beside path, and has place give it its name. What
// is there when a process dies in between is one stale file, which a later call
// takes away.
func publish(path string, b []byte, place func(temp string) error) error {
	sweep(path)
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	err = private(f)
	return finish(f, path, func() error {
		if err == nil {
			_, err = f.Write(b)
		}
		return err
	}, place)
}

// private makes a file its owner's alone, whatever the umask took away.
func private(f *os.File) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	return f.Chmod(0o600)
}

// finish has f written, and place give it its name when it is on the disk.
func finish(f *os.File, path string, write func() error, place func(temp string) error) error {
	err := write()
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = place(f.Name())
	}
	if err != nil {
		return err
	}
	return SyncFolder(filepath.Dir(path))
}

// sweep removes what died before its name was given to it.
func sweep(path string) {
	stale, _ := filepath.Glob(path + ".*.tmp") // a bad pattern finds nothing, which does no harm
	for _, temp := range stale {
		if fi, err := os.Lstat(temp); err == nil && time.Since(fi.ModTime()) > time.Hour {
			_ = os.Remove(temp) // or the next one does
		}
	}
}

// SyncFolder makes the names in a folder durable.
func SyncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // cannot be done, and is not needed on NTFS
	}
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// Folder makes a folder that is its owner's alone, with the folders above it. An
// existing one is made private.
func Folder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if runtime.GOOS == "windows" {
		return nil
	}
	return os.Chmod(dir, 0o700)
}
