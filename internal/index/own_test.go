package index

import (
	"context"
	"testing"

	"pgregory.net/rapid"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/store"
)

// spot is a place on the first disk.
func spot(path string) catalog.Spot {
	if path == "" {
		return catalog.Spot{}
	}
	return catalog.Spot{Volume: "a", Path: path}
}

// took tells the catalogue of deeds, whose ends it looks at.
func (w *world) took(deeds ...catalog.Deed) {
	w.t.Helper()
	for i := range deeds {
		if d := &deeds[i]; d.To.Volume != "" {
			is, err := w.FS.Stat(context.Background(), d.To.Path)
			if errs.Is(err, errs.Unsupported) || errs.Is(err, errs.Denied) {
				return // where the driver does not lead, nothing is done by this program
			}
			w.do(err)
			d.Is = is
		}
	}
	write, err := w.svc.Take(context.Background(), deeds)
	w.do(err)
	w.do(w.db.Write(context.Background(), func(tx *store.Tx) error { return write(tx) }))
}

// ownStep does something as this program itself does it.
func (l *life) ownStep(t *rapid.T, p string) {
	w := l.w
	switch rapid.SampledFrom([]string{"write", "mkdir", "remove", "rename", "rename", "swap"}).Draw(t, "own") {
	case "write":
		if w.WriteFile(p, make([]byte, rapid.IntRange(0, 9).Draw(t, "size"))) == nil {
			w.took(catalog.Deed{To: spot(p)})
		}
	case "mkdir":
		if w.Mkdir(p) == nil {
			w.took(catalog.Deed{To: spot(p)})
		}
	case "remove":
		if _, err := w.FS.Stat(context.Background(), p); err == nil && p != "top" && w.Remove(p) == nil {
			w.took(catalog.Deed{From: spot(p)})
		}
	case "rename":
		to := l.path(t, "to")
		if _, err := w.FS.Stat(context.Background(), to); err != nil && p != "top" && w.Rename(p, to) == nil {
			w.took(catalog.Deed{From: spot(p), To: spot(to)})
		}
	case "swap":
		to := l.path(t, "to")
		const aside = "top/.aside"
		if _, err := w.FS.Stat(context.Background(), to); err != nil || w.Rename(p, aside) != nil {
			return
		}
		if w.Rename(to, p) != nil {
			w.do(w.Rename(aside, p)) // one is in the other
			return
		}
		if w.Rename(aside, to) != nil {
			return // likewise: what is told by the hints of others
		}
		a, err := w.FS.Stat(context.Background(), to)
		b, err2 := w.FS.Stat(context.Background(), p)
		if err != nil || err2 != nil {
			return // likewise
		}
		deeds := []catalog.Deed{{From: spot(p), To: spot(aside), Is: a}, {From: spot(to), To: spot(p), Is: b}, {From: spot(aside), To: spot(to), Is: a}}
		write, err := w.svc.Take(context.Background(), deeds)
		w.do(err)
		w.do(w.db.Write(context.Background(), func(tx *store.Tx) error { return write(tx) }))
	}
}

func TestOwnDeedsStandInTheCatalogueAtOnce(t *testing.T) {
	w := newWorld(t, t.TempDir())
	w.do(w.MkdirAll("top/a/b"), w.MkdirAll("top/c"), w.WriteFile("top/a/1", []byte("1")), w.WriteFile("top/a/b/2", []byte("22")), w.MkdirAll("else"))
	w.start(scansOnly)
	id := w.add("top")
	w.rescan(id)
	before := w.ids()

	w.do(w.Rename("top/a", "top/c/a"))
	w.took(catalog.Deed{From: spot("top/a"), To: spot("top/c/a")})
	w.equal("top")
	for old, now := range map[string]string{"top/a": "top/c/a", "top/a/1": "top/c/a/1", "top/a/b/2": "top/c/a/b/2"} {
		if got := w.id(now); got != before[old] {
			t.Errorf("%s is entry %d, and was %d as %s", now, got, before[old], old)
		}
	}

	w.do(w.Mkdir("top/n"), w.Mkdir("top/n/m"), w.WriteFile("top/n/m/f", []byte("new")))
	w.took(catalog.Deed{To: spot("top/n")}, catalog.Deed{To: spot("top/n/m")}, catalog.Deed{To: spot("top/n/m/f")})
	w.equal("top")

	w.do(w.Rename("top/c/a/1", "else/1")) // as into a trash that is not indexed
	w.took(catalog.Deed{From: spot("top/c/a/1"), To: spot("else/1")})
	w.equal("top")
	w.do(w.Rename("else/1", "top/c/a/1"))
	w.took(catalog.Deed{From: spot("else/1"), To: spot("top/c/a/1")})
	w.equal("top")
	if got := w.id("top/c/a/1"); got != before["top/a/1"] {
		t.Errorf("what came back is entry %d, and was %d", got, before["top/a/1"])
	}
	w.do(w.Remove("top/n"))
	w.took(catalog.Deed{From: spot("top/n")})
	w.equal("top")
	w.sums()
}

