//go:build !linux

package watch

import (
	"path/filepath"
	"sync"

	"github.com/fsnotify/fsnotify"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
)

// Notifier watches folders with what fsnotify has for this system.
type Notifier struct {
	w    *fsnotify.Watcher
	tell Told
	done chan struct{}

	mu     sync.Mutex
	folder map[string]ident.EntryID
	path   map[ident.EntryID]string
}

// New starts a Notifier. The caller must Close it.
func New(tell Told) (*Notifier, error) {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, errs.New(errs.Unavailable, "watching folders: %w", err)
	}
	n := &Notifier{w: w, tell: tell, done: make(chan struct{}), folder: map[string]ident.EntryID{}, path: map[ident.EntryID]string{}}
	go n.read()
	return n, nil
}

// Add watches the folder at osPath and tells whether it was not watched before.
// A path that stood for another folder does not any more, and Dropped is told of
// that before Add returns.
func (n *Notifier) Add(osPath string, folder ident.EntryID) (added bool, err error) {
	if err := n.w.Add(osPath); err != nil {
		return false, errs.New(errs.Unavailable, "watching: %w", err).At(osPath)
	}
	n.mu.Lock()
	was, had := n.folder[osPath], n.path[folder]
	if was != folder {
		delete(n.path, was)
	}
	moved := had != "" && had != osPath
	if moved {
		delete(n.folder, had)
	}
	n.folder[osPath], n.path[folder] = folder, osPath
	n.mu.Unlock()
	if moved {
		_ = n.w.Remove(had) // it fails where that folder is gone
	}
	if was != 0 && was != folder {
		n.tell.Dropped(was)
	}
	return had == "", nil
}

// Remove ends the watching of a folder, if it is watched. Dropped is told.
func (n *Notifier) Remove(folder ident.EntryID) {
	n.mu.Lock()
	path, ok := n.path[folder]
	n.mu.Unlock()
	if ok {
		_ = n.w.Remove(path) // it fails where the folder is gone
		n.drop(path)
	}
}

// Close ends the watching. Nothing is told after it returns.
func (n *Notifier) Close() error {
	err := n.w.Close()
	<-n.done
	return err
}

func (n *Notifier) read() {
	defer close(n.done)
	for {
		select {
		case e, ok := <-n.w.Events:
			if !ok {
				return
			}
			n.changed(e.Name)
			n.changed(filepath.Dir(e.Name))
			if e.Has(fsnotify.Remove) || e.Has(fsnotify.Rename) {
				n.drop(e.Name)
			}
		case _, ok := <-n.w.Errors:
			if !ok {
				return
			}
			n.tell.Overflow()
		}
	}
}

func (n *Notifier) changed(path string) {
	n.mu.Lock()
	id, ok := n.folder[path]
	n.mu.Unlock()
	if ok {
		n.tell.Changed(id)
	}
}

func (n *Notifier) drop(path string) {
	n.mu.Lock()
	id, ok := n.folder[path]
	if ok {
		delete(n.folder, path)
		delete(n.path, id)
	}
	n.mu.Unlock()
	if ok {
		n.tell.Dropped(id)
	}
}
