package copier_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/zeebo/blake3"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/fileops/copier"
	"github.com/stardrive/stardrive/internal/vfs"
)

func TestFault_D2_ResumeInsideALargeFile(t *testing.T) {
	const chunk = 2 << 20
	const size = 3*chunk + 12345
	w := newWorldIn(t, fastDir(t))
	data := noise(size, 4)
	w.put("a", data)
	full := errors.Join(syscall.ENOSPC)
	for _, damage := range []string{"", "second", "short"} {
		p := w.piece("a")
		var chunks []copier.Chunk
		o := copier.Options{NoClone: true, Verify: true, Every: chunk, Checkpoint: func(_ int, c copier.Chunk) error { chunks = append(chunks, c); return nil }}
		w.dst.call = func(op, _ string) error {
			if op == "write" && len(chunks) == 2 {
				return full
			}
			return nil
		}
		out := w.engine.Write(t.Context(), []copier.Piece{p}, o)[0]
		if !errs.Is(out.Err, errs.Unavailable) || !out.Left || len(chunks) != 2 || chunks[1].Hash != blake3.Sum256(data[:2*chunk]) {
			t.Fatal(out, len(chunks))
		}
		temp := w.path("to", p.Temp)
		want := int64(2 * chunk) // from where it goes on
		switch damage {
		case "second": // rotten since
			f, err := os.OpenFile(temp, os.O_WRONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := f.WriteAt([]byte{data[chunk+5] ^ 1}, chunk+5); err != nil {
				t.Fatal(err)
			}
			f.Close()
			want = chunk
		case "short": // as after a power cut
			if err := os.Truncate(temp, 1000); err != nil {
				t.Fatal(err)
			}
			want = 0
		}
		// stopped while what is there is read back
		p.Resume = slices.Clone(chunks)
		stopped := o
		stopped.Stop = func(int) error { return errs.New(errs.Cancelled, "enough") }
		if out := w.engine.Write(t.Context(), []copier.Piece{p}, stopped)[0]; !errs.Is(out.Err, errs.Cancelled) || !out.Left {
			t.Errorf("%q: %+v", damage, out)
		}
		first := int64(-1)
		w.dst.call = nil
		w.dst.writeAt = func(h vfs.WriteHandle, b []byte, off int64) (int, error) {
			if first < 0 {
				first = off
			}
			return h.WriteAt(b, off)
		}
		p.Resume = slices.Clone(chunks)
		out, _, err := w.copy(p, o)
		w.dst.writeAt = nil
		if err != nil || !out.Verified || out.Hash != blake3.Sum256(data) || first != want {
			t.Errorf("%q: %v, verified %v, went on at %d", damage, err, out.Verified, first)
		}
		w.same("a")
		w.holds("a")
		if err := os.Remove(w.path("to", "a")); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFault_C18_StoppedAtAnyPoint(t *testing.T) {
	w := newWorldIn(t, fastDir(t))
	var names []string
	for i := range 12 {
		name := fmt.Sprint(i)
		w.put(name, noise(1000+i*60_000, uint64(i)))
		names = append(names, name)
	}
	total := 0
	for stopAt := 1; ; stopAt++ {
		ps := make([]copier.Piece, 0, len(names))
		for _, n := range names {
			ps = append(ps, w.piece(n))
		}
		ctx, cancel := context.WithCancel(t.Context())
		var turns atomic.Int64
		o := copier.Options{Verify: true, NoClone: true, Stop: func(int) error {
			if turns.Add(1) == int64(stopAt) {
				cancel()
			}
			return nil
		}}
		out := w.engine.Write(ctx, ps, o)
		cancel()
		done := 0
		for i := range out {
			if out[i].Err == nil {
				done++
				if err := w.engine.Discard(t.Context(), w.into, ps[i].Temp, out[i].Is); err != nil {
					t.Fatal(err)
				}
			} else if !errs.Is(out[i].Err, errs.Cancelled) {
				t.Fatalf("stopped at %d: %v", stopAt, out[i].Err)
			}
		}
		w.holds()
		total++
		if done == len(ps) {
			break
		}
	}
	if total < 20 {
		t.Errorf("it could be stopped at %d points only", total)
	}
}

func TestSkipEndsOnePieceOnly(t *testing.T) {
	w := newWorld(t)
	w.put("a", noise(100, 1))
	w.put("b", noise(100, 2))
	skip := errs.New(errs.Cancelled, "skipped")
	out := w.engine.Write(t.Context(), []copier.Piece{w.piece("a"), w.piece("b")}, copier.Options{NoClone: true, Stop: func(i int) error {
		if i == 0 {
			return skip
		}
		return nil
	}})
	if !errors.Is(out[0].Err, skip) || out[1].Err != nil {
		t.Error(out[0].Err, out[1].Err)
	}
}

func TestProgressTellsAllBytes(t *testing.T) {
	w := newWorld(t)
	const size = 3<<20 + 1
	w.put("a", noise(size, 1))
	var written, verified int64
	out := w.engine.Write(t.Context(), []copier.Piece{w.piece("a")}, copier.Options{Verify: true, Progress: func(_ int, a, b int64) { written, verified = a, b }})
	if out[0].Err != nil || written != size || verified != size {
		t.Error(out[0].Err, written, verified)
	}
}
