package content

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// busy is a disk of which a file is written to once more before it is opened the
// second time.
type busy struct {
	*disk
	path  string
	opens int
	write func()
}

func (b *busy) Driver(context.Context, string) (vfs.Driver, error) { return b, nil }

func (b *busy) Open(ctx context.Context, path string) (vfs.Handle, error) {
	if path == b.path {
		b.again(2)
	}
	return b.disk.Open(ctx, path)
}

// again counts on, and writes when it has come to n.
func (b *busy) again(n int) {
	if b.opens++; b.opens == n {
		b.write()
	}
}

// within gives a world whose clock is ten milliseconds ahead of a file's times.
func within(t *testing.T, path string) (*world, *busy) {
	t.Helper()
	w := newWorld(t)
	b := &busy{disk: w.d, path: path}
	w.Volumes = b
	seen, err := w.d.Stat(t.Context(), path)
	must(t, err)
	w.racy = 40 * time.Millisecond
	w.now = func() time.Time { return time.Unix(0, max(seen.Modified, seen.Changed)).Add(10 * time.Millisecond) }
	return w, b
}

// ways are all that read a file to know what it is.
var ways = map[string]func(*world) error{
	"one file": func(w *world) error { _, err := w.Know(w.t.Context(), w.id("top/b")); return err },
	"a folder": func(w *world) error { w.identify("top"); return nil },
	"duplicates": func(w *world) error {
		j, err := w.findDuplicates(w.t.Context(), FindIn{})
		if err == nil {
			w.done(&j)
		}
		return err
	},
}

// TestPromise_P9_TwoWritesInOneStepOfTheClock: a file that is written to again within
// the same step of its file system's clock, so that size and times are what they were,
// is never taken for what it was.
func TestPromise_P9_TwoWritesInOneStepOfTheClock(t *testing.T) {
	for name, read := range ways {
		t.Run(name, func(t *testing.T) {
			w, b := within(t, "top/b")
			b.write = func() { must(t, w.d.Rot("top/b", 0, 1)) } // nothing but its bytes differ
			must(t, read(w))
			if b.opens == 1 {
				b.write()
			}
			h, err := w.d.Open(t.Context(), "top/b")
			must(t, err)
			defer h.Close()
			hash, _, _, err := Sum(t.Context(), h)
			must(t, err)
			must(t, w.d.c.Read(t.Context(), func(r *catalog.Reader) error {
				c, err := r.Content(w.contentOf("top/b"))
				if c.Hash != hash {
					t.Error("it is taken for what it was")
				}
				return err
			}))
			if a, ok, err := w.About(t.Context(), w.id("top/b")); err != nil || !ok || !a.Proven || !a.Read.Equal(w.now()) {
				t.Errorf("%+v, %v, %v", a, ok, err)
			}
		})
	}
}

// TestWhatIsBeingWrittenIsLeft: of a file that was written to while it was waited for
// nothing is claimed.
func TestWhatIsBeingWrittenIsLeft(t *testing.T) {
	for name, read := range ways {
		t.Run(name, func(t *testing.T) {
			w, b := within(t, "top/b")
			b.write = func() { must(t, w.d.WriteFile("top/b", []byte("more"))) }
			err := read(w)
			if one := name == "one file"; one && !errs.Is(err, errs.Conflict) || !one && err != nil {
				t.Error(err)
			}
			if _, ok, err := w.About(t.Context(), w.id("top/b")); ok || err != nil || b.opens != 2 {
				t.Errorf("%v, %v, opened %d times", ok, err, b.opens)
			}
			w.record("top/b")
			if c, err := w.Know(t.Context(), w.id("top/b")); err != nil || c.Size != 4 { // its times are in the future now
				t.Errorf("%+v, %v", c, err)
			}
		})
	}
}

func TestWhoWaitsCanBeStopped(t *testing.T) {
	w, _ := within(t, "top/b")
	w.racy = time.Hour
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer stop()
	if _, err := w.Know(ctx, w.id("top/b")); !errs.Is(err, errs.KindOf(context.DeadlineExceeded)) || ctx.Err() == nil {
		t.Error(err)
	}
}

func TestTooYoung(t *testing.T) {
	s := New(Options{})
	now := time.Unix(1000, 0)
	at := func(ago time.Duration) int64 { return now.Add(-ago).UnixNano() }
	for name, c := range map[string]struct {
		modified, changed int64
		wait              time.Duration
	}{
		"old":                           {at(time.Hour), at(time.Minute), 0},
		"just old enough":               {at(racyTime), at(racyTime), 0},
		"young":                         {at(time.Second), at(time.Second), racyTime - time.Second},
		"now":                           {at(0), at(0), racyTime},
		"mtime set back":                {at(time.Hour), at(100 * time.Millisecond), 2 * time.Second},
		"mtime set to the future":       {at(-time.Hour), at(time.Minute), 0},
		"the same, just now":            {at(-time.Hour), at(time.Second), racyTime - time.Second},
		"mtime of the future, no ctime": {at(-time.Hour), 0, racyTime},
		"the clock was set back":        {at(-time.Hour), at(-time.Hour), racyTime},
		"before all times":              {math.MinInt64, math.MinInt64, 0},
		"after all times":               {math.MaxInt64, math.MaxInt64, racyTime},
	} {
		if got := s.tooYoung(&vfs.Entry{Modified: c.modified, Changed: c.changed}, now); got != c.wait {
			t.Errorf("%s: %v", name, got)
		}
	}
}
