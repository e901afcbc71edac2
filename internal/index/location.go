package index

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Location is a location as every face shows it.
type Location struct {
	ID          ident.LocationID `json:"id" jsonschema:"the location's id"`
	Name        string           `json:"name" jsonschema:"its name, for people"`
	Path        string           `json:"path" jsonschema:"SdPath of its folder"`
	OSPath      string           `json:"os_path,omitempty" jsonschema:"its folder on this machine, while the volume is mounted"`
	Volume      string           `json:"volume" jsonschema:"name of the volume it is on"`
	VolumeID    ident.VolumeID   `json:"volume_id" jsonschema:"id of the volume it is on"`
	Entry       ident.EntryID    `json:"entry" jsonschema:"id of its folder's entry"`
	Mode        string           `json:"mode" jsonschema:"shallow, content or deep"`
	State       string           `json:"state" jsonschema:"pending, indexing, ready, incomplete, held (too much is missing) or offline"`
	Files       int64            `json:"files" jsonschema:"all in it that is not a folder"`
	Folders     int64            `json:"folders" jsonschema:"its folders, itself included"`
	Bytes       int64            `json:"bytes" jsonschema:"sizes of its files"`
	Skipped     int64            `json:"skipped" jsonschema:"folders not looked into, since other file systems are mounted there"`
	Errors      int64            `json:"errors" jsonschema:"folders the last scan could not read"`
	Missing     int64            `json:"missing" jsonschema:"entries that the last scan found gone; too many to be marked without your word (see location rescan)"`
	LastIndexed time.Time        `json:"last_indexed,omitzero" jsonschema:"end of the last scan"`
	Policy      Policy           `json:"policy,omitzero" jsonschema:"when it is looked at, and at what cost"`
	Watch       Coverage         `json:"watch" jsonschema:"how much of it is watched live"`
	Job         *job.Snapshot    `json:"job,omitempty" jsonschema:"its newest scan"`
}

// modes are the index modes; what they add to names and metadata is the
// business of other domains.
var modes = map[string]bool{"shallow": true, "content": true, "deep": true}

// add makes the folder at path a location and queues its first scan.
func (s *Service) add(ctx context.Context, osPath, name, mode string) (ident.LocationID, error) {
	if mode == "" {
		mode = s.Mode
	}
	if !modes[mode] {
		return 0, errs.New(errs.Invalid, "%q is not an index mode", mode).Try("Use shallow, content or deep.")
	}
	p, err := s.Volumes.Resolve(ctx, osPath, true)
	if err != nil {
		return 0, err
	}
	if p.Driver == nil {
		return 0, errs.New(errs.Unavailable, "its volume is offline").At(osPath).Try("Connect the volume and try again.")
	}
	chain, err := statChain(ctx, p.Driver, p.Path)
	if err != nil {
		return 0, err
	}
	if seen := chain[len(chain)-1]; seen.Kind != vfs.Folder {
		return 0, errs.New(errs.Invalid, "a location is a folder, and this is a %s", seen.Kind).At(osPath)
	}
	id, vol, err := s.put(ctx, p, chain, name, mode, false)
	if !errors.Is(err, errWalked) {
		return id, err
	}
	unlock, err := s.lock(ctx, vol)
	if err != nil {
		return 0, err
	}
	defer unlock()
	id, _, err = s.put(ctx, p, chain, name, mode, true)
	return id, err
}

// put writes the new location, and queues its scan, in one transaction.
func (s *Service) put(ctx context.Context, p catalog.Place, chain []vfs.Entry, name, mode string, locked bool) (id ident.LocationID, vol ident.VolumeID, err error) {
	err = s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		v, err := tx.PutVolume(catalog.Volume{Device: s.Device, Identity: p.Identity, Name: p.Name, Facts: p.Facts, Online: true, Seen: time.Now()})
		if err != nil {
			return err
		}
		vol = v.ID
		entry, err := s.ensureChain(tx, v, chain, locked)
		if err != nil {
			return err
		}
		if name, err = freeName(&tx.Reader, name, p); err != nil {
			return err
		}
		loc, err := tx.AddLocation(catalog.Location{Volume: v.ID, Entry: entry, Name: name, Mode: mode, State: catalog.Pending})
		if err != nil {
			return err
		}
		id = loc.ID
		_, err = s.enqueue(tx, loc)
		return err
	})
	return id, vol, err
}

// freeName returns the wanted name, or one made from the folder's, with a number
// where another location bears it already.
func freeName(r *catalog.Reader, want string, p catalog.Place) (string, error) {
	ls, err := r.Locations()
	if err != nil {
		return "", err
	}
	taken := map[string]bool{}
	for _, l := range ls {
		taken[strings.ToLower(l.Name)] = true
	}
	if want != "" {
		if taken[strings.ToLower(want)] {
			return "", errs.New(errs.Conflict, "another location is named %q", want).Try("Choose another --name.")
		}
		return want, nil
	}
	base := strings.ToValidUTF8(path.Base(p.Path), "\uFFFD")
	if p.Path == "" {
		base = p.Name
	}
	name := base
	for n := 2; taken[strings.ToLower(name)]; n++ {
		name = fmt.Sprintf("%s %d", base, n)
	}
	return name, nil
}

// statChain looks at every folder from the volume's root down to path.
func statChain(ctx context.Context, d vfs.Driver, path string) ([]vfs.Entry, error) {
	root, err := d.Stat(ctx, "")
	if err != nil {
		return nil, err
	}
	chain := []vfs.Entry{root}
	for i := 0; i < len(path); {
		end := strings.IndexByte(path[i:], '/')
		if end < 0 {
			end = len(path) - i
		}
		e, err := d.Stat(ctx, path[:i+end])
		if err != nil {
			return nil, err
		}
		chain = append(chain, e)
		i += end + 1
	}
	return chain, nil
}

