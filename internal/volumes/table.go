package volumes

import (
	"slices"

	"github.com/stardrive/stardrive/internal/errs"
)

// row is one visible mount. Mount never changes; the rest is guarded by
// Service.mu.
type row struct {
	Mount
	slots chan struct{} // one for each goroutine that walks paths on it

	born     int64  // counts up: who was there first
	readOnly bool   // now: remounting changes it
	state    State  // "" until it was examined
	facts    Facts  // Identity is "" until it is known
	root     Root   // what stood there when it was examined
	carried  string // the identity it carries, which copies carry too; "" until it is known
	traits   Traits // what tells it from its copies
	file     bool   // a file is mounted: no volume
	err      error  // why it is hung, broken or a clone
	copied   bool   // found to be a copy: it stays one while it is mounted
	original string // what it is a copy of, for people
	gone     bool   // not in the table any more
	probing  *flight
	again    bool // to be examined once more when that is done
	checking *flight
	marking  *flight
	testing  bool // its speed is measured
	session  *session
}

const walkers = 8 // at once on one mount

func newRow(m Mount) *row {
	r := &row{Mount: m, readOnly: m.ReadOnly, slots: make(chan struct{}, walkers)}
	// A share is known by what the table says: also one that hangs.
	if f := familyOf(m.Type); (f == network || f == fuse) && sourceIdentity(m) != "" {
		r.facts = describe(m, Probed{})
	}
	return r
}

// probes reports whether r can be a volume at all.
func (r *row) probes() bool { return familyOf(r.Type) != pseudo }

// table is the mount table at one moment. It never changes.
type table struct {
	rows    []*row // visible ones, in the order of mounting
	byPoint map[string]*row
	homes   map[*row]*row
}

// owner returns the mount that path lies on, or nil.
func (t *table) owner(path string) *row {
	for ; path != ""; path = parentOf(path) {
		if r := t.byPoint[path]; r != nil {
			return r
		}
	}
	return nil
}

// home returns the mount through which the files of r are known: r itself, or
// the mount that shows the same file system from a folder further up (r is a
// bind mount then), or an earlier mount of the same folder.
func (t *table) home(r *row) *row { return t.homes[r] }

func newTable(rows []*row) *table {
	t := &table{rows: rows, byPoint: map[string]*row{}, homes: map[*row]*row{}}
	byDev := map[string][]*row{}
	for _, r := range rows {
		t.byPoint[r.Point] = r
		t.homes[r] = r
		if r.probes() {
			byDev[r.Dev] = append(byDev[r.Dev], r)
		}
	}
	for _, group := range byDev {
		for i, r := range group {
			for j, h := range group {
				best := t.homes[r]
				earlier := h.Root == r.Root && j < i && (best == r || len(h.Root) < len(best.Root))
				above := len(h.Root) < len(best.Root)
				if (earlier || above) && t.shows(h, r) {
					t.homes[r] = h
				}
			}
		}
	}
	return t
}

// shows reports whether every file of r can be seen through h too.
func (t *table) shows(h, r *row) bool {
	rest, ok := below(h.Root, r.Root)
	if !ok || h.Type != r.Type {
		return false
	}
	if rest != "" && (h.Type == "btrfs" || h.Type == "bcachefs") {
		return false // a subvolume: inode numbers of its own
	}
	return t.owner(under(h.Point, rest)) == h
}

// sync reads the mount table and returns it, examining what is new and letting
// go of what went. It never waits for a volume.
func (s *Service) sync() (*table, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, errClosed
	}
	mounts, err := s.platform.Mounts()
	if err != nil {
		return nil, errs.New(errs.Internal, "read the mount table: %w", err)
	}
	if s.table != nil && slices.Equal(mounts, s.mounts) {
		return s.table, nil
	}
	old := map[key]*row{}
	if s.table != nil {
		for _, r := range s.table.rows {
			old[r.key()] = r
		}
	}
	var rows, fresh []*row
	for _, m := range visible(mounts) {
		r := old[m.key()]
		if r == nil {
			r = newRow(m)
			s.born++
			r.born = s.born
			fresh = append(fresh, r)
		}
		delete(old, m.key())
		r.readOnly, r.facts.ReadOnly = m.ReadOnly, m.ReadOnly
		rows = append(rows, r)
	}
	s.mounts, s.table = mounts, newTable(rows)
	for _, r := range old {
		s.drop(r)
	}
	for _, r := range fresh {
		if r.probes() {
			s.probe(r)
		}
	}
	return s.table, nil
}

// drop lets go of a mount that is no more. Called with s.mu held.
func (s *Service) drop(r *row) {
	r.gone = true
	s.endSession(r)
	if !s.closed {
		s.retell(r.facts)
	}
}

// retell tells how the volume of these facts stands now. Called with s.mu held.
func (s *Service) retell(f Facts) {
	if f.Identity == "" {
		return
	}
	v := Volume{Facts: f, State: Offline}
	if r := s.best(f.Identity); r != nil {
		v = s.volume(r)
	}
	s.note(f.Identity, v)
}

// best returns the mount at which the volume known by identity is best reached,
// or nil if it is not mounted. Called with s.mu held.
func (s *Service) best(identity string) *row {
	var best *row
	for _, r := range s.table.rows {
		if r.facts.Identity == identity && !r.file && rank(r.state) > 0 && (best == nil || rank(r.state) > rank(best.state)) {
			best = r
		}
	}
	return best
}

func rank(state State) int {
	return slices.Index([]State{"", Broken, Hung, Clone, Online}, state)
}

// volume tells how r stands. Called with s.mu held.
func (s *Service) volume(r *row) Volume {
	v := Volume{Facts: r.facts, State: r.state, Err: r.err, Mounts: []string{r.Point}}
	v.Mount = r.Point
	for _, other := range s.table.rows {
		same := other.facts.Identity == v.Identity || s.table.home(other) == r && other.Root == r.Root
		if other != r && v.Identity != "" && same && other.state != Clone && r.state != Clone {
			v.Mounts = append(v.Mounts, other.Point)
		}
	}
	return v
}
