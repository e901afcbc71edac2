//go:build !linux

package volumes

import (
	"errors"
	"os"

	"github.com/stardrive/stardrive/internal/errs"
)

// openUncached opens a file for reading; here the system's memory cannot be kept
// from answering.
func openUncached(root *os.Root, path string) (uncached, error) {
	seen, err := root.Lstat(path)
	if err != nil || !seen.Mode().IsRegular() {
		return uncached{}, errs.New(errs.NotFound, "no file any more")
	}
	f, err := root.Open(path)
	if err != nil {
		return uncached{}, err
	}
	if now, err := f.Stat(); err != nil || !os.SameFile(seen, now) {
		return uncached{}, errors.Join(errs.New(errs.NotFound, "no file any more"), f.Close())
	}
	return uncached{File: f, size: seen.Size() / small * small}, nil
}

func bypass(*os.File) bool { return false }

func (f uncached) forget() {}

func aligned(n int) []byte { return make([]byte, n) }
