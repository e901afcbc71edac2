package index

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"slices"
	"strings"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// listed is what a worker found in one folder.
type listed struct {
	folder     folderToList
	digest     catalog.Digest
	folders    []string // names of the folders in it, mounts left out
	same       bool     // as the catalogue has it
	below      []folderToList
	diff       diff
	sifted     sifted
	strange    *catalog.Entry // the location's folder, which is another one now
	seen       int
	skipped    int
	unexamined int   // entries of which only the name is known
	why        error // of the first of them
	err        error // of the folder
	fatal      error // of the catalogue
}

// list lists one folder and compares it with the catalogue.
func (w *walk) list(ctx context.Context, f folderToList) (r listed) {
	defer contain(w.log, &r.fatal)
	w.catalog.Way.Wait()
	r.folder = f
	if w.before != nil && !f.again {
		w.before(f)
	}
	var self *catalog.Entry
	if f.root || f.again {
		if self = w.itself(ctx, &r); r.err != nil || r.fatal != nil {
			return r
		}
	}
	found, err := w.read(ctx, f.path)
	if r.err = err; err != nil {
		return r
	}
	if found, r.err = w.sift(ctx, &r, tidy(found)); r.err != nil {
		return r
	}
	w.survey(ctx, &r, found)
	if w.unchanged(ctx, &r, found) {
		if self != nil {
			r.same, r.diff = false, diff{update: []catalog.Entry{*self}, below: below(r.below)}
		}
		return r
	}
	if r.fatal != nil {
		return r
	}
	w.compare(ctx, &r, found)
	if self != nil {
		r.diff.update = append(r.diff.update, *self)
	}
	return r
}

// read lists a folder. What it has is copied once more when all of it is there: a
// slice that grows as it goes leaves several times as much garbage behind, which
// a folder of a hundred thousand files makes felt.
func (w *walk) read(ctx context.Context, path string) ([]vfs.Entry, error) {
	var batches [][]vfs.Entry
	err := w.driver.List(ctx, path, func(batch []vfs.Entry) error {
		w.catalog.Way.Wait()
		batches = append(batches, slices.Clone(batch))
		return nil
	})
	if len(batches) == 1 {
		return batches[0], err
	}
	return slices.Concat(batches...), err
}

// itself looks at the folder itself, and returns it as it is now if the
// catalogue has it otherwise. That it is the folder the catalogue means is
// proven by its number: at its path another one may stand by now, and what is
// in that one says nothing about this.
func (w *walk) itself(ctx context.Context, r *listed) *catalog.Entry {
	var seen vfs.Entry
	if seen, r.err = w.driver.Stat(ctx, r.folder.path); r.err != nil {
		return nil
	}
	var known catalog.Entry
	var location bool
	r.fatal = w.catalog.Read(ctx, func(c *catalog.Reader) (err error) {
		if known, err = c.Entry(r.folder.id); err != nil {
			return err
		}
		location, err = isLocation(c, r.folder.id)
		return err
	})
	if r.fatal != nil {
		return nil
	}
	if !w.stable {
		seen.Inode = 0
	}
	other := known.Inode != 0 && seen.Inode != 0 && known.Inode != seen.Inode
	if seen.Kind != vfs.Folder || (other || !known.State.There()) && !location {
		r.err = errs.New(errs.NotFound, "something else stands there").At(r.folder.path)
		return nil
	}
	now := known
	now.State = catalog.Present
	now.Seen(seen)
	switch {
	case other:
		r.strange = &now // taken over when nothing speaks against it any more
		return nil
	case r.folder.again || known.State == catalog.Present && known.Same(&seen):
		return nil
	}
	return &now
}

func isLocation(r *catalog.Reader, folder ident.EntryID) (bool, error) {
	ls, err := r.Locations()
	return slices.ContainsFunc(ls, func(l catalog.Location) bool { return l.Entry == folder }), err
}

