package index

import (
	"slices"
	"sync"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/ident"
)

// ours keeps walks and what this program itself changes out of each other's way.
// A change of our own does not wait for a walk that may take minutes. Instead the
// walk leaves out what it saw of folders that were changed so meanwhile, since
// nobody knows whether it saw them before or after; they are listed again when it
// has ended.
type ours struct {
	mu    sync.Mutex
	walks map[ident.VolumeID]*disputed // under way, one a volume
}

// disputed is what must not be taken from a walk.
type disputed struct {
	touched map[ident.EntryID]bool // entries that were changed, and the folders they stand or stood in
	dropped map[ident.EntryID]bool // entries that the walk made up, and that were never written
	again   map[ident.EntryID]bool // folders to list once more
}

// begin notes that a walk of the volume, which the caller has locked, begins.
// end returns the folders that are to be listed again.
func (o *ours) begin(v ident.VolumeID) (end func() []ident.EntryID) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.walks == nil {
		o.walks = map[ident.VolumeID]*disputed{}
	}
	d := &disputed{map[ident.EntryID]bool{}, map[ident.EntryID]bool{}, map[ident.EntryID]bool{}}
	o.walks[v] = d
	return func() (again []ident.EntryID) {
		o.mu.Lock()
		defer o.mu.Unlock()
		delete(o.walks, v)
		for id := range d.again {
			if !d.dropped[id] {
				again = append(again, id)
			}
		}
		return again
	}
}

// touch notes that entries of a volume are changed by the transaction in which it
// is called.
func (o *ours) touch(v ident.VolumeID, ids ...ident.EntryID) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if d := o.walks[v]; d != nil {
		for _, id := range ids {
			d.touched[id] = true
		}
	}
}

// sift takes out of a walk's batch what is disputed. It is called in the
// transaction that writes the batch, so that no change comes in between.
func (o *ours) sift(v ident.VolumeID, b *catalog.Batch) {
	o.mu.Lock()
	defer o.mu.Unlock()
	d := o.walks[v]
	if d == nil || len(d.touched) == 0 {
		return
	}
	out := func(id ident.EntryID) bool { return d.touched[id] || d.dropped[id] }
	// A new folder may stand behind what is in it.
	for more := true; more; {
		before := len(b.Create)
		b.Create = slices.DeleteFunc(b.Create, func(e catalog.Entry) bool {
			if !out(e.Parent) {
				return false
			}
			d.dropped[e.ID], d.again[e.Parent] = true, true
			return true
		})
		more = len(b.Create) < before
	}
	seen := func(e catalog.Entry) bool {
		if !out(e.ID) && !out(e.Parent) {
			return false
		}
		d.again[e.Parent] = true
		return true
	}
	b.Update = slices.DeleteFunc(b.Update, seen)
	b.Move = slices.DeleteFunc(b.Move, seen)
	b.Absent = slices.DeleteFunc(b.Absent, out)
	b.Excluded = slices.DeleteFunc(b.Excluded, out)
	b.Listings = slices.DeleteFunc(b.Listings, func(l catalog.Listing) bool {
		if out(l.Folder) || slices.ContainsFunc(l.Folders, out) {
			d.again[l.Folder] = true
			return true
		}
		return false
	})
}

// walks notes that a walk of the volume begins, and has listed again at its end
// what was disputed.
func (s *Service) walks(v ident.VolumeID) (end func()) {
	done := s.ours.begin(v)
	return func() {
		for _, id := range done() {
			s.watcher.changed(id)
		}
	}
}
