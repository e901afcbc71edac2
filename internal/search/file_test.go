package search

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// same fails the test unless k finds what a look at the whole catalogue finds.
func (k *keeper) same(t *rapid.T, vol catalog.Volume) {
	t.Helper()
	if err := k.follow(context.Background(), k.t); err != nil {
		t.Fatal(err)
	}
	model := map[ident.EntryID]catalog.Brief{}
	if _, err := k.Catalog.Scan(context.Background(), func(e *catalog.Brief) error { model[e.ID] = *e; return nil }); err != nil {
		t.Fatal(err)
	}
	checkTable(t, k.t, model)
	h := &history{table: k.t, model: model}
	for _, text := range []string{"a", "b", "ab", "é", ".", "a b", "中", "\ufffd", "top/", "kind:folder"} {
		for _, in := range []ident.EntryID{0, vol.Root} {
			h.compare(t, ask(text, in), 100)
		}
	}
}

// crash leaves everything as a process does that is killed.
func (k *keeper) crash() {
	if m := k.merging; m != nil {
		k.merging = nil
		m.stop()
		<-m.done.Done()
		_ = m.to.close()
	}
	_ = k.t.close()
}

// TestIndexIsTheCatalogue: after any changes, stops, crashes, and any damage to
// the file, a search finds what a look at the whole catalogue finds (promise P9
// for the index).
func TestIndexIsTheCatalogue(t *testing.T) {
	s := newShelf(t)
	rapid.Check(t, func(rt *rapid.T) {
		s.perSeg = rapid.SampledFrom([]int{1, 3, 16, 128}).Draw(rt, "perSeg")
		_ = os.Remove(s.Path)
		k := s.keep()
		defer func() { k.crash() }()
		w := &writer{shelf: s, top: s.add(s.vol.Root, fmt.Sprint("top ", s.Catalog.ReserveEntryIDs(1)), vfs.Folder).ID}
		for range rapid.IntRange(1, 14).Draw(rt, "steps") {
			switch what := rapid.IntRange(0, 11).Draw(rt, "what"); what {
			case 0, 1, 2, 3:
				w.change(rt)
			case 4:
				if err := k.follow(t.Context(), k.t); err != nil {
					rt.Fatal(err)
				}
			case 5:
				if err := k.seal(t.Context(), k.t); err != nil {
					rt.Fatal(err)
				}
			case 6:
				if k.merging == nil {
					if err := k.merge(t.Context()); err != nil {
						rt.Fatal(err)
					}
				} else if err := k.adopt(t.Context()); err != nil {
					rt.Fatal(err)
				}
			case 7:
				k.end()
				k = s.keep()
			case 8, 9, 10:
				k.crash()
				if what > 8 {
					damage(rt, s.Path)
				}
				k = s.keep()
				k.same(rt, s.vol)
			default:
				k.same(rt, s.vol)
			}
			if k.spoilt || k.settled {
				rt.Fatal("the file could not be written")
			}
		}
		k.same(rt, s.vol)
	})
}

// writer changes the catalogue below one folder.
type writer struct {
	*shelf
	top          ident.EntryID
	n            int
	folders, all []catalog.Entry
}

func (w *writer) change(t *rapid.T) {
	w.n++
	b := &catalog.Batch{}
	name := fmt.Sprint(w.n, "|", names(t, "name"))
	switch what := rapid.IntRange(0, 5).Draw(t, "change"); {
	case what < 3 || len(w.all) == 0:
		parent, kind := w.top, vfs.File
		if len(w.folders) > 0 && rapid.Bool().Draw(t, "deep") {
			parent = rapid.SampledFrom(w.folders).Draw(t, "parent").ID
		}
		if what == 2 {
			kind = vfs.Folder
		}
		e := w.entry(parent, name, kind)
		e.Size = int64(w.n)
		if b.Create = []catalog.Entry{e}; kind == vfs.Folder {
			w.folders = append(w.folders, e)
		}
		w.all = append(w.all, e)
	case what == 3:
		e := &w.all[rapid.IntRange(0, len(w.all)-1).Draw(t, "which")]
		e.Name = name
		b.Move = []catalog.Entry{*e}
	case what == 4:
		b.Absent = []ident.EntryID{rapid.SampledFrom(w.all).Draw(t, "which").ID}
	default:
		w.write(func(tx *catalog.Tx) error {
			_, _, err := tx.Forget(w.all[rapid.IntRange(0, len(w.all)-1).Draw(t, "which")].ID, nil, 100)
			return err
		})
		w.all, w.folders = nil, nil // some of them are no more: go on with new ones
	}
	w.apply(b)
}

