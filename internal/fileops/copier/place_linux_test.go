package copier_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/fileops/copier"
	"github.com/stardrive/stardrive/internal/vfs"
)

func (w *world) write(name, data string) {
	w.t.Helper()
	if err := os.WriteFile(w.path("to", name), []byte(data), 0o644); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) read(name string) string {
	b, err := os.ReadFile(w.path("to", name))
	if err != nil {
		return err.Error()
	}
	return string(b)
}

func TestFault_C4_NothingIsOverwritten(t *testing.T) {
	w := newWorld(t)
	w.put("a", []byte("new"))
	w.write("a", "somebody's")
	p := w.piece("a")
	if _, _, err := w.copy(p, copier.Options{}); !errs.Is(err, errs.Conflict) {
		t.Fatal(err)
	}
	if got := w.read("a"); got != "somebody's" {
		t.Error(got)
	}
	if err := w.engine.Discard(t.Context(), w.into, p.Temp, vfs.Entry{}); err != nil {
		t.Fatal(err)
	}
	w.holds("a")
}

func TestPromise_P4_Replace(t *testing.T) {
	for _, exchange := range []bool{true, false} {
		w := newWorld(t)
		if !exchange {
			w.dst.call = noExchange
		}
		w.put("a", []byte("new"))
		w.write("a", "old")
		p := w.piece("a")
		w.over(&p)
		_, placed, err := w.copy(p, copier.Options{})
		if err != nil || placed.Out == nil || !copier.Same(*p.Over, *placed.Out, false) {
			t.Fatal(placed, err)
		}
		if w.read("a") != "new" || w.read(p.Temp) != "old" {
			t.Errorf("%q, and %q came out", w.read("a"), w.read(p.Temp))
		}
		w.holds("a", p.Temp)

		// what it is told to replace is another by now
		w.put("b", []byte("new"))
		w.write("b", "old")
		p = w.piece("b")
		w.over(&p)
		w.write("b", "edited")
		if _, _, err := w.copy(p, copier.Options{}); !errs.Is(err, errs.Conflict) {
			t.Error(err)
		}
		if w.read("b") != "edited" || w.read(p.Temp) != "new" {
			t.Errorf("%q, and %q", w.read("b"), w.read(p.Temp))
		}
	}
}

func noExchange(op, _ string) error {
	if op == "exchange" {
		return errs.New(errs.Unsupported, "no exchange")
	}
	return nil
}

