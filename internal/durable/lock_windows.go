package durable

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// lockHandle locks a byte far behind the text, so that others can read that.
func lockHandle(f *os.File) error {
	at := windows.Overlapped{OffsetHigh: 1 << 30}
	err := windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &at)
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_IO_PENDING) {
		return ErrHeld
	}
	if err != nil {
		return os.NewSyscallError("LockFileEx", err)
	}
	return nil
}

func makePrivate(*os.File) error { return nil }
