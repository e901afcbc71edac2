package content

import (
	"context"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/filekind"
	"github.com/stardrive/stardrive/internal/giveway"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// found is what one file is.
type found struct {
	id   ident.EntryID
	hash catalog.Hash
	seen vfs.Entry
	what filekind.Type
	read int64 // when the reading of it began

	extents int64 // where its blocks lie, as proof.extents has it

	harmed bool // by put: it should hold something else
}

// twin finds out what a file is by another name of it that was read before, maybe
// long ago. In backups made of hard links most names are such.
func (s *Service) twin(ctx context.Context, driver vfs.Driver, f *file) (got found, ok bool, err error) {
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		var names []catalog.Entry
		err := r.ByInode(f.Volume, []uint64{f.Inode}, func(e *catalog.Entry) error {
			if e.ID != f.ID && e.State == catalog.Present && e.Kind == vfs.File && e.Content != 0 && e.Size == f.Size && e.Modified == f.Modified && e.Changed == f.Changed && len(names) < 8 {
				names = append(names, *e)
			}
			return nil
		})
		for i := 0; err == nil && !ok && i < len(names); i++ {
			err = s.takeOver(r, &names[i], &got, &ok)
		}
		return err
	})
	if err != nil || !ok {
		return got, false, err
	}
	got.id = f.ID
	if got.seen, err = driver.Stat(ctx, f.path); err != nil || !f.Same(&got.seen) {
		return got, false, nil // reading it tells more
	}
	return got, true, nil
}

// takeOver takes what is known of an entry, if it still holds.
func (s *Service) takeOver(r *catalog.Reader, e *catalog.Entry, got *found, ok *bool) error {
	p, proved, err := r.Proof(e.ID)
	if err != nil || !proved || p.Changed != e.Changed {
		return err
	}
	if bad, err := isDamaged(r, e.ID); err != nil || bad {
		return err
	}
	c, err := r.Content(e.Content)
	if err != nil {
		return err
	}
	kind, _ := filekind.Parse(c.Kind)
	*got, *ok = found{hash: c.Hash, what: filekind.Type{Kind: kind, MIME: c.MIME, Confidence: filekind.ByItsBytes}, read: p.Read}, true
	return nil
}

// read reads a file whole. Of a volume one file is read at a time. wait > 0: it was
// written to so lately that it can be read for good only after this time, and was not
// read, but seen. settled is how it was seen before that time, and nil at first.
func (s *Service) read(ctx context.Context, volume ident.VolumeID, driver vfs.Driver, f *file, settled *vfs.Entry) (found, time.Duration, error) {
	done, err := s.reads.begin(ctx, volume)
	if err != nil {
		return found{}, 0, err
	}
	defer done()
	return s.readNow(ctx, driver, f, settled)
}

// readNow is read without waiting for a turn.
func (s *Service) readNow(ctx context.Context, driver vfs.Driver, f *file, settled *vfs.Entry) (found, time.Duration, error) {
	out := &struct { // of its own: a read that hangs is left behind, and may yet write here
		got  found
		wait time.Duration
	}{}
	one := *f
	err := whole(ctx, driver, func(d vfs.Driver) (err error) {
		out.got, out.wait, err = s.readFile(ctx, d, &one, settled)
		return err
	})
	if err != nil {
		return found{}, 0, err
	}
	return out.got, out.wait, nil
}

func (s *Service) readFile(ctx context.Context, driver vfs.Driver, f *file, settled *vfs.Entry) (got found, wait time.Duration, err error) {
	h, err := driver.Open(ctx, f.path)
	if err != nil {
		return got, 0, err
	}
	defer h.Close()
	began := s.now()
	first, err := h.Stat()
	if err != nil {
		return got, 0, err
	}
	if settled == nil || !sameTimes(settled, &first) {
		if wait = s.tooYoung(&first, began); wait > 0 {
			return found{id: f.ID, seen: first}, wait, nil
		}
	}
	hash, head, seen, err := Sum(ctx, yielding{h, s.Catalog.Way})
	if err != nil {
		return got, 0, err
	}
	if !sameTimes(&first, &seen) {
		return got, 0, errChanged()
	}
	return found{id: f.ID, hash: hash, seen: seen, what: s.Catalog.Kinds.Of(f.Name, head), read: began.UnixNano(), extents: s.extents(h)}, 0, nil
}

// yielding is a file that is read only while nobody waits for an answer.
type yielding struct {
	vfs.Handle
	way *giveway.Lane
}

func (y yielding) Read(p []byte) (int, error) {
	y.way.Wait()
	return y.Handle.Read(p)
}

// whole has fn read a file of a volume, whose calls have a limit where the driver
// knows of one. fn may be left behind, running: what it touches is its own, but for
// what it returns without an error.
func whole(ctx context.Context, d vfs.Driver, fn func(vfs.Driver) error) error {
	if w, ok := d.(interface {
		Whole(ctx context.Context, fn func(vfs.Driver) error) error
	}); ok {
		return w.Whole(ctx, fn)
	}
	return fn(d)
}

// put notes what a file was found to be, and returns what it is then: something else
// if it is damaged. ok is false if the catalogue has it otherwise, and tells of it
// when it has looked again.
func (f *found) put(tx *catalog.Tx) (id ident.ContentID, ok bool, err error) {
	id, err = tx.PutContent(catalog.Content{Hash: f.hash, Size: f.seen.Size, Kind: f.what.Kind.String(), MIME: f.what.MIME})
	if err != nil {
		return 0, false, err
	}
	has, err := tx.Identify(f.id, f.seen, id, f.read)
	f.harmed = has != 0 && has != id
	if err == nil && has != 0 {
		err = read(tx.Store(), f.id)
	}
	if err == nil && has != 0 && f.extents != 0 {
		err = tx.Lies(f.id, f.extents)
	}
	return has, has != 0, err
}
