package copier_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"sync"
	"syscall"
	"testing"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/fileops/copier"
	"github.com/stardrive/stardrive/internal/vfs"
)

// append makes the file one byte longer, as a program that writes to it does.
func (w *world) append(name string) {
	f, err := os.OpenFile(w.path("from", name), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		w.t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString("x"); err != nil {
		w.t.Fatal(err)
	}
}

func TestFault_C1_SourceChangesWhileItIsRead(t *testing.T) {
	for _, c := range []struct {
		name  string
		drift bool
		times int // the file changes in so many attempts
		reads int // attempts
		ok    bool
	}{
		{"pinned", false, 1, 1, false},
		{"once", true, 1, 2, true},
		{"twice", true, 2, 3, true},
		{"always", true, 100, 3, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.put("a", noise(3<<20, 1))
			p := w.piece("a")
			p.Drift = c.drift
			opens, changed := 0, 0
			w.src.call = func(op, _ string) error {
				switch op {
				case "open":
					opens++
				case "read":
					if changed < c.times && changed < opens {
						changed++
						w.append("a")
					}
				}
				return nil
			}
			_, _, err := w.copy(p, copier.Options{})
			if (err == nil) != c.ok || err != nil && !errs.Is(err, errs.Conflict) || opens != c.reads {
				t.Errorf("%v after %d attempts", err, opens)
			}
			if c.ok {
				w.same("a")
				return
			}
			w.holds()
		})
	}
}

