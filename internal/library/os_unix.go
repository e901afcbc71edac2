//go:build unix

package library

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// moveLocked: a folder can be renamed while a file in it is open and locked.
const moveLocked = true

func lockHandle(f *os.File) error {
	for {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EWOULDBLOCK):
			return errHeld
		default:
			return os.NewSyscallError("flock", err)
		}
	}
}

// makePrivate undoes what the umask did to a file's mode.
func makePrivate(f *os.File) error { return f.Chmod(0o600) }

// syncFolder makes the names in a folder durable.
func syncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
