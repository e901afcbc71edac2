package fulltext

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/store"
)

// shelf is a catalogue of contents, with the texts that were put.
type shelf struct {
	mu     sync.Mutex
	hashes map[int64]Hash
	lost   map[int64]bool
}

func newShelf() *shelf { return &shelf{hashes: map[int64]Hash{}, lost: map[int64]bool{}} }

func (s *shelf) known(_ context.Context, fn func(int64, Hash) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(s.hashes)) {
		if err := fn(id, s.hashes[id]); err != nil {
			return err
		}
	}
	return nil
}

func (s *shelf) tell(_ context.Context, ids []int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		s.lost[id] = true
	}
	return nil
}

func (s *shelf) takeLost() []int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer clear(s.lost)
	return slices.Sorted(maps.Keys(s.lost))
}

// open runs an index of what the shelf knows.
func (s *shelf) open(t testing.TB, dir string, change ...func(*Options)) (x *Index, stop func()) {
	t.Helper()
	o := options(dir)
	o.Known, o.Lost = s.known, s.tell
	for _, c := range change {
		c(&o)
	}
	x, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return x, run(t, x)
}

// numbered is a document that holds a word that all do, and one of its own.
func numbered(id int64) Document {
	return Document{ID: id, Hash: hashed(id), Title: fmt.Sprintf("title %d", id), Body: strings.Repeat(fmt.Sprintf("common number%d ", id), 40)}
}

// fill puts documents 1 to n.
func (s *shelf) fill(t testing.TB, x *Index, n int64) {
	t.Helper()
	for _, id := range upTo(n) {
		s.put(t, x, numbered(id))
	}
}

// put puts a document, which is known from then on.
func (s *shelf) put(t testing.TB, x *Index, d Document) {
	t.Helper()
	keep(t, x, d)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hashes[d.ID] = hashed(d.ID)
}

// drop drops documents.
func (s *shelf) drop(t testing.TB, x *Index, ids ...int64) {
	t.Helper()
	s.mu.Lock()
	for _, id := range ids {
		delete(s.hashes, id)
	}
	s.mu.Unlock()
	if err := x.Drop(t.Context(), ids); err != nil {
		t.Fatal(err)
	}
}

// ready waits for an answer, whatever it may be.
func ready(t testing.TB, x *Index) {
	t.Helper()
	if _, err := x.Stamp(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// whole waits until an index knows all that it can.
func whole(t testing.TB, x *Index) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if !x.Partial() && x.Meanings(t.Context()) == 0 {
			return
		}
	}
	t.Fatal("the index does not settle")
}

func upTo(n int64) (ids []int64) {
	for id := range n {
		ids = append(ids, id+1)
	}
	return ids
}

// copied is a folder as a kill leaves it now.
func copied(t testing.TB, dir string) string {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return to
}

// TestOutlives: what was put outlasts a kill at any moment after; nothing of what
// was dropped is found.
func TestOutlives(t *testing.T) {
	dir, s := t.TempDir(), newShelf()
	x, stop := s.open(t, dir)
	for n := int64(1); n < 7; n++ {
		s.put(t, x, numbered(n))
		if n%3 == 2 {
			s.drop(t, x, n-1)
		}
		want := ids(t, x, Phrase{Text: "common"})
		y, end := s.open(t, copied(t, dir))
		whole(t, y)
		if got := ids(t, y, Phrase{Text: "common"}); !slices.Equal(got, want) {
			t.Fatalf("after a kill %d, want %d", got, want)
		}
		end()
	}
	want := ids(t, x, Phrase{Text: "common"})
	for range 3 { // closed in good order, and opened without a change
		stop()
		before, err := os.ReadFile(filepath.Join(dir, "text.db"))
		if err != nil {
			t.Fatal(err)
		}
		x, stop = s.open(t, dir)
		ready(t, x)
		if got := ids(t, x, Phrase{Text: "common"}); !slices.Equal(got, want) || x.Partial() {
			t.Fatalf("opened again: %d, want %d", got, want)
		}
		if after, err := os.ReadFile(filepath.Join(dir, "text.db")); err != nil || !bytes.Equal(before, after) {
			t.Errorf("it was changed by being opened (%v)", err)
		}
	}
	if lost := s.takeLost(); len(lost) > 0 {
		t.Errorf("%d are lost", lost)
	}
}

