//go:build linux

package fileops

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/vfs"
)

const (
	testChunk = 1 << 20
	largeFile = 12*testChunk + 12345
)

// reader is a volume of which is counted what is read, and which may be slow.
type reader struct {
	vfs.Driver
	read *atomic.Int64
	slow time.Duration
	ends bool // it reads the last bytes of the large file; else it waits there to be killed
}

func (r reader) Open(ctx context.Context, path string) (vfs.Handle, error) {
	h, err := r.Driver.Open(ctx, path)
	if err != nil {
		return nil, err
	}
	return readHandle{h, r}, nil
}

type readHandle struct {
	vfs.Handle
	r reader
}

func (h readHandle) ReadAt(b []byte, off int64) (int, error) {
	time.Sleep(h.r.slow)
	if !h.r.ends && off+int64(len(b)) > 12*testChunk {
		time.Sleep(time.Minute)
	}
	n, err := h.Handle.ReadAt(b, off)
	h.r.read.Add(int64(n))
	return n, err
}

// largeWorld is a world with the file "large" and small steps.
func largeWorld(t testing.TB, dir string, slow time.Duration) (w *testWorld, read *atomic.Int64) {
	w, read = emptyWorld(t, dir), new(atomic.Int64)
	w.sites.wrap = func(d vfs.Driver) vfs.Driver { return reader{d, read, slow, os.Getenv(killedIn) == ""} }
	w.tune = func(s *Service) { s.chunk, s.note = testChunk, testChunk }
	return w, read
}

func putLarge(t testing.TB, dir string) []byte {
	t.Helper()
	data := make([]byte, largeFile)
	_, _ = rand.NewChaCha8([32]byte{7}).Read(data)
	if err := errors.Join(os.MkdirAll(filepath.Join(dir, "a"), 0o700), os.WriteFile(filepath.Join(dir, "a", "large"), data, 0o600)); err != nil {
		t.Fatal(err)
	}
	return data
}

func tempDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp(fastDir(), "fileops")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// halfFile is the size of what stands under a private name in b; -1: nothing.
func halfFile(dir string) int64 {
	names, _ := filepath.Glob(filepath.Join(dir, "b", ".sd-*"))
	for _, n := range names {
		if is, err := os.Stat(n); err == nil {
			return is.Size()
		}
	}
	return -1
}

// noHalf demands that nothing of ours was left in b.
func (w *testWorld) noHalf() {
	w.t.Helper()
	if n := halfFile(filepath.Dir(w.a)); n >= 0 {
		w.t.Errorf("a private file of %d bytes was left", n)
	}
}

const killedIn = "FILEOPS_KILLED_IN"

// TestKilledChild is the process that TestPromise_P10_KilledInALargeFile kills.
func TestKilledChild(t *testing.T) {
	dir := os.Getenv(killedIn)
	if dir == "" {
		t.Skip("it is run by another test")
	}
	w, _ := largeWorld(t, dir, 2*time.Millisecond)
	w.start()
	defer w.stop()
	w.do(w.plan("files.copy", CopyIn{Sources: w.src("large"), Destination: w.path("b:")}), action.Done)
}

// A process that is killed while it copies a large file has written nothing in vain:
// the next one reads what is left, and not much more.
func TestPromise_P10_KilledInALargeFile(t *testing.T) {
	t.Parallel()
	for n := range 3 {
		dir := tempDir(t)
		data := putLarge(t, dir)
		at := testChunk + rand.Int64N(largeFile-2*testChunk)
		child := exec.Command(os.Args[0], "-test.run", "^TestKilledChild$")
		child.Env = append(os.Environ(), killedIn+"="+dir)
		var out bytes.Buffer
		child.Stdout, child.Stderr = &out, &out
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		for began := time.Now(); halfFile(dir) < at && time.Since(began) < time.Minute; {
			time.Sleep(100 * time.Microsecond)
		}
		_ = child.Process.Kill()
		_ = child.Wait()
		stands := halfFile(dir)
		if stands < at {
			t.Fatalf("%d: %d bytes stand, it was to be killed after %d\n%s", n, stands, at, out.String())
		}
		w, read := largeWorld(t, dir, 0)
		w.start()
		w.ends(ident.PlanID(1), action.Done)
		w.stop()
		if got, err := os.ReadFile(w.path("b:large")); err != nil || !bytes.Equal(got, data) {
			t.Errorf("%d: another file came of it (%v)", n, err)
		}
		if most := largeFile - stands + testChunk + 1; read.Load() > most+testChunk { // one may be written, and not noted yet
			t.Errorf("%d: %d bytes stood, %d of %d were read again, want at most %d", n, stands, read.Load(), largeFile, most)
		}
		w.noHalf()
	}
}

// ends waits until a plan that is committed already has ended.
func (w *testWorld) ends(id ident.PlanID, want action.State) action.Plan {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	p, err := w.plans.Wait(ctx, id)
	if err != nil || p.State != want {
		w.t.Fatalf("plan %d is %s (%s), %v\n%s", id, p.State, p.Error, err, w.failures(id))
	}
	return p
}

