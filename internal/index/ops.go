package index

import (
	"context"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/op"
)

// AddIn names a folder to index.
type AddIn struct {
	Path string `json:"path" cli:"1" jsonschema:"the folder to index"`
	Name string `json:"name,omitempty" jsonschema:"a name for it; default: the folder's own"`
	Mode Mode   `json:"mode,omitempty" jsonschema:"how deep to look: shallow (names and metadata), content (also what files are), deep (also what is in them); default: deep, or what the settings say"`
}

// Mode is how deep a location is indexed.
type Mode string

// Enum lists the modes.
func (Mode) Enum() []string { return []string{"shallow", "content", "deep"} }

// Which names one location.
type Which struct {
	Location string `json:"location" cli:"1" jsonschema:"the location's name, id or path"`
}

// RescanIn names a location to scan again.
type RescanIn struct {
	Location      string `json:"location" cli:"1" jsonschema:"the location's name, id or path"`
	AcceptMissing int64  `json:"accept_missing,omitempty" jsonschema:"so many entries may be gone: consent to what a held location is missing" min:"0"`
}

// None is the input of operations that need none.
type None struct{}

// LocationList is the list of all locations.
type LocationList struct {
	Items []Location `json:"items"`
	Next  string     `json:"next" jsonschema:"cursor of the next page; empty at the end"`
}

// Ops is this domain's table of operations.
func (s *Service) Ops() []op.Def {
	return append(s.rulesOps(),
		op.NewCommand("location.add", "Index a folder", func(ctx context.Context, in AddIn) (Location, error) {
			id, err := s.add(ctx, in.Path, in.Name, string(in.Mode))
			if err != nil {
				return Location{}, err
			}
			return s.view(ctx, id)
		}, op.Example("stardrive location add ~/Photos --wait")),
		op.NewQuery("location.list", "List the indexed folders", func(ctx context.Context, _ None) (LocationList, error) {
			items, err := s.views(ctx, nil)
			return LocationList{Items: items}, err
		}, op.Example("stardrive location list --json")),
		op.NewQuery("location.info", "Show one location", func(ctx context.Context, in Which) (Location, error) {
			return s.named(ctx, in, func(ident.LocationID) error { return nil })
		}, op.Example("stardrive location info Photos")),
		op.NewCommand("location.rescan", "Look for changes in a location", func(ctx context.Context, in RescanIn) (Location, error) {
			return s.named(ctx, Which{in.Location}, func(id ident.LocationID) error {
				s.accept(id, in.AcceptMissing)
				return s.rescan(ctx, id)
			})
		}, op.Example("stardrive location rescan Photos --wait")),
		op.NewCommand("location.set", "Rename a location, or change when and how deep it is looked at", func(ctx context.Context, in SetIn) (Location, error) {
			return s.named(ctx, Which{in.Location}, func(id ident.LocationID) error { return s.set(ctx, id, in) })
		}, op.Example("stardrive location set Photos --schedule 6h --on-battery pause")),
		op.NewCommand("location.verify", "Compare a location with its disk; differences become warnings of the job", func(ctx context.Context, in VerifyIn) (job.Snapshot, error) {
			id, err := s.find(ctx, in.Location)
			if err != nil {
				return job.Snapshot{}, err
			}
			if in.Fix {
				s.accept(id, in.AcceptMissing)
			}
			return s.startVerify(ctx, id, in.Fix)
		}, op.Example("stardrive location verify Photos --fix --wait")),
		op.NewCommand("location.export", "Write a location's index to a file", func(ctx context.Context, in ExportIn) (job.Snapshot, error) {
			id, err := s.find(ctx, in.Location)
			if err != nil {
				return job.Snapshot{}, err
			}
			return s.startExport(ctx, id, in)
		}, op.Example("stardrive location export Photos photos.stardrive --wait")),
		op.NewCommand("location.import", "Take a location over from a file, with all that is known of it", s.startImport,
			op.Example("stardrive location import photos.stardrive --wait")),
		op.NewCommand("location.remove", "Forget a location; its files stay", func(ctx context.Context, in Which) (Location, error) {
			id, err := s.find(ctx, in.Location)
			if err != nil {
				return Location{}, err
			}
			v, err := s.view(ctx, id)
			if err != nil {
				return v, err
			}
			return v, s.remove(ctx, id)
		}, op.Example("stardrive location remove Photos")),
	)
}

