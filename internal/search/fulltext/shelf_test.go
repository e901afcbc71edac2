package fulltext

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
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