// damage cuts the file off, flips bytes, makes a page of it zeros, or leaves it.
func damage(t *rapid.T, path string) {
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := rapid.IntRange(0, len(b)-1).Draw(t, "at")
	if rapid.Bool().Draw(t, "in a block") { // most of a small file is room between blocks
		at = min(len(b)-1, at/blockAlign*blockAlign+rapid.IntRange(0, 2048).Draw(t, "in block"))
	}
	switch rapid.IntRange(0, 3).Draw(t, "damage") {
	case 0:
		b = b[:at]
	case 1:
		b[at] ^= byte(1 << rapid.IntRange(0, 7).Draw(t, "bit"))
	case 2:
		clear(b[at:min(len(b), at+4096)])
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// sample makes an index file of some blocks, and tells where they are.
func sample(t testing.TB, path string) (offs []int64) {
	f, err := createFile(path, "a library")
	if err != nil {
		t.Fatal(err)
	}
	table := newTable(32)
	table.file = f
	for i := range 100 {
		offs = append(offs, f.size)
		table.seq = int64(i)
		name := fmt.Sprintf("Name %d é.txt", i)
		table.take1(&catalog.Brief{ID: ident.EntryID(i%70 + 2), Parent: 1, Name: name, State: catalog.Present, Kind: vfs.File, Seq: int64(i)})
	}
	if err := table.seal(false); err != nil {
		t.Fatal(err)
	}
	if err := f.sync(); err != nil {
		t.Fatal(err)
	}
	if err := f.complete(); err != nil {
		t.Fatal(err)
	}
	if err := table.close(); err != nil {
		t.Fatal(err)
	}
	return slices.Compact(offs)
}

// TestEveryByteCounts: a flip of any byte that means something is noticed: what
// is read is what was stored up to some block, or nothing.
func TestEveryByteCounts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "names.index")
	offs := sample(t, path)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := openFile(path, "a library")
	if err != nil || len(whole.segments) != len(offs) || len(offs) < 3 {
		t.Fatal(err, offs)
	}
	_ = whole.mapping.release()
	for n, off := range append([]int64{0}, offs...) {
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		length := int64(binary.Size(fileHead{}))
		if n > 0 {
			var h head
			if _, err := binary.Decode(good[off:off+blockHead], binary.NativeEndian, &h); err != nil {
				t.Fatal(err)
			}
			_, _, columns, _ := lay(h.counts, nil)
			length = blockHead + int64(columns)
		}
		headLength := int64(binary.Size(head{}))
		for at := off; at < off+length; at += 1 + (at-off)/24 {
			if in := at - off; n > 0 && headLength <= in && in < blockHead {
				continue // room that says nothing
			}
			flipped := []byte{good[at] ^ 0x10}
			if _, err := f.WriteAt(flipped, at); err != nil {
				t.Fatal(err)
			}
			st, err := openFile(path, "a library")
			if err == nil {
				if len(st.segments) != n-1 || n == 0 {
					t.Fatalf("byte %d of block %d is wrong, and %d blocks are read", at-off, n, len(st.segments))
				}
				_ = st.mapping.release()
			}
			if _, err := f.WriteAt(good[at:at+1], at); err != nil {
				t.Fatal(err)
			}
		}
		_ = f.Close()
	}
}

