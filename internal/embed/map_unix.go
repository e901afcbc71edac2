//go:build linux || darwin || freebsd

package embed

import (
	"os"

	"golang.org/x/sys/unix"
)

// mapping is a part of a file in memory, read-only.
type mapping struct{ bytes []byte }

// mapFile maps n bytes of f from off on, a multiple of the size of pages.
func mapFile(f *os.File, off, n int64) (mapping, error) {
	if n == 0 {
		return mapping{}, nil
	}
	b, err := unix.Mmap(int(f.Fd()), off, int(n), unix.PROT_READ, unix.MAP_SHARED)
	return mapping{b}, err
}

// release takes the bytes away: nobody may look at them any more.
func (m mapping) release() error {
	if m.bytes == nil {
		return nil
	}
	return unix.Munmap(m.bytes)
}
