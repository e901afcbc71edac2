package fulltext

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/store"
)

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
