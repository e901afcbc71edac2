package index

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/vfs"
	"github.com/stardrive/stardrive/internal/vfs/memfs"
)

// hooks is a volume on which a test does something at a moment of its choice.
type hooks struct {
	vfs.Driver
	list, listed, stat func(path string)
}

func (h hooks) List(ctx context.Context, dir string, emit func([]vfs.Entry) error) error {
	if h.list != nil {
		h.list(dir)
	}
	err := h.Driver.List(ctx, dir, emit)
	if h.listed != nil {
		h.listed(dir)
	}
	return err
}

func (h hooks) Stat(ctx context.Context, p string) (vfs.Entry, error) {
	e, err := h.Driver.Stat(ctx, p)
	if h.stat != nil {
		h.stat(p)
	}
	return e, err
}

// a folder that is listed gets new files, and moves to where it is listed again, in one walk.
func TestFolderMovesWhileItIsTakenOver(t *testing.T) {
	w := newWorld(t, t.TempDir())
	must(t, w.MkdirAll("top/p/f"))
	must(t, w.MkdirAll("top/q"))
	must(t, w.WriteFile("top/p/f/old", nil))
	must(t, w.SetModified("top/q", time.Unix(1, 0)))
	w.start(scansOnly)
	w.svc.Workers = 1
	id := w.add("top")
	must(t, w.WriteFile("top/p/f/new", nil))
	w.disks.change(func() {
		w.driver = hooks{Driver: w.FS, listed: func(p string) {
			if p == "top/p/f" {
				_ = w.Rename("top/p/f", "top/q/f")
			}
		}}
	})
	must(t, w.SetModified("top/p", time.Unix(1<<32, 0)))
	w.rescan(id)
	w.disks.change(func() { w.driver = w.FS })
	w.rescan(id)
	w.equal("top")
}

// moved away and back while a batch is written.
func TestAwayAndBackWhileABatchIsWritten(t *testing.T) {
	w := newWorld(t, t.TempDir())
	must(t, w.MkdirAll("top/f"))
	must(t, w.MkdirAll("top/g"))
	must(t, w.MkdirAll("top/e"))
	must(t, w.WriteFile("top/f/x", []byte("x")))
	must(t, w.WriteFile("top/e/y", []byte("y")))
	must(t, w.SetCreated("top/f/x", time.Unix(1, 0)))
	w.start(scansOnly)
	w.svc.Workers = 2
	w.svc.Batch = -1
	id := w.add("top")
	before := w.known("top")["top/f/x"]
	must(t, w.Rename("top/f/x", "top/g/x"))
	must(t, w.Rename("top/e/y", "top/f/y"))
	back, compared := make(chan struct{}), make(chan struct{})
	var one, two sync.Once
	w.disks.change(func() {
		w.driver = hooks{Driver: w.FS, list: func(p string) {
			if p == "top/f" {
				<-back
			}
		}, stat: func(p string) {
			switch p {
			case "top/f/x": // asked on behalf of g: x is not here, and comes back at once
				one.Do(func() {
					_ = w.Rename("top/g/x", "top/f/x")
					close(back)
					<-compared
				})
			case "top/e/y": // asked on behalf of f, whose rows are read
				two.Do(func() {
					close(compared)
					time.Sleep(300 * time.Millisecond) // g is taken over first
				})
			}
		}}
	})
	w.rescan(id)
	w.disks.change(func() { w.driver = w.FS })
	w.rescan(id)
	w.rescan(id)
	if e := w.entry(before.ID); e.State != catalog.Present {
		t.Errorf("what was away for a moment is %+v", e)
	}
	w.equal("top")
}

