package memfs

import (
	"cmp"
	"context"
	"hash/fnv"
	"maps"
	"slices"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

const batchSize = 256

// List emits the children of dir, a batch at a time; no lock is held while emit
// runs, so emit may change the tree.
func (f *FS) List(ctx context.Context, dir string, emit func([]vfs.Entry) error) error {
	if err := f.begin(ctx, "list", dir); err != nil {
		return err
	}
	f.mu.RLock()
	n, err := f.find("list", dir)
	f.mu.RUnlock()
	if err != nil {
		return err
	}
	return f.listNode(ctx, n, dir, emit)
}

// listNode lists the folder n, which was found at dir.
func (f *FS) listNode(ctx context.Context, n *node, dir string, emit func([]vfs.Entry) error) error {
	folder, names, err := f.open(n, dir)
	if err != nil {
		return err
	}
	buf := make([]vfs.Entry, 0, batchSize)
	for chunk := range slices.Chunk(names, batchSize) {
		if err := f.begin(ctx, "list", dir); err != nil {
			return err
		}
		batch, err := f.examine(dir, folder, chunk, buf[:0])
		if err != nil {
			return err
		}
		if len(batch) == 0 {
			continue
		}
		if err := emit(batch); err != nil {
			return err
		}
		clear(batch) // as in drivers that reuse memory: whoever kept it sees it
	}
	return nil
}

// open returns the folder and the names it holds, scattered but always in the
// same order.
func (f *FS) open(n *node, dir string) (*node, []string, error) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	fail := func(kind errs.Kind, why string) (*node, []string, error) {
		return nil, nil, &errs.Error{Op: "list", Path: dir, Kind: kind, Err: errs.New(kind, "%s", why)}
	}
	switch {
	case n.Kind == vfs.Symlink:
		return fail(errs.Denied, "a symlink is not followed")
	case n.Kind != vfs.Folder:
		return fail(errs.NotFound, "not a folder")
	case n.Mount:
		return fail(errs.Unsupported, "another file system is mounted here")
	case !n.may(mayRead):
		return fail(errs.Denied, "permission denied")
	}
	names := slices.Collect(maps.Keys(n.children))
	hash := func(s string) uint64 { h := fnv.New64a(); _, _ = h.Write([]byte(s)); return h.Sum64() }
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(hash(a), hash(b)), cmp.Compare(a, b))
	})
	return n, names, nil
}

func (f *FS) examine(dir string, folder *node, names []string, batch []vfs.Entry) ([]vfs.Entry, error) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	if folder.Links == 0 || f.closed {
		_, err := f.find("list", dir)
		if err == nil { // another folder has that name now
			err = &errs.Error{Op: "list", Path: dir, Kind: errs.NotFound, Err: errs.New(errs.NotFound, "the folder was removed")}
		}
		return nil, err
	}
	for _, name := range names {
		switch n := folder.children[name]; {
		case n == nil: // vanished
		case !folder.may(maySearch):
			batch = append(batch, vfs.Entry{Name: name, Kind: n.Kind})
		default:
			batch = append(batch, n.entry(name))
		}
	}
	return batch, nil
}
