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
	w        *fsnotify.Watcher
	changed  Changed
	overflow Overflow
	done     chan struct{}

	mu     sync.Mutex
	folder map[string]ident.EntryID
}

// New starts a Notifier. The caller must Close it.
func New(changed Changed, overflow Overflow) (*Notifier, error) {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, errs.New(errs.Unavailable, "watching folders: %w", err)
	}
	n := &Notifier{w: w, changed: changed, overflow: overflow, done: make(chan struct{}), folder: map[string]ident.EntryID{}}
	go n.read()
	return n, nil
}

// Add watches the folder at osPath and tells whether it was not watched before.
func (n *Notifier) Add(osPath string, folder ident.EntryID) (added bool, err error) {
	n.mu.Lock()
	_, known := n.folder[osPath]
	n.folder[osPath] = folder
	n.mu.Unlock()
	if err := n.w.Add(osPath); err != nil {
		return false, errs.New(errs.Unavailable, "watching: %w", err).At(osPath)
	}
	return !known, nil
}

// Close ends the watching. No hint is told after it returns.
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
			n.tell(e.Name)
			n.tell(filepath.Dir(e.Name))
		case _, ok := <-n.w.Errors:
			if !ok {
				return
			}
			n.overflow()
		}
	}
}

func (n *Notifier) tell(path string) {
	n.mu.Lock()
	id, ok := n.folder[path]
	n.mu.Unlock()
	if ok {
		n.changed(id)
	}
}
