package catalog_test

import (
	"context"
	"errors"
	"maps"
	"os"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/store"
	"github.com/stardrive/stardrive/internal/vfs"
)

// program is one random history of a catalogue beside its model.
type program struct {
	*rapid.T
	l      *library
	m      model
	follow *follower
	ids    ident.EntryID // the highest ever seen
}

// TestPromise_P13_ApplyEqualsModel runs random batches, in random splits over
// transactions, against the model.
func TestPromise_P13_ApplyEqualsModel(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		own, err := os.MkdirTemp(dir, "run")
		if err != nil {
			rt.Fatal(err)
		}
		p := &program{T: rt, l: newLibrary(rt, own), follow: newFollower()}
		p.m = model{p.l.vol.Root: bare(p.l.rows()[p.l.vol.Root])}
		p.l.apply(p.seed())
		rt.Repeat(map[string]func(*rapid.T){
			"batch":    p.batches,
			"rollback": p.rollback,
			"refused":  p.refused,
			"forget":   p.forget,
			"paths":    p.paths,
			"list":     p.list,
			"follow":   func(rt *rapid.T) { p.follow.follow(p.l, rapid.IntRange(1, 9).Draw(rt, "page")) },
			"reopen":   p.reopen,
		})
		for p.follow.follow(p.l, rapid.IntRange(1, 9).Draw(rt, "page")) {
		}
		same(rt, "the follower", p.follow.rows, p.l.briefs())
		if p.follow.at != p.l.Reached() {
			rt.Errorf("the feed ends at %d and the catalogue says %d", p.follow.at, p.l.Reached())
		}
	})
}

// bare is an entry as the model knows it.
func bare(e catalog.Entry) catalog.Entry {
	e.Totals, e.Happened, e.Seq = catalog.Totals{}, 0, 0
	return e
}

// seed gives the programs something to begin with.
func (p *program) seed() *catalog.Batch {
	above := p.l.folder(p.l.vol.Root, "above")
	above.State = catalog.Known
	top := p.l.folder(above.ID, "top")
	a, b := p.l.folder(top.ID, "a"), p.l.folder(top.ID, "b")
	batch := &catalog.Batch{Create: []catalog.Entry{p.l.file(a.ID, "a", 10), b, a, top, above, p.l.file(b.ID, "b", 1)}}
	p.m = p.m.apply(batch)
	return batch
}

// reopen starts anew on what is stored, rarely, since it takes its time. Ids
// that were ever seen are not given out again.
func (p *program) reopen(t *rapid.T) {
	if rapid.IntRange(0, 4).Draw(t, "when") > 0 {
		return
	}
	before := p.l.Reached()
	p.l.reopen()
	if id := p.l.ReserveEntryIDs(1); id <= p.ids {
		t.Errorf("id %d after %d", id, p.ids)
	}
	if after := p.l.Reached(); after != before {
		t.Errorf("reached %d, and after opening it again %d", before, after)
	}
}