// TestSealed: some time after the last change a kill costs no index.
func TestSealed(t *testing.T) {
	dir, s := t.TempDir(), newShelf()
	x, _ := s.open(t, dir, func(o *Options) { o.Calm = 2 * time.Millisecond })
	s.fill(t, x, 5)
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if _, err := os.Stat(filepath.Join(dir, "text.db.sum")); err == nil {
			break
		}
	}
	killed := copied(t, dir)
	before, err := os.ReadFile(filepath.Join(killed, "text.db"))
	if err != nil {
		t.Fatal(err)
	}
	y, _ := s.open(t, killed)
	ready(t, y)
	if got := ids(t, y, Phrase{Text: "common"}); !slices.Equal(got, upTo(5)) || y.Partial() {
		t.Errorf("after a kill %d", got)
	}
	if after, err := os.ReadFile(filepath.Join(killed, "text.db")); err != nil || !bytes.Equal(before, after) {
		t.Errorf("it was made anew (%v)", err)
	}
	s.put(t, x, numbered(6)) // and goes on
	if got := ids(t, x, Phrase{Text: "common"}); !slices.Equal(got, upTo(6)) {
		t.Errorf("after the seal %d", got)
	}
}

// TestAnotherLibrary: where the catalogue knows other contents by the same numbers
// (a library that was restored, a file of another one), none of their texts is
// found, counted or shown, and what is missing is asked for again.
func TestAnotherLibrary(t *testing.T) {
	for what, change := range map[string]func(dir string, s *shelf, o *Options){
		"restored": func(_ string, s *shelf, _ *Options) {
			s.hashes = map[int64]Hash{1: hashed(1), 2: hashed(3), 3: hashed(2), 4: hashed(400)}
		},
		"all of another": func(_ string, s *shelf, o *Options) {
			o.Library = "another"
			s.hashes = map[int64]Hash{1: hashed(1), 2: hashed(3), 3: hashed(2), 4: hashed(400)}
		},
		"vectors and words without texts": func(dir string, s *shelf, _ *Options) {
			s.hashes = map[int64]Hash{1: hashed(1), 2: hashed(3), 3: hashed(2), 4: hashed(400)}
			if err := os.RemoveAll(filepath.Join(dir, "texts")); err != nil {
				panic(err)
			}
		},
	} {
		dir, s := t.TempDir(), newShelf()
		m := &model{name: "a model"}
		x, stop := s.open(t, dir, func(o *Options) { o.Meaning = m })
		s.fill(t, x, 4)
		settle(t, x)
		stop()
		x, stop = s.open(t, dir, func(o *Options) { o.Meaning = m; change(dir, s, o) })
		whole(t, x)
		for id, h := range s.hashes {
			own := int64(h[0]) | int64(h[1])<<8 // whose text it is
			want := []int64{id}
			if own == 400 || strings.Contains(what, "without") {
				want = []int64{}
			}
			if got := ids(t, x, Phrase{Text: fmt.Sprintf("number%d", own)}); !slices.Equal(got, want) {
				t.Errorf("%s: number%d is found in %d, want %d", what, own, got, want)
			}
			ex, err := x.Show(t.Context(), nil, []Ref{{id, h}})
			if err != nil || len(ex) != len(want) || len(ex) > 0 && ex[0].Title != fmt.Sprintf("title %d", own) {
				t.Errorf("%s: content %d is shown as %+v (%v)", what, id, ex, err)
			}
		}
		if got := ids(t, x, Phrase{Text: "number4"}); len(got) > 0 {
			t.Errorf("%s: what is not known is found in %d", what, got)
		}
		v, err := m.Embed(t.Context(), []string{"title 2 common number2"})
		if err != nil {
			t.Fatal(err)
		}
		found, err := x.Nearest(t.Context(), v[0], 100, nil)
		for _, n := range found {
			if err != nil || n.ID > 3 || strings.Contains(what, "without") {
				t.Errorf("%s: near is %+v (%v)", what, n, err)
			}
		}
		lost := s.takeLost()
		if want := []int64{4}; !slices.Equal(lost, want) && !strings.Contains(what, "without") || strings.Contains(what, "without") && len(lost) != 4 {
			t.Errorf("%s: asked again for %d", what, lost)
		}
		stop()
	}
}

