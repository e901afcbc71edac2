package library

import (
	"errors"
	"fmt"
	"runtime"

	"github.com/stardrive/stardrive/internal/durable"
	"github.com/stardrive/stardrive/internal/errs"
)

// moveLocked: a folder can be renamed while a file in it is open and locked.
const moveLocked = runtime.GOOS != "windows"

// acquire locks the file at path for this process, or fails with errs.Conflict
// and the number of the process that holds it.
func acquire(path string) (*durable.Lock, error) {
	for range 10 {
		l, pid, err := durable.TryLock(path)
		if errors.Is(err, durable.ErrHeld) {
			who := "another process"
			if pid > 0 {
				who = fmt.Sprintf("process %d", pid)
			}
			return nil, errs.New(errs.Conflict, "the library is in use by %s", who).At(path).
				Try("Use the daemon that is running, or stop it with: stardrive stop")
		}
		var stands bool
		if err == nil {
			stands, err = l.Stands(path)
		}
		if err != nil {
			_ = l.Release() // the first error tells more
			return nil, errs.New(errs.KindOf(err), "lock the library: %w", err).At(path).Try("Make the library's folder writable.")
		}
		if stands {
			return l, nil
		}
		if err := l.Release(); err != nil { // of a folder that was moved away meanwhile
			return nil, errs.New(errs.KindOf(err), "lock the library: %w", err).At(path)
		}
	}
	return nil, errs.New(errs.Conflict, "the library is being moved just now").At(path)
}
