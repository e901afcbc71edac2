package watch

import "github.com/stardrive/stardrive/internal/ident"

// place is what a source calls a folder.
type place uint64

// source is one thing that tells of changes: the inotify instance, a file
// system, or a tree. It may hold any number of folders.
type source struct {
	ids   map[place]ident.EntryID
	mount int  // where a folder of this file system was last seen
	sure  bool // that this file system is still marked
}

func newSource() *source { return &source{ids: map[place]ident.EntryID{}} }

// spot is where a folder is watched.
type spot struct {
	source *source
	place  place
}

// register knows which folders are watched. It holds two small map entries for
// each, about 60 bytes, and no paths. Whoever calls holds the Notifier's lock.
type register map[ident.EntryID]spot

// put notes that the folder at s has this id. was is the id that it had before,
// if another; old is where this id was watched before, if elsewhere.
func (r register) put(s spot, id ident.EntryID) (added bool, was ident.EntryID, old spot) {
	before, had := r[id]
	if had && before != s { // another folder stands for this id now
		old = before
		delete(old.source.ids, old.place)
	}
	if w, ok := s.source.ids[s.place]; ok && w != id {
		was = w
		delete(r, w)
	}
	s.source.ids[s.place], r[id] = id, s
	return !had, was, old
}

// gone forgets the folder at s, and tells which id it had.
func (r register) gone(s spot) (id ident.EntryID, had bool) {
	id, had = s.source.ids[s.place]
	if had {
		delete(s.source.ids, s.place)
		delete(r, id)
	}
	return id, had
}

// remove forgets a folder, and tells where it was.
func (r register) remove(id ident.EntryID) (old spot, had bool) {
	old, had = r[id]
	if had {
		delete(old.source.ids, old.place)
		delete(r, id)
	}
	return old, had
}

// end forgets all folders of a source.
func (r register) end(s *source) (ids []ident.EntryID) {
	for _, id := range s.ids {
		ids = append(ids, id)
		delete(r, id)
	}
	clear(s.ids)
	return ids
}

// flock tells each folder once, however often it is noted in one batch of events.
type flock map[ident.EntryID]struct{}

func (f flock) tell(id ident.EntryID, t *Told) {
	if _, again := f[id]; !again {
		f[id] = struct{}{}
		t.Changed(id)
	}
}
