package watch

import (
	"hash/maphash"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
)

// system is what is needed of an operating system that tells of changes in
// whole trees. It holds no state of ours, so that all of that is tested with a
// fake one.
type system interface {
	// how is what How answers for the folders that can be watched.
	how() string
	// identify tells which folder stands at path. It may block as long as the file
	// system does. Errors: errs.NotFound when there is none; errs.Unsupported where
	// folders cannot be told apart for good, or others change files behind the
	// system's back.
	identify(path string) (folderID, error)
	// watch tells of changes in and below root from a goroutine of its own. tell
	// is called by one goroutine at a time, and not any more when stop has returned.
	watch(root string, tell func([]change)) (stop func(), err error)
}

// folderID says which folder of this machine something is, wherever it moves.
type folderID struct {
	volume uint64
	id     [16]byte
}

// change is what a system tells.
type change struct {
	folder string // the path of a folder in which something changed
	lost   bool   // changes were lost
	over   bool   // the root is not where it was, and nothing more is told of it
}

// tree watches folders by the trees that they stand in: one watch for the
// topmost of them serves all below. What changed is told by path, and the path
// is looked at to find which folder stands there.
type tree struct {
	sys  system
	tell Told
	seed maphash.Seed

	mu       sync.Mutex
	closed   bool
	folders  register
	roots    map[string]*root
	stopping sync.WaitGroup // of roots that are none any more
}

// root is a folder whose tree is watched.
type root struct {
	*source
	path string
	id   folderID
	stop func()
}

func newTree(sys system, tell Told) *tree {
	return &tree{sys: sys, tell: tell, seed: maphash.MakeSeed(), folders: register{}, roots: map[string]*root{}}
}

// Add watches the folder at osPath and tells whether this id was not watched
// before. A folder that was watched under another id is not watched under that
// any more, and Dropped is told of it before Add returns. All changes from its
// return on are told. It may block as long as the file system does.
//
// Errors: errs.Unsupported where others change files behind the system's back,
// or where folders cannot be told apart for good; errs.NotFound when there is no
// folder, errs.Unavailable when the system watches no more, errs.Internal else.
func (t *tree) Add(osPath string, folder ident.EntryID) (added bool, err error) {
	osPath = filepath.Clean(osPath)
	id, err := t.sys.identify(osPath)
	if err != nil {
		return false, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	r, err := t.rootOf(osPath, id)
	if err != nil {
		return false, err
	}
	at := t.place(id)
	for _, other := range t.roots { // it moved here from there
		if was, ok := other.ids[at]; ok && other != r && was != folder {
			t.folders.remove(was)
			t.release(other.source)
			t.tell.Dropped(was)
		}
	}
	added, was, old := t.folders.put(spot{r.source, at}, folder)
	t.release(old.source)
	if was != 0 {
		t.tell.Dropped(was)
	}
	return added, nil
}

// place is what a folder's id comes to. Two folders of one place would be taken
// for one, and the first told as dropped; among a million folders that happens
// once in 30 million times.
func (t *tree) place(id folderID) place { return place(maphash.Comparable(t.seed, id)) }

// rootOf returns the root that a folder stands in, on its volume; if there is
// none, the folder becomes one, and takes over from those below it. The caller
// holds t.mu.
func (t *tree) rootOf(path string, id folderID) (*root, error) {
	if t.closed {
		return nil, errs.New(errs.Internal, "the folder watch is closed")
	}
	if r := t.roots[path]; r != nil && r.id != id {
		t.end(r) // another folder stood here, and that is what is still watched
	}
	for top := path; ; top = filepath.Dir(top) {
		if r := t.roots[top]; r != nil && r.id.volume == id.volume {
			return r, nil
		}
		if top == filepath.Dir(top) {
			break
		}
	}
	r := &root{source: newSource(), path: path, id: id}
	stop, err := t.sys.watch(path, func(cs []change) { t.hear(r, cs) })
	if err != nil {
		return nil, err
	}
	r.stop = stop
	t.roots[path] = r
	for _, b := range slices.Collect(maps.Values(t.roots)) {
		if b != r && b.id.volume == id.volume && below(path, b.path) {
			for p, id := range maps.Clone(b.ids) {
				t.folders.put(spot{r.source, p}, id)
			}
			t.drop(b)
		}
	}
	return r, nil
}

// below reports whether path stands below top.
func below(top, path string) bool {
	const slash = string(filepath.Separator)
	return strings.HasPrefix(path, strings.TrimSuffix(top, slash)+slash)
}

// drop ends the watch of a root. Its goroutine may be waiting for t.mu, which the
// caller holds, so another waits for its end.
func (t *tree) drop(r *root) {
	if t.roots[r.path] == r {
		delete(t.roots, r.path)
		t.stopping.Go(r.stop)
	}
}

// end drops a root that tells nothing any more, with its folders.
func (t *tree) end(r *root) {
	t.drop(r)
	for _, id := range t.folders.end(r.source) {
		t.tell.Dropped(id)
	}
}

// release drops the root of a source that has no folder left.
func (t *tree) release(s *source) {
	if s == nil || len(s.ids) > 0 {
		return
	}
	for _, r := range t.roots {
		if r.source == s {
			t.drop(r)
		}
	}
}

// Remove ends the watching of a folder, if it is watched. Dropped is told
// before it returns.
func (t *tree) Remove(folder ident.EntryID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if old, had := t.folders.remove(folder); had && !t.closed {
		t.release(old.source)
		t.tell.Dropped(folder)
	}
}

// How tells what watches the folder at osPath; "" when nothing tells of its
// changes. It may block as Add does.
func (t *tree) How(osPath string) string {
	if _, err := t.sys.identify(filepath.Clean(osPath)); err != nil {
		return byNothing
	}
	return t.sys.how()
}

// Close ends the watching. Nothing is told after it returns.
func (t *tree) Close() error {
	t.mu.Lock()
	t.closed = true
	for _, r := range t.roots {
		t.drop(r)
	}
	t.mu.Unlock()
	t.stopping.Wait()
	return nil
}

// hear tells what a system says of a root. A folder that is named again and
// again is looked at once.
func (t *tree) hear(r *root, cs []change) {
	var lost, over bool
	looked := map[string]bool{}
	var places []place
	for _, c := range cs {
		lost, over = lost || c.lost, over || c.over
		if c.lost || c.over || looked[c.folder] {
			continue
		}
		looked[c.folder] = true
		id, err := t.sys.identify(c.folder)
		switch {
		case err == nil:
			places = append(places, t.place(id))
		case errs.Is(err, errs.NotFound): // its own folder is told of, unless the tree has moved as a whole
			over = over || !t.stands(r)
		default:
			lost = true
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return
	}
	told := flock{}
	for _, p := range places {
		for _, r := range t.roots {
			if id, ok := r.ids[p]; ok {
				told.tell(id, &t.tell)
			}
		}
	}
	if lost {
		t.tell.Overflow()
	}
	if over {
		t.end(r)
	}
}

// stands reports whether a root is where it was.
func (t *tree) stands(r *root) bool {
	id, err := t.sys.identify(r.path)
	return err == nil && id == r.id
}