// TestForgedBlocks: a block whose checksums are right, and whose columns are
// nonsense, is refused or read, but nothing goes beyond its bounds.
func TestForgedBlocks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "names.index")
	offs := sample(t, path)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		b := bytes.Clone(good)
		off := rapid.SampledFrom(offs).Draw(t, "block")
		var h head
		if _, err := binary.Decode(b[off:off+blockHead], binary.NativeEndian, &h); err != nil {
			t.Fatal(err)
		}
		_, _, length, _ := lay(h.counts, nil)
		for range rapid.IntRange(1, 4).Draw(t, "flips") {
			if rapid.IntRange(0, 3).Draw(t, "where") == 0 {
				n := []*uint32{&h.Rows, &h.Kills, &h.Parents, &h.Exts, &h.ExtBytes, &h.Names, &h.Sides, &h.SideBytes}
				*n[rapid.IntRange(0, len(n)-1).Draw(t, "count")] = rapid.SampledFrom([]uint32{0, 1, 2, 31, 33, 1 << 16, 1 << 31, 1<<32 - 1}).Draw(t, "to")
			} else {
				b[off+blockHead+int64(rapid.IntRange(0, length-1).Draw(t, "at"))] = byte(rapid.IntRange(0, 255).Draw(t, "value"))
			}
		}
		_, _, length, _ = lay(h.counts, nil)
		if end := off + blockHead + int64(length); end <= int64(len(b)) {
			h.Sum = crc32.Checksum(b[off+blockHead:end], castagnoli)
		}
		copy(b[off:], h.bytes())
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		st, err := openFile(path, "a library")
		if err != nil {
			return
		}
		table := tableOf(st, 32)
		defer func() { _ = table.close() }()
		for _, q := range []string{"name", "é", "7", "kind:text", "ext:txt size:<5", "name/", "re:n.*7", "modified:2020"} {
			if _, _, err := table.hits(ask(q, 1), 100); err != nil {
				t.Fatal(err)
			}
		}
		table.children(1, func(ident.EntryID, vfs.Kind, bool, []byte, int64, int64) {})
		for id := range ident.EntryID(80) {
			if p, ok := table.find(id); ok {
				_ = p.seg.raw(p.row, nil)
			}
		}
	})
}

// TestOtherFilesAreRefused: of another library, another version, none at all.
func TestOtherFilesAreRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "names.index")
	sample(t, path)
	if _, err := openFile(path, "another library"); err == nil {
		t.Error("the index of another library is taken")
	}
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range [][]byte{nil, []byte(fileMagic), bytes.Repeat([]byte{0xff}, 1<<20), good[:blockAlign], good[:blockAlign+100], bytes.Replace(good, []byte(fileMagic), []byte("SDnamed\n"), 1)} {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := openFile(path, "a library"); err == nil {
			t.Errorf("%d bytes beginning with %.20q are taken for an index", len(b), b)
		}
	}
	if _, err := openFile(path+" not", "a library"); !missing(err) {
		t.Errorf("no file: %v", err)
	}
}

// TestCutOffWhileMapped: a file that somebody cuts off while it is in use costs
// its pages, but not the process: the index is made anew.
func TestCutOffWhileMapped(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the file is not mapped")
	}
	s := newShelf(t)
	s.perSeg = 64
	b := &catalog.Batch{}
	for i := range 500 {
		b.Create = append(b.Create, s.entry(s.vol.Root, fmt.Sprintf("photo %d.jpg", i), vfs.File))
	}
	s.apply(b)
	s.serve()
	s.finds("photo 499", "photo 499.jpg")
	if err := os.Truncate(s.Path, 10); err != nil {
		t.Fatal(err)
	}
	if _, ok := s.Children(s.vol.Root, func(ident.EntryID, vfs.Kind, bool, []byte, int64, int64) {}); ok {
		t.Error("the folder is told from a file that is no more")
	}
	hits, err := s.ask(map[string]any{"query": "photo", "limit": 1})
	if err != nil || hits.Total != 500 || hits.Partial {
		t.Errorf("%d hits of 500, partial: %v, %v", hits.Total, hits.Partial, err)
	}
	s.add(s.vol.Root, "photo after", vfs.File)
	s.finds("after", "photo after")
}