func TestAnEditOfOwnTakesNoContentOver(t *testing.T) {
	w := newWorld(t, t.TempDir())
	w.do(w.MkdirAll("top"), w.WriteFile("top/a", []byte("bytes")))
	w.start(scansOnly)
	w.rescan(w.add("top"))
	hash := catalog.Hash{1, 2, 3}
	content := func(path string) (has bool) {
		w.read(func(r *catalog.Reader) error {
			e, err := r.Entry(w.id(path))
			has = e.Content != 0
			return err
		})
		return has
	}
	w.do(w.cat.Write(context.Background(), func(tx *catalog.Tx) error {
		c, err := tx.PutContent(catalog.Content{Hash: hash, Size: 5})
		if err != nil {
			return err
		}
		is, err := w.FS.Stat(context.Background(), "top/a")
		if err != nil {
			return err
		}
		_, err = tx.Identify(w.id("top/a"), is, c, 1)
		return err
	}))
	w.do(w.WriteFile("top/b", []byte("bytes")))
	is, err := w.FS.Stat(context.Background(), "top/b")
	w.do(err)
	write, err := w.svc.Take(context.Background(), []catalog.Deed{{To: spot("top/b"), Is: is, Hash: &hash}})
	w.do(err)
	w.do(w.db.Write(context.Background(), func(tx *store.Tx) error { return write(tx) }))
	if !content("top/b") {
		t.Error("a copy has not the content of what it was copied from")
	}
	w.read(func(r *catalog.Reader) error {
		if _, proved, err := r.Proof(w.id("top/b")); proved || err != nil {
			t.Errorf("a copy that nobody read is proven: %v", err)
		}
		return nil
	})
	w.do(w.WriteFile("top/b", []byte("other")))
	w.took(catalog.Deed{From: spot("top/b"), To: spot("top/b")})
	if content("top/b") {
		t.Error("an edited file keeps its content")
	}
}

func TestALocationMovesWithItsFolder(t *testing.T) {
	w := newWorld(t, t.TempDir())
	w.do(w.MkdirAll("home/top/a"), w.WriteFile("home/top/a/1", []byte("1")), w.MkdirAll("other/deep"))
	w.start(scansOnly)
	id := w.add("home/top")
	w.rescan(id)
	was := w.ids()
	w.do(w.Rename("home/top", "other/deep/renamed"))
	w.took(catalog.Deed{From: spot("home/top"), To: spot("other/deep/renamed")})
	var path string
	w.read(func(r *catalog.Reader) (err error) {
		path, err = r.FolderPath(w.location(id).Entry)
		return err
	})
	if path != "other/deep/renamed" {
		t.Errorf("the location stands at %q", path)
	}
	w.rescan(id)
	w.equal("other/deep/renamed")
	if got := w.id("other/deep/renamed/a/1"); got != was["home/top/a/1"] {
		t.Errorf("entry %d, was %d", got, was["home/top/a/1"])
	}
}

func TestAnUnderwayScanLosesNothingOfOwnDeeds(t *testing.T) {
	w := newWorld(t, t.TempDir())
	for _, d := range []string{"top/a", "top/b", "top/c/d"} {
		w.do(w.MkdirAll(d), w.WriteFile(d+"/1", []byte("1")))
	}
	w.tune = func(s *Service) { s.Batch = 1 }
	w.start(watching)
	id := w.add("top")
	w.calm()
	for i := range 40 {
		w.do(w.svc.rescan(context.Background(), id))
		from, to := "top/a/1", "top/c/d/moved"
		if i%2 == 1 {
			from, to = to, from
		}
		entry := w.id(from)
		w.do(w.Rename(from, to))
		w.took(catalog.Deed{From: spot(from), To: spot(to)})
		if got := w.id(to); got != entry {
			t.Fatalf("round %d: entry %d, was %d", i, got, entry)
		}
	}
	w.calm()
	w.equal("top")
	w.sums()
}
