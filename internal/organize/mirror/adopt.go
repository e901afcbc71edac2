package mirror

import (
	"cmp"
	"context"
	"slices"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/organize"
	"github.com/stardrive/stardrive/internal/vfs"
)

// page is how many files are read before what they say is added.
const page = 500

// adopt is the job that reads what files say of themselves; from is the last entry
// that was read.
func (s *Service) adopt(ctx context.Context, r job.Run, in AdoptIn, from ident.EntryID, checkpoint job.Checkpoint[ident.EntryID]) error {
	all, err := s.added.Marked(ctx, in.Selection)
	if err != nil {
		return err
	}
	slices.SortFunc(all, func(a, b organize.Marked) int { return cmp.Compare(a.Entry, b.Entry) })
	w := s.world()
	for done := 0; done < len(all); {
		part := all[done:min(done+page, len(all))]
		done += len(part)
		end := part[len(part)-1].Entry
		var said []organize.Marked
		for i := range part {
			if part[i].Entry <= from || part[i].Kind != vfs.File && part[i].Kind != vfs.Folder {
				continue
			}
			m, err := w.read(ctx, in.From, &part[i])
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err != nil {
				r.Warn(w.address(ctx, part[i].At), err)
				continue
			}
			said = append(said, m)
		}
		if _, err := s.added.Adopt(ctx, said); err != nil {
			return err
		}
		if err := checkpoint(end, job.Progress{Done: int64(done), Total: int64(len(all))}, nil); err != nil {
			return err
		}
	}
	return nil
}

// read reads what one entry says of itself.
func (w *world) read(ctx context.Context, form Form, m *organize.Marked) (organize.Marked, error) {
	out := *m
	d, err := w.driver(ctx, m.At.Volume)
	if err != nil {
		return out, err
	}
	v := values{}
	switch {
	case form == XMP:
		h, err := d.Open(ctx, sidecarOf(m.At).Path)
		if err == nil {
			v[""], err = whole(h)
		}
		if err != nil && !errs.Is(err, errs.NotFound) {
			return out, err
		}
	case m.Kind == vfs.File: // by the file itself: its volume may be read-only
		if v, err = attributesOf(ctx, d, m.At.Path); err != nil {
			return out, err
		}
	default:
		dir, name, err := w.open(ctx, m.At)
		if err == nil {
			v, err = theirs(ctx, form, dir, name)
			_ = dir.Close() // nothing was changed
		}
		if err != nil {
			return out, err
		}
	}
	out.Marks, err = w.says(form, v)
	return out, err
}

// attributesOf reads the attributes of a file; a volume that has none says nothing.
func attributesOf(ctx context.Context, d vfs.Driver, path string) (values, error) {
	h, err := d.Open(ctx, path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = h.Close() }() // it was only read
	r, ok := vfs.HandleAs[vfs.MetaReader](h)
	if !ok {
		return nil, nil
	}
	m, err := r.Meta()
	return values(m.Xattrs), err
}
