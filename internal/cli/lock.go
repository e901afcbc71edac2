package cli

import (
	"context"
	"os"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
)

// lockFile takes an exclusive lock on a file, waiting for its holder at most
// so long. Closing the file releases it, and so does the end of the process.
func lockFile(ctx context.Context, path string, timeout time.Duration) (*os.File, error) {
	f, err := openPrivate(path, os.O_RDWR)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	for {
		ok, err := tryLock(f)
		if ok {
			return f, nil
		}
		if err == nil && time.Since(began) > timeout {
			err = errs.New(errs.Unavailable, "another command has been starting the daemon for %s", timeout).At(path)
		}
		if err == nil {
			err = sleep(ctx, 20*time.Millisecond)
		}
		if err != nil {
			f.Close()
			return nil, err
		}
	}
}

// unlocked reports whether nobody holds a lock on the file, or there is none.
func unlocked(path string) bool {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return true
	}
	defer f.Close()
	ok, err := tryLock(f)
	return ok || err != nil
}
