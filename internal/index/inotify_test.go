package index

import (
	"context"
	"math/rand/v2"
	"strings"
	"sync"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// inode names a folder of a test's machine, wherever it moves.
type inode struct {
	disk   string
	number uint64
}

// inotify is a Notifier that behaves as the real one: it watches folders, not
// paths, and tells what the test says has happened in one.
type inotify struct {
	disks *disks
	limit int // of watches; 0: none

	mu      sync.Mutex
	told    *Told // nil while nobody watches
	watched map[ident.EntryID]inode
	drop    float64 // share of hints that are lost without a word
	double  float64 // share of hints that come twice, or late
	random  *rand.Rand
	late    []ident.EntryID
}

func (n *inotify) start(t Told) (Notifier, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.told = &t
	return n, nil
}

func (n *inotify) running() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.told != nil
}

// at returns the folder that stands at an absolute path.
func (n *inotify) at(osPath string) (inode, error) {
	n.disks.mu.Lock()
	defer n.disks.mu.Unlock()
	for name, d := range n.disks.all {
		if rel, ok := strings.CutPrefix(osPath+"/", d.mount+"/"); ok {
			e, err := d.FS.Stat(context.Background(), strings.TrimSuffix(rel, "/"))
			if err == nil && (e.Kind != vfs.Folder || e.Mode&0o400 == 0) {
				err = errs.New(errs.Internal, "not a readable folder").At(osPath)
			}
			return inode{name, e.Inode}, err
		}
	}
	return inode{}, errs.New(errs.Internal, "no such folder").At(osPath)
}

// Add is part of Notifier.
func (n *inotify) Add(osPath string, folder ident.EntryID) (added bool, err error) {
	where, err := n.at(osPath)
	if err != nil {
		return false, err
	}
	n.mu.Lock()
	told := n.told
	if told == nil {
		n.mu.Unlock()
		return false, errs.New(errs.Internal, "it is closed")
	}
	var was ident.EntryID
	for id, w := range n.watched {
		if w == where && id != folder {
			was = id
		}
	}
	_, had := n.watched[folder]
	if n.limit > 0 && len(n.watched) >= n.limit && !had && was == 0 {
		n.mu.Unlock()
		return false, errs.New(errs.Unavailable, "the limit is reached")
	}
	delete(n.watched, was)
	n.watched[folder] = where
	n.mu.Unlock()
	if was != 0 {
		told.Dropped(was)
	}
	return !had, nil
}

// Remove is part of Notifier.
func (n *inotify) Remove(folder ident.EntryID) {
	n.mu.Lock()
	_, had := n.watched[folder]
	delete(n.watched, folder)
	told := n.told
	n.mu.Unlock()
	if had && told != nil {
		told.Dropped(folder)
	}
}

// How is part of Notifier.
func (n *inotify) How(string) string { return "inotify" }

// Close is part of Notifier.
func (n *inotify) Close() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.told = nil
	clear(n.watched)
	n.late = nil
	return nil
}

// count is how many folders are watched.
func (n *inotify) count() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.watched)
}

// watches reports whether a folder is watched.
func (n *inotify) watches(f inode) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, w := range n.watched {
		if w == f {
			return true
		}
	}
	return false
}

// hint tells that something changed in folders, if they are watched; perhaps
// late, twice or not at all.
func (n *inotify) hint(folders ...inode) {
	n.mu.Lock()
	told := n.told
	var ids []ident.EntryID
	for _, f := range folders {
		for id, w := range n.watched {
			if w != f {
				continue
			}
			if n.random != nil && n.random.Float64() < n.drop {
				continue
			}
			if n.random != nil && n.random.Float64() < n.double {
				n.late = append(n.late, id)
				if n.random.IntN(2) == 0 {
					continue
				}
			}
			ids = append(ids, id)
		}
	}
	if n.random != nil && n.random.IntN(3) == 0 {
		ids = append(ids, n.late...)
		n.late = nil
		n.random.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
	}
	n.mu.Unlock()
	for _, id := range ids {
		if told != nil {
			told.Changed(id)
		}
	}
}

// gone tells that folders are there no more.
func (n *inotify) gone(folders ...inode) {
	n.mu.Lock()
	told := n.told
	var ids []ident.EntryID
	for _, f := range folders {
		for id, w := range n.watched {
			if w == f {
				ids = append(ids, id)
				delete(n.watched, id)
			}
		}
	}
	n.mu.Unlock()
	for _, id := range ids {
		if told != nil {
			told.Dropped(id)
		}
	}
}

// overflow tells that hints were lost.
func (n *inotify) overflow() {
	n.mu.Lock()
	told := n.told
	n.mu.Unlock()
	if told != nil {
		told.Overflow()
	}
}

// folder returns the inode of a folder of disk A; the zero one if there is none.
func (w *world) folder(path string) inode {
	e, err := w.FS.Stat(context.Background(), path)
	if err != nil || e.Kind != vfs.Folder {
		return inode{}
	}
	return inode{"a", e.Inode}
}

// below returns the inodes of all folders in and below path.
func (w *world) below(path string) (all []inode) {
	for _, e := range w.all(path) {
		if e.Kind == vfs.Folder {
			all = append(all, inode{"a", e.Inode})
		}
	}
	return all
}

// all is like naive, and is not stopped by what is shut.
func (w *world) all(folder string) map[string]vfs.Entry {
	found := map[string]vfs.Entry{}
	var look func(path string)
	look = func(path string) {
		e, err := w.FS.Stat(context.Background(), path)
		if err != nil {
			return
		}
		found[path] = e
		_ = w.FS.List(context.Background(), path, func(batch []vfs.Entry) error {
			for _, c := range batch {
				look(vfs.Join(path, c.Name))
			}
			return nil
		})
	}
	look(folder)
	return found
}

// touch changes something at paths, and has the hints told that the system
// would tell of it: in the folders of all paths, before and after.
func (w *world) touch(fn func() error, paths ...string) {
	w.t.Helper()
	var in, before []inode
	folders := func() {
		for _, p := range paths {
			dir, _ := vfs.Split(p)
			in = append(in, w.folder(dir))
			if f := w.folder(p); f != (inode{}) {
				in = append(in, f)
			}
		}
	}
	for _, p := range paths {
		before = append(before, w.below(p)...)
	}
	folders()
	w.do(fn())
	folders()
	there := map[inode]bool{}
	for _, f := range w.below("") {
		there[f] = true
	}
	w.watch.hint(in...)
	for _, f := range before {
		if !there[f] {
			w.watch.gone(f)
		}
	}
}
