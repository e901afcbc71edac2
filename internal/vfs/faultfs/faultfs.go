// Package faultfs makes a driver fail on purpose, by a small script: errors in
// the middle of a listing, files that cannot be read from some byte on, calls
// that take their time or never come back. It stands in front of any
// [vfs.Driver] and knows none.
package faultfs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// ErrInjected is in the chain of every error made here.
var ErrInjected = errors.New("injected")

// Op names what a rule is about.
type Op string

// The operations. Read stands for Read and ReadAt of an open file.
const (
	Any  Op = "any"
	List Op = "list"
	Stat Op = "stat"
	Open Op = "open"
	Read Op = "read"
)

// Rule is one fault: when (Op, Path, Call, After, Times) and what (Delay, Hang,
// Kind, Errno). A rule without Hang, Kind and Errno only delays.
type Rule struct {
	Op    Op
	Path  string // pattern, see Match
	Call  int    // only the call of this number that matches, counted from 1; 0: every call
	After int64  // not before so many entries (list) or bytes of the handle (read) were told
	Times int    // at most so often; 0: without limit

	Delay time.Duration // first wait, or until the context ends
	Hang  bool          // then wait until the context ends, or the handle is closed
	Kind  errs.Kind     // then fail with this kind
	Errno syscall.Errno // and this cause
}

// FS is the driver with its faults.
type FS struct {
	vfs.Driver
	mu    sync.Mutex
	rules []*state
}

// state is a rule with what happened to it, guarded by FS.mu.
type state struct {
	Rule
	calls, fired int
}

var _ vfs.Driver = (*FS)(nil)

// New puts rules in front of d. Closing the FS closes d.
func New(d vfs.Driver, rules ...Rule) *FS {
	f := &FS{Driver: d}
	f.Add(rules...)
	return f
}

// Add appends rules, also while the driver is in use.
func (f *FS) Add(rules ...Rule) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range rules {
		f.rules = append(f.rules, &state{Rule: r})
	}
}

// VerifyAllUsed fails the test for each rule that never came to pass: a fault
// that does not happen proves nothing.
func (f *FS) VerifyAllUsed(t interface {
	Helper()
	Errorf(format string, args ...any)
}) {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, s := range f.rules {
		if s.fired == 0 {
			t.Errorf("this fault never happened (%d calls matched): %s", s.calls, s.Rule)
		}
	}
}

// matching counts a call and returns the rules for it, the earliest first.
func (f *FS) matching(op Op, path string) []*state {
	f.mu.Lock()
	defer f.mu.Unlock()
	var found []*state
	for _, s := range f.rules {
		if (s.Op != op && s.Op != Any) || !Match(s.Path, path) {
			continue
		}
		s.calls++
		if s.Call == 0 || s.Call == s.calls {
			found = append(found, s)
		}
	}
	slices.SortStableFunc(found, func(a, b *state) int { return cmp.Compare(a.After, b.After) })
	return found
}

// take reports whether the rule may fire once more, and counts it.
func (f *FS) take(s *state) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if s.Times > 0 && s.fired >= s.Times {
		return false
	}
	s.fired++
	return true
}

// fire does what the rule says. closed ends a hanging read; it may be nil.
func (f *FS) fire(ctx context.Context, s *state, op Op, path string, closed <-chan struct{}) error {
	if !f.take(s) {
		return nil
	}
	fail := func(kind errs.Kind, cause error) error {
		return &errs.Error{Op: string(op), Path: path, Kind: kind, Err: fmt.Errorf("%w: %w", ErrInjected, cause)}
	}
	var wait <-chan time.Time // nil: for ever
	if !s.Hang {
		if s.Delay > 0 {
			timer := time.NewTimer(s.Delay)
			defer timer.Stop()
			wait = timer.C
		} else {
			done := make(chan time.Time)
			close(done)
			wait = done
		}
	}
	select {
	case <-wait:
	case <-closed:
		return fail(errs.Invalid, errors.New("the file is closed"))
	case <-ctx.Done():
		return fail(errs.KindOf(ctx.Err()), ctx.Err())
	}
	if cause := s.cause(); cause != nil {
		return fail(errs.KindOf(cause), cause)
	}
	return nil
}

// before fires the rules that do not wait for entries or bytes.
func (f *FS) before(ctx context.Context, op Op, path string) error {
	for _, s := range f.matching(op, path) {
		if err := f.fire(ctx, s, op, path, nil); err != nil {
			return err
		}
	}
	return nil
}

// Stat examines one entry, or fails as the rules say.
func (f *FS) Stat(ctx context.Context, path string) (vfs.Entry, error) {
	if err := f.before(ctx, Stat, path); err != nil {
		return vfs.Entry{}, err
	}
	return f.Driver.Stat(ctx, path)
}

// List lists dir; a rule with After lets so many entries through before.
func (f *FS) List(ctx context.Context, dir string, emit func([]vfs.Entry) error) error {
	rules := f.matching(List, dir)
	var told int64
	due := func(most int64) error {
		for len(rules) > 0 && rules[0].After <= most {
			s := rules[0]
			rules = rules[1:]
			if err := f.fire(ctx, s, List, dir, nil); err != nil {
				return err
			}
		}
		return nil
	}
	if err := due(0); err != nil {
		return err
	}
	return f.Driver.List(ctx, dir, func(batch []vfs.Entry) error {
		for len(batch) > 0 {
			part := batch
			if len(rules) > 0 {
				part = batch[:min(int64(len(batch)), rules[0].After-told)]
			}
			if err := emit(part); err != nil {
				return err
			}
			told += int64(len(part))
			batch = batch[len(part):]
			if err := due(told); err != nil {
				return err
			}
		}
		return nil
	})
}

// Open opens a file whose reads obey the rules too.
func (f *FS) Open(ctx context.Context, path string) (vfs.Handle, error) {
	if err := f.before(ctx, Open, path); err != nil {
		return nil, err
	}
	h, err := f.Driver.Open(ctx, path)
	if err != nil {
		return nil, err
	}
	return &handle{Handle: h, fs: f, ctx: ctx, path: path, closed: make(chan struct{})}, nil
}
