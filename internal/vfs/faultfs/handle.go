package faultfs

import (
	"context"
	"sync"

	"github.com/stardrive/stardrive/internal/vfs"
)

// handle counts the bytes it told. It keeps the context of Open, which no other
// handle does: reads have none, and a hanging one must end.
type handle struct {
	vfs.Handle
	fs   *FS
	ctx  context.Context
	path string

	closing sync.Once
	closed  chan struct{}

	mu   sync.Mutex
	told int64
}

// Read reads up to the next byte from which a rule applies.
func (h *handle) Read(p []byte) (int, error) {
	rules := h.fs.matching(Read, h.path)
	p, err := h.allowed(&rules, p)
	if err != nil {
		return 0, err
	}
	n, err := h.Handle.Read(p)
	h.count(n)
	return n, err
}

// ReadAt does the same; since it must not return less without an error, it
// goes on to meet the rule in the same call.
func (h *handle) ReadAt(p []byte, off int64) (int, error) {
	rules := h.fs.matching(Read, h.path)
	done := 0
	for {
		part, err := h.allowed(&rules, p[done:])
		if err != nil {
			return done, err
		}
		n, err := h.Handle.ReadAt(part, off+int64(done))
		done += n
		h.count(n)
		if err != nil || done == len(p) {
			return done, err
		}
	}
}

// allowed fires the rules that are due, takes them off, and returns the part of
// p that may be read before the next one.
func (h *handle) allowed(rules *[]*state, p []byte) ([]byte, error) {
	h.mu.Lock()
	told := h.told
	h.mu.Unlock()
	for len(*rules) > 0 {
		s := (*rules)[0]
		if left := s.After - told; left > 0 {
			return p[:min(left, int64(len(p)))], nil
		}
		*rules = (*rules)[1:]
		if err := h.fs.fire(h.ctx, s, Read, h.path, h.closed); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (h *handle) count(n int) {
	h.mu.Lock()
	h.told += int64(n)
	h.mu.Unlock()
}

// Close ends reads that hang.
func (h *handle) Close() error {
	h.closing.Do(func() { close(h.closed) })
	return h.Handle.Close()
}