// errWalked says that a folder stands in a location, where it may be listed at
// this moment, and that the volume must be locked to add what is in it.
var errWalked = errs.New(errs.Unavailable, "the folder is being indexed")

// ensureChain makes sure that the folders of chain are in the catalogue, and
// returns the last one, which becomes present. Those above it that are in no
// location are only known.
func (s *Service) ensureChain(tx *catalog.Tx, vol catalog.Volume, chain []vfs.Entry, locked bool) (ident.EntryID, error) {
	e, err := tx.Entry(vol.Root)
	if err != nil {
		return 0, err
	}
	for i, v := range chain {
		above, replaced := e, ident.EntryID(0)
		if i > 0 {
			if e, replaced, err = childToBe(tx, above.ID, v.Name); err != nil {
				return 0, err
			}
		}
		next := e
		switch {
		case i == len(chain)-1 || i > 0 && e.State != catalog.Known && above.State == catalog.Present:
			next.State = catalog.Present
		case e.State != catalog.Present:
			next.State = catalog.Known
		}
		var b catalog.Batch
		switch {
		case e.ID == 0:
			next.ID, next.Volume, next.Parent, next.Name = s.Catalog.ReserveEntryIDs(1), vol.ID, above.ID, v.Name
			next.Seen(v)
			b.Create = []catalog.Entry{next}
		case next.State != e.State || e.Mode == 0 && !e.Same(&v): // never looked at
			next.Seen(v)
			b.Update = []catalog.Entry{next}
		}
		if replaced != 0 {
			b.Absent = []ident.EntryID{replaced}
		}
		if appears := e.ID == 0 || e.State == catalog.Absent; appears && i > 0 && above.State == catalog.Present && !locked {
			return 0, errWalked
		}
		if err := tx.Apply(&b); err != nil {
			return 0, err
		}
		e = next
	}
	return e.ID, nil
}

// childToBe returns the folder that bears name in the folder above, or the one
// that did and is absent; the zero Entry if there was none. replaced is what
// bears the name and is no folder.
func childToBe(tx *catalog.Tx, above ident.EntryID, name string) (e catalog.Entry, replaced ident.EntryID, err error) {
	e, err = tx.Child(above, name)
	if err == nil && e.Kind == vfs.Folder {
		return e, 0, nil
	}
	if err != nil && !errs.Is(err, errs.NotFound) {
		return e, 0, err
	}
	replaced, e = e.ID, catalog.Entry{}
	err = tx.AbsentAs(above, name, func(k *catalog.Entry) error {
		if e.ID == 0 && k.Kind == vfs.Folder {
			e = *k
		}
		return nil
	})
	return e, replaced, err
}

// enqueue queues a scan of the location as part of tx, unless one waits or runs
// already that will see all that changed until now.
func (s *Service) enqueue(tx *catalog.Tx, l catalog.Location) (ident.JobID, error) {
	o := queueing(scanKind, l, "Index")
	id, err := s.jobs.EnqueueIn(tx.Store(), scanKind, scanArgs{Location: l.ID}, o)
	if err == nil && s.due.isPast(l.ID, id) {
		o.Key += ":next"
		id, err = s.jobs.EnqueueIn(tx.Store(), scanKind, scanArgs{Location: l.ID}, o)
	}
	if err != nil {
		return 0, err
	}
	l.Job = id
	return id, tx.SetLocation(l)
}

// queueing is how a job is queued that does something with a location.
func queueing(kind string, l catalog.Location, does string) job.Enqueue {
	return job.Enqueue{Key: fmt.Sprintf("%s:%d", kind, l.ID), Lane: lane(l.Volume), Title: does + " " + l.Name, Priority: policyOf(l).rank()}
}

// lane keeps the jobs of a volume in a row: they would only wait for each other.
func lane(v ident.VolumeID) string { return fmt.Sprintf("volume:%d", v) }

// remove forgets that a folder is a location and deletes what the catalogue
// holds below it. The files on disk are not touched.
func (s *Service) remove(ctx context.Context, id ident.LocationID) error {
	loc, _, err := s.location(ctx, id)
	if err != nil {
		return err
	}
	for _, scan := range []ident.JobID{loc.Job, s.due.runs(id)} {
		if scan == 0 {
			continue
		}
		if err := s.jobs.Cancel(ctx, scan); err != nil && !errs.Is(err, errs.NotFound) && !errs.Is(err, errs.Conflict) {
			return err
		}
	}
	err = s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		if err := tx.RemoveLocation(id); err != nil {
			return err
		}
		covered, err := isCovered(&tx.Reader, loc.Entry)
		if err != nil || covered { // another location holds the same folders
			return err
		}
		_, err = s.jobs.EnqueueIn(tx.Store(), forgetKind, forgetArgs{loc.Volume, loc.Entry}, job.Enqueue{Lane: lane(loc.Volume), Title: "Forget " + loc.Name})
		return err
	})
	if err == nil {
		s.watcher.forget(id)
		s.due.drop(id)
		s.accept(id, 0)
	}
	return err
}

// isCovered reports whether some location holds the entry.
func isCovered(r *catalog.Reader, id ident.EntryID) (bool, error) {
	ls, err := r.Locations()
	if err != nil {
		return false, err
	}
	for _, l := range ls {
		if in, err := r.Within(l.Entry, id); in || err != nil {
			return in, err
		}
	}
	return false, nil
}