// TestShownByHash: whoever asks for a text by another hash than it has gets none,
// and the content's own is asked for.
func TestShownByHash(t *testing.T) {
	s := newShelf()
	x, _ := s.open(t, t.TempDir())
	s.fill(t, x, 2)
	ex, err := x.Show(t.Context(), Phrase{Text: "common"}, []Ref{{1, hashed(7)}, {2, hashed(2)}})
	if err != nil || len(ex) != 1 || ex[0].ID != 2 {
		t.Errorf("%+v (%v)", ex, err)
	}
	whole(t, x)
	if lost := s.takeLost(); !slices.Equal(lost, []int64{1}) {
		t.Errorf("asked again for %d", lost)
	}
	if got := ids(t, x, Phrase{Text: "common"}); !slices.Equal(got, []int64{2}) {
		t.Errorf("still finds %d", got)
	}
}

// TestOneBadText: a text that is damaged costs itself alone, is asked for again, and
// the words of all others are made of their texts even when their file is lost.
func TestOneBadText(t *testing.T) {
	dir, s := t.TempDir(), newShelf()
	x, _ := s.open(t, dir)
	s.fill(t, x, 6)
	bad := x.bodies.path(hashed(3))
	flip(t, bad, rand.New(rand.NewPCG(1, 1)))
	if ex, err := x.Show(t.Context(), Phrase{Text: "common"}, refs(2, 3, 4)); err != nil || len(ex) != 2 || ex[0].ID != 2 || ex[1].ID != 4 {
		t.Errorf("%+v (%v)", ex, err)
	}
	whole(t, x)
	if lost := s.takeLost(); !slices.Equal(lost, []int64{3}) {
		t.Errorf("asked again for %d", lost)
	}
	want := []int64{1, 2, 4, 5, 6}
	if got := ids(t, x, Phrase{Text: "common"}); !slices.Equal(got, want) {
		t.Errorf("found are %d", got)
	}
	killed := copied(t, dir)
	if err := os.Remove(filepath.Join(killed, "text.db")); err != nil {
		t.Fatal(err)
	}
	y, _ := s.open(t, killed)
	whole(t, y)
	if got := ids(t, y, Phrase{Text: "common"}); !slices.Equal(got, want) {
		t.Errorf("without the file of words %d", got)
	}
	keep(t, y, numbered(3))
	if got := ids(t, y, Phrase{Text: "common"}); !slices.Equal(got, upTo(6)) {
		t.Errorf("put again: %d", got)
	}
}

// TestDiskErrorsCostNoText: what cannot be read now is not thrown away.
func TestDiskErrorsCostNoText(t *testing.T) {
	dir, s := t.TempDir(), newShelf()
	x, _ := s.open(t, dir)
	s.fill(t, x, 2)
	path := x.bodies.path(hashed(1))
	kept, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path, 0o700); err != nil { // reading it fails, and it is there
		t.Fatal(err)
	}
	if ex, err := x.Show(t.Context(), nil, refs(1, 2)); err != nil || len(ex) != 1 {
		t.Errorf("%+v (%v)", ex, err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, kept, 0o600); err != nil {
		t.Fatal(err)
	}
	if ex, err := x.Show(t.Context(), nil, refs(1, 2)); err != nil || len(ex) != 2 {
		t.Errorf("later: %+v (%v)", ex, err)
	}
	if lost := s.takeLost(); len(lost) > 0 {
		t.Errorf("asked again for %d", lost)
	}
}

