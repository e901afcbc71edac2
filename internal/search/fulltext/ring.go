package fulltext

import (
	"cmp"
	"encoding/binary"
	"slices"
	"sync"
)

// ownerOf is how vectors name a content: by the beginning of its hash, so that
// those of another one can never be taken for its own.
func ownerOf(h Hash) int64 { return int64(binary.LittleEndian.Uint64(h[:])) }

// ring tells which content has an owner's vectors. Most of it is one sorted piece,
// of sixteen bytes a document.
type ring struct {
	mu     sync.RWMutex
	sorted []keyed
	fresh  map[int64]int64 // by owner, newer than sorted; 0: it was dropped
	n      int
}

type keyed struct{ owner, id int64 }

// maxFresh is how many documents a ring holds unsorted.
const maxFresh = 8192

func newRing(all []keyed) *ring {
	slices.SortFunc(all, func(a, b keyed) int { return cmp.Compare(a.owner, b.owner) })
	return &ring{sorted: all, fresh: map[int64]int64{}, n: len(all)}
}

func (r *ring) len() int {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.n
}

// id returns the content with these vectors; 0: there is none.
func (r *ring) id(owner int64) int64 {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.at(owner)
}

// reading returns a function that does what id does, for those who ask very often:
// nothing changes until done is called, and that must be soon.
func (r *ring) reading() (at func(owner int64) int64, done func()) {
	r.mu.RLock()
	return r.at, r.mu.RUnlock
}

func (r *ring) at(owner int64) int64 {
	if id, known := r.fresh[owner]; known {
		return id
	}
	i, found := slices.BinarySearchFunc(r.sorted, owner, func(k keyed, owner int64) int { return cmp.Compare(k.owner, owner) })
	if !found {
		return 0
	}
	return r.sorted[i].id
}

func (r *ring) put(h Hash, id int64) { r.set(ownerOf(h), id) }
func (r *ring) drop(h Hash)          { r.set(ownerOf(h), 0) }

func (r *ring) set(owner, id int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	before := r.at(owner)
	switch {
	case before == 0 && id != 0:
		r.n++
	case before != 0 && id == 0:
		r.n--
	}
	if before == id {
		return
	}
	if r.fresh[owner] = id; len(r.fresh) < maxFresh {
		return
	}
	all := slices.DeleteFunc(slices.Clone(r.sorted), func(k keyed) bool { _, newer := r.fresh[k.owner]; return newer })
	for owner, id := range r.fresh {
		if id != 0 {
			all = append(all, keyed{owner, id})
		}
	}
	slices.SortFunc(all, func(a, b keyed) int { return cmp.Compare(a.owner, b.owner) })
	r.sorted, r.fresh = all, map[int64]int64{}
}

// todo are documents whose texts are here, and whose words are to be written.
type todo struct {
	mu   sync.Mutex
	all  map[int64]Hash
	next []int64 // the newest last; some may not wait any more
}

func (t *todo) fill(some []Ref) { // in the order of ids
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all, t.next = make(map[int64]Hash, len(some)), nil
	for _, r := range some {
		t.all[r.ID] = r.Hash
		t.next = append(t.next, r.ID)
	}
}

func (t *todo) left() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.all)
}

func (t *todo) has(id int64) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, has := t.all[id]
	return has
}

// drop takes one out, and tells whether it waited.
func (t *todo) drop(id int64) (h Hash, waited bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	h, waited = t.all[id]
	delete(t.all, id)
	return h, waited
}

// take returns the newest of those that wait, which go on waiting.
func (t *todo) take(most int) (some []Ref) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for len(t.next) > 0 && len(some) < most {
		id := t.next[len(t.next)-1]
		t.next = t.next[:len(t.next)-1]
		if h, waits := t.all[id]; waits {
			some = append(some, Ref{id, h})
		}
	}
	return some
}

// again has some that were taken wait for their turn once more.
func (t *todo) again(some []Ref) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := len(some) - 1; i >= 0; i-- {
		t.next = append(t.next, some[i].ID)
	}
}

// losses are contents whose texts may be lost, until that was looked into.
type losses struct {
	mu  sync.Mutex
	all map[int64]loss
}

// loss is why a content's text may be lost.
type loss struct {
	hash Hash // of the text that is wanted
	sure bool // it is not here; else it seemed damaged
}

func (s *losses) add(id int64, l loss) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil {
		s.all = map[int64]loss{}
	}
	s.all[id] = l
}

func (s *losses) some() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.all) > 0
}

func (s *losses) list() map[int64]loss {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make(map[int64]loss, len(s.all))
	for id, l := range s.all {
		out[id] = l
	}
	return out
}

func (s *losses) settle(ids []int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		delete(s.all, id)
	}
}
