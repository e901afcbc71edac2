//go:build linux

package fileops

import (
	"bytes"
	"context"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/store"
	"github.com/stardrive/stardrive/internal/vfs"
	"github.com/stardrive/stardrive/internal/vfs/memfs"
)

// writer is a volume of which is counted what is written to files.
type writer struct {
	vfs.Driver
	wrote *atomic.Int64
}

func (d writer) Features() vfs.Features {
	f := d.Driver.Features()
	w := *f.Writing
	open := w.Dir
	w.Dir = func(ctx context.Context, path string) (vfs.Dir, error) {
		in, err := open(ctx, path)
		return writerDir{in, d.wrote}, err
	}
	f.Writing = &w
	return f
}

type writerDir struct {
	vfs.Dir
	wrote *atomic.Int64
}

func (d writerDir) Unwrap() vfs.Dir { return d.Dir }

func (d writerDir) Create(ctx context.Context, name string, mode uint32) (vfs.WriteHandle, error) {
	h, err := d.Dir.Create(ctx, name, mode)
	return writerHandle{h, d.wrote}, err
}

type writerHandle struct {
	vfs.WriteHandle
	wrote *atomic.Int64
}

func (h writerHandle) Unwrap() vfs.Handle { return h.WriteHandle }

func (h writerHandle) WriteAt(b []byte, off int64) (int, error) {
	h.wrote.Add(int64(len(b)))
	return h.WriteHandle.WriteAt(b, off)
}

// savingWorld has two volumes that share bytes, and counts what is written.
func savingWorld(t *testing.T, b memfs.Options) (*testWorld, *atomic.Int64) {
	wrote := new(atomic.Int64)
	w := newTestWorldAs(t, func(w *testWorld) {
		w.inMemoryOf(memfs.NewWith(memfs.Options{}), memfs.NewWith(b))
		w.sites.wrap = func(d vfs.Driver) vfs.Driver { return writer{d, wrote} }
	})
	return w, wrote
}

func noise(n int, seed byte) string {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{seed}).Read(b)
	return string(b)
}

// What stands on the target volume already is not written again, and the preview
// says what that saves.
func TestPromise_P5_SavedIsNotWritten(t *testing.T) {
	t.Parallel()
	const large = 300 << 10
	w, wrote := savingWorld(t, memfs.Options{})
	w.write("d/known", noise(large, 1))
	w.write("d/unknown", noise(large, 2))
	w.write("d/changed", noise(large, 3))
	w.write("b:old/other name", noise(large, 1))
	w.write("b:old/changed", noise(large, 3))
	w.index()
	w.indexOn("vol-b", "b:")
	w.write("d/changed", noise(large, 4))
	p := w.plan("files.copy", CopyIn{Sources: w.src("d"), Destination: w.path("b:")})
	if s := p.Summary; s.Saved != large || s.Write != 2*large || s.Bytes != 3*large {
		t.Errorf("%+v", s)
	}
	if r := p.Summary.Room; len(r) != 1 || r[0].Before-r[0].After != 2*large || r[0].Needs != 4 {
		t.Errorf("%+v", r)
	}
	wrote.Store(0)
	w.do(p, action.Done)
	if wrote.Load() != 2*large {
		t.Errorf("%d bytes were written", wrote.Load())
	}
	w.has("b:d/known", noise(large, 1))
	w.has("b:d/changed", noise(large, 4))
	w.undo(p, action.Done)
	w.has("b:old/other name", noise(large, 1))
}

// A file that is known to stand there already is left out by keep-same; what is not
// known, or another, is asked about.
func TestPromise_P5_TheSameIsKept(t *testing.T) {
	t.Parallel()
	w, _ := savingWorld(t, memfs.Options{NoClone: true})
	for _, p := range []string{"d/", "b:d/"} {
		w.write(p+"same", "the same")
		w.write(p+"later", "also the same")
	}
	w.write("d/other", "1")
	w.write("b:d/other", "2")
	w.index()
	w.indexOn("vol-b", "b:")
	w.write("b:d/later", "also the sam3")
	p := w.plan("files.copy", CopyIn{Sources: w.src("d"), Destination: w.path("b:"), Conflict: KeepSame})
	if p.Undecided != 2 || p.Summary.Saved != int64(len("the same")) || p.Summary.Write != int64(len("also the same")+1) {
		t.Errorf("%d undecided, %+v", p.Undecided, p.Summary)
	}
	if _, err := w.plans.Choose(t.Context(), p.ID, nil, chooseReplace); err != nil {
		t.Fatal(err)
	}
	p = w.do(p, action.Done)
	if p.Skipped != 1 || !strings.Contains(w.failures(p.ID), "same") {
		t.Errorf("%d skipped: %s", p.Skipped, w.failures(p.ID))
	}
	w.has("b:d/later", "also the same")
}

