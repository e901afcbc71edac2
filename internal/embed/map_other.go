//go:build !linux && !darwin && !freebsd

package embed

import (
	"os"
	"unsafe"
)

// mapping is a part of a file in memory. Where files that are mapped cannot be
// replaced, it is a copy.
type mapping struct{ bytes []byte }

// mapFile reads n bytes of f from off on.
func mapFile(f *os.File, off, n int64) (mapping, error) {
	words := make([]uint64, (n+7)/8) // whose bytes begin at a multiple of eight
	b := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(words))), n)
	_, err := f.ReadAt(b, off)
	return mapping{b}, err
}

func (mapping) release() error { return nil }
