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

	mu      sync.Mutex
	told    int64
	written int64
}

// Unwrap is the handle without faults.
func (h *handle) Unwrap() vfs.Handle { return h.Handle }

// Read reads up to the next byte from which a rule applies.
func (h *handle) Read(p []byte) (int, error) {
	rules := h.fs.matching(Read, h.path)
	p, err := h.allowed(&rules, Read, &h.told, p, nil)
	if err != nil {
		return 0, err
	}
	n, err := h.Handle.Read(p)
	h.count(&h.told, n)
	return n, err
}

// ReadAt does the same; since it must not return less without an error, it
// goes on to meet the rule in the same call.
func (h *handle) ReadAt(p []byte, off int64) (int, error) {
	rules := h.fs.matching(Read, h.path)
	done := 0
	for {
		part, err := h.allowed(&rules, Read, &h.told, p[done:], nil)
		if err != nil {
			return done, err
		}
		n, err := h.Handle.ReadAt(part, off+int64(done))
		done += n
		h.count(&h.told, n)
		if err != nil || done == len(p) {
			return done, err
		}
	}
}

// allowed fires the rules that are due, takes them off, and returns the part of
// p that may be read or written before the next one. told counts the bytes.
func (h *handle) allowed(rules *[]*state, op Op, told *int64, p []byte, e *effect) ([]byte, error) {
	h.mu.Lock()
	before := *told
	h.mu.Unlock()
	for len(*rules) > 0 {
		s := (*rules)[0]
		if left := s.After - before; left > 0 {
			return p[:min(left, int64(len(p)))], nil
		}
		*rules = (*rules)[1:]
		err := h.fs.fire(h.ctx, s, op, h.path, h.closed)
		if e != nil {
			e.add(s.Rule)
			if s.Late {
				e.late, err = err, nil
			}
		}
		if err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (h *handle) count(told *int64, n int) {
	h.mu.Lock()
	*told += int64(n)
	h.mu.Unlock()
}

// Close ends reads that hang.
func (h *handle) Close() error {
	h.closing.Do(func() { close(h.closed) })
	return h.Handle.Close()
}
