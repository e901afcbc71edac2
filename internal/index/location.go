package index

import (
	"context"
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
	State       string           `json:"state" jsonschema:"pending, indexing, ready, incomplete or offline"`
	Files       int64            `json:"files" jsonschema:"all in it that is not a folder"`
	Folders     int64            `json:"folders" jsonschema:"its folders, itself included"`
	Bytes       int64            `json:"bytes" jsonschema:"sizes of its files"`
	Skipped     int64            `json:"skipped" jsonschema:"folders not looked into, since other file systems are mounted there"`
	Errors      int64            `json:"errors" jsonschema:"folders the last scan could not read"`
	LastIndexed time.Time        `json:"last_indexed,omitzero" jsonschema:"end of the last scan"`
	Watch       Coverage         `json:"watch" jsonschema:"how much of it is watched live"`
	Job         *job.Snapshot    `json:"job,omitempty" jsonschema:"its newest scan"`
}

// Coverage tells which share of folders is watched for changes as they happen.
type Coverage struct {
	Folders int64   `json:"folders" jsonschema:"folders there are"`
	Watched int64   `json:"watched" jsonschema:"folders watched live"`
	Share   float64 `json:"share" jsonschema:"watched / folders; what is not watched is seen by the next scan"`
}

func coverage(folders, watched int64) Coverage {
	c := Coverage{Folders: folders, Watched: min(watched, folders)}
	if folders > 0 {
		c.Share = float64(c.Watched) / float64(folders)
	}
	return c
}

// modes are the index modes; what they add to names and metadata is the
// business of other domains.
var modes = map[string]bool{"shallow": true, "content": true, "deep": true}

// add makes the folder at path a location and queues its first scan.
func (s *Service) add(ctx context.Context, osPath, name, mode string) (ident.LocationID, error) {
	if mode == "" {
		mode = "shallow"
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
	seen, err := p.Driver.Stat(ctx, p.Path)
	if err != nil {
		return 0, err
	}
	if seen.Kind != vfs.Folder {
		return 0, errs.New(errs.Invalid, "a location is a folder, and this is a %s", seen.Kind).At(osPath)
	}
	chain, err := statChain(ctx, p)
	if err != nil {
		return 0, err
	}
	var loc catalog.Location
	err = s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		vol, err := tx.PutVolume(catalog.Volume{Device: s.Device, Identity: p.Identity, Name: p.Name, Facts: p.Facts, Online: true, Seen: time.Now()})
		if err != nil {
			return err
		}
		entry, err := ensureChain(tx, s.Catalog, vol, chain)
		if err != nil {
			return err
		}
		if name, err = freeName(&tx.Reader, name, p); err != nil {
			return err
		}
		loc, err = tx.AddLocation(catalog.Location{Volume: vol.ID, Entry: entry, Name: name, Mode: mode, State: catalog.Pending})
		return err
	})
	if err != nil {
		return 0, err
	}
	_, err = s.enqueue(ctx, loc.ID)
	return loc.ID, err
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

// statChain looks at every folder from the volume's root down to the place.
func statChain(ctx context.Context, p catalog.Place) ([]vfs.Entry, error) {
	root, err := p.Driver.Stat(ctx, "")
	if err != nil {
		return nil, err
	}
	chain := []vfs.Entry{root}
	for i := 0; i < len(p.Path); {
		end := strings.IndexByte(p.Path[i:], '/')
		if end < 0 {
			end = len(p.Path) - i
		}
		e, err := p.Driver.Stat(ctx, p.Path[:i+end])
		if err != nil {
			return nil, err
		}
		chain = append(chain, e)
		i += end + 1
	}
	return chain, nil
}

// ensureChain makes sure that the folders of chain are in the catalogue, and
// returns the last one, which becomes present. Those above it are only known.
func ensureChain(tx *catalog.Tx, c *catalog.Catalog, vol catalog.Volume, chain []vfs.Entry) (ident.EntryID, error) {
	at := vol.Root
	for i, v := range chain {
		state := catalog.Known
		if i == len(chain)-1 {
			state = catalog.Present
		}
		var e catalog.Entry
		var err error
		if i == 0 {
			e, err = tx.Entry(at)
		} else {
			e, err = tx.Child(at, v.Name)
		}
		b := catalog.Batch{}
		switch {
		case errs.Is(err, errs.NotFound):
			e = catalog.Entry{ID: c.ReserveEntryIDs(1), Volume: vol.ID, Parent: at, Name: v.Name, State: state}
			e.Seen(v)
			b.Create = []catalog.Entry{e}
		case err != nil:
			return 0, err
		case e.State != catalog.Present && state == catalog.Present || e.Inode == 0:
			e.State = state
			e.Seen(v)
			b.Update = []catalog.Entry{e}
		}
		if err := tx.Apply(&b); err != nil {
			return 0, err
		}
		at = e.ID
	}
	return at, nil
}

// enqueue queues a scan of the location, unless one waits or runs already.
func (s *Service) enqueue(ctx context.Context, id ident.LocationID) (ident.JobID, error) {
	loc, vol, err := s.location(ctx, id)
	if err != nil {
		return 0, err
	}
	jobID, err := s.jobs.Enqueue(ctx, scanKind, scanArgs{id}, job.Enqueue{
		Key:  fmt.Sprintf("%s:%d", scanKind, id),
		Lane: fmt.Sprintf("volume:%d", vol.ID),
	})
	if err != nil || jobID == loc.Job {
		return jobID, err
	}
	return jobID, s.setLocation(ctx, id, func(l *catalog.Location) { l.Job = jobID })
}

// remove forgets that a folder is a location and deletes what the catalogue
// holds below it. The files on disk are not touched.
func (s *Service) remove(ctx context.Context, id ident.LocationID) error {
	loc, vol, err := s.location(ctx, id)
	if err != nil {
		return err
	}
	if loc.Job != 0 {
		if err := s.jobs.Cancel(ctx, loc.Job); err != nil && !errs.Is(err, errs.NotFound) && !errs.Is(err, errs.Conflict) {
			return err
		}
	}
	covered := false
	err = s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		if err := tx.RemoveLocation(id); err != nil {
			return err
		}
		others, err := tx.Locations()
		if err != nil {
			return err
		}
		for _, o := range others {
			in, err := tx.Within(o.Entry, loc.Entry)
			if err != nil {
				return err
			}
			covered = covered || in
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.watcher.forget(id)
	if covered {
		return nil // another location holds the same folders
	}
	_, err = s.jobs.Enqueue(ctx, forgetKind, forgetArgs{vol.ID, loc.Entry}, job.Enqueue{Lane: fmt.Sprintf("volume:%d", vol.ID)})
	return err
}