// two large folders swap.
func TestLargeFoldersSwap(t *testing.T) {
	w := newWorld(t, t.TempDir())
	for _, d := range []string{"a", "b"} {
		must(t, w.MkdirAll("top/"+d))
		for i := range 120 {
			must(t, w.WriteFile(fmt.Sprintf("top/%s/%s%d", d, d, i), nil))
		}
	}
	w.start(scansOnly)
	id := w.add("top")
	must(t, errors.Join(w.Rename("top/a", "top/t"), w.Rename("top/b", "top/a"), w.Rename("top/t", "top/b")))
	w.rescan(id)
	w.equal("top")
}

// folding is a volume on which names that differ only in case are one.
type folding struct{ *memfs.FS }

func (d folding) Stat(ctx context.Context, p string) (vfs.Entry, error) {
	e, err := d.FS.Stat(ctx, p)
	if err == nil {
		return e, nil
	}
	dir, name := vfs.Split(p)
	real := ""
	_ = d.FS.List(ctx, dir, func(b []vfs.Entry) error {
		for _, v := range b {
			if strings.EqualFold(v.Name, name) {
				real = v.Name
			}
		}
		return nil
	})
	if real == "" {
		return e, err
	}
	return d.FS.Stat(ctx, vfs.Join(dir, real))
}

func (d folding) Features() vfs.Features {
	f := d.FS.Features()
	f.CaseFolding = true
	return f
}

// on a volume that folds case, a name that changes its case alone keeps its id.
func TestCaseAloneChanges(t *testing.T) {
	for _, stable := range []bool{true, false} {
		t.Run(fmt.Sprint("stable=", stable), func(t *testing.T) {
			w := newWorld(t, t.TempDir())
			must(t, w.MkdirAll("top/d/e"))
			must(t, w.WriteFile("top/d/photo.jpg", []byte("x")))
			must(t, w.SetCreated("top/d/photo.jpg", time.Unix(1, 0)))
			must(t, w.WriteFile("top/d/e/x", []byte("x")))
			if stable {
				w.driver = folding{w.FS}
			} else {
				w.driver = numberless{folding{w.FS}}
			}
			w.start(scansOnly)
			id := w.add("top")
			before := w.known("top")
			must(t, w.Rename("top/d/photo.jpg", "top/d/Photo.jpg"))
			must(t, w.Rename("top/d/e", "top/d/E"))
			w.rescan(id)
			if stable {
				w.equal("top")
			}
			after := w.known("top")
			if a, b := before["top/d/photo.jpg"].ID, after["top/d/Photo.jpg"].ID; a != b {
				t.Errorf("file: was %d, is %d", a, b)
			}
			if a, b := before["top/d/e"].ID, after["top/d/E"].ID; a != b {
				t.Errorf("folder: was %d, is %d", a, b)
			}
		})
	}
}

// a consent that was not used, since the scan failed, holds for a later scan that nobody asked for.
func TestPromise_P8_ConsentIsForOneScan(t *testing.T) {
	w := newWorld(t, t.TempDir())
	for i := range 300 {
		must(t, w.MkdirAll("top/a"))
		must(t, w.WriteFile(fmt.Sprintf("top/a/%d", i), nil))
	}
	w.start(scansOnly)
	id := w.add("top")
	w.disks.change(func() { w.online = false })
	if _, err := call[Location](w, "location.rescan", fmt.Sprintf(`{"location":"%d","accept_missing":301}`, id)); err != nil {
		t.Fatal(err)
	}
	w.scanned(id, job.Failed)
	w.disks.change(func() { w.online = true })
	must(t, w.Remove("top/a"))
	w.svc.due.add(id)
	must(t, w.svc.pursue(context.Background(), id, false)) // as the schedule does
	w.scanned(id, job.Failed)
}