func TestFault_C2_C3_SourceReplacedOrGone(t *testing.T) {
	w := newWorld(t)
	w.put("a", noise(3<<20, 1))
	p := w.piece("a")
	w.src.call = func(op, _ string) error {
		if op == "read" {
			w.src.call = nil
			w.put("b", noise(3<<20, 2))
			return os.Rename(w.path("from", "b"), w.path("from", "a"))
		}
		return nil
	}
	if _, _, err := w.copy(p, copier.Options{}); !errs.Is(err, errs.Conflict) {
		t.Errorf("replaced: %v", err)
	}
	if err := os.Remove(w.path("from", "a")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.copy(p, copier.Options{}); !errs.Is(err, errs.NotFound) {
		t.Errorf("gone: %v", err)
	}
	w.holds()
}

var errnos = []syscall.Errno{
	syscall.EIO, syscall.ENOSPC, syscall.EDQUOT, syscall.EROFS, syscall.EACCES, syscall.EMFILE, syscall.ENOENT, syscall.EEXIST, syscall.EXDEV, syscall.EINTR, syscall.ESTALE,
}

// TestPromise_P3_FailEachCall lets each call of each side fail with each errno,
// once and from then on, while files and a symlink are copied, one of them over
// another. Whatever happens: what stood there stands there, what has its final
// name is whole, and no litter is left but what Written tells of.
func TestPromise_P3_FailEachCall(t *testing.T) {
	stride := 5
	if raceEnabled {
		stride = 41
	}
	for _, many := range []bool{false, true} {
		w := newWorldIn(t, fastDir(t))
		w.put("a", noise(100, 1))
		w.put("b", noise(1<<20+5, 2)) // two blocks
		if many {
			w.put("b", noise(5000, 2))
		}
		if err := os.Symlink("target", w.path("from", "link")); err != nil {
			t.Fatal(err)
		}
		names := []string{"a", "b", "link"}
		for i := 0; many && i < 8; i++ {
			name := fmt.Sprint("more", i)
			w.put(name, noise(10, uint64(i)))
			names = append(names, name)
		}
		calls := w.scenario(names, copier.Options{Verify: true, Parallel: 1}, 0, 0, false)
		t.Logf("%d calls, many %v", calls, many)
		n := 0
		for call := 1; call <= calls; call++ {
			for _, errno := range errnos {
				for _, on := range []bool{false, true} {
					if n++; n%stride != 0 {
						continue
					}
					w.scenario(names, copier.Options{Verify: true, Parallel: 1}, call, errno, on)
					if t.Failed() {
						t.Fatalf("call %d fails with %v, on %v, many %v", call, errno, on, many)
					}
				}
			}
		}
	}
}

// scenario copies names into an emptied target, where "b" stands already, with
// the fault at the given call. It returns how many calls there were.
func (w *world) scenario(names []string, o copier.Options, at int, errno syscall.Errno, on bool) (calls int) {
	t := w.t
	old, _ := os.ReadDir(w.path("to"))
	for _, e := range old {
		if err := os.Remove(w.path("to", e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	w.write("b", "old")
	ps := make([]copier.Piece, 0, len(names))
	for _, n := range names {
		p := w.piece(n)
		if n == "b" {
			w.over(&p)
		}
		ps = append(ps, p)
	}
	var mu sync.Mutex // both sides are called at a time
	fault := func(op, name string) error {
		mu.Lock()
		defer mu.Unlock()
		calls++
		if at > 0 && (calls == at || on && calls > at) {
			return &errs.Error{Op: op, Path: name, Kind: errs.KindOf(errno), Err: errno}
		}
		return nil
	}
	w.src.call, w.dst.call = fault, fault
	out := w.engine.Write(context.Background(), ps, o)
	placed := make([]bool, len(ps))
	outs := map[string]bool{}
	for i := range ps {
		if out[i].Err != nil {
			continue
		}
		is, err := w.engine.Place(context.Background(), ps[i], out[i])
		placed[i] = err == nil
		if is.Out != nil {
			outs[ps[i].Temp] = true
		}
	}
	w.src.call, w.dst.call = nil, nil
	for i, p := range ps {
		switch {
		case placed[i]:
			if from, to := w.bytes("from", p.Name), w.bytes("to", p.Name); !bytes.Equal(from, to) {
				t.Errorf("%s: placed and not the same", p.Name)
			}
			if !out[i].Verified {
				t.Errorf("%s: not verified", p.Name)
			}
			if p.Over != nil && (!outs[p.Temp] || w.read(p.Temp) != "old") {
				t.Errorf("what was replaced is not under the temp")
			}
			continue
		case p.Over != nil:
			aside := ""
			if w.read(p.Temp+"o") == "old" { // only Settle or a retry can tell
				aside = p.Temp + "o"
			}
			if w.read(p.Name) != "old" && aside == "" && w.read(p.Temp) != "old" {
				t.Errorf("%s: %d bytes in the place of the old ones (%v)", p.Name, len(w.read(p.Name)), out[i].Err)
			}
		default:
			if _, err := os.Lstat(w.path("to", p.Name)); err == nil && !bytes.Equal(w.bytes("from", p.Name), w.bytes("to", p.Name)) {
				t.Errorf("%s: it failed, and stands there in part", p.Name)
			}
		}
		_, err := os.Lstat(w.path("to", p.Temp))
		if out[i].Err != nil && !out[i].Left && err == nil && errno != syscall.ENOENT { // that one says the litter is not there
			t.Errorf("%s: litter (%v)", p.Name, out[i].Err)
		}
	}
	return calls
}

// bytes are those of a file, or where a symlink leads.
func (w *world) bytes(side, name string) []byte {
	if target, err := os.Readlink(w.path(side, name)); err == nil {
		return []byte(target)
	}
	b, err := os.ReadFile(w.path(side, name))
	if err != nil {
		w.t.Fatal(err)
	}
	return b
}

func TestPromise_P11_FailedSync(t *testing.T) {
	for _, c := range []struct {
		op    string
		times int
		files int
		ok    bool
	}{
		{"sync", 1, 1, true}, {"sync", 2, 1, false}, {"close", 1, 1, true}, {"close", 2, 1, false},
		{"syncall", 2, 20, true}, // the second: the first asks whether there is such a thing
	} {
		w := newWorld(t)
		var ps []copier.Piece
		for i := range c.files {
			name := fmt.Sprint(i)
			w.put(name, noise(5000, uint64(i)))
			ps = append(ps, w.piece(name))
		}
		creates, syncs, failed := map[string]int{}, 0, 0
		w.dst.call = func(op, name string) error {
			switch {
			case op == "create":
				creates[name]++
			case op == "syncall" && c.op == "syncall":
				if failed++; failed == 2 {
					return syscall.EIO
				}
			case op == c.op && failed < c.times:
				failed++
				return syscall.EIO
			}
			if op == "sync" {
				syncs++
			}
			return nil
		}
		for i, out := range w.engine.Write(t.Context(), ps, copier.Options{}) {
			if (out.Err == nil) != c.ok {
				t.Errorf("%s %d times: %v", c.op, c.times, out.Err)
			}
			if creates[ps[i].Temp] != 2 {
				t.Errorf("%s: written %d times: a file whose sync failed must be written anew, once", c.op, creates[ps[i].Temp])
			}
		}
		if c.op == "syncall" && syncs != c.files {
			t.Errorf("%d of %d synced by themselves after all", syncs, c.files)
		}
		if !c.ok {
			w.holds()
		}
	}
}

func TestFault_C14_C15_VolumesThatCopyBadly(t *testing.T) {
	data := noise(5<<20+77, 3)
	type copyFrom = func(h vfs.WriteHandle, from vfs.Handle, fromOff, off, n int64) (int64, error)
	whole := func(h vfs.WriteHandle, from vfs.Handle, fromOff, off, n int64) (int64, error) {
		b := make([]byte, n)
		got, err := from.ReadAt(b, fromOff)
		if err != nil && !errors.Is(err, io.EOF) {
			return 0, err
		}
		_, err = h.WriteAt(b[:got], off)
		return int64(got), err
	}
	for name, c := range map[string]struct {
		do     copyFrom
		caught bool // only verification can
	}{
		"short": {func(h vfs.WriteHandle, from vfs.Handle, a, b, n int64) (int64, error) {
			return whole(h, from, a, b, min(n, 70_001))
		}, false},
		"nothing": {func(vfs.WriteHandle, vfs.Handle, int64, int64, int64) (int64, error) { return 0, nil }, false},
		"then nothing": {func(h vfs.WriteHandle, from vfs.Handle, a, b, n int64) (int64, error) {
			if a > 0 {
				return 0, nil
			}
			return whole(h, from, a, b, 1<<20)
		}, false},
		"fails": {func(h vfs.WriteHandle, from vfs.Handle, a, b, n int64) (int64, error) {
			got, _ := whole(h, from, a, b, 1<<20+3)
			return got, syscall.EINVAL
		}, false},
		"more than asked": {func(_ vfs.WriteHandle, _ vfs.Handle, _, _, n int64) (int64, error) { return n + 1, nil }, false},
		"zeros": {func(h vfs.WriteHandle, _ vfs.Handle, _, b, n int64) (int64, error) {
			_, err := h.WriteAt(make([]byte, n), b)
			return n, err
		}, true},
	} {
		for _, verify := range []bool{false, true} {
			w := newWorld(t)
			w.put("a", data)
			w.dst.copyFrom = c.do
			w.dst.clone = func(vfs.WriteHandle, vfs.Handle) error { return syscall.EAGAIN }
			_, _, err := w.copy(w.piece("a"), copier.Options{Hash: copier.HashNever, Offload: verify, Verify: verify})
			switch {
			case c.caught && verify:
				if !errs.Is(err, errs.Internal) {
					t.Errorf("%s: not noticed: %v", name, err)
				}
				w.holds()
			case c.caught:
			case err != nil:
				t.Errorf("%s: %v", name, err)
			default:
				w.same("a")
			}
		}
	}
}

// flips copies a file many times, each time with one byte that the target stores
// wrongly, and tells how often that was noticed.
func flips(t *testing.T, engine func(last func() []byte) *copier.Engine, times int) (caught int) {
	w := newWorldIn(t, fastDir(t))
	data := noise(20_000, 9)
	w.put("a", data)
	var mu sync.Mutex
	var last []byte
	w.engine = engine(func() []byte { mu.Lock(); defer mu.Unlock(); return last })
	r := rand.New(rand.NewPCG(1, 2))
	for range times {
		at, bit := int64(r.IntN(len(data))), byte(1)<<r.IntN(8)
		w.dst.writeAt = func(h vfs.WriteHandle, b []byte, off int64) (int, error) {
			mu.Lock()
			last = bytes.Clone(b)
			mu.Unlock()
			bad := bytes.Clone(b)
			if i := at - off; i >= 0 && i < int64(len(bad)) {
				bad[i] ^= bit
			}
			return h.WriteAt(bad, off)
		}
		p := w.piece("a")
		out := w.engine.Write(t.Context(), []copier.Piece{p}, copier.Options{Verify: true, NoClone: true})[0]
		if out.Err != nil {
			if !errs.Is(out.Err, errs.Internal) {
				t.Fatal(out.Err)
			}
			caught++
			w.holds()
			continue
		}
		if err := w.engine.Discard(t.Context(), w.into, p.Temp, out.Is); err != nil {
			t.Fatal(err)
		}
	}
	return caught
}

func TestPromise_P2_EveryFlippedByteIsCaught(t *testing.T) {
	const times = 1000
	if caught := flips(t, func(func() []byte) *copier.Engine { return copier.New() }, times); caught != times {
		t.Errorf("%d of %d caught", caught, times)
	}
}

// TestPromise_P2_TheTestNoticesABadVerifier runs the same with a verifier that
// hashes the buffer that was written. If the test above could be passed by that
// one, it would prove nothing.
func TestPromise_P2_TheTestNoticesABadVerifier(t *testing.T) {
	const times = 20
	if caught := flips(t, copier.WithBadVerifier, times); caught != 0 {
		t.Errorf("a verifier that reads nothing back caught %d of %d", caught, times)
	}
}

func TestFault_C12_UnreadableBlock(t *testing.T) {
	w := newWorld(t)
	w.put("a", noise(5<<20, 1))
	w.put("b", noise(5<<20, 2))
	w.src.readAt = func(h vfs.Handle, b []byte, off int64) (int, error) {
		if e, _ := h.Stat(); e.Name == "a" && off >= 3<<20 {
			return 0, syscall.EIO
		}
		return h.ReadAt(b, off)
	}
	out := w.engine.Write(t.Context(), []copier.Piece{w.piece("a"), w.piece("b")}, copier.Options{})
	if !errors.Is(out[0].Err, syscall.EIO) || out[1].Err != nil {
		t.Errorf("%v, %v", out[0].Err, out[1].Err)
	}
	names, _ := os.ReadDir(w.path("to"))
	if len(names) != 1 {
		t.Error(names)
	}
}