// TestWordsLie: words that stand in the file and not in the texts are found out.
func TestWordsLie(t *testing.T) {
	s := newShelf()
	x, _ := s.open(t, t.TempDir())
	s.fill(t, x, 2)
	err := x.life.db.Write(t.Context(), func(tx *store.Tx) error {
		if _, err := tx.Exec("DELETE FROM words WHERE rowid = 2"); err != nil {
			return err
		}
		_, err := tx.Exec("INSERT INTO words (rowid, title, body) VALUES (2, '', 'words that never were')")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	ex, err := x.Show(t.Context(), Phrase{Text: "never"}, refs(2))
	if err != nil || len(ex) != 1 || ex[0].True {
		t.Errorf("it is shown: %+v, %v", ex, err)
	}
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(time.Millisecond) {
		f, err := x.Find(t.Context(), Phrase{Text: "number2"}, yes)
		if err == nil && len(f.Hits) == 1 {
			whole(t, x)
			if got := ids(t, x, Phrase{Text: "never"}); len(got) > 0 {
				t.Errorf("it is still found: %d", got)
			}
			return
		}
	}
	t.Error("it was not made anew")
}

// TestDroppedIsGone: of what was dropped nothing stands in any file, once words are
// merged.
func TestDroppedIsGone(t *testing.T) {
	dir, s := t.TempDir(), newShelf()
	x, stop := s.open(t, dir, func(o *Options) { o.Calm = 2 * time.Millisecond; o.Meaning = &model{name: "a model"} })
	for id := int64(1); id <= 40; id++ {
		d := numbered(id)
		if id%4 == 0 {
			d.Title, d.Place, d.Body = "cnrtitle", "cnrplace", d.Body+" cnrword and cnrother "
		}
		s.put(t, x, d)
	}
	settle(t, x)
	var gone []int64
	for id := int64(4); id <= 40; id += 4 {
		gone = append(gone, id)
	}
	s.drop(t, x, gone...)
	if got := ids(t, x, Phrase{Text: "cnrword"}); len(got) > 0 {
		t.Errorf("still found: %d", got)
	}
	clean := func() error {
		return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return nil // what is gone meanwhile holds nothing
			}
			b, err := os.ReadFile(path)
			if err == nil && bytes.Contains(b, []byte("cnr")) {
				return fmt.Errorf("%s still holds what was dropped", path)
			}
			return nil
		})
	}
	var err error
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if err = clean(); err == nil {
			break
		}
	}
	if err != nil {
		t.Error(err)
	}
	stop()
	if err := clean(); err != nil {
		t.Errorf("closed: %v", err)
	}
}

// flip damages a file: it is cut off, a bit of it flips, a piece is zeroed, or all
// of it is taken away.
func flip(t testing.TB, path string, r *rand.Rand) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil || len(b) == 0 {
		return
	}
	switch r.IntN(4) {
	case 0:
		b = b[:r.IntN(len(b))]
	case 1, 2:
		b[r.IntN(len(b))] ^= 1 << r.IntN(8)
	case 3:
		at := r.IntN(len(b))
		for i := range b[at:min(len(b), at+1+r.IntN(4096))] {
			b[at+i] ^= b[at+i]
		}
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestDamage: whatever happens to the files while nobody has them open, after good
// order or a kill, nothing wrong is ever answered, what is lost is asked for again,
// and in the end all is found that is found without damage.
func TestDamage(t *testing.T) {
	const docs = 6
	clean, killed, s := t.TempDir(), "", newShelf()
	m := &model{name: "a model"}
	with := func(o *Options) { o.Meaning = m }
	x, stop := s.open(t, clean, with)
	s.fill(t, x, docs)
	settle(t, x)
	killed = copied(t, clean)
	want := near(t, x, "title 1")
	stop()
	for i := range 4 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(7, uint64(i)))
			for n := 0; n < 80; { // 320 in all
				from := clean
				if r.IntN(2) == 0 {
					from = killed
				}
				hits := 1 + r.IntN(4)
				damageOnce(t, from, s.hashes, with, r, hits, want)
				n += hits
			}
		})
	}
}

