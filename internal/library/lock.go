package library

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/stardrive/stardrive/internal/errs"
)

// lock is held by the one process that has a library open. It is a lock of the
// operating system on the file, which dies with the process however that ends;
// what the file says serves the message to others only.
type lock struct{ f *os.File }

var errHeld = errors.New("held by another")

// acquire locks the file at path, or fails with errs.Conflict and the number of
// the process that holds it.
func acquire(path string) (*lock, error) {
	for range 10 {
		l, err := tryAcquire(path)
		if err != nil || l != nil {
			return l, err
		}
	}
	return nil, errs.New(errs.Conflict, "the library is being moved just now").At(path)
}

// tryAcquire returns nil, nil if the file was replaced while it was locked.
func tryAcquire(path string) (*lock, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, errs.New(errs.KindOf(err), "lock the library: %w", err).At(path).Try("Make the library's folder writable.")
	}
	l := &lock{f}
	if err := lockHandle(f); err != nil {
		defer f.Close()
		if !errors.Is(err, errHeld) {
			return nil, errs.New(errs.KindOf(err), "lock the library: %w", err).At(path)
		}
		who := "another process"
		if pid := l.holder(); pid > 0 {
			who = fmt.Sprintf("process %d", pid)
		}
		return nil, errs.New(errs.Conflict, "the library is in use by %s", who).At(path).
			Try("Use the daemon that is running, or stop it with: stardrive stop")
	}
	mine, err := f.Stat()
	if err == nil {
		var there os.FileInfo
		if there, err = os.Stat(path); err == nil && !os.SameFile(mine, there) || errors.Is(err, os.ErrNotExist) {
			return nil, l.release()
		}
	}
	if err == nil {
		err = l.sign()
	}
	if err != nil {
		_ = l.release() // the first error tells more
		return nil, errs.New(errs.KindOf(err), "lock the library: %w", err).At(path)
	}
	return l, nil
}

// sign writes who holds the lock.
func (l *lock) sign() error {
	if err := makePrivate(l.f); err != nil {
		return err
	}
	if err := l.f.Truncate(0); err != nil {
		return err
	}
	_, err := l.f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

// holder reads who holds the lock, 0 if the file does not say.
func (l *lock) holder() int {
	b, err := io.ReadAll(io.LimitReader(l.f, 32))
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		return 0
	}
	return pid
}

// release gives the lock up. The file stays: removing it would let two
// processes lock two files of one name.
func (l *lock) release() error {
	if l == nil {
		return nil
	}
	return l.f.Close()
}