// many names of one file.
func TestOneMoreOfManyNames(t *testing.T) {
	w := newWorld(t, t.TempDir())
	must(t, w.MkdirAll("top/0"))
	must(t, w.WriteFile("top/0/f", nil))
	for i := range 500 {
		must(t, w.MkdirAll(fmt.Sprintf("top/%d", i+1)))
		must(t, w.Link("top/0/f", fmt.Sprintf("top/%d/f", i+1)))
	}
	w.start(scansOnly)
	id := w.add("top")
	must(t, w.MkdirAll("top/new"))
	must(t, w.Link("top/0/f", "top/new/f"))
	var n atomic.Int64
	w.disks.change(func() { w.driver = hooks{Driver: w.FS, stat: func(string) { n.Add(1) }} })
	w.rescan(id)
	if n.Load() > 50 {
		t.Errorf("one new name took %d looks at others", n.Load())
	}
}

// the folder of a location that another one left out while the walk did not know of it.
func TestLocationInWhatIsBeingLeftOut(t *testing.T) {
	w := newWorld(t, t.TempDir())
	must(t, w.MkdirAll("top/x/y"))
	must(t, w.WriteFile("top/x/y/f", nil))
	w.start(scansOnly)
	outer := w.add("top")
	held := make(chan struct{})
	entered := make(chan struct{})
	var one sync.Once
	w.disks.change(func() {
		w.driver = hooks{Driver: w.FS, list: func(p string) {
			if p == "top" {
				one.Do(func() { close(entered); <-held })
			}
		}}
	})
	_, err := call[RuleList](w, "rules.add", fmt.Sprintf(`{"location":"%d","value":"/x/"}`, outer))
	must(t, err)
	<-entered
	inner, err := w.svc.add(context.Background(), mountA+"/top/x/y", "", "")
	must(t, err)
	close(held)
	w.scanned(outer, job.Done)
	w.scanned(inner, job.Done)
	if l, err := w.svc.view(t.Context(), inner); err != nil || l.Files != 1 {
		t.Errorf("the inner location is %+v, %v", l, err)
	}
	w.rescan(inner)
	if l, err := w.svc.view(t.Context(), inner); err != nil || l.Files != 1 {
		t.Errorf("after one more scan the inner location is %+v, %v", l, err)
	}
}

// the .gitignore file is left out itself, and changes while the location is watched.
func TestGitignoreThatIsLeftOutItself(t *testing.T) {
	w := newWorld(t, t.TempDir())
	must(t, w.MkdirAll("top/sub/deep"))
	must(t, w.WriteFile("top/sub/deep/a.log", nil))
	w.start(watching)
	id := w.add("top")
	for _, r := range []string{`"kind":"gitignore"`, `"value":".*"`} {
		_, err := call[RuleList](w, "rules.add", fmt.Sprintf(`{"location":"%d",%s}`, id, r))
		must(t, err)
	}
	w.calm()
	w.touch(func() error { return w.WriteFile("top/.gitignore", []byte("*.log\n")) }, "top/.gitignore")
	w.calm()
	if _, in := w.known("top")["top/sub/deep/a.log"]; in {
		t.Error("it is still in the index")
	}
}

// many folders replaced by files a little at a time pass the brake, which adds up what one walk takes.
func TestPromise_P8_BrakeAddsUp(t *testing.T) {
	w := newWorld(t, t.TempDir())
	for i := range 9 {
		for j := range 22 {
			must(t, w.MkdirAll(fmt.Sprintf("top/%d", i)))
			must(t, w.WriteFile(fmt.Sprintf("top/%d/%d", i, j), nil))
		}
	}
	w.start(scansOnly)
	id := w.add("top")
	for i := range 4 { // 92 are gone with the folders, that files replace
		must(t, w.Remove(fmt.Sprintf("top/%d", i)))
		must(t, w.WriteFile(fmt.Sprintf("top/%d", i), nil))
	}
	for i := 4; i < 8; i++ { // and 92 are gone
		must(t, w.Remove(fmt.Sprintf("top/%d", i)))
	}
	w.rescanTo(id, job.Failed)
}

