package content

import (
	"context"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/op"
	"github.com/stardrive/stardrive/internal/vfs"
)

// IdentifyIn names a file or folder to be read.
type IdentifyIn struct {
	Path string `json:"path,omitempty" cli:"1" jsonschema:"the file, or the folder with all below it"`
	ID   string `json:"id,omitempty" jsonschema:"the same, by entry id"`
}

// IdentifyOut tells what a file is, or which job finds it out.
type IdentifyOut struct {
	Content *About        `json:"content,omitempty" jsonschema:"of a file: what it is"`
	Job     *job.Snapshot `json:"job,omitempty" jsonschema:"of a folder: the job that reads its files"`
}

// None is the input of operations that need none.
type None struct{}

// Ops is this domain's table of operations.
func (s *Service) Ops() []op.Def {
	return []op.Def{
		op.NewCommand("content.identify", "Read files whole, to know what they are", s.identifyNow, op.Example("stardrive content identify ~/Photos --wait")),
		op.NewQuery("content.copies", "Show where the bytes of a file are: every file that is known to hold them, on which volume, and when it was read last", s.copiesOf, op.Example("stardrive copies ~/Photos/beach.jpg")),
		op.NewQuery("duplicates.list", "List files that hold the same bytes", s.duplicates, op.Example("stardrive duplicates kind:image --reference ~/Photos")),
		op.NewCommand("duplicates.find", "Find duplicates where files were not identified, reading only what may be one", s.findDuplicates, op.Example("stardrive duplicates find ~/Downloads --wait")),
		op.NewQuery("duplicates.summary", "Show what all duplicates come to", s.duplicatesSummary, op.Example("stardrive duplicates summary")),
		op.NewQuery("redundancy.list", "List contents that the loss of one volume would destroy", s.redundancy, op.Example("stardrive redundancy --on device kind:image")),
		op.NewQuery("redundancy.summary", "Show on how many volumes the files of each location are", s.redundancySummary, op.Example("stardrive redundancy summary")),
		op.NewCommand("scrub.run", "Read files again, to see that they still hold what they did", s.scrubNow, op.Example("stardrive scrub run ~/Photos --wait")),
		op.NewQuery("damage.list", "List damaged files, and good copies of them", s.damage, op.Example("stardrive damage")),
		op.NewCommand("damage.forget", "Take damaged files as they are now: they are read again as if they were new", s.forgetDamage, op.Example("stardrive damage forget ~/Photos/beach.jpg")),
		op.NewQuery("content.unread", "List files that could not be read, so that it is not known what they hold", s.unread, op.Example("stardrive unread")),
		op.NewQuery("near.list", "List pictures that look alike, though their bytes differ", s.near, op.Example("stardrive near list --max-distance 4")),
	}
}

// find returns an entry of the library by its path or id, with its volume.
func (s *Service) find(ctx context.Context, path, id string) (e catalog.Entry, v catalog.Volume, err error) {
	if (path == "") == (id == "") {
		return e, v, errs.New(errs.Invalid, "say which entry: by path or by id")
	}
	var number ident.EntryID
	if id != "" {
		if err := number.UnmarshalText([]byte(id)); err != nil {
			return e, v, errs.New(errs.Invalid, "%w", err)
		}
	}
	var at catalog.Place
	if path != "" {
		if at, err = s.Volumes.Resolve(ctx, path, true); err != nil {
			return e, v, err
		}
	}
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		if path == "" {
			if e, err = r.Entry(number); err == nil {
				v, err = r.Volume(e.Volume)
			}
			return err
		}
		if v, err = r.VolumeByIdentity(at.Identity); err == nil {
			e, err = r.Lookup(v.Root, at.Path)
		}
		if errs.Is(err, errs.NotFound) {
			return errs.New(errs.NotFound, "the library does not know it").At(path).Try("Index its folder with: stardrive location add")
		}
		return err
	})
	return e, v, err
}

func (s *Service) identifyNow(ctx context.Context, in IdentifyIn) (out IdentifyOut, err error) {
	e, v, err := s.find(ctx, in.Path, in.ID)
	if err != nil {
		return out, err
	}
	if e.Kind == vfs.File {
		if _, err := s.Know(ctx, e.ID); err != nil {
			return out, err
		}
		a, ok, err := s.About(ctx, e.ID)
		if err == nil && ok {
			out.Content = &a
		}
		return out, err
	}
	if e.Kind != vfs.Folder {
		return out, errs.New(errs.Unsupported, "a %s has no content", e.Kind)
	}
	if !s.Volumes.Ground(v).Online {
		return out, errs.New(errs.Unavailable, "its volume is offline").Try("Connect the volume " + catalog.PlainName(v.Name) + ".")
	}
	name := e.Name
	if e.Parent == 0 {
		name = v.Name
	}
	out.Job, err = s.start(ctx, identifyKind, identifyArgs{v.ID, e.ID}, job.Enqueue{
		Key: key("folder", int64(e.ID)), Lane: key("content", int64(v.ID)), Title: "Identify files in " + catalog.PlainName(name),
	})
	return out, err
}

// start queues a job and shows it.
func (s *Service) start(ctx context.Context, kind string, args any, o job.Enqueue) (*job.Snapshot, error) {
	id, err := s.jobs.Enqueue(ctx, kind, args, o)
	if err != nil {
		return nil, err
	}
	snap, err := s.jobs.Get(ctx, id)
	return &snap, err
}
