package fulltext

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
)

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