// TestPromise_P4_Adversary lets somebody else change the folder at every call of
// Place. Whatever he does, each of his files stands somewhere afterwards, and
// nothing is replaced that was not to be.
func TestPromise_P4_Adversary(t *testing.T) {
	runs := 10_000
	if testing.Short() || raceEnabled {
		runs = 1500
	}
	w := newWorldIn(t, fastDir(t))
	for seed := range runs {
		interleave(t, w, uint64(seed))
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func interleave(t *testing.T, w *world, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 1))
	sub := fmt.Sprintf("d%d", seed)
	if err := os.Mkdir(w.path("to", sub), 0o700); err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(w.path("to", sub))
	into, err := w.to.Features().Writing.Dir(t.Context(), sub)
	if err != nil {
		t.Fatal(err)
	}
	defer into.Close()
	file := func(name, data string) {
		if err := os.WriteFile(w.path("to", sub, name), []byte(data), 0o644); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
	}
	replacing, swaps := r.IntN(2) == 0, r.IntN(3) > 0
	var over *vfs.Entry
	want := map[string]bool{}
	if replacing {
		file("a", "old")
		want["old"] = true
		is, err := into.Stat(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		over = &is
	}
	temp := vfs.PrivateName()
	file(temp, "new")
	made, err := into.Stat(t.Context(), temp)
	if err != nil {
		t.Fatal(err)
	}
	p := copier.Piece{Into: into, Name: "a", Temp: temp, Over: over}

	// the other one makes files, renames what he made or saw, and never destroys
	n, acts := 0, 1+r.IntN(4)
	full := func(name string) string { return w.path("to", sub, name) }
	w.dst.call = func(op, name string) error {
		if !swaps {
			if err := noExchange(op, name); err != nil {
				return err
			}
		}
		if acts == 0 || r.IntN(2) == 0 {
			return nil
		}
		acts--
		n++
		mine := fmt.Sprintf("theirs%d", n)
		switch r.IntN(4) {
		case 0: // a file at the name, if there is none
			if f, err := os.OpenFile(full("a"), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644); err == nil {
				_, _ = f.WriteString(mine)
				f.Close()
				want[mine] = true
			}
		case 1: // what is there goes elsewhere, and another comes
			if os.Rename(full("a"), full(fmt.Sprintf("moved%d", n))) == nil {
				file("a", mine)
				want[mine] = true
			}
		case 2: // it only goes
			_ = os.Rename(full("a"), full(fmt.Sprintf("moved%d", n)))
		case 3: // edited in place, by somebody who does not know what it is
			if b, err := os.ReadFile(full("a")); err == nil {
				file("a", string(b)+mine)
				delete(want, string(b))
				want[string(b)+mine] = true
			}
		}
		return nil
	}
	placed, err := w.engine.Place(context.Background(), p, copier.Written{Is: made})
	w.dst.call = nil

	held := map[string]string{}
	names, _ := os.ReadDir(w.path("to", sub))
	for _, e := range names {
		b, _ := os.ReadFile(full(e.Name()))
		held[string(b)] = e.Name()
	}
	for data := range want {
		if _, ok := held[data]; !ok && !strings.Contains(data, "new") {
			t.Errorf("%q is gone (%v): %v", data, err, held)
		}
	}
	switch {
	case err == nil && replacing && (placed.Out == nil || held["old"] != temp):
		t.Errorf("replaced, but what came out is not under the temp: %+v, %v", placed, held)
	case err == nil && !replacing && placed.Out != nil:
		t.Errorf("replaced %+v unasked", placed.Out)
	}
	if err != nil && !errs.Is(err, errs.Conflict) {
		t.Errorf("failed by %v", err)
	}
	// nothing of theirs stays hidden
	for data, name := range held {
		if vfs.IsPrivate(name) && data != "new" && !(data == "old" && err == nil) && !strings.HasPrefix(data, "new") {
			t.Errorf("%q is hidden under %q (%v)", data, name, err)
		}
	}
}

func TestFault_C6_DiscardRemovesOnlyOurs(t *testing.T) {
	w := newWorld(t)
	temp := vfs.PrivateName()
	if err := w.engine.Discard(t.Context(), w.into, temp, vfs.Entry{}); err != nil {
		t.Errorf("nothing there: %v", err)
	}
	if err := w.engine.Discard(t.Context(), w.into, "a", vfs.Entry{}); !errs.Is(err, errs.Invalid) {
		t.Errorf("A16: a name that is not private: %v", err)
	}
	w.write(temp, "x")
	made, err := w.into.Stat(t.Context(), temp)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Rename(w.path("to", temp), w.path("to", "moved")), os.Mkdir(w.path("to", temp), 0o700)); err != nil {
		t.Fatal(err)
	}
	if err := w.engine.Discard(t.Context(), w.into, temp, vfs.Entry{}); !errs.Is(err, errs.Conflict) {
		t.Errorf("a folder: %v", err)
	}
	if err := os.Remove(w.path("to", temp)); err != nil {
		t.Fatal(err)
	}
	w.write(temp, "y")
	if err := w.engine.Discard(t.Context(), w.into, temp, made); !errs.Is(err, errs.Conflict) {
		t.Errorf("another file: %v", err)
	}
	w.holds("moved", temp)
}

