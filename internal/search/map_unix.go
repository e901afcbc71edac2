//go:build linux || darwin || freebsd

package search

import (
	"os"

	"golang.org/x/sys/unix"
)

// mapping is a part of a file in memory, read-only.
type mapping struct{ bytes []byte }

// mapFile maps n bytes of f from off on, a multiple of blockAlign.
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

// rest gives the pages back, which then belong to the page cache alone, until
// somebody looks at them again.
func (m mapping) rest() error {
	if m.bytes == nil {
		return nil
	}
	return unix.Madvise(m.bytes, unix.MADV_DONTNEED)
}