// named does something with the location and shows it as it stands then.
func (s *Service) named(ctx context.Context, in Which, do func(ident.LocationID) error) (Location, error) {
	id, err := s.find(ctx, in.Location)
	if err != nil {
		return Location{}, err
	}
	if err := do(id); err != nil {
		return Location{}, err
	}
	return s.view(ctx, id)
}

// find returns the location with this id, name or path.
func (s *Service) find(ctx context.Context, which string) (id ident.LocationID, err error) {
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		ls, err := r.Locations()
		if err != nil {
			return err
		}
		for _, l := range ls {
			if l.Name == which {
				id = l.ID
			}
		}
		for _, l := range ls { // programs name it by id, and another's name must not come between
			if text, _ := l.ID.MarshalText(); string(text) == which {
				id = l.ID
			}
		}
		return nil
	})
	if err != nil || id != 0 {
		return id, err
	}
	missing := errs.New(errs.NotFound, "no location is named %q", which).Try("See them with: stardrive location list")
	p, err := s.Volumes.Resolve(ctx, which, true)
	if err != nil {
		return 0, missing
	}
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		v, err := r.VolumeByIdentity(p.Identity)
		if err != nil {
			return missing
		}
		e, err := r.Lookup(v.Root, p.Path)
		if err != nil {
			return missing
		}
		ls, err := r.Locations()
		for _, l := range ls {
			if l.Entry == e.ID {
				id = l.ID
			}
		}
		return err
	})
	if err == nil && id == 0 {
		err = missing
	}
	return id, err
}

func (s *Service) view(ctx context.Context, id ident.LocationID) (Location, error) {
	vs, err := s.views(ctx, &id)
	if err != nil {
		return Location{}, err
	}
	if len(vs) == 0 {
		return Location{}, errs.New(errs.NotFound, "the location was removed")
	}
	return vs[0], nil
}

// views shows one location, or all.
func (s *Service) views(ctx context.Context, only *ident.LocationID) ([]Location, error) {
	var out []Location
	err := s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		ls, err := r.Locations()
		if err != nil {
			return err
		}
		for _, l := range ls {
			if only != nil && l.ID != *only {
				continue
			}
			v, err := s.show(r, l)
			if err != nil {
				return err
			}
			out = append(out, v)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i := range out {
		if err := s.withJob(ctx, &out[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *Service) show(r *catalog.Reader, l catalog.Location) (Location, error) {
	vol, err := r.Volume(l.Volume)
	if err != nil {
		return Location{}, err
	}
	e, err := r.Entry(l.Entry)
	if err != nil {
		return Location{}, err
	}
	path, err := r.Path(&e)
	if err != nil {
		return Location{}, err
	}
	g := s.Volumes.Ground(vol)
	shown := s.Catalog.NewView(&e, path, g)
	v := Location{
		ID: l.ID, Name: l.Name, Path: shown.Path, OSPath: shown.OSPath, Volume: g.Name, VolumeID: vol.ID, Entry: l.Entry,
		Mode: l.Mode, State: string(l.State), Files: e.Totals.Files, Folders: e.Totals.Folders + 1, Bytes: e.Totals.Bytes,
		Skipped: l.Skipped, Errors: l.Errors, Missing: l.Missing, LastIndexed: l.Indexed,
		Policy: policyOf(l).whole(), Watch: s.coverage(l, &e),
	}
	if l.Job != 0 {
		v.Job = &job.Snapshot{ID: l.Job}
	}
	if !g.Online {
		v.State = "offline"
	}
	return v, nil
}

// withJob adds how the newest scan stands. A location whose scan ended before
// its time is not being indexed any more.
func (s *Service) withJob(ctx context.Context, v *Location) error {
	if v.Job == nil {
		return nil
	}
	snap, err := s.jobs.Get(ctx, v.Job.ID)
	v.Job = &snap
	ended := snap.State.Final()
	if errs.Is(err, errs.NotFound) { // long ago
		v.Job, ended, err = nil, true, nil
	}
	if v.State == string(catalog.Indexing) && ended {
		v.State = string(catalog.Incomplete)
	}
	return err
}

// Locations shows all locations.
func (s *Service) Locations(ctx context.Context) ([]Location, error) { return s.views(ctx, nil) }
