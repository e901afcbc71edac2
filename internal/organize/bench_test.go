package organize

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/organize/merge"
	"github.com/stardrive/stardrive/internal/vfs"
)

// benchWorld has 100,000 files that were read, and 5,000 tags, six below one another.
func benchWorld(b *testing.B) *world {
	w := newWorld(b, "")
	w.benchFiles(b, 10, true)
	w.benchTags(b)
	return w
}

// benchFiles makes 100,000 files with numbers from first on; read: their bytes are known.
func (w *world) benchFiles(b *testing.B, number int, read bool) {
	const files = 100_000
	first := w.Catalog.ReserveEntryIDs(files)
	var batch catalog.Batch
	for i := range files {
		batch.Create = append(batch.Create, catalog.Entry{
			ID: first + ident.EntryID(i), Volume: w.vol.ID, Parent: w.vol.Root, Name: fmt.Sprintf("file %d.jpg", i), Kind: vfs.File, State: catalog.Present,
			Size: 1, Modified: 1, Inode: uint64(i + number), Created: int64(i + number),
		})
	}
	w.apply(&batch)
	for i := range files {
		w.ids = append(w.ids, first+ident.EntryID(i))
	}
	if !read {
		return
	}
	w.write(func(tx *catalog.Tx) error {
		for i := range files {
			var h catalog.Hash
			binary.LittleEndian.PutUint32(h[:], uint32(i+1)) //nolint:gosec // small
			id, err := tx.PutContent(catalog.Content{Hash: h, Size: 1, Kind: "image"})
			if err == nil {
				_, err = tx.Store().Exec("UPDATE entry SET content_id = ? WHERE id = ?", int64(id), int64(first)+int64(i))
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// benchTags makes 5,000 tags, six below one another.
func (w *world) benchTags(b *testing.B) {
	_, err := w.change(b.Context(), "", func(*page) (changes []merge.Change, err error) {
		for i := range 5000 {
			c := &plan{target: fmt.Sprintf("%s%d", tagTarget, i)}
			c.set(isField, "tag")
			c.set(nameField, fmt.Sprintf("tag %d", i))
			if i%6 > 0 {
				c.add(parentField, fmt.Sprintf("%s%d", tagTarget, i-1))
			}
			changes = append(changes, c.changes...)
		}
		return changes, nil
	})
	if err != nil {
		b.Fatal(err)
	}
}

// BenchmarkMillion: the budgets are 2 s to tag 50,000 files, 25 ms to find by a tag above
// others, 50 ms for the tree of 5,000 tags, also after a change.
func BenchmarkMillion(b *testing.B) {
	w := benchWorld(b)
	all := w.ids
	w.ids = all[:50_000]
	n := 0
	run := func(name string, fn func(b *testing.B)) {
		b.Run(name, func(b *testing.B) {
			before := cpuTime(b)
			fn(b)
			b.ReportMetric((cpuTime(b)-before)/float64(b.N)/1e6, "cpu-ms/op") // what is done with the clock stopped, too
		})
	}
	run("tag 50,000", func(b *testing.B) {
		for b.Loop() {
			if d := must(w, w.tagApply, ApplyIn{Tag: fmt.Sprint(n), Selection: Selection{Query: "all"}}); d.Changed != 50_000 {
				b.Fatal(d)
			}
			n++
		}
	})
	w.ids = all[50_000:]
	must(w, w.tagApply, ApplyIn{Tag: "5", Selection: Selection{Query: "all"}})
	run("untag 50,000", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			must(w, w.tagApply, ApplyIn{Tag: "77", Selection: Selection{Query: "all"}})
			b.StartTimer()
			must(w, w.tagDrop, DropIn{Tag: "77", Selection: Selection{Query: "all"}})
		}
	})
	run("find 100,000", func(b *testing.B) {
		for b.Loop() {
			find, _, _ := w.Find("tag", "0")
			n := 0
			if err := find(b.Context(), func(int64) { n++ }, func(int64) { n++ }); err != nil || n < 100_000 {
				b.Fatal(n, err)
			}
		}
	})
	run("find 100,000 after a change", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			b.StopTimer()
			w.ids = all[50_000+i%1000:][:1]
			if i%2 == 0 {
				must(w, w.tagDrop, DropIn{Tag: "5", Selection: Selection{Query: "all"}})
			} else {
				must(w, w.tagApply, ApplyIn{Tag: "5", Selection: Selection{Query: "all"}})
			}
			b.StartTimer()
			find, _, _ := w.Find("tag", "0")
			n := 0
			if err := find(b.Context(), func(int64) { n++ }, func(int64) { n++ }); err != nil || n < 99_000 {
				b.Fatal(n, err)
			}
		}
	})
	run("tree", func(b *testing.B) {
		for b.Loop() {
			if n := len(must(w, w.tagTree, TreeIn{}).Items); n != 5000 {
				b.Fatal(n)
			}
		}
	})
	run("tree after a change", func(b *testing.B) {
		for b.Loop() {
			w.model.mu.Lock()
			w.model.tree = nil
			w.model.mu.Unlock()
			must(w, w.tagTree, TreeIn{})
		}
	})
	run("verify 100,000", func(b *testing.B) {
		for b.Loop() {
			if err := w.verify(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
	run("open", func(b *testing.B) {
		for b.Loop() {
			w.restart()
		}
	})
	w.ids = all[:50_000]
	must(w, w.ruleCreate, CreateRuleIn{Name: "r", Query: "all", Tag: "4000", Paused: true})
	var r order
	w.model.look(func(*tree) { r = w.Service.order(w.model.those(ruleSort)[0]) })
	must(w, w.ruleEdit, EditRuleIn{Rule: "r", Resume: true})
	if err := w.followRule(b.Context(), r, func(int, int) error { return nil }); err != nil {
		b.Fatal(err)
	}
	run("rule that 50,000 fit, which have it", func(b *testing.B) {
		for b.Loop() {
			if err := w.followRule(b.Context(), r, func(int, int) error { return nil }); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkImport takes over 100,000 facts of as many files, in a library that knows these by
// the same numbers or by others, and of which the bytes were read meanwhile.
func BenchmarkImport(b *testing.B) {
	for _, c := range []struct {
		name         string
		read, reread bool
		number       int
	}{{"same numbers", true, true, 10}, {"other numbers", true, true, 1_000_000}, {"read since", false, true, 10}} {
		b.Run(c.name, func(b *testing.B) {
			w := newWorld(b, "")
			w.benchFiles(b, 10, c.read)
			must(w, w.tagApply, ApplyIn{Tag: "x", Create: true, Selection: Selection{Query: "all"}})
			text := w.exported()
			for b.Loop() {
				b.StopTimer()
				n := newWorld(b, "")
				n.benchFiles(b, c.number, c.reread)
				n.restart() // all of the feed was followed
				b.StartTimer()
				before := cpuTime(b)
				if out, err := n.take(b.Context(), strings.NewReader(text)); err != nil || out.Places != 100_000 {
					b.Fatal(out, err)
				}
				if n.model.lost > 0 {
					b.Fatal(n.model.lost)
				}
				b.ReportMetric((cpuTime(b)-before)/1e6, "cpu-ms/op")
			}
		})
	}
}
