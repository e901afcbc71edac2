package fileops

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/fileops/trash"
	"github.com/stardrive/stardrive/internal/vfs"
)

// bins calls fn with every volume that has a trash: those that the library knows
// and that are here now, and that of the home.
func (w *world) bins(ctx context.Context, fn func(v *volume) error) error {
	var ids []string
	err := w.s.catalog.Read(ctx, func(r *catalog.Reader) error {
		vs, err := r.Volumes()
		for _, v := range vs {
			ids = append(ids, v.Identity)
		}
		return err
	})
	if err != nil {
		return err
	}
	if w.s.MoreVolumes != nil {
		for _, id := range w.s.MoreVolumes(ctx) {
			if !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	for _, id := range ids {
		v, err := w.volume(ctx, id)
		if errs.Is(err, errs.Unavailable) || err == nil && v.bin == nil {
			continue
		}
		if err != nil {
			return err
		}
		if err := fn(v); err != nil {
			return err
		}
	}
	return nil
}

// trashed returns the things in the trash with these ids, or that were at these
// paths; of several that were at one path the one that was deleted last.
func (w *world) trashed(ctx context.Context, names []string) (found []inTrash, err error) {
	if len(names) == 0 {
		return nil, errs.New(errs.Invalid, "say what is to be restored").Try("See what is there with: stardrive trash list")
	}
	for _, name := range names {
		at, err := w.s.volumes.Resolve(ctx, name, false)
		if err != nil {
			return nil, err
		}
		v, err := w.writable(ctx, at.Identity)
		if err != nil {
			return nil, err
		}
		if v.bin == nil {
			return nil, v.noBin
		}
		one, err := find(ctx, v, at.Path)
		if err != nil {
			return nil, err
		}
		found = append(found, inTrash{v, one})
	}
	return found, nil
}

func find(ctx context.Context, v *volume, path string) (best trash.Item, err error) {
	if files, name := vfs.Split(path); strings.HasSuffix(files, "/files") || files == "files" {
		folder, _ := vfs.Split(files)
		if it, err := v.bin.Stat(ctx, trash.Slot{Folder: folder, Name: name}); err == nil {
			return it, nil
		}
	}
	ok := false
	err = v.bin.List(ctx, func(batch []trash.Item) error {
		for _, it := range batch {
			if it.Was == path && it.Orphan == "" && (!ok || it.Deleted.After(best.Deleted)) {
				best, ok = it, true
			}
		}
		return nil
	})
	if err == nil && !ok {
		err = errs.New(errs.NotFound, "there is no such thing in the trash").At(v.address(path)).Try("See what is there with: stardrive trash list")
	}
	return best, err
}

// allTrashed returns what the trash is to be emptied of.
func (w *world) allTrashed(ctx context.Context, in EmptyIn) (found []inTrash, err error) {
	if len(in.Items) > 0 {
		return w.trashed(ctx, in.Items)
	}
	only := ""
	if in.Volume != "" {
		at, err := w.s.volumes.Resolve(ctx, in.Volume, true)
		if err != nil {
			return nil, err
		}
		only = at.Identity
	}
	before := w.s.now().Add(-time.Duration(in.Days) * 24 * time.Hour)
	err = w.bins(ctx, func(v *volume) error {
		if only != "" && v.id != only || v.writing == nil {
			return nil
		}
		return v.bin.List(ctx, func(batch []trash.Item) error {
			for _, it := range batch {
				if in.Days == 0 || !it.Deleted.IsZero() && it.Deleted.Before(before) {
					found = append(found, inTrash{v, it})
				}
			}
			return nil
		})
	})
	if err == nil && len(found) == 0 {
		err = errs.New(errs.NotFound, "there is nothing of this in the trash")
	}
	return found, err
}

// TrashListIn chooses what of the trash is listed.
type TrashListIn struct {
	Cursor string `json:"cursor,omitempty" jsonschema:"where to go on: next of the page before"`
	Limit  int    `json:"limit,omitempty" jsonschema:"things a page; default 200" min:"0" max:"10000"`
}

// TrashList is a page of the trash, what was deleted last first.
type TrashList struct {
	Items []TrashItem `json:"items" jsonschema:"the things of this page"`
	Next  string      `json:"next" jsonschema:"cursor of the next page; empty at the end"`
	Total int         `json:"total" jsonschema:"things in the trash"`
}

// TrashItem is a thing in the trash, put there by whatever program.
type TrashItem struct {
	ID      string    `json:"id" jsonschema:"names it in requests"`
	Name    string    `json:"name" jsonschema:"its name, for people"`
	Was     string    `json:"was" jsonschema:"where it was: SdPath; empty if nobody knows"`
	Volume  string    `json:"volume" jsonschema:"the volume's name"`
	Kind    string    `json:"kind" jsonschema:"file, folder ..."`
	Size    int64     `json:"size" jsonschema:"bytes of a file; of a folder 0"`
	Deleted time.Time `json:"deleted,omitzero" jsonschema:"when; absent if nobody knows"`
	Broken  string    `json:"broken,omitempty" jsonschema:"data: nothing tells where it was; info: the thing itself is gone"`
}

func (s *Service) trashList(ctx context.Context, in TrashListIn) (out TrashList, err error) {
	w := s.world()
	var all []TrashItem
	err = w.bins(ctx, func(v *volume) error {
		return v.bin.List(ctx, func(batch []trash.Item) error {
			for _, it := range batch {
				_, name := vfs.Split(it.Was)
				if name == "" {
					name = it.Name
				}
				one := TrashItem{ID: trashID(v, it.Slot), Name: catalog.PlainName(name), Volume: catalog.PlainName(v.Ground.Name), Kind: it.Is.Kind.String(), Size: it.Is.Size, Deleted: it.Deleted, Broken: string(it.Orphan)}
				if it.Was != "" {
					one.Was = v.address(it.Was)
				}
				all = append(all, one)
			}
			return nil
		})
	})
	if err != nil {
		return out, err
	}
	slices.SortFunc(all, func(a, b TrashItem) int {
		if c := b.Deleted.Compare(a.Deleted); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	out.Total, out.Items = len(all), []TrashItem{}
	limit := in.Limit
	if limit == 0 {
		limit = 200
	}
	begin := 0
	if in.Cursor != "" {
		for begin < len(all) && all[begin].ID != in.Cursor {
			begin++
		}
		begin++
	}
	for i := begin; i < len(all) && len(out.Items) < limit; i++ {
		out.Items = append(out.Items, all[i])
	}
	if n := len(out.Items); n > 0 && begin+n < len(all) {
		out.Next = out.Items[n-1].ID
	}
	return out, nil
}
