package trash

import (
	"context"
	"strings"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// List emits all items of the trash in batches and in no order, those of other
// programs and what is left of broken ones as well. The batch belongs to List
// again when emit returns.
func (b *Bin) List(ctx context.Context, emit func([]Item) error) error {
	for _, folder := range b.folders() {
		there, err := b.usable(ctx, folder)
		if errs.Is(err, errs.Unsupported) || err == nil && !there {
			continue
		}
		if err != nil {
			return err
		}
		if err := b.listFolder(ctx, folder, emit); err != nil {
			return err
		}
	}
	return nil
}

// listFolder lists what is in files/ with its info, then what is in info/ only.
func (b *Bin) listFolder(ctx context.Context, folder string, emit func([]Item) error) error {
	files, err := b.part(ctx, folder, filesDir)
	if err != nil {
		return err
	}
	infos, err := b.part(ctx, folder, infoDir)
	if files != nil {
		defer files.Close()
	}
	if err != nil {
		return err
	}
	if infos != nil {
		defer infos.Close()
	}
	var items []Item
	if files != nil {
		err := files.List(ctx, func(batch []vfs.Entry) error {
			items = items[:0]
			for _, e := range batch {
				it, err := b.item(ctx, Slot{folder, e.Name}, e, infos)
				if err != nil {
					return err
				}
				items = append(items, it)
			}
			return emit(items)
		})
		if err != nil {
			return err
		}
	}
	if infos == nil {
		return nil
	}
	return infos.List(ctx, func(batch []vfs.Entry) error {
		items = items[:0]
		for _, e := range batch {
			name, ok := strings.CutSuffix(e.Name, infoExt)
			if !ok || e.Kind != vfs.File || !vfs.ValidName(name) {
				continue
			}
			if files != nil {
				if _, err := files.Stat(ctx, name); !errs.Is(err, errs.NotFound) {
					if err != nil {
						return err
					}
					continue
				}
			}
			it, err := b.item(ctx, Slot{folder, name}, vfs.Entry{}, infos)
			if err != nil {
				return err
			}
			items = append(items, it)
		}
		if len(items) == 0 {
			return nil
		}
		return emit(items)
	})
}

// part opens a part of a trash folder; nil where other programs made none.
func (b *Bin) part(ctx context.Context, folder, name string) (vfs.Dir, error) {
	dir, err := b.writing.Dir(ctx, vfs.Join(folder, name))
	if errs.Is(err, errs.NotFound) {
		return nil, nil
	}
	return dir, err
}

func (b *Bin) item(ctx context.Context, s Slot, is vfs.Entry, infos vfs.Dir) (Item, error) {
	it := Item{Slot: s, Is: is}
	if is.Kind == vfs.Unknown {
		it.Orphan = InfoOnly
	}
	if infos != nil {
		i, ok, err := readInfo(ctx, infos, s.Name)
		if err != nil {
			return it, err
		}
		if ok {
			it.Was, it.Deleted = b.was(s.Folder, i.path), i.deleted
			return it, nil
		}
	}
	if it.Orphan == Whole {
		it.Orphan = DataOnly
	}
	return it, nil
}

// Stat returns one item; errs.NotFound where there is neither the thing nor what
// tells of it.
func (b *Bin) Stat(ctx context.Context, s Slot) (Item, error) {
	infos, err := b.open(ctx, s, infoDir)
	if err != nil && !errs.Is(err, errs.NotFound) {
		return Item{}, err
	}
	if infos != nil {
		defer infos.Close()
	}
	var is vfs.Entry
	files, err := b.open(ctx, s, filesDir)
	if err == nil {
		defer files.Close()
		is, err = files.Stat(ctx, s.Name)
	}
	if err != nil && !errs.Is(err, errs.NotFound) {
		return Item{}, err
	}
	it, err := b.item(ctx, s, is, infos)
	if err == nil && it.Orphan == InfoOnly && !b.hasInfo(ctx, infos, s) {
		err = errs.New(errs.NotFound, "it is not in the trash").At(s.Name)
	}
	return it, err
}

func (b *Bin) hasInfo(ctx context.Context, infos vfs.Dir, s Slot) bool {
	if infos == nil || len(s.Name)+len(infoExt) > 255 {
		return false
	}
	_, err := infos.Stat(ctx, s.Name+infoExt)
	return err == nil
}