func damageOnce(t *testing.T, from string, hashes map[int64]Hash, with func(*Options), r *rand.Rand, hits int, want []int64) {
	s := newShelf()
	s.hashes = maps.Clone(hashes)
	dir := copied(t, from)
	defer os.RemoveAll(dir) //nolint:errcheck // or the test does
	names := []string{"text.db", "text.db", "text.db", "text.db-wal", "text.db.sum", "meaning.vec", "meaning.vec"}
	for id := range s.hashes {
		h := hashed(id)
		names = append(names, filepath.Join("texts", fmt.Sprintf("%02x", h[0]), fmt.Sprintf("%x.text", h)))
	}
	slices.Sort(names)
	var hit []string
	for range hits {
		name := names[r.IntN(len(names))]
		hit = append(hit, name)
		if flip(t, filepath.Join(dir, name), r); r.IntN(6) == 0 {
			_ = os.Remove(filepath.Join(dir, name)) // which may not be there
		}
	}
	x, stop := s.open(t, dir, with)
	defer stop()
	ask := func() (ok bool) {
		f, err := x.Find(t.Context(), Phrase{Text: "number3"}, yes)
		return err == nil && len(f.Hits) == f.Total && (len(f.Hits) == 0 || len(f.Hits) == 1 && f.Hits[0].ID == 3)
	}
	if ready(t, x); !ask() {
		t.Fatalf("%q: a wrong answer", hit)
	}
	if _, err := x.Show(t.Context(), Phrase{Text: "common"}, refs(upTo(6)...)); err != nil { // which looks at all texts
		t.Fatalf("%q: %v", hit, err)
	}
	whole(t, x)
	for _, id := range s.takeLost() {
		keep(t, x, numbered(id))
	}
	whole(t, x)
	if got := ids(t, x, Phrase{Text: "common"}); !slices.Equal(got, upTo(6)) || !ask() {
		t.Fatalf("%q: in the end found are %d", hit, got)
	}
	if got := near(t, x, "title 1"); !slices.Equal(got, want) {
		t.Fatalf("%q: in the end near are %d, want %d", hit, got, want)
	}
	ex, err := x.Show(t.Context(), Phrase{Text: "common"}, refs(upTo(6)...))
	if err != nil || len(ex) != 6 {
		t.Fatalf("%q: shown are %d (%v)", hit, len(ex), err)
	}
	for _, e := range ex {
		if e.Title != fmt.Sprintf("title %d", e.ID) || !e.True {
			t.Fatalf("%q: %+v", hit, e)
		}
	}
}