// two files change places, of which one is young.
func TestYoungAndOldSwap(t *testing.T) {
	for _, first := range []string{"top/d1", "top/d2"} {
		w := newWorld(t, t.TempDir())
		must(t, w.MkdirAll("top/d1"))
		must(t, w.MkdirAll("top/d2"))
		must(t, w.WriteFile("top/d1/x", []byte("old")))
		must(t, w.SetCreated("top/d1/x", time.Unix(1, 0)))
		must(t, w.WriteFile("top/d2/y", []byte("young")))
		must(t, w.SetModified(first, time.Unix(1<<32, 0)))
		w.start(scansOnly)
		w.svc.Workers = 1
		id := w.add("top")
		must(t, errors.Join(w.Rename("top/d1/x", "top/t"), w.Rename("top/d2/y", "top/d1/x"), w.Rename("top/t", "top/d2/y")))
		must(t, w.SetModified(first, time.Unix(1<<32, 0)))
		w.rescan(id)
		w.equal("top")
	}
}

// a file with two names takes those of two others.
func TestTwoNamesTakeTwoOthers(t *testing.T) {
	w := newWorld(t, t.TempDir())
	must(t, w.MkdirAll("top/d1"))
	must(t, w.MkdirAll("top/d2"))
	for _, f := range []string{"top/a", "top/d1/x", "top/d2/y"} {
		must(t, w.WriteFile(f, []byte(f)))
		must(t, w.SetCreated(f, time.Unix(1, 0)))
	}
	w.start(scansOnly)
	id := w.add("top")
	must(t, errors.Join(w.Remove("top/d1/x"), w.Remove("top/d2/y"), w.Link("top/a", "top/d1/x"), w.Rename("top/a", "top/d2/y")))
	w.rescan(id)
	w.equal("top")
}

// killed in the second round, after something was put off.
func TestFolderBecomesAFileInAFolderThatMoves(t *testing.T) {
	w := newWorld(t, t.TempDir())
	must(t, w.MkdirAll("top/a/p"))
	must(t, w.MkdirAll("top/b"))
	must(t, w.WriteFile("top/a/p/f", nil))
	w.start(scansOnly)
	id := w.add("top")
	// p becomes a file, in a folder that moves over another
	must(t, errors.Join(w.Remove("top/b"), w.Rename("top/a", "top/b"), w.Remove("top/b/p"), w.WriteFile("top/b/p", []byte("file"))))
	w.rescan(id)
	w.equal("top")
}

// numbers do not last, and a file is renamed in its folder.
func TestRenameWithoutNumbers(t *testing.T) {
	w := newWorld(t, t.TempDir())
	must(t, w.MkdirAll("top/d"))
	for i := range 3 {
		must(t, w.WriteFile(fmt.Sprintf("top/d/IMG_%d.jpg", i), make([]byte, 100+i)))
	}
	w.driver = numberless{w.FS}
	w.start(scansOnly)
	id := w.add("top")
	before := w.known("top")
	must(t, w.Rename("top/d/IMG_1.jpg", "top/d/beach.jpg"))
	w.rescan(id)
	if a, b := before["top/d/IMG_1.jpg"].ID, w.known("top")["top/d/beach.jpg"].ID; a != b {
		t.Errorf("was %d, is %d", a, b)
	}
}

// young files change places in a watched location.
func TestLargeFoldersSwapWatched(t *testing.T) {
	w := newWorld(t, t.TempDir())
	for _, d := range []string{"d1", "d2"} {
		must(t, w.MkdirAll("top/"+d))
		for i := range 120 {
			must(t, w.WriteFile(fmt.Sprintf("top/%s/%s%d", d, d, i), nil))
		}
	}
	w.start(watching)
	id := w.add("top")
	w.calm()
	w.touch(func() error {
		return errors.Join(w.Rename("top/d1", "top/t"), w.Rename("top/d2", "top/d1"), w.Rename("top/t", "top/d2"))
	}, "top/d1", "top/d2", "top/t")
	w.calm()
	w.equal("top")
	if l := w.location(id); l.State != catalog.Ready {
		t.Errorf("%+v", l)
	}
}
