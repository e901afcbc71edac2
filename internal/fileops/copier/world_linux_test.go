package copier_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/stardrive/stardrive/internal/driver/local"
	"github.com/stardrive/stardrive/internal/fileops/copier"
	"github.com/stardrive/stardrive/internal/vfs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a folder of this machine with two volumes in it, seen through hooks.
type world struct {
	t        testing.TB
	root     string
	from, to *driver
	into     vfs.Dir
	src, dst *hooks
	engine   *copier.Engine
}

func newWorld(t testing.TB) *world {
	t.Helper()
	return newWorldIn(t, fastDir(t))
}

func newWorldIn(t testing.TB, root string) *world {
	t.Helper()
	w := &world{t: t, root: root, src: &hooks{}, dst: &hooks{}, engine: copier.New()}
	open := func(name string, h *hooks) *driver {
		path := filepath.Join(root, name)
		if err := os.Mkdir(path, 0o755); err != nil {
			t.Fatal(err)
		}
		d, err := local.New(path, local.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = d.Close() })
		return &driver{d, h}
	}
	w.from, w.to = open("from", w.src), open("to", w.dst)
	var err error
	if w.into, err = w.to.Features().Writing.Dir(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.into.Close() })
	return w
}

func (w *world) path(parts ...string) string {
	return filepath.Join(append([]string{w.root}, parts...)...)
}

// put makes a file in from.
func (w *world) put(name string, data []byte) {
	w.t.Helper()
	if err := os.WriteFile(w.path("from", name), data, 0o644); err != nil {
		w.t.Fatal(err)
	}
}

// piece copies the file of that name in from to the same name in to.
func (w *world) piece(name string) copier.Piece {
	w.t.Helper()
	seen, err := w.from.Driver.Stat(context.Background(), name)
	if err != nil {
		w.t.Fatal(err)
	}
	return copier.Piece{From: w.from, Path: name, Seen: seen, Into: w.into, Name: name, Temp: vfs.PrivateName()}
}

// over pins what stands under the name of p as that which may be replaced.
func (w *world) over(p *copier.Piece) {
	w.t.Helper()
	is, err := w.to.Driver.Stat(context.Background(), p.Name)
	if err != nil {
		w.t.Fatal(err)
	}
	p.Over = &is
}

// copy writes and places one piece.
func (w *world) copy(p copier.Piece, o copier.Options) (copier.Written, copier.Placed, error) {
	w.t.Helper()
	out := w.engine.Write(context.Background(), []copier.Piece{p}, o)[0]
	if out.Err != nil {
		return out, copier.Placed{}, out.Err
	}
	placed, err := w.engine.Place(context.Background(), p, out)
	return out, placed, err
}

// holds fails unless to holds exactly these names.
func (w *world) holds(names ...string) {
	w.t.Helper()
	got, err := os.ReadDir(w.path("to"))
	if err != nil {
		w.t.Fatal(err)
	}
	want := map[string]bool{}
	for _, n := range names {
		want[n] = true
	}
	for _, e := range got {
		if !want[e.Name()] {
			w.t.Errorf("%q should not be there", e.Name())
		}
		delete(want, e.Name())
	}
	for n := range want {
		w.t.Errorf("%q is missing", n)
	}
}

// same fails unless both sides hold the same bytes under name.
func (w *world) same(name string) {
	w.t.Helper()
	a, err := os.ReadFile(w.path("from", name))
	if err != nil {
		w.t.Fatal(err)
	}
	b, err := os.ReadFile(w.path("to", name))
	if err != nil {
		w.t.Fatal(err)
	}
	if !bytes.Equal(a, b) {
		w.t.Errorf("%s: %d bytes here, %d there, and not the same", name, len(a), len(b))
	}
}

// long ago, so that nothing is too young to be told from what comes after
var longAgo = time.Date(2001, 2, 3, 4, 5, 6, 789_012_345, time.UTC)