func TestPromise_P3_RemoveOnlyWhatWasCopied(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	stat := func(name string) vfs.Entry {
		is, err := w.into.Stat(ctx, name)
		if err != nil {
			t.Fatal(err)
		}
		return is
	}
	temp := vfs.PrivateName()
	w.write("a", "a")
	is := stat("a")
	if err := w.engine.Remove(ctx, w.into, "a", temp, is); err != nil {
		t.Fatal(err)
	}
	if err := w.engine.Remove(ctx, w.into, "a", temp, is); err != nil {
		t.Errorf("again: %v", err)
	}
	w.holds()

	w.write("a", "a")
	is = stat("a")
	w.write("a", "edited")
	if err := w.engine.Remove(ctx, w.into, "a", temp, is); !errs.Is(err, errs.Conflict) || w.read("a") != "edited" {
		t.Errorf("edited: %v, %q", err, w.read("a"))
	}
	// in the last moment
	is = stat("a")
	w.dst.call = func(op, name string) error {
		if op == "rename" && name == "a" {
			w.dst.call = func(op, name string) error { // and another comes to its place
				if op == "stat" {
					w.dst.call = nil
					w.write("a", "third")
				}
				return nil
			}
			if err := os.Rename(w.path("to", "a"), w.path("to", "moved")); err != nil {
				t.Fatal(err)
			}
			w.write("a", "other")
		}
		return nil
	}
	if err := w.engine.Remove(ctx, w.into, "a", temp, is); !errs.Is(err, errs.Conflict) {
		t.Errorf("swapped: %v", err)
	}
	if w.read("a") != "third" || w.read("a (2)") != "other" || w.read("moved") != "edited" {
		t.Errorf("%q %q %q", w.read("a"), w.read("a (2)"), w.read("moved"))
	}
	// interrupted between its two steps
	w.write("b", "b")
	is = stat("b")
	if err := os.Rename(w.path("to", "b"), w.path("to", temp)); err != nil {
		t.Fatal(err)
	}
	if err := w.engine.Remove(ctx, w.into, "b", temp, is); err != nil {
		t.Error(err)
	}
	// what cannot be unlinked gets its name back
	w.write("c", "c")
	is = stat("c")
	w.dst.call = func(op, _ string) error {
		if op == "unlink" {
			return errs.New(errs.Denied, "no")
		}
		return nil
	}
	if err := w.engine.Remove(ctx, w.into, "c", temp, is); !errs.Is(err, errs.Denied) || w.read("c") != "c" {
		t.Error(err, w.read("c"))
	}
	w.holds("a", "a (2)", "moved", "c")
}

// TestPromise_P10_Settle brings a piece into each state a crash can leave, and
// settles it twice.
func TestPromise_P10_Settle(t *testing.T) {
	ctx := t.Context()
	for _, c := range []struct {
		name            string
		replace         bool
		at, temp, aside string // what stands there: "new", "old", "other" or ""
		placed          bool
		want            [2]string // the name, the temp
	}{
		{"temp only", false, "", "new", "", false, [2]string{"", ""}},
		{"placed", false, "new", "", "", true, [2]string{"new", ""}},
		{"nothing", false, "", "", "", false, [2]string{"", ""}},
		{"another came first", false, "other", "new", "", false, [2]string{"other", ""}},
		{"before the exchange", true, "old", "new", "", false, [2]string{"old", ""}},
		{"exchanged", true, "new", "old", "", true, [2]string{"new", "old"}},
		{"exchanged, old in the trash", true, "new", "", "", true, [2]string{"new", ""}},
		{"exchanged with another", true, "new", "other", "", false, [2]string{"other", ""}},
		{"put aside", true, "", "new", "old", false, [2]string{"old", ""}},
		{"put aside, placed", true, "new", "", "old", true, [2]string{"new", "old"}},
		{"ours is gone", true, "", "old", "", false, [2]string{"old", ""}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			is := map[string]vfs.Entry{}
			for _, data := range []string{"new", "old", "other"} {
				w.write(data, data)
				is[data], _ = w.into.Stat(ctx, data)
			}
			temp := vfs.PrivateName()
			for name, data := range map[string]string{"a": c.at, temp: c.temp, temp + "o": c.aside} {
				if data != "" {
					if err := os.Rename(w.path("to", data), w.path("to", name)); err != nil {
						t.Fatal(err)
					}
				}
			}
			for _, data := range []string{"new", "old", "other"} {
				_ = os.Remove(w.path("to", data))
			}
			var over *vfs.Entry
			if c.replace {
				old := is["old"]
				over = &old
			}
			for range 2 {
				p, placed, err := w.engine.Settle(ctx, w.into, "a", temp, over, is["new"])
				if err != nil || placed != c.placed || (p.Out != nil) != (c.want[1] == "old") {
					t.Errorf("%+v, %v, %v", p, placed, err)
				}
				for i, name := range []string{"a", temp} {
					b, _ := os.ReadFile(w.path("to", name))
					if string(b) != c.want[i] {
						t.Errorf("%q stands at %d, not %q", b, i, c.want[i])
					}
				}
			}
		})
	}
}

// fastDir is a folder in memory where there is one.
func fastDir(t testing.TB) string {
	dir, err := os.MkdirTemp("/dev/shm", "copier-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}
