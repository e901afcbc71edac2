package organize

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/hlc"
	"github.com/stardrive/stardrive/internal/organize/merge"
	"github.com/stardrive/stardrive/internal/store"
)

func (w *world) since(known merge.Vector) []*merge.Op {
	w.t.Helper()
	ops, err := w.Since(w.t.Context(), known)
	if err != nil {
		w.t.Fatal(err)
	}
	return ops
}

func (w *world) vector() merge.Vector {
	w.pen.Lock()
	defer w.pen.Unlock()
	return maps.Clone(w.book.seen)
}

func (w *world) receive(ops ...*merge.Op) {
	w.t.Helper()
	if err := w.Receive(w.t.Context(), ops); err != nil {
		w.t.Fatal(err)
	}
}

// TestTwoDevices: what two devices add apart from each other comes together when they
// exchange their operations, in whatever order, over restarts, and with clocks that
// are decades apart.
func TestTwoDevices(t *testing.T) {
	t.Parallel()
	at := func(name string, years int) func(*Options) {
		return func(o *Options) {
			o.Device = "device-" + "x"
			if name == "b" {
				o.Device = "device-y"
			}
			o.Now = func() time.Time { return noon.AddDate(years, 0, 0) }
		}
	}
	a, b := newWorld(t, "", at("a", 0)), newWorld(t, "", at("b", 50))
	ea, eb := a.file(a.vol.Root, "f", 10, 6), b.file(b.vol.Root, "g", 10, 7)
	a.hash(&ea, 'A')
	b.hash(&eb, 'A')
	exchange := func() {
		t.Helper()
		toB, toA := a.since(b.vector()), b.since(a.vector())
		for i := len(toB) - 1; i >= 0; i-- { // the last first: they wait for one another
			b.receive(toB[i])
		}
		b.restart()
		b.receive(toB...)
		a.receive(append(toA, toA...)...)
		if x, y := a.dump(), b.dump(); x != y {
			t.Fatalf("a has\n%s\nand b\n%s", x, y)
		}
	}
	a.tag("beach", ea)
	must(a, a.noteSet, SetNoteIn{One: one(ea), Text: "draft"})
	exchange()
	if got := b.has(eb); got != `beach "draft"` {
		t.Fatalf("b has %s", got)
	}
	// At the same time: one removes the tag that the other renames; both write notes.
	must(a, a.tagDelete, TagIn{"beach"})
	must(b, b.tagEdit, EditTagIn{Tag: "beach", Name: "sea"})
	must(a, a.noteSet, SetNoteIn{One: one(ea), Text: "mine"})
	must(b, b.noteSet, SetNoteIn{One: one(eb), Text: "yours"})
	must(b, b.rateSet, RateIn{Stars: 3, Selection: sel(eb)})
	exchange()
	if x, y := a.has(ea), b.has(eb); x != y || x != `3 "mine\n\n---\n\nyours"` {
		t.Errorf("a has %s, b %s", x, y)
	}
	// What is written later wins, though its clock is 50 years behind.
	must(a, a.rateSet, RateIn{Stars: 5, Selection: sel(ea)})
	must(a, a.noteSet, SetNoteIn{One: one(ea), Text: "both"})
	exchange()
	if x, y := a.has(ea), b.has(eb); x != y || x != `5 "both"` {
		t.Errorf("a has %s, b %s", x, y)
	}
	// A circle that neither could see coming.
	for _, n := range []string{"p", "q"} {
		must(a, a.tagCreate, CreateTagIn{Name: n})
	}
	exchange()
	must(a, a.tagMove, MoveTagIn{Tag: "p", To: "q"})
	must(b, b.tagMove, MoveTagIn{Tag: "q", To: "p"})
	exchange()
	x, y := a.names(must(a, a.tagTree, TreeIn{}).Items), b.names(must(b, b.tagTree, TreeIn{}).Items)
	if x != y || x != "q .p" {
		t.Errorf("a shows %q, b %q", x, y)
	}
	if idle := must(b, b.tagShow, TagIn{"q"}).Idle; len(idle) != 1 {
		t.Error("nobody is told of the parent that has no effect:", idle)
	}
}

// TestStampsNeverRepeat: neither over restarts nor when the clock goes back.
func TestStampsNeverRepeat(t *testing.T) {
	t.Parallel()
	now := noon
	w := newWorld(t, "", func(o *Options) { o.Now = func() time.Time { return now } })
	for i := range 6 {
		must(w, w.tagCreate, CreateTagIn{Name: fmt.Sprint("tag ", i)})
		now = now.Add(-time.Hour)
		if i%2 == 0 {
			w.restart()
		}
	}
	var last hlc.Stamp
	for i, o := range w.since(nil) {
		if o.N != uint64(i+1) || o.Stamp <= last { //nolint:gosec // small
			t.Errorf("operation %d has the stamp %x after %x", o.N, o.Stamp, last)
		}
		last = o.Stamp
	}
}

