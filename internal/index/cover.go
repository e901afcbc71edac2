package index

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
)

// Coverage tells which share of folders is watched for changes as they happen.
type Coverage struct {
	Folders int64   `json:"folders" jsonschema:"folders there are"`
	Watched int64   `json:"watched" jsonschema:"folders watched live"`
	Share   float64 `json:"share" jsonschema:"watched / folders; what is not watched is seen by the next scan"`
	// How and RescanEvery say what that means.
	How         []string `json:"how,omitempty" jsonschema:"what tells of changes: fanotify, inotify, fsevents or readdirectorychanges; absent: nothing does, and only scans see them"`
	RescanEvery int64    `json:"rescan_every,omitempty" jsonschema:"seconds after a scan until all of it is looked at again, watched or not; absent: only when asked"`
}

// coverage tells how a location is watched. Folders that are not to be watched do
// not count.
func (s *Service) coverage(l catalog.Location, top *catalog.Entry) Coverage {
	folders := countable(l, top)
	c := Coverage{RescanEvery: int64(s.every(l, folders).Seconds())}
	if policyOf(l).Watch == off {
		return c
	}
	c.Folders, c.Watched = folders, max(0, min(s.watcher.watched(l.ID), folders))
	if folders > 0 {
		c.Share = float64(c.Watched) / float64(folders)
	}
	if how := s.watcher.by(l.ID); how != "" && c.Watched > 0 {
		c.How = []string{how}
	}
	return c
}

// Add takes other locations in. What was added last is to be looked at again
// after the shortest time of all.
func (c *Coverage) Add(o Coverage) {
	c.Folders += o.Folders
	c.Watched += o.Watched
	if c.Folders > 0 {
		c.Share = float64(c.Watched) / float64(c.Folders)
	}
	for _, how := range o.How {
		if !slices.Contains(c.How, how) {
			c.How = append(c.How, how)
		}
	}
	if c.RescanEvery == 0 || o.RescanEvery > 0 && o.RescanEvery < c.RescanEvery {
		c.RescanEvery = o.RescanEvery
	}
}

// countable is how many folders of a location can be watched.
func countable(l catalog.Location, top *catalog.Entry) int64 {
	return top.Totals.Folders + 1 - l.Skipped
}

// count is how many folders of a location are watched.
type count struct {
	live    int64
	begun   int64                  // the number of the last drop before the count was begun
	counted map[ident.EntryID]bool // while the scan runs that counts anew
}

// drop is a folder that is not watched any more.
type drop struct {
	folder ident.EntryID
	number int64
}

// during returns what a walk of the volume calls with each folder: if a location
// that holds it wants that, it is
// watched before it is listed, so that no change falls in between. A scan that
// counts a location anew counts all that it comes to; else a folder counts that
// was not watched yet, for every location that holds it, or that moved there with
// its watch. Nil: nothing is watched.
func (w *watcher) during(g catalog.Ground, places []place, scanned ident.LocationID) func(folderToList) {
	w.mu.Lock()
	n := w.notifier
	w.mu.Unlock()
	if n == nil || g.Mount == "" {
		return nil
	}
	for _, p := range places {
		if p.location == scanned && w.watches(scanned) {
			w.learn(scanned, n.How(filepath.Join(g.Mount, p.path)))
		}
	}
	return func(f folderToList) {
		if !w.wanted(places, f.path) {
			return
		}
		added, err := n.Add(filepath.Join(g.Mount, f.path), f.id)
		if err != nil {
			return // past a limit, or gone: the next scan sees it, and coverage says so
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		for _, p := range places {
			was := f.moved && slices.Contains(f.was, p.location)
			switch in := within(p.path, f.path); {
			case in:
				w.more(p.location, f.id, added || f.moved && !was, p.location == scanned)
			case was && !added:
				w.fewer(p.location, f.id)
			}
		}
	}
}

// more counts a watched folder. The caller holds w.mu.
func (w *watcher) more(l ident.LocationID, folder ident.EntryID, added, scanned bool) {
	if w.off[l] {
		return
	}
	c := w.counts[l]
	if c == nil {
		c = &count{}
		w.counts[l] = c
	}
	switch {
	case scanned && c.counted != nil:
		if !c.counted[folder] {
			c.counted[folder] = true
			c.live++
		}
	case added:
		c.live++
	}
}

// fewer takes off a folder that moved away. The caller holds w.mu.
func (w *watcher) fewer(l ident.LocationID, folder ident.EntryID) {
	if c := w.counts[l]; c != nil && (c.counted == nil || c.counted[folder]) {
		delete(c.counted, folder)
		c.live--
	}
}

// within reports whether path is top, or stands below it.
func within(top, path string) bool {
	return top == "" || path == top || strings.HasPrefix(path, top+"/")
}

// uncount takes folders off that are not watched any more.
func (w *watcher) uncount(ctx context.Context, drops []drop) error {
	if len(drops) == 0 {
		return nil
	}
	return w.s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		ls, err := r.Locations()
		if err != nil {
			return err
		}
		for _, d := range drops {
			for _, l := range ls {
				in, err := r.Within(l.Entry, d.folder)
				if errs.Is(err, errs.NotFound) {
					break // forgotten, with its location
				}
				if err != nil {
					return err
				}
				if in {
					w.less(l.ID, d)
				}
			}
		}
		return nil
	})
}

func (w *watcher) less(l ident.LocationID, d drop) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.counts[l]
	if c == nil || d.number <= c.begun || c.counted != nil && !c.counted[d.folder] {
		return // the count that was begun since has not come to it, and will not
	}
	delete(c.counted, d.folder)
	c.live--
}

// recount starts the count anew for a scan that begins at the root.
func (w *watcher) recount(l ident.LocationID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.counts[l] = &count{begun: w.drops, counted: map[ident.EntryID]bool{}}
}

// recounted says that this scan is over.
func (w *watcher) recounted(l ident.LocationID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if c := w.counts[l]; c != nil {
		c.counted = nil
	}
}

func (w *watcher) watched(l ident.LocationID) int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	if c := w.counts[l]; c != nil {
		return c.live
	}
	return 0
}

// forget drops the count of a location that is none any more.
func (w *watcher) forget(l ident.LocationID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.counts, l)
	delete(w.how, l)
	delete(w.off, l)
}

// unwatch ends the watching of folders that are gone, or in no location any
// more. One that moved is watched under its new id, and stays so.
func (w *watcher) unwatch(folders []ident.EntryID) {
	w.mu.Lock()
	n := w.notifier
	w.mu.Unlock()
	for _, id := range folders {
		if n != nil {
			n.Remove(id)
		}
	}
}
