package content

import (
	"context"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/event"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/job/jobtest"
	"github.com/stardrive/stardrive/internal/schema"
	"github.com/stardrive/stardrive/internal/store"
	"github.com/stardrive/stardrive/internal/vfs"
	"github.com/stardrive/stardrive/internal/vfs/memfs"
)

// large is what is too large to be read whole unasked, differing at one place.
func large(at int) string {
	b := []byte(strings.Repeat("0123456789abcdef", quickWhole/16+100))
	if at >= 0 {
		b[at] ^= 1
	}
	return string(b)
}

func (w *world) findNow(in FindIn) job.Snapshot {
	w.t.Helper()
	snap, err := w.findDuplicates(w.t.Context(), in)
	must(w.t, err)
	return w.done(&snap)
}

func TestFindDuplicates(t *testing.T) {
	w := newWorld(t)
	must(t, w.d.MkdirAll("top/more"))
	w.record("top/more")
	w.write(map[string]string{
		"top/l1": large(-1), "top/more/l2": large(-1), "top/more/head": large(5), "top/more/tail": large(len(large(0)) - 3), "top/more/between": large(20000),
		"top/more/one": "a size of its own", "top/more/unlike1": strings.Repeat("a", 30), "top/more/unlike2": strings.Repeat("b", 30),
	})
	must(t, w.d.Link("top/l1", "top/more/l3"))
	w.record("top/l1", "top/more/l3")
	w.findNow(FindIn{MinSize: 1000})
	if got := w.duplicated(DuplicatesIn{}); got != "2x67136-67136: l1=more/l3 more/l2" {
		t.Errorf("large ones: %s", got)
	}
	read := strings.Fields(w.d.take())
	whole := 0
	for _, path := range read {
		if path == "top/more/head" || path == "top/more/tail" {
			whole++
		}
	}
	if whole != 2 { // for their keys alone
		t.Errorf("files with other keys were opened %d times", whole)
	}
	w.findNow(FindIn{Path: "/mnt/top/shallow"})
	if got := w.duplicated(DuplicatesIn{}); got != "2x67136-67136: l1=more/l3 more/l2; 4x4-12: a b shallow/deep/d shallow/s" {
		t.Errorf("of one folder: %s", got)
	}
	if opened := w.d.take(); strings.Contains(opened, "unlike") || strings.Contains(opened, "more") {
		t.Errorf("of one folder it opened %s", opened)
	}
	end := w.findNow(FindIn{})
	if opened := w.d.take(); !strings.Contains(opened, "unlike1") || strings.Contains(opened, "top/more/one") || strings.Contains(opened, "empty") || end.Warnings != 1 {
		t.Errorf("it opened %s, %d warnings", opened, end.Warnings)
	}
	w.findNow(FindIn{})
	if opened := w.d.take(); strings.Contains(opened, "top/l1") && strings.Count(opened, "top/l1") > 1 {
		t.Errorf("what is known was read again: %s", opened)
	}
}

func TestPromise_P10_FindIsCutOffEverywhere(t *testing.T) {
	if raceEnabled {
		t.Skip("takes long; identify's is the same in all that races could spoil")
	}
	jobtest.KillEverywhere(t, func(t *testing.T) jobtest.Scenario {
		var d *disk
		return jobtest.Scenario{
			Migrations: schema.Migrations(), Kind: findKind, Args: findArgs{Least: 1}, State: groups,
			Prepare: func(_ context.Context, db *store.DB) error { d = fill(t, db); return nil },
			Defs: func(t *testing.T, db *store.DB) []job.Def {
				c, err := catalog.Open(context.Background(), db, event.NewBus())
				must(t, err)
				return New(Options{Catalog: c, Volumes: d}).JobDefs()
			},
		}
	})
}

// TestPromise_P15_OneByte: a byte that differs anywhere makes another hash,
// whatever the quick key says, and equal bytes have equal keys.
func TestPromise_P15_OneByte(t *testing.T) {
	const size = 3*bufferSize/4 + 7
	r := rand.New(rand.NewPCG(1, 2))
	b := make([]byte, size)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	fs := memfs.New(nil)
	must(t, fs.WriteFile("a", b))
	h := open(t, fs, "a")
	hash, _, _, err := Sum(t.Context(), h)
	must(t, err)
	key, err := quickKey(t.Context(), h, size)
	must(t, err)
	must(t, fs.WriteFile("b", b))
	if k, err := quickKey(t.Context(), open(t, fs, "b"), size); err != nil || k != key {
		t.Errorf("equal bytes have other keys: %v", err)
	}
	n := 10_000
	if raceEnabled { // which takes ten times as long
		n = 200
	}
	for range n {
		at, bit := r.IntN(size), byte(1)<<r.IntN(8)
		b[at] ^= bit
		o := &odd{stat: vfs.Entry{Size: size}}
		o.read = func(p []byte, at int64) (int, error) {
			if at == size {
				return 0, io.EOF
			}
			return copy(p, b[at:]), nil
		}
		other, _, _, err := Sum(t.Context(), o)
		must(t, err)
		if other == hash {
			t.Fatalf("the byte at %d changed, and the hash did not", at)
		}
		b[at] ^= bit
	}
}

// TestSome: candidates are looked at in pieces of whole sizes, but for small files
// of which very many have one size.
func TestSome(t *testing.T) {
	for _, c := range []struct {
		sizes [][2]int // size, how many
		want  []int
	}{
		{[][2]int{{9, 2}, {8, 3}}, []int{5}},
		{[][2]int{{9, 2000}, {8, 3000}, {7, 2}}, []int{2000, 3000, 2}},
		{[][2]int{{9, 2000}, {8, 60}, {7, 2}}, []int{2060, 2}},
		{[][2]int{{9, 4097}, {8, 2}}, []int{4096, 3}},
		{[][2]int{{quickWhole + 2, 5000}, {quickWhole + 1, 2}, {9, 2}}, []int{5000, 2, 2}},
		{[][2]int{{quickWhole + 2, 31}, {quickWhole + 1, 2}, {quickWhole, 2}}, []int{33, 2}},
	} {
		var cs []candidate
		for _, s := range c.sizes {
			for range s[1] {
				cs = append(cs, candidate{int64(s[0]), 1})
			}
		}
		var got []int
		for len(cs) > 0 {
			n := some(cs)
			got, cs = append(got, n), cs[n:]
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, not %v", c.sizes, got, c.want)
		}
	}
}
