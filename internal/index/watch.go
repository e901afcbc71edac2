package index

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/ident"
)

// watcher collects hints that folders changed and has them listed again. Hints
// of one folder become one; too many of them become a scan.
type watcher struct {
	s      *Service
	wake   chan struct{} // holds one token when there is something to do
	settle time.Duration // changes come in flocks, which are looked at together

	mu       sync.Mutex
	notifier Notifier
	counts   map[ident.LocationID]*count // of folders watched
	how      map[ident.LocationID]string // what watches them
	off      map[ident.LocationID]bool   // not to be watched
	drops    int64                       // that were told
	news     news
	seeing   bool                                        // what was taken is not seen to yet
	volumes  map[ident.VolumeID]map[ident.EntryID]bool   // folders to list again, where somebody is at it
	astray   map[ident.VolumeID]map[ident.EntryID]string // folders that were not where they were looked for, and where that was
}

// news is what was told since it was last taken.
type news struct {
	changed map[ident.EntryID]bool
	dropped []drop
	lost    bool // hints were
}

const (
	settle   = 50 * time.Millisecond  // changes come in flocks
	maxDirty = 20000                  // folders to list again; more of them, and a scan is cheaper
	retry    = 100 * time.Millisecond // until the next look at a location that is owed a scan
	maxRetry = 10 * time.Second
)

func newWatcher(s *Service) *watcher {
	return &watcher{
		s: s, wake: make(chan struct{}, 1), settle: settle, counts: map[ident.LocationID]*count{},
		how: map[ident.LocationID]string{}, off: map[ident.LocationID]bool{},
		news: news{changed: map[ident.EntryID]bool{}}, volumes: map[ident.VolumeID]map[ident.EntryID]bool{}, astray: map[ident.VolumeID]map[ident.EntryID]string{},
	}
}

func (w *watcher) start() (stop func(), err error) {
	if w.s.Watch == nil {
		return func() {}, nil
	}
	n, err := w.s.Watch(Told{Changed: w.changed, Dropped: w.dropped, Overflow: w.lost})
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	w.notifier = n
	clear(w.counts)
	w.mu.Unlock()
	return func() {
		w.mu.Lock()
		w.notifier = nil
		clear(w.counts)
		w.mu.Unlock()
		if err := n.Close(); err != nil {
			w.s.Log.Warn("Closing the folder watch failed", "error", err)
		}
	}, nil
}

// note takes something into the news.
func (w *watcher) note(fn func(*news)) {
	w.mu.Lock()
	fn(&w.news)
	w.mu.Unlock()
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// changed notes that something changed in a folder.
func (w *watcher) changed(folder ident.EntryID) {
	w.note(func(n *news) {
		if len(n.changed) < maxDirty {
			n.changed[folder] = true
		} else {
			n.lost = true
		}
	})
}

// dropped notes that a folder is not watched any more.
func (w *watcher) dropped(folder ident.EntryID) {
	w.note(func(n *news) {
		w.drops++
		n.dropped = append(n.dropped, drop{folder, w.drops})
	})
}

// lost notes that the system dropped hints.
func (w *watcher) lost() { w.note(func(n *news) { n.lost = true }) }

func (w *watcher) take() news {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := w.news
	w.news, w.seeing = news{changed: map[ident.EntryID]bool{}}, true
	return n
}

func (w *watcher) seen() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seeing = false
}

// serve sees to the news until ctx ends. Each volume is looked at by a goroutine
// of its own, which lives as long as there is something to do: one that waits,
// for a scan or for a slow disk, keeps no other waiting.
func (w *watcher) serve(ctx context.Context) error {
	w.mu.Lock()
	clear(w.volumes) // nobody is at them
	w.mu.Unlock()
	var looking sync.WaitGroup
	defer looking.Wait()
	again := time.NewTimer(0)
	defer again.Stop()
	for pause := retry; ; {
		select {
		case <-w.wake:
			if !sleep(ctx, w.settle) {
				return nil
			}
		case <-w.s.due.wake:
		case <-again.C:
		case <-ctx.Done():
			return nil
		}
		err := w.see(ctx, w.take(), &looking)
		w.seen()
		if err != nil && ctx.Err() == nil {
			return err // whoever starts it again has all locations scanned
		}
		if len(w.s.due.list()) > 0 {
			again.Reset(pause)
			pause = min(2*pause, maxRetry)
		} else {
			pause = retry
		}
	}
}

func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// see does what the news and the locations that are due ask for.
func (w *watcher) see(ctx context.Context, n news, looking *sync.WaitGroup) error {
	for _, l := range w.s.due.list() {
		if err := w.s.pursue(ctx, l, false); err != nil {
			w.s.Log.Warn("Queueing a scan failed", "location", int64(l), "error", err)
		}
	}
	if n.lost {
		if err := w.s.rescanAll(ctx); err != nil {
			return err
		}
	}
	if err := w.uncount(ctx, n.dropped); err != nil || len(n.changed) == 0 {
		return err
	}
	byVolume, err := w.sort(ctx, slices.Collect(maps.Keys(n.changed)))
	for v, ids := range byVolume {
		if w.queue(v, ids) {
			looking.Go(func() { w.look(ctx, v) })
		}
	}
	return err
}

// sort tells on which volume each folder is. One that the catalogue does not
// know may be found by a walk that has not written it yet, so it goes with
// every volume that is walked at this moment.
func (w *watcher) sort(ctx context.Context, ids []ident.EntryID) (map[ident.VolumeID][]ident.EntryID, error) {
	walked := w.s.locked() // first: what a walk found that ended since is written
	byVolume := map[ident.VolumeID][]ident.EntryID{}
	err := w.s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		es, err := r.EntriesByID(ids)
		known := make(map[ident.EntryID]bool, len(es))
		for _, e := range es {
			known[e.ID] = true
			byVolume[e.Volume] = append(byVolume[e.Volume], e.ID)
		}
		for _, id := range ids {
			if known[id] {
				continue
			}
			for _, v := range walked {
				byVolume[v] = append(byVolume[v], id)
			}
		}
		return err
	})
	return byVolume, err
}

// queue adds folders to those that are to be listed again, and reports whether
// nobody is at it yet.
func (w *watcher) queue(v ident.VolumeID, ids []ident.EntryID) (first bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	set, busy := w.volumes[v]
	if !busy {
		set = map[ident.EntryID]bool{}
		w.volumes[v] = set
	}
	for _, id := range ids {
		set[id] = true
	}
	return !busy
}

// queued takes the folders to list again on a volume. None means that the
// caller must end: the next ones start another.
func (w *watcher) queued(v ident.VolumeID) []ident.EntryID {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.volumes[v]) == 0 {
		delete(w.volumes, v)
		return nil
	}
	ids := slices.Collect(maps.Keys(w.volumes[v]))
	clear(w.volumes[v])
	return ids
}
