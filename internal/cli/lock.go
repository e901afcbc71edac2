package cli

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/stardrive/stardrive/internal/durable"
	"github.com/stardrive/stardrive/internal/errs"
)

// lockFile takes an exclusive lock on a file, waiting for its holder at most
// so long.
func lockFile(ctx context.Context, path string, timeout time.Duration) (*durable.Lock, error) {
	for began := time.Now(); ; {
		lock, pid, err := durable.TryLock(path)
		switch {
		case err == nil:
			return lock, nil
		case !errors.Is(err, durable.ErrHeld):
			return nil, errs.New(errs.KindOf(err), "cannot lock the data folder: %w", err).At(path)
		case time.Since(began) > timeout:
			return nil, errs.New(errs.Unavailable, "another command (process %d) has been starting the daemon for %s", pid, timeout).At(path)
		}
		if err := sleep(ctx, 20*time.Millisecond); err != nil {
			return nil, err
		}
	}
}

// unlocked reports whether nobody holds a lock on the file, or there is none.
func unlocked(path string) bool {
	if _, err := os.Stat(path); err != nil {
		return true
	}
	lock, _, err := durable.TryLock(path)
	_ = lock.Release() // it was taken to see whether it can be
	return err == nil || !errors.Is(err, durable.ErrHeld)
}
