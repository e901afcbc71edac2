package embed

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stardrive/stardrive/internal/errs"
)

// written returns the bytes of a file of several blocks, and what it holds.
func written(t testing.TB) (b []byte, owners int) {
	t.Helper()
	x := openIndex(t, 8)
	r := rand.New(rand.NewPCG(11, 12))
	next := int64(0)
	for _, n := range []int{40, 8, 1} {
		for range n {
			if err := x.Put(next, meanings(r, 2, 8)); err != nil {
				t.Fatal(err)
			}
			next++
		}
		if err := errors.Join(x.Drop(3), x.Drop(next-1), x.Put(next, meanings(r, 1, 8)), x.Flush(context.Background())); err != nil {
			t.Fatal(err)
		}
		next++
	}
	if len(x.blocks) < 2 || x.file.slot.Blocks < 3 {
		t.Fatalf("%d blocks of %d: too few to test", len(x.blocks), x.file.slot.Blocks)
	}
	owners = len(held(t, x))
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(x.path)
	if err != nil {
		t.Fatal(err)
	}
	return b, owners
}

func openBytes(t testing.TB, b []byte) (*Index, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "vectors")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return Open(path, "test-1", 8)
}

func TestDamageToAnyByteThatCountsIsSeen(t *testing.T) {
	whole, owners := written(t)
	x, err := openBytes(t, whole)
	if err != nil || len(held(t, x)) != owners {
		t.Fatal(err)
	}
	slots := [][]byte{whole[slotAt:], whole[2*slotAt:]}
	var old, now slot
	if !unseal(slots[0], &old) || !unseal(slots[1], &now) {
		t.Fatal("there should be two slots")
	}
	_ = x.Close()
	seen := 0
	for at := 0; at < len(whole); at += 3 {
		if whole[at] == 0 && at%999 != 0 {
			continue // most of it is padding
		}
		inSlot := at >= slotAt && at < slotAt+24 || at >= 2*slotAt && at < 2*slotAt+24
		b := bytes.Clone(whole)
		b[at] ^= 0x41
		x, err := openBytes(t, b)
		switch {
		case err == nil:
			// A damaged slot leaves the state before the last flush, or that one.
			if n := len(held(t, x)); n != owners && !inSlot {
				t.Fatalf("byte %d: %d owners, want %d", at, n, owners)
			}
			_ = x.Close()
		case !errors.Is(err, ErrUnusable) || !errs.Is(err, errs.Internal):
			t.Fatalf("byte %d: %v", at, err)
		default:
			seen++
		}
	}
	if seen < 300 {
		t.Errorf("only %d damages were seen", seen)
	}
}

func TestCutFilesAreSeen(t *testing.T) {
	whole, _ := written(t)
	for n := 0; n < len(whole); n += 4999 {
		if _, err := openBytes(t, whole[:n]); !errors.Is(err, ErrUnusable) {
			t.Fatalf("%d of %d bytes: %v", n, len(whole), err)
		}
	}
}