// survey sums up what a listing has. Of a folder that cannot be examined its own
// listing will tell.
func (w *walk) survey(ctx context.Context, r *listed, found []vfs.Entry) {
	r.seen = len(found)
	d := newDigester()
	d.buf = append(d.buf, r.sifted.hash()...)
	for i := range found {
		v := &found[i]
		if !w.stable {
			v.Inode = 0
		}
		d.add(v)
		switch {
		case v.Mount:
			r.skipped++
		case v.Kind == vfs.Folder:
			r.folders = append(r.folders, v.Name)
		}
		if v.Kind == vfs.Folder || !unexamined(v) {
			continue
		}
		if r.unexamined++; r.unexamined == 1 {
			if _, r.why = w.driver.Stat(ctx, vfs.Join(r.folder.path, v.Name)); r.why == nil {
				r.why = errs.New(errs.Internal, "the volume did not tell why")
			}
		}
	}
	r.digest = d.sum()
}

// unchanged reports whether the listing is the one that is remembered. Then the
// folders in it are known without a look at their rows.
func (w *walk) unchanged(ctx context.Context, r *listed, found []vfs.Entry) bool {
	f := &r.folder
	if f.new || f.again || w.rows {
		return false
	}
	last := f.last
	holds := func() bool {
		return last != nil && last.Digest == r.digest && len(last.Folders) == len(r.folders)
	}
	if !f.root && (!holds() || len(r.folders) == 0) {
		r.same = holds()
		return r.same
	}
	r.fatal = w.catalog.Read(ctx, func(c *catalog.Reader) error {
		if last == nil {
			ls, err := c.Listings([]ident.EntryID{f.id})
			if err != nil {
				return err
			}
			last = ls[f.id]
		}
		if r.same = holds(); !r.same || !w.deep && !f.deep {
			return nil
		}
		ls, err := c.Listings(last.Folders)
		i := 0
		for _, v := range found {
			if v.Kind == vfs.Folder && !v.Mount {
				id := last.Folders[i]
				r.below = append(r.below, folderToList{id: id, path: vfs.Join(f.path, v.Name), modified: v.Modified, deep: f.deep, scope: w.scopeBelow(r, v.Name), moved: f.moved, was: f.was, last: ls[id]})
				i++
			}
		}
		return err
	})
	return r.same && r.fatal == nil
}

// scopeBelow returns how the rules stand in a folder of the listing.
func (w *walk) scopeBelow(r *listed, name string) *scoped {
	if w.scope.free {
		return &w.scope.none
	}
	in := w.scope.below(r.sifted.in, vfs.Join(r.folder.path, name), slices.Contains(r.sifted.shut, name))
	return &in
}

// below gives folders the form in which a diff has them.
func below(fs []folderToList) []folderToList {
	for i := range fs {
		_, fs[i].path = vfs.Split(fs[i].path)
	}
	return fs
}

// tidy brings a listing into the byte order of names. A name that a folder in
// motion told twice stays once.
func tidy(listed []vfs.Entry) []vfs.Entry {
	slices.SortFunc(listed, func(a, b vfs.Entry) int { return strings.Compare(a.Name, b.Name) })
	return slices.CompactFunc(listed, func(a, b vfs.Entry) bool { return a.Name == b.Name })
}

// unexamined reports whether the driver could tell no more of v than its name
// and perhaps its kind.
func unexamined(v *vfs.Entry) bool { return *v == vfs.Entry{Name: v.Name, Kind: v.Kind} }

// digester makes the digest of a listing, of just what catalog.Entry.Same
// compares.
type digester struct {
	hash hash.Hash
	buf  []byte
}

func newDigester() *digester { return &digester{hash: sha256.New(), buf: make([]byte, 0, 4096)} }

func (d *digester) add(v *vfs.Entry) {
	if len(d.buf) > 3072 {
		d.hash.Write(d.buf)
		d.buf = d.buf[:0]
	}
	size, links := v.Size, v.Links
	if v.Kind == vfs.Folder {
		links = 0
	}
	mount := byte(0)
	if v.Mount {
		mount = 1
	}
	b := binary.AppendUvarint(d.buf, uint64(len(v.Name)))
	b = append(b, v.Name...)
	b = append(b, byte(v.Kind), mount)
	for _, n := range [...]uint64{uint64(size), uint64(v.Modified), uint64(v.Changed), v.Inode, uint64(v.Mode)<<32 | uint64(links)} {
		b = binary.LittleEndian.AppendUint64(b, n)
	}
	d.buf = b
}

func (d *digester) sum() (out catalog.Digest) {
	d.hash.Write(d.buf)
	copy(out[:], d.hash.Sum(nil))
	return out
}
