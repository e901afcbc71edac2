package durable

import (
	"errors"
	"io"
	"os"
	"strconv"
	"strings"
)

// ErrHeld says that another process, or another part of this one, holds a lock.
var ErrHeld = errors.New("held by another")

// Lock is held by one process at a time. It is a lock of the operating system on
// a file, which dies with the process however that ends; what the file says
// serves messages only.
type Lock struct{ f *os.File }

// TryLock locks the file at path, which is made if it does not exist, and writes
// the number of this process into it. It does not wait: ErrHeld if another holds
// it, and then pid is that process's number, 0 if it cannot be told.
func TryLock(path string) (l *Lock, pid int, err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, 0, err
	}
	if err := lockHandle(f); err != nil {
		if errors.Is(err, ErrHeld) {
			pid = holder(f)
		}
		_ = f.Close() // nothing was written
		return nil, pid, err
	}
	l = &Lock{f}
	if err := l.sign(); err != nil {
		_ = l.Release() // the first error tells more
		return nil, 0, err
	}
	return l, 0, nil
}

// sign writes who holds the lock.
func (l *Lock) sign() error {
	if err := makePrivate(l.f); err != nil {
		return err
	}
	if err := l.f.Truncate(0); err != nil {
		return err
	}
	_, err := l.f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

// holder reads who holds a lock, 0 if the file does not say.
func holder(f *os.File) int {
	b, err := io.ReadAll(io.LimitReader(f, 32))
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		return 0
	}
	return pid
}

// Stands reports whether path still names the locked file: it may have been
// moved or replaced between opening and locking.
func (l *Lock) Stands(path string) (bool, error) {
	mine, err := l.f.Stat()
	if err != nil {
		return false, err
	}
	there, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	return err == nil && os.SameFile(mine, there), err
}

// Release gives the lock up; nil is fine. The file stays: removing it would let
// two processes lock two files of one name.
func (l *Lock) Release() error {
	if l == nil {
		return nil
	}
	return l.f.Close()
}