// TestCrashWhileFlushingKeepsTheStateBefore plays what a power cut may leave of a
// flush: any part of what was appended, and the slot not written or torn.
func TestCrashWhileFlushingKeepsTheStateBefore(t *testing.T) {
	x := openIndex(t, 8)
	r := rand.New(rand.NewPCG(13, 14))
	ctx := context.Background()
	fill(t, x, meanings(r, 50, 8))
	before, err := os.ReadFile(x.path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(x.Put(1000, meanings(r, 3, 8)), x.Drop(1), x.Flush(ctx), x.Close()); err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadFile(x.path)
	if err != nil || len(after) <= len(before) {
		t.Fatalf("nothing was appended: %v", err)
	}
	for keep := 0; keep <= len(after)-len(before); keep += 201 {
		b := append(bytes.Clone(before), after[len(before):len(before)+keep]...)
		for _, torn := range []int{0, 5, 23} { // bytes of the slot that reached the disk
			for i := 1; i <= 2; i++ {
				copy(b[i*slotAt:], before[i*slotAt:][:24])
				if !bytes.Equal(before[i*slotAt:][:24], after[i*slotAt:][:24]) {
					copy(b[i*slotAt:], after[i*slotAt:][:torn])
				}
			}
			y, err := openBytes(t, b)
			if err != nil {
				t.Fatalf("%d bytes appended, %d of the slot: %v", keep, torn, err)
			}
			if got := held(t, y); len(got) != 50 || got[1] != 1 || got[1000] != 0 {
				t.Fatalf("%d bytes appended: %v", keep, got)
			}
			if keep%2010 == 0 { // and it goes on from there
				if err := errors.Join(y.Put(7, nil), y.Flush(ctx)); err != nil {
					t.Fatal(err)
				}
				if y = reopen(t, y); len(held(t, y)) != 49 {
					t.Fatal("what was flushed after the crash is missing")
				}
			}
			_ = y.Close()
		}
	}
}

// TestFlushThatFailsLosesNothing takes the file away, so that nothing can be
// appended to it, and lets a later flush write all.
func TestFlushThatFailsLosesNothing(t *testing.T) {
	x := openIndex(t, 8)
	r := rand.New(rand.NewPCG(15, 16))
	ctx := context.Background()
	fill(t, x, meanings(r, 50, 8))
	if err := os.Rename(x.path, x.path+".away"); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(x.Drop(5), x.Put(1000, meanings(r, 2, 8))); err != nil {
		t.Fatal(err)
	}
	if err := x.Flush(ctx); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("%v", err)
	}
	if x.Len() != 51 || x.Has(5) || !x.Has(1000) {
		t.Errorf("%d vectors", x.Len())
	}
	if err := x.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	if x = reopen(t, x); x.Len() != 51 || x.Has(5) || !x.Has(1000) {
		t.Errorf("%d vectors after the second flush", x.Len())
	}
}

func TestTheFileIsItsOwnersAlone(t *testing.T) {
	x := openIndex(t, 8)
	fill(t, x, [][]float32{{1, 2, 3, 4, 5, 6, 7, 8}})
	fi, err := os.Stat(x.path)
	if err != nil || os.PathSeparator == '/' && fi.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", fi.Mode(), err)
	}
}

func FuzzOpen(f *testing.F) {
	whole, _ := written(f)
	f.Add(0, []byte{}, len(whole), false)
	f.Add(slotAt, []byte{9, 0, 0}, len(whole), true)
	f.Add(blockAlign+16, []byte{255, 255, 255, 255}, len(whole), true)
	f.Add(blockAlign+8, []byte{1}, blockAlign+100, true)
	f.Fuzz(func(t *testing.T, at int, patch []byte, length int, reseal bool) {
		b := bytes.Clone(whole)
		if at < 0 || at >= len(b) || length < 0 || length > len(b) {
			return
		}
		copy(b[at:], patch)
		if reseal { // so that what is checked behind the checksums is reached
			for _, s := range []struct{ at, n int }{{0, 284}, {slotAt, 24}, {2 * slotAt, 24}, {blockAlign, 28}, {2 * blockAlign, 28}} {
				raw := sealedBytes(b[s.at : s.at+s.n])
				copy(b[s.at:], raw)
			}
		}
		x, err := openBytes(t, b[:length])
		if err != nil {
			if !errors.Is(err, ErrUnusable) {
				t.Fatalf("%v", err)
			}
			return
		}
		defer x.Close()
		if _, err := x.Nearest(context.Background(), []float32{1, 0, 0, 0, 0, 0, 0, 1}, 10, nil); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(x.Drop(2), x.Flush(context.Background())); err != nil {
			t.Fatal(err)
		}
	})
}

// sealedBytes puts the checksum right of what sealed wrote.
func sealedBytes(b []byte) []byte {
	var whole [8192]byte
	copy(whole[:], b[:len(b)-4])
	type any284 struct {
		B   [280]byte
		Sum uint32
	}
	type any24 struct {
		B   [20]byte
		Sum uint32
	}
	type any28 struct {
		B   [24]byte
		Sum uint32
	}
	switch len(b) {
	case 284:
		return sealed(&any284{B: [280]byte(whole[:280])})
	case 24:
		return sealed(&any24{B: [20]byte(whole[:20])})
	default:
		return sealed(&any28{B: [24]byte(whole[:24])})
	}
}