// halted commits a copy of the large file and returns when so many chunks are
// noted; the copying waits there until its context ends.
func halted(t *testing.T, chunks int32) (w *testWorld, read *atomic.Int64, data []byte, p action.Plan) {
	dir := tempDir(t)
	data = putLarge(t, dir)
	w, read = largeWorld(t, dir, 0)
	there, goOn := make(chan struct{}), make(chan struct{})
	tune := w.tune
	w.tune = func(s *Service) {
		tune(s)
		var n atomic.Int32
		s.yield = func(point string) {
			if point == "chunk" && n.Add(1) == chunks {
				close(there)
				<-goOn
			}
		}
	}
	w.start()
	t.Cleanup(func() { w.stop() })
	p = w.plan("files.copy", CopyIn{Sources: w.src("large"), Destination: w.path("b:")})
	w.begin(p)
	<-there
	p, err := w.plans.Get(t.Context(), p.ID)
	if err != nil {
		t.Fatal(err)
	}
	w.tune = tune
	time.AfterFunc(50*time.Millisecond, func() { close(goOn) }) // what stops it comes first
	return w, read, data, p
}

func (w *testWorld) heldSteps(id ident.PlanID) (n int) {
	w.t.Helper()
	err := w.plans.Journal(context.Background(), id, false, func(b action.Batch) error {
		if b.Held {
			n++
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// However a copy is stopped inside of a large file, it goes on from there.
func TestFault_C18_StoppedInALargeFile(t *testing.T) {
	t.Parallel()
	for name, stop := range map[string]func(w *testWorld, p action.Plan){
		"restarted": func(w *testWorld, _ action.Plan) { w.stop() },
		"paused": func(w *testWorld, p action.Plan) {
			if err := w.jobs.Pause(context.Background(), p.Job); err != nil {
				w.t.Fatal(err)
			}
			w.until(func() bool {
				s, err := w.jobs.Get(context.Background(), p.Job)
				return err == nil && s.State == job.Paused && w.heldSteps(p.ID) == 1
			})
			if err := w.jobs.Resume(context.Background(), p.Job); err != nil {
				w.t.Fatal(err)
			}
		},
		"cancelled": func(w *testWorld, p action.Plan) {
			if err := w.jobs.Cancel(context.Background(), p.Job); err != nil {
				w.t.Fatal(err)
			}
			w.until(func() bool { return w.heldSteps(p.ID) == 1 })
			w.begin(w.ends(p.ID, action.Cancelled))
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, read, data, p := halted(t, 6)
			stop(w, p)
			if name == "restarted" {
				if w.start(); halfFile(filepath.Dir(w.a)) < 6*testChunk {
					t.Error("nothing was left to go on with")
				}
			}
			w.ends(p.ID, action.Done)
			if got, err := os.ReadFile(w.path("b:large")); err != nil || !bytes.Equal(got, data) {
				t.Errorf("another file came of it (%v)", err)
			}
			if read.Load() > largeFile+3*testChunk { // blocks that were read and not written yet
				t.Errorf("%d bytes were read, of %d", read.Load(), largeFile)
			}
			w.noHalf()
			if n := w.heldSteps(p.ID); n != 0 {
				t.Errorf("%d steps are held", n)
			}
		})
	}
}

func (w *testWorld) until(is func() bool) {
	w.t.Helper()
	for began := time.Now(); !is(); time.Sleep(time.Millisecond) {
		if time.Since(began) > time.Minute {
			w.t.Fatal("it does not come to pass")
		}
	}
}

// What is half done is trusted only as far as it is true, and goes when nobody
// goes on with it.
func TestFault_D2_HalfAFileThatChanged(t *testing.T) {
	t.Parallel()
	temp := func(w *testWorld) string {
		names, _ := filepath.Glob(filepath.Join(w.b, ".sd-*"))
		if len(names) != 1 {
			w.t.Fatalf("%v", names)
		}
		return names[0]
	}
	flip := func(w *testWorld, path string, at int64) {
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			w.t.Fatal(err)
		}
		var b [1]byte
		_, err = f.ReadAt(b[:], at)
		b[0] ^= 1
		if _, failed := f.WriteAt(b[:], at); err != nil || failed != nil || f.Close() != nil {
			w.t.Fatal(err, failed)
		}
	}
	for name, harm := range map[string]func(w *testWorld, private string){
		"rot":   func(w *testWorld, private string) { flip(w, private, 3*testChunk) },
		"cut":   func(_ *testWorld, private string) { _ = os.Truncate(private, 100) },
		"gone":  func(_ *testWorld, private string) { _ = os.Remove(private) },
		"named": func(w *testWorld, private string) { _ = os.Link(private, filepath.Join(w.b, "mine")) },
		"another": func(_ *testWorld, private string) {
			_ = errors.Join(os.Remove(private), os.WriteFile(private, []byte("x"), 0o600))
		},
		"source": func(w *testWorld, _ string) { flip(w, w.path("large"), 7) },
		"nobody": nil,
	} {
		t.Run(name, func(t *testing.T) {
			w, _, data, p := halted(t, 5)
			if harm == nil {
				if err := w.jobs.Cancel(t.Context(), p.Job); err != nil {
					t.Fatal(err)
				}
				w.until(func() bool { return w.heldSteps(p.ID) == 1 })
				w.ends(p.ID, action.Cancelled)
				w.restart() // nobody goes on with a plan that was cancelled
				w.until(func() bool { return w.heldSteps(p.ID) == 0 })
				w.noHalf()
				w.hasNot("b:large")
				return
			}
			w.stop()
			private := temp(w)
			harm(w, private)
			w.start()
			want := action.Done
			if name == "source" {
				want = action.Failed
			}
			w.ends(p.ID, want)
			if got, err := os.ReadFile(w.path("b:large")); name != "source" && (err != nil || !bytes.Equal(got, data)) {
				t.Errorf("another file came of it (%v)", err)
			}
			if name == "named" {
				if is, err := os.Stat(w.path("b:mine")); err != nil || is.Size() > 6*testChunk {
					t.Errorf("what another holds on to was written: %v", err)
				}
			}
			w.noHalf()
		})
	}
}