// TestDamageWhileOpen: a file that is damaged under way is found out by what SQLite
// says or by its checksum, and what it held is made anew.
func TestDamageWhileOpen(t *testing.T) {
	dir, s := t.TempDir(), newShelf()
	x, _ := s.open(t, dir, func(o *Options) { o.Calm = 2 * time.Millisecond })
	s.fill(t, x, 30)
	sealed := filepath.Join(dir, "text.db.sum")
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if _, err := os.Stat(sealed); err == nil {
			break
		}
	}
	f, err := os.OpenFile(filepath.Join(dir, "text.db"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(bytes.Repeat([]byte{0xa5}, int(fi.Size())-16<<10), 16<<10); err != nil { // all but the first page
		t.Fatal(err)
	}
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(time.Millisecond) {
		found, err := x.Find(t.Context(), Phrase{Text: "common"}, yes)
		if err == nil && len(found.Hits) == 30 {
			if got := ids(t, x, Phrase{Text: "number7"}); !slices.Equal(got, []int64{7}) {
				t.Errorf("in the end found are %d", got)
			}
			if lost := s.takeLost(); len(lost) > 0 {
				t.Errorf("asked again for %d", lost)
			}
			return
		}
	}
	t.Error("it was not made anew")
}

// TestStrays: texts that nobody knows go at the next start, unless these are most
// of all, which speaks against what is known.
func TestStrays(t *testing.T) {
	const docs = mostStrays + 20
	for left, want := range map[int]int{docs - 3: docs - 3, 10: docs, 0: docs} {
		dir, s := t.TempDir(), newShelf()
		x, stop := s.open(t, dir)
		ready(t, x)
		var all []Document
		for _, id := range upTo(docs) {
			all = append(all, numbered(id))
			s.hashes[id] = hashed(id)
		}
		keep(t, x, all...)
		stop()
		for _, id := range upTo(docs)[left:] {
			delete(s.hashes, id)
		}
		if err := os.WriteFile(filepath.Join(dir, "texts", "mine.text"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		x, stop = s.open(t, dir)
		ready(t, x)
		texts, err := x.bodies.list()
		if err != nil || len(texts) != want {
			t.Errorf("%d of %d are known, and %d are kept, want %d (%v)", left, docs, len(texts), want, err)
		}
		if got := ids(t, x, Phrase{Text: "common"}); len(got) != left {
			t.Errorf("%d are known, and %d found", left, len(got))
		}
		if _, err := os.Stat(filepath.Join(dir, "texts", "mine.text")); err != nil {
			t.Error(err)
		}
		stop()
	}
}

// TestNoRoom: what cannot be stored is not taken for stored.
func TestNoRoom(t *testing.T) {
	dir, s := t.TempDir(), newShelf()
	if err := os.WriteFile(filepath.Join(dir, "texts"), nil, 0o600); err != nil { // where a folder should be
		t.Fatal(err)
	}
	x, err := New(options(dir))
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	if err := x.bodies.write([]file{{hashed(1), []byte("x")}}); err == nil {
		t.Error("it was written")
	}
	if err := os.Remove(filepath.Join(dir, "texts")); err != nil {
		t.Fatal(err)
	}
	y, _ := s.open(t, dir)
	ready(t, y)
	if err := os.WriteFile(filepath.Join(dir, "texts"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	d := numbered(1)
	if err := y.Put(t.Context(), []Document{d}); !errs.Is(err, errs.Unavailable) {
		t.Errorf("%v", err)
	}
	if got := ids(t, y, Phrase{Text: "common"}); len(got) > 0 {
		t.Errorf("found are %d", got)
	}
	if err := os.Remove(filepath.Join(dir, "texts")); err != nil {
		t.Fatal(err)
	}
	s.put(t, y, d)
	if got := ids(t, y, Phrase{Text: "common"}); !slices.Equal(got, []int64{1}) {
		t.Errorf("found are %d", got)
	}
}

// TestDeafLost: while nobody can be told of losses, all else goes on.
func TestDeafLost(t *testing.T) {
	s := newShelf()
	x, _ := s.open(t, t.TempDir(), func(o *Options) {
		tell := o.Lost
		var mu sync.Mutex
		tries := 0
		o.Calm = 2 * time.Millisecond
		o.Lost = func(ctx context.Context, ids []int64) error {
			mu.Lock()
			defer mu.Unlock()
			if tries++; tries == 1 {
				return errs.New(errs.Unavailable, "nobody listens")
			}
			return tell(ctx, ids)
		}
	})
	s.fill(t, x, 2)
	if err := x.bodies.remove(hashed(1)); err != nil {
		t.Fatal(err)
	}
	if ex, err := x.Show(t.Context(), nil, refs(1, 2)); err != nil || len(ex) != 1 {
		t.Errorf("%+v (%v)", ex, err)
	}
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if got := ids(t, x, Phrase{Text: "common"}); slices.Equal(got, []int64{2}) {
			break
		}
	}
	if !x.Partial() {
		t.Error("an answer without it passes for whole")
	}
	s.put(t, x, numbered(3))
	if got := ids(t, x, Phrase{Text: "common"}); !slices.Equal(got, []int64{2, 3}) {
		t.Errorf("found are %d", got)
	}
}
