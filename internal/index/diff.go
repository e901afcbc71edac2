package index

import (
	"slices"
	"strings"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/vfs"
)

// diff is what one complete listing of a folder changes in the catalogue.
type diff struct {
	create  []vfs.Entry     // not known
	update  []catalog.Entry // known, and otherwise now; or back again
	gone    []catalog.Entry // known, and not listed
	folders []folderToList  // known folders below, which a recursive walk lists next
}

// compare matches a complete listing with what the catalogue knows of the
// folder. known yields the present children in the byte order of their names,
// absent those that are gone, newest first among equal names.
//
// A name that now bears another kind of thing is another entry: the old one is
// gone. A file replaced by another file of the same name keeps its entry, as
// programs that save by rename expect.
func compare(listed []vfs.Entry, known, absent func(func(*catalog.Entry) error) error) (diff, error) {
	slices.SortFunc(listed, func(a, b vfs.Entry) int { return strings.Compare(a.Name, b.Name) })
	var d diff
	i := 0
	err := known(func(k *catalog.Entry) error {
		for i < len(listed) && listed[i].Name < k.Name {
			d.create = append(d.create, listed[i])
			i++
		}
		if i == len(listed) || listed[i].Name != k.Name {
			d.gone = append(d.gone, *k)
			return nil
		}
		d.match(k, &listed[i])
		i++
		return nil
	})
	if err != nil {
		return d, err
	}
	d.create = append(d.create, listed[i:]...)
	if len(d.create) > 0 {
		err = d.reattach(absent)
	}
	return d, err
}

// match compares an entry with what bears its name now.
func (d *diff) match(k *catalog.Entry, v *vfs.Entry) {
	if k.Kind != v.Kind {
		d.gone = append(d.gone, *k)
		d.create = append(d.create, *v)
		return
	}
	if k.State != catalog.Present || !k.Same(v) {
		next := *k
		next.State = catalog.Present
		next.Seen(*v)
		d.update = append(d.update, next)
	}
	d.descend(k, v)
}

func (d *diff) descend(k *catalog.Entry, v *vfs.Entry) {
	if v.Kind == vfs.Folder && !v.Mount {
		d.folders = append(d.folders, folderToList{id: k.ID, path: k.Name})
	}
}

// reattach gives what came back its old entry, and with it all that hangs on it.
func (d *diff) reattach(absent func(func(*catalog.Entry) error) error) error {
	byName := map[string]int{}
	for i := range d.create {
		byName[d.create[i].Name] = i
	}
	back := map[int]bool{}
	err := absent(func(k *catalog.Entry) error {
		i, ok := byName[k.Name]
		if !ok || back[i] || d.create[i].Kind != k.Kind {
			return nil
		}
		back[i] = true
		next := *k
		next.State = catalog.Present
		next.Seen(d.create[i])
		d.update = append(d.update, next)
		d.descend(k, &d.create[i])
		return nil
	})
	if err != nil || len(back) == 0 {
		return err
	}
	kept := d.create[:0]
	for i := range d.create {
		if !back[i] {
			kept = append(kept, d.create[i])
		}
	}
	d.create = kept
	return nil
}