// TestUnknownOperationsStay: what a later version wrote is kept and passed on as it is.
func TestUnknownOperationsStay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	odd := &merge.Op{Dot: merge.Dot{Actor: "future", N: 1}, Stamp: hlc.At(noon.AddDate(80, 0, 0)), Deps: merge.Vector{}, Kind: "paint", Opaque: `{"colour":"gold"}`}
	w.receive(odd)
	w.receive(&merge.Op{Dot: merge.Dot{Actor: "future", N: 2}, Deps: merge.Vector{}, Kind: merge.Plain, Changes: []merge.Change{{Key: merge.Key{Target: "z:1", Field: "unheard", Member: "of"}, Value: "1"}}})
	must(w, w.tagCreate, CreateTagIn{Name: "x"})
	if s := w.since(nil)[2].Stamp; s.Time().After(noon.Add(2 * time.Minute)) {
		t.Error("somebody's clock dragged this one along to", s.Time())
	}
	w.compactAll()
	w.restart()
	ops := w.since(merge.Vector{w.book.me: 1})
	if len(ops) != 2 || ops[0].Kind != "paint" || ops[0].Opaque != odd.Opaque || ops[1].Changes[0].Field != "unheard" {
		t.Errorf("%+v", ops)
	}
}

func (w *world) compactAll() int64 {
	w.t.Helper()
	gone, err := w.Compact(w.t.Context(), w.vector())
	if err != nil {
		w.t.Fatal(err)
	}
	return gone
}

// TestCompaction: the log loses what stands no more, and nothing else changes.
func TestCompaction(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	e := w.file(w.vol.Root, "f", 10, 6)
	for i := range 20 {
		must(w, w.rateSet, RateIn{Stars: 1 + i%5, Selection: sel(e)})
	}
	w.tag("x", e)
	before := w.dump()
	if gone := w.compactAll(); gone != 19 {
		t.Errorf("%d operations are gone", gone)
	}
	if got := w.dump(); got != before {
		t.Error(got)
	}
	w.restart()
	must(w, w.rateSet, RateIn{Stars: 3, Selection: sel(e)})
	if got := w.has(e); got != "x 3" {
		t.Error(got)
	}
}

// TestPromise_P9_DamageIsMended: a damaged database is put aside, a snapshot takes its
// place, the user is told, and what is written then bears another name.
func TestPromise_P9_DamageIsMended(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	e := w.file(w.vol.Root, "f", 10, 6)
	w.tag("x", e)
	for range 5 {
		if err := w.Snapshot(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if found, _ := filepath.Glob(w.user + ".*"); len(found) < store.Copies || exists(store.CopyPath(w.user, 4)) {
		t.Error(found)
	}
	me := w.book.me
	w.restart(func() {
		if err := os.WriteFile(w.user, []byte("this is no database, and never was one"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(store.CopyPath(w.user, 1), make([]byte, 4096), 0o600); err != nil { // nor is the newest snapshot
			t.Fatal(err)
		}
	})
	if got := w.has(e); got != "x" {
		t.Error(got)
	}
	if err := w.Restored(); errs.RemedyOf(err) == "" || w.book.me == me {
		t.Error(err, w.book.me)
	}
	if b, err := os.ReadFile(w.user + ".damaged"); err != nil || string(b[:7]) != "this is" {
		t.Error("the damaged file is not there any more:", err)
	}
	w.restart()
	if err := w.Restored(); err != nil {
		t.Error(err)
	}
}

// TestACopyIsSomebodyElse: a library that was copied to another device goes on there
// under another name.
func TestACopyIsSomebodyElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	must(w, w.tagCreate, CreateTagIn{Name: "x"})
	me := w.book.me
	w.stop()
	n := newWorld(t, w.user, func(o *Options) { o.Device = "another" })
	must(n, n.tagCreate, CreateTagIn{Name: "y"})
	if n.book.me == me || len(n.since(nil)) != 2 {
		t.Error(n.book.me)
	}
}

// TestFailedWritesLeaveNothing: a change that fails half way leaves neither the
// database nor the memory changed.
func TestFailedWritesLeaveNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	e := w.file(w.vol.Root, "f", 10, 6)
	w.tag("x", e)
	before, seen := w.dump(), w.vector()
	_, err := w.change(t.Context(), "fails", func(p *page) ([]merge.Change, error) {
		if err := p.change([]merge.Change{{Key: merge.Key{Target: "t:new", Field: isField}, Value: "tag"}}); err != nil {
			return nil, err
		}
		return nil, errs.New(errs.Invalid, "no")
	})
	wantKind(t, err, errs.Invalid)
	if got := w.dump(); got != before || !w.vector().Within(seen) {
		t.Errorf("%s\n%v", got, w.vector())
	}
	w.tag("y", e)
	w.restart()
	if got := w.has(e); got != "x y" {
		t.Error(got)
	}
	err = w.db.Read(t.Context(), func(tx *store.Tx) error {
		var n int
		err := tx.QueryRow("SELECT count(*) FROM target WHERE id = 't:new'").Scan(&n)
		if n != 0 {
			t.Error("a target of a change that failed is there")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
