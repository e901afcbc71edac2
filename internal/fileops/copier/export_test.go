package copier

import (
	"context"
	"io"

	"github.com/zeebo/blake3"
)

// WithBadVerifier makes an engine whose verifier looks at what it has in memory
// instead of at the volume: the mistake that P2 is about.
func WithBadVerifier(bytes func() []byte) *Engine {
	e := New()
	e.reread = func(context.Context, io.ReaderAt, []byte, func(int64) error) (Hash, int64, error) {
		b := bytes()
		return blake3.Sum256(b), int64(len(b)), nil
	}
	return e
}