// pick draws an entry that fits, or skips the step.
func (p *program) pick(t *rapid.T, what string, m model, fits func(catalog.Entry) bool) (catalog.Entry, bool) {
	var ids []ident.EntryID
	for id, e := range m {
		if e.Parent != 0 && fits(e) {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return catalog.Entry{}, false
	}
	slices.Sort(ids)
	return m[rapid.SampledFrom(ids).Draw(t, what)], true
}

var names = rapid.SampledFrom([]string{"a", "b", "c", "\xff", "new\nline"})

// extend adds one random change to b; m is how things stand before b.
func (p *program) extend(t *rapid.T, b *catalog.Batch) {
	after := p.m.apply(b)
	untouched := func(e catalog.Entry) bool { return p.m[e.ID] == after[e.ID] && p.m[e.ID].ID != 0 }
	present := func(e catalog.Entry) bool { return e.State.There() && untouched(e) }
	folder := func(e catalog.Entry) bool { return e.State.There() && e.Kind == vfs.Folder }
	move := func(e catalog.Entry, parent ident.EntryID, name string) {
		e.Parent, e.Name, e.State = parent, name, catalog.Present
		e.Modified++
		b.Move = append(b.Move, e)
	}
	switch rapid.SampledFrom([]string{"file", "folder", "update", "rename", "move", "swap", "absent", "exclude", "return", "find", "known"}).Draw(t, "change") {
	case "file":
		if in, ok := p.pick(t, "in", after, folder); ok {
			b.Create = append(b.Create, p.l.file(in.ID, names.Draw(t, "name"), rapid.Int64Range(0, 99).Draw(t, "size")))
		}
	case "folder":
		if in, ok := p.pick(t, "in", after, folder); ok {
			b.Create = append(b.Create, p.l.folder(in.ID, names.Draw(t, "name")))
		}
	case "update":
		if e, ok := p.pick(t, "entry", p.m, present); ok {
			e.Modified++
			if e.Kind != vfs.Folder {
				e.Size = rapid.Int64Range(0, 99).Draw(t, "size")
				e.Kind = rapid.SampledFrom([]vfs.Kind{vfs.File, vfs.Symlink}).Draw(t, "kind")
			}
			b.Update = append(b.Update, e)
		}
	case "rename":
		if e, ok := p.pick(t, "entry", p.m, present); ok {
			move(e, e.Parent, names.Draw(t, "name"))
		}
	case "move":
		e, ok := p.pick(t, "entry", p.m, present)
		to, ok2 := p.pick(t, "to", after, folder)
		if ok && ok2 {
			move(e, to.ID, e.Name)
		}
	case "swap":
		e, ok := p.pick(t, "one", p.m, present)
		o, ok2 := p.pick(t, "other", p.m, present)
		if ok && ok2 && e.ID != o.ID {
			move(e, o.Parent, o.Name)
			move(o, e.Parent, e.Name)
		}
	case "absent":
		if e, ok := p.pick(t, "entry", p.m, untouched); ok {
			b.Absent = append(b.Absent, e.ID)
		}
	case "exclude":
		if e, ok := p.pick(t, "entry", p.m, untouched); ok {
			b.Excluded = append(b.Excluded, e.ID)
		}
	case "return":
		if e, ok := p.pick(t, "entry", p.m, func(e catalog.Entry) bool { return !e.State.There() && untouched(e) }); ok {
			e.State = catalog.Present
			b.Update = append(b.Update, e)
		}
	case "find": // what was gone is elsewhere
		e, ok := p.pick(t, "entry", p.m, func(e catalog.Entry) bool { return !e.State.There() && untouched(e) })
		to, ok2 := p.pick(t, "to", after, folder)
		if ok && ok2 {
			move(e, to.ID, names.Draw(t, "name"))
		}
	case "known":
		if e, ok := p.pick(t, "entry", p.m, func(e catalog.Entry) bool { return present(e) && e.Kind == vfs.Folder }); ok {
			e.State = catalog.Present + catalog.Known - e.State
			b.Update = append(b.Update, e)
		}
	}
}

// batch draws a batch that fits to how things stand.
func (p *program) batch(t *rapid.T) *catalog.Batch {
	b := &catalog.Batch{}
	for range rapid.IntRange(1, 8).Draw(t, "changes") {
		try := catalog.Batch{Create: slices.Clone(b.Create), Update: slices.Clone(b.Update), Move: slices.Clone(b.Move), Absent: slices.Clone(b.Absent), Excluded: slices.Clone(b.Excluded)}
		p.extend(t, &try)
		if p.m.apply(&try).flaw() == "" {
			*b = try
		}
	}
	return b
}

func (p *program) note() {
	for id := range p.m {
		p.ids = max(p.ids, id)
	}
}

// batches applies some, each in its own transaction, or all in one, or each in
// its own part of one commit.
func (p *program) batches(t *rapid.T) {
	var bs []*catalog.Batch
	for range rapid.IntRange(1, 3).Draw(t, "batches") {
		b := p.batch(t)
		p.m = p.m.apply(b)
		bs = append(bs, b)
	}
	p.note()
	before := p.l.Reached()
	split := rapid.SampledFrom([]string{"apart", "together", "one commit"}).Draw(t, "split")
	err := p.l.db.Write(context.Background(), func(stx *store.Tx) error {
		tx := p.l.In(stx)
		for i, b := range bs {
			if split == "apart" && i > 0 {
				return nil
			}
			if split == "one commit" {
				tx = p.l.In(stx)
			}
			if err := tx.Apply(b); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatalf("apply %s: %v", split, err)
	}
	if split == "apart" {
		for _, b := range bs[1:] {
			p.l.apply(b)
		}
	}
	if after := p.l.Reached(); after < before {
		t.Errorf("reached %d after %d", after, before)
	}
	p.compare(t)
}

var errNo = errors.New("no")

// rollback applies a batch that comes to nothing.
func (p *program) rollback(t *rapid.T) {
	b := p.batch(t)
	before := p.l.Reached()
	err := p.l.Write(context.Background(), func(tx *catalog.Tx) error {
		if err := tx.Apply(b); err != nil {
			return err
		}
		return errNo
	})
	if !errors.Is(err, errNo) || p.l.Reached() != before {
		t.Fatalf("got %v, reached %d after %d", err, p.l.Reached(), before)
	}
	p.compare(t)
}

// refused applies a batch that leads to no tree.
func (p *program) refused(t *rapid.T) {
	b := p.batch(t)
	p.extend(t, b)
	if f := p.m.apply(b).flaw(); f != "circle" && f != "name" {
		return
	}
	before := p.l.Reached()
	if err := p.l.Write(context.Background(), func(tx *catalog.Tx) error { return tx.Apply(b) }); err == nil {
		t.Fatalf("a batch was taken that leads to no tree")
	}
	if p.l.Reached() != before {
		t.Errorf("reached %d after %d", p.l.Reached(), before)
	}
	p.compare(t)
}

// forget deletes a folder in some steps.
func (p *program) forget(t *rapid.T) {
	isFolder := func(e catalog.Entry) bool { return e.Kind == vfs.Folder }
	top, ok := p.pick(t, "top", p.m, isFolder)
	if !ok {
		return
	}
	keep := map[ident.EntryID]bool{}
	for range rapid.IntRange(0, 2).Draw(t, "kept") {
		if e, ok := p.pick(t, "keep", p.m, isFolder); ok {
			keep[e.ID] = true
		}
	}
	p.note()
	want := p.m.forget(top.ID, keep)
	var folders []ident.EntryID
	for done, steps := false, 0; !done; steps++ {
		if steps > 2*len(p.m)+2 {
			t.Fatalf("forgetting does not end")
		}
		p.l.write(func(tx *catalog.Tx) (err error) {
			var some []ident.EntryID
			some, done, err = tx.Forget(top.ID, keep, rapid.IntRange(1, 5).Draw(t, "limit"))
			folders = append(folders, some...)
			return err
		})
		p.l.checkTotals(p.l.rows())
	}
	var gone []ident.EntryID
	for id, e := range p.m {
		if w, still := want[id]; (!still || w.State != e.State) && e.Kind == vfs.Folder {
			gone = append(gone, id)
		}
	}
	slices.Sort(gone)
	slices.Sort(folders)
	if !slices.Equal(gone, folders) {
		t.Errorf("folders that are not indexed any more: got %v, want %v", folders, gone)
	}
	p.m = want
	p.compare(t)
}

// compare holds every row and total against the model.
func (p *program) compare(t *rapid.T) {
	t.Helper()
	rows := p.l.rows()
	p.l.checkTotals(rows)
	got, seqs := map[ident.EntryID]catalog.Entry{}, map[int64]bool{}
	for id, e := range rows {
		if seqs[e.Seq] || e.Seq > p.l.Reached() {
			t.Errorf("entry %d has seq %d, which is another's or beyond %d", id, e.Seq, p.l.Reached())
		}
		seqs[e.Seq] = true
		got[id] = bare(e)
	}
	same[catalog.Entry](t, "the catalogue", got, p.m)
	p.listings(t)
}

// paths asks for every folder's, through the cache.
func (p *program) paths(t *rapid.T) {
	p.l.read(func(r *catalog.Reader) error {
		for _, id := range slices.Sorted(maps.Keys(p.m)) {
			if p.m[id].Kind != vfs.Folder {
				continue
			}
			if got, err := r.FolderPath(id); err != nil || got != p.m.path(id) {
				t.Errorf("path of %d: got %q, %v, want %q", id, got, err, p.m.path(id))
			}
		}
		return nil
	})
}