// logged collects what is logged.
func (s *shelf) logged() *strings.Builder {
	var b strings.Builder
	s.Log = slog.New(slog.NewTextHandler(&b, nil))
	return &b
}

// TestStartReadsNoCatalogue: what was stored is not read from the catalogue
// again, and changes since are.
func TestStartReadsNoCatalogue(t *testing.T) {
	s := newShelf(t)
	log := s.logged()
	b := &catalog.Batch{}
	for i := range keepFew + 100 {
		b.Create = append(b.Create, s.entry(s.vol.Root, fmt.Sprintf("file %d", i), vfs.File))
	}
	s.keep().end()
	s.apply(b)
	k := s.keep()
	k.end()
	st, err := openFile(s.Path, s.Library)
	if err != nil || len(st.segments) != 2 || st.segments[1].rows() != len(b.Create) || st.seq < s.Catalog.Reached() {
		t.Fatalf("stored up to %d of %d: %v", st.seq, s.Catalog.Reached(), err)
	}
	_ = st.mapping.release()
	s.add(s.vol.Root, "a late one", vfs.File)
	k = s.keep()
	defer k.end()
	if k.t.rows != len(b.Create)+1 || k.t.grow == nil || k.t.grow.rows() > 1 {
		t.Errorf("%d rows, %d of them not from the file", k.t.rows, k.t.grow.rows())
	}
	if n := strings.Count(log.String(), "made"); n != 1 {
		t.Errorf("made %d times:\n%s", n, log)
	}
}

// TestAnotherCatalogue: an index that is ahead of its catalogue, or beside it, is
// that of another state of the library, as after a restored backup: it is made
// anew.
func TestAnotherCatalogue(t *testing.T) {
	s, older := newShelf(t), newShelf(t)
	for _, sh := range []*shelf{s, older} {
		for i := range 5 {
			sh.add(sh.vol.Root, fmt.Sprintf("both %d", i), vfs.File)
		}
	}
	for i := range 5 {
		s.add(s.vol.Root, fmt.Sprintf("lost %d", i), vfs.File)
	}
	k := s.keep()
	if err := k.seal(t.Context(), k.t); err != nil {
		t.Fatal(err)
	}
	k.end()
	b, err := os.ReadFile(s.Path)
	if err != nil {
		t.Fatal(err)
	}
	for n, change := range []func(){
		func() {}, // behind the index
		func() { // as far as the index, or farther, but otherwise
			for i := range 20 {
				older.add(older.vol.Root, fmt.Sprintf("new %d", i), vfs.File)
			}
		},
	} {
		change()
		if err := os.WriteFile(older.Path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		log := older.logged()
		k := older.keep()
		{
			if _, total, err := k.t.hits(ask("lost", 0), 10); err != nil || total != 0 || !strings.Contains(log.String(), "another state") {
				t.Errorf("%d: %d hits that are no more (%v)\n%s", n, total, err, log)
			}
		}
		k.end()
	}
}

// TestFullDisk: where the file cannot be written, the index works from memory.
func TestFullDisk(t *testing.T) {
	s := newShelf(t)
	s.perSeg = 8
	log := s.logged()
	k := s.keep()
	defer func() { k.end() }()
	for i := range 20 {
		s.add(s.vol.Root, fmt.Sprintf("file %d", i), vfs.File)
	}
	if err := os.Remove(s.Path); err != nil { // as good as any reason why it cannot be written
		t.Fatal(err)
	}
	if err := k.follow(t.Context(), k.t); err != nil {
		t.Fatal(err)
	}
	_, total, err := k.t.hits(ask("file", 0), 0)
	if err != nil || total != 20 || strings.Count(log.String(), "cannot be stored") != 1 {
		t.Errorf("%d hits, %v\n%s", total, err, log)
	}
	if err := k.merge(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := k.adopt(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, total, err = k.t.hits(ask("file", 0), 0); err != nil || total != 20 {
		t.Errorf("after merging %d hits, %v", total, err)
	}
}