// What is skipped is not said to be written, and a volume that is too small is
// told of before anything is done.
func TestFault_C7_RoomIsForetold(t *testing.T) {
	t.Parallel()
	w := newTestWorld(t)
	w.write("one", "12345")
	w.write("b:one", "123")
	if p := w.plan("files.copy", CopyIn{Sources: w.src("one"), Destination: w.path("b:"), Conflict: Skip}); p.Summary.Write != 0 || len(p.Summary.Room) != 0 {
		t.Errorf("%+v", p.Summary)
	}
	d := &action.Draft{}
	v := &volume{Site: Site{Driver: spaced{vfs.Space{Free: 100, Files: 3}}}}
	w.world().room(t.Context(), d, v, 101, 4)
	if len(d.Warnings) != 2 || d.Summary.Room[0].After != -1 || d.Summary.Room[0].Files != 3 {
		t.Errorf("%q %+v", d.Warnings, d.Summary.Room)
	}
	v.Driver = spaced{vfs.Space{Free: 100, Files: -1}}
	d = &action.Draft{}
	if w.world().room(t.Context(), d, v, 1, 1); len(d.Warnings) != 1 {
		t.Errorf("%q", d.Warnings)
	}
	v.Driver = spaced{vfs.Space{Free: 100}}
	d = &action.Draft{}
	if w.world().room(t.Context(), d, v, -1, -1); len(d.Warnings) != 0 || d.Summary.Room[0].After != 101 {
		t.Errorf("%q %+v", d.Warnings, d.Summary.Room)
	}
}

type spaced struct{ vfs.Space }

func (s spaced) Features() vfs.Features {
	return vfs.Features{Space: func(context.Context) (vfs.Space, error) { return s.Space, nil }}
}
func (spaced) List(context.Context, string, func([]vfs.Entry) error) error { return nil }
func (spaced) Stat(context.Context, string) (e vfs.Entry, err error)       { return e, err }
func (spaced) Open(context.Context, string) (vfs.Handle, error) {
	return nil, errs.New(errs.NotFound, "none")
}
func (spaced) Close() error { return nil }

// A pace comes near to what is measured, whatever it was before and whatever the
// files are like.
func TestPaceIsLearnt(t *testing.T) {
	t.Parallel()
	const perFile, perByte = 3e-3, 2e-8
	p := pace{file: guessFile, byte: guessByte}
	for n := range 200 {
		files, bytes := int64(256), int64(1<<20)
		if n%2 == 0 {
			files, bytes = 1, 200<<20
		}
		p.learn(files, bytes, time.Duration((float64(files)*perFile+float64(bytes)*perByte)*1e9))
	}
	for _, c := range [][2]int64{{1000, 1 << 20}, {1, 1 << 30}, {500, 100 << 20}} {
		if got, want := p.seconds(c[0], c[1]), float64(c[0])*perFile+float64(c[1])*perByte; got < want/1.3 || got > want*1.3 {
			t.Errorf("%d files of %d bytes: %.2f s, want %.2f s", c[0], c[1], got, want)
		}
	}
	if now := time.Now(); (&pace{measured: 10, updated: now}).guess(now) || !(&pace{measured: 1, updated: now}).guess(now) || !(&pace{measured: 10}).guess(now) {
		t.Error("what is a guess, and what is not")
	}
	run := pacing{pace: p, files: 500, bytes: 50 << 20, worked: 20 * time.Second, units: 10}
	if got, want := run.left(1000, 100<<20, 10<<20).Seconds(), 20/(10+p.seconds(0, 10<<20))*p.seconds(500, 40<<20); got < want-0.01 || got > want+0.01 {
		t.Errorf("%.2f s are left, want %.2f s: this run takes twice what was known", got, want)
	}
	run = pacing{pace: pace{byte: 1e-9}, began: time.Now().Add(-time.Minute)} // a limit was set meanwhile: 1 MB a second
	if got := run.left(0, 100e6, 60e6).Seconds(); got < 39 || got > 45 {
		t.Errorf("%.2f s are left of a file that takes 40 s more", got)
	}
}

