package fileops

import (
	"context"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/fileops/copier"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// What is known of contents saves writing: a copy onto a volume where the same
// bytes stand already shares them, where the volume can do that. What is known is
// only where to look: the bytes are compared when it is done.

const (
	minAlike = 128 << 10 // of less, looking takes longer than writing
	maxAlike = 100       // files of one content that are looked at
)

// alike finds a file on the volume to that is known to hold the bytes of the one at
// path, and that the volume can let it share.
func (w *world) alike(ctx context.Context, v *volume, path string, is *vfs.Entry, to *volume) (at catalog.Spot, there vfs.Entry, ok bool) {
	if v == to || is.Kind != vfs.File || is.Size < minAlike || to.writing == nil || !to.writing.Clones {
		return at, there, false
	}
	var paths []string
	var entries []catalog.Entry
	err := w.s.catalog.Read(ctx, func(r *catalog.Reader) error {
		content, err := provenContent(r, v, path, is)
		if err != nil || content == 0 {
			return err
		}
		on, err := r.VolumeByIdentity(to.id)
		if err != nil {
			return err
		}
		copies, err := r.ProvenCopies(content, maxAlike)
		if err != nil {
			return err
		}
		for i := range copies {
			if copies[i].Volume != on.ID {
				continue
			}
			path, err := r.Path(&copies[i])
			if err != nil {
				return err
			}
			paths, entries = append(paths, path), append(entries, copies[i])
		}
		return nil
	})
	for i := range entries {
		now, failed := to.Driver.Stat(ctx, paths[i])
		if err == nil && failed == nil && entries[i].Same(&now) {
			return spot(to, paths[i]), now, true
		}
	}
	return at, there, false
}

// likeOf is a file whose bytes a step may share instead of writing them; nil: none.
func (h *hands) likeOf(ctx context.Context, st *step, v *volume) *copier.Linked {
	to, err := h.w.writable(ctx, st.To.Volume)
	if err != nil {
		return nil
	}
	at, is, ok := h.w.alike(ctx, v, st.From.Path, st.Seen, to)
	if !ok {
		return nil
	}
	d, name, err := h.in(ctx, at)
	if err != nil {
		return nil
	}
	return &copier.Linked{Dir: d, Name: name, Is: is}
}

// provenContent is the content of a file that was read whole and is what it was
// then; 0: it is not known.
func provenContent(r *catalog.Reader, v *volume, path string, is *vfs.Entry) (ident.ContentID, error) {
	on, err := r.VolumeByIdentity(v.id)
	var e catalog.Entry
	if err == nil {
		e, err = r.Lookup(on.Root, path)
	}
	if errs.Is(err, errs.NotFound) || err == nil && (e.State != catalog.Present || e.Content == 0 || !e.Same(is)) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	p, ok, err := r.Proof(e.ID)
	if err != nil || !ok || p.Changed != is.Changed {
		return 0, err
	}
	return e.Content, nil
}

// sameContent reports whether two files are known to hold the same bytes.
func (w *world) sameContent(ctx context.Context, v *volume, path string, is *vfs.Entry, other *volume, otherPath string, there *vfs.Entry) (same bool) {
	err := w.s.catalog.Read(ctx, func(r *catalog.Reader) error {
		one, err := provenContent(r, v, path, is)
		if err != nil || one == 0 {
			return err
		}
		two, err := provenContent(r, other, otherPath, there)
		same = one == two
		return err
	})
	return same && err == nil
}
