// Package faultfs makes a driver fail on purpose, by a small script: errors in
// the middle of a listing, files that cannot be read or written from some byte
// on, copies that are too short or wrong, calls that take their time or never
// come back, and an end of everything at some call. It stands in front of any
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

// ErrInjected is in the chain of every error made here, ErrKilled in that of
// every call from the end on.
var (
	ErrInjected = errors.New("injected")
	ErrKilled   = fmt.Errorf("%w: the end of everything", ErrInjected)
)

// Op names what a rule is about.
type Op string

// The operations, and two groups of them.
const (
	Any    Op = "any"
	Change Op = "change" // all that change something or sync it

	List     Op = "list"
	Stat     Op = "stat" // also Self, and Stat of an open file that is written
	Open     Op = "open"
	Read     Op = "read" // Read and ReadAt of an open file
	Folder   Op = "folder"
	Readlink Op = "readlink"
	Meta     Op = "meta"
	Rewrite  Op = "rewrite" // Dir.Write

	Create   Op = "create"
	Write    Op = "write" // Write and WriteAt of an open file
	Truncate Op = "truncate"
	Allocate Op = "allocate"
	Clone    Op = "clone"
	CopyFrom Op = "copyfrom"
	SetMeta  Op = "setmeta"
	Mkdir    Op = "mkdir"
	Symlink  Op = "symlink"
	Link     Op = "link"
	Rename   Op = "rename" // also Exchange; both paths count
	Unlink   Op = "unlink"
	Rmdir    Op = "rmdir"
	Sync     Op = "sync"
	SyncDir  Op = "syncdir"
	SyncAll  Op = "syncall"
)

var (
	looks   = []Op{List, Stat, Open, Read, Folder, Readlink, Meta, Rewrite}
	changes = []Op{Create, Write, Truncate, Allocate, Clone, CopyFrom, SetMeta, Mkdir, Symlink, Link, Rename, Unlink, Rmdir, Sync, SyncDir, SyncAll}
)

// includes reports whether a rule about op is about a call of that.
func (op Op) includes(that Op) bool {
	return op == that || op == Any || op == Change && slices.Contains(changes, that)
}

// Rule is one fault: when (Op, Path, Call, From, After, Times) and what (the
// rest). A rule that says nothing of what only delays.
type Rule struct {
	Op    Op
	Path  string // pattern, see Match
	Call  int    // only the call of this number that matches, counted from 1; 0: every call
	From  int    // this call and all that follow
	After int64  // not before so many entries (list) or bytes of the handle (read, write) were told
	Times int    // at most so often; 0: without limit

	Delay time.Duration // first wait, or until the context ends
	Hang  bool          // then wait until the context ends, or the handle is closed
	Kind  errs.Kind     // then fail with this kind
	Errno syscall.Errno // and this cause
	Kill  bool          // this call and all that follow fail, whatever they are about
	Late  bool          // the call is done, and fails only then

	Short bool  // CopyFrom copies no more than Most bytes
	Most  int64 //
	Flip  bool  // a bit of what Write, CopyFrom or Clone wrote is wrong, and nobody tells
	Zeros bool  // what CopyFrom or Clone wrote are zeros
}

// FS is the driver with its faults.
type FS struct {
	vfs.Driver
	mu      sync.Mutex
	rules   []*state
	yield   func(op Op, path string)
	changes int
	dead    bool
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

// Heal takes all rules away, also while the driver is in use.
func (f *FS) Heal() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules = nil
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

// Yield has fn called before each call, of a Dir and an open file too, so that an
// adversary can act between any two of them. fn may use what is beneath the FS; a
// panic in it comes out of the call.
func (f *FS) Yield(fn func(op Op, path string)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.yield = fn
}

// Changes tells how many calls there were that [Change] is about.
func (f *FS) Changes() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.changes
}

// Kill lets every call from now on fail, as a rule with Kill does.
func (f *FS) Kill() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.dead = true
}

// Killed reports whether the end has come.
func (f *FS) Killed() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.dead
}

// matching counts a call and returns the rules for it, the earliest first. It
// yields to the adversary before.
func (f *FS) matching(op Op, paths ...string) []*state {
	f.mu.Lock()
	yield := f.yield
	f.mu.Unlock()
	if yield != nil {
		yield(op, paths[0])
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.dead && Change.includes(op) {
		f.changes++
	}
	if f.dead {
		return []*state{{Rule: Rule{Op: op, Path: "**", Kill: true}}}
	}
	var found []*state
	for _, s := range f.rules {
		if !s.Op.includes(op) || !slices.ContainsFunc(paths, func(path string) bool { return Match(s.Path, path) }) {
			continue
		}
		s.calls++
		if (s.Call == 0 || s.Call == s.calls) && s.From <= s.calls {
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
	if s.Kill {
		if !s.Late {
			f.Kill()
		}
		return &errs.Error{Op: string(op), Path: path, Kind: errs.Unavailable, Err: ErrKilled}
	}
	if cause := s.cause(); cause != nil {
		return fail(errs.KindOf(cause), cause)
	}
	return nil
}

// effect is what becomes of a call that goes on.
type effect struct {
	Rule       // Short, Most, Flip and Zeros of the rules that fired
	late error // comes when the call is done
	fs   *FS
}

// enter fires the rules that do not wait for entries or bytes.
func (f *FS) enter(ctx context.Context, op Op, paths ...string) (e effect, err error) {
	e.fs = f
	for _, s := range f.matching(op, paths...) {
		if err := f.fire(ctx, s, op, paths[0], nil); err != nil {
			if !s.Late {
				return e, err
			}
			e.late = err
		}
		e.add(s.Rule)
	}
	return e, nil
}

func (e *effect) add(r Rule) {
	if r.Short && (!e.Short || r.Most < e.Most) {
		e.Short, e.Most = true, r.Most
	}
	e.Flip, e.Zeros = e.Flip || r.Flip, e.Zeros || r.Zeros
}

// leave is the end of a call that returned err.
func (e effect) leave(err error) error {
	if errors.Is(e.late, ErrKilled) {
		e.fs.Kill()
	}
	if e.late != nil {
		return e.late
	}
	return err
}

// before is enter for calls that only look.
func (f *FS) before(ctx context.Context, op Op, path string) error {
	e, err := f.enter(ctx, op, path)
	if err == nil {
		err = e.leave(nil)
	}
	return err
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
	return f.list(ctx, dir, emit, func(emit func([]vfs.Entry) error) error { return f.Driver.List(ctx, dir, emit) })
}

func (f *FS) list(ctx context.Context, dir string, emit func([]vfs.Entry) error, list func(emit func([]vfs.Entry) error) error) error {
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
	return list(func(batch []vfs.Entry) error {
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
	return f.handle(ctx, h, path), nil
}

func (f *FS) handle(ctx context.Context, h vfs.Handle, path string) *handle {
	return &handle{Handle: h, fs: f, ctx: ctx, path: path, closed: make(chan struct{})}
}

// Features are those of the driver; the folders that it opens for changes obey
// the rules too.
func (f *FS) Features() vfs.Features {
	features := f.Driver.Features()
	if w := features.Writing; w != nil {
		own := *w
		own.Dir = func(ctx context.Context, path string) (vfs.Dir, error) {
			if err := f.before(ctx, Folder, path); err != nil {
				return nil, err
			}
			d, err := w.Dir(ctx, path)
			if err != nil {
				return nil, err
			}
			return &dir{Dir: d, fs: f, path: path}, nil
		}
		features.Writing = &own
	}
	return features
}