// The preview tells how long it will take: a guess, until plans have measured it.
func TestSecondsAreKnownFromPlans(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	data := putLarge(t, dir)
	w, _ := largeWorld(t, dir, 60*time.Millisecond)
	w.start()
	t.Cleanup(func() { w.stop() })
	copy := func(to string, limit int64) action.Plan {
		return w.plan("files.copy", CopyIn{Sources: w.src("large"), Destination: w.path(to), Limit: limit})
	}
	p := copy("b:one", 0)
	if !p.Summary.Guess || p.Summary.Seconds <= 0 {
		t.Errorf("%+v", p.Summary)
	}
	w.do(p, action.Done)
	measured := 0.0
	err := w.db.Write(t.Context(), func(tx *store.Tx) error {
		if err := tx.QueryRow("SELECT measured_s FROM pace WHERE from_volume = 'vol-a' AND to_volume = 'vol-b'").Scan(&measured); err != nil {
			return err
		}
		_, err := tx.Exec("UPDATE pace SET file_s = 1, byte_s = 0.001, measured_s = 100")
		return err
	})
	if err != nil || measured < 0.7 {
		t.Errorf("%v s were measured: %v", measured, err)
	}
	if s := copy("b:two", 0).Summary; s.Guess || s.Seconds != 1+0.001*largeFile {
		t.Errorf("%+v", s)
	}
	if s := copy("b:two", 1).Summary; s.Seconds != largeFile {
		t.Errorf("%+v", s)
	}
	if b, err := w.read("b:one"); err != nil || !bytes.Equal(b, data) {
		t.Error(err)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	s := New(Options{})
	for _, c := range []struct{ all, own, want int64 }{{0, 0, 0}, {5, 0, 5}, {0, 5, 5}, {5, 3, 3}, {3, 5, 3}, {-1, 2, 2}} {
		if s.SetLimit(c.all); s.limited(c.own) != c.want {
			t.Errorf("%+v: %d", c, s.limited(c.own))
		}
	}
}

// The file that is being copied can be left out; the rest is done, and nothing of
// it stays.
func TestFault_C18_TheFileAtHandIsLeftOut(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	putLarge(t, dir)
	w, _ := largeWorld(t, dir, 0)
	there, goOn := make(chan struct{}), make(chan struct{})
	tune := w.tune
	w.tune = func(s *Service) {
		tune(s)
		var n atomic.Int32
		s.yield = func(point string) {
			if point == "chunk" && n.Add(1) == 3 {
				close(there)
				<-goOn
			}
		}
	}
	w.start()
	t.Cleanup(func() { w.stop() })
	w.write("small", "1")
	p := w.plan("files.move", MoveIn{Sources: w.src("large", "small"), Destination: w.path("b:")})
	if _, err := w.plans.Skip(t.Context(), p.ID, ""); !errs.Is(err, errs.Conflict) {
		t.Errorf("nothing is being copied: %v", err)
	}
	w.begin(p)
	<-there
	if _, err := w.plans.Skip(t.Context(), p.ID, "small"); !errs.Is(err, errs.Conflict) {
		t.Errorf("another is being copied: %v", err)
	}
	w.until(func() bool {
		s, err := w.jobs.Get(t.Context(), w.jobOf(p))
		return err == nil && s.State == job.Running && s.Current == "large" && s.ETA > 0
	})
	time.AfterFunc(20*time.Millisecond, func() { close(goOn) })
	if _, err := w.plans.Skip(t.Context(), p.ID, "large"); err != nil {
		t.Errorf("left out: %v", err)
	}
	p = w.ends(p.ID, action.Done)
	if p.Skipped != 1 || p.Failed != 0 {
		t.Errorf("%+v\n%s", p, w.failures(p.ID))
	}
	w.hasNot("b:large")
	w.has("b:small", "1")
	if !w.is("large") || w.is("small") {
		t.Error("what was left out stays where it is, and nothing else does")
	}
	w.noHalf()
}

func (w *testWorld) jobOf(p action.Plan) ident.JobID {
	p, err := w.plans.Get(context.Background(), p.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	return p.Job
}
