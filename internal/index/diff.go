package index

import (
	"slices"
	"strings"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// diff is what one complete listing of a folder changes in the catalogue.
type diff struct {
	create  []vfs.Entry     // not known
	update  []catalog.Entry // known, and otherwise now; or back again
	gone    []catalog.Entry // known, and not listed
	folders []folderToList  // known folders below, with their names for paths
}

// known is what the catalogue knows of a folder.
type known interface {
	// Children yields what is there, in the byte order of names.
	Children(folder ident.EntryID, fn func(*catalog.Entry) error) error
	// Absent and AbsentAs yield what was there, newest first among equal names.
	Absent(folder ident.EntryID, fn func(*catalog.Entry) error) error
	AbsentAs(folder ident.EntryID, name string, fn func(*catalog.Entry) error) error
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

// compare matches a complete and tidy listing of folder with what is known.
//
// A name that now bears another kind of thing is another entry: the old one is
// gone. A file replaced by another file of the same name keeps its entry, as
// programs that save by rename expect.
func compare(listed []vfs.Entry, folder ident.EntryID, k known) (diff, error) {
	var d diff
	i := 0
	err := k.Children(folder, func(k *catalog.Entry) error {
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
	return d, d.reattach(folder, k)
}

// match compares an entry with what bears its name now. What cannot be examined
// stays as it was known.
func (d *diff) match(k *catalog.Entry, v *vfs.Entry) {
	unseen := unexamined(v) && (v.Kind == k.Kind || v.Kind == vfs.Unknown)
	if k.Kind != v.Kind && !unseen {
		d.gone = append(d.gone, *k)
		d.create = append(d.create, *v)
		return
	}
	next := *k
	if !unseen {
		next.Seen(*v)
	}
	next.State = catalog.Present
	changed := k.State != catalog.Present || !unseen && !k.Same(v)
	if changed {
		d.update = append(d.update, next)
	}
	d.descend(k, v, changed)
}

// descend notes a known folder, which is listed next by a walk of everything,
// and by any walk if it is not what it was.
func (d *diff) descend(k *catalog.Entry, v *vfs.Entry, changed bool) {
	if k.Kind == vfs.Folder && !v.Mount {
		d.folders = append(d.folders, folderToList{id: k.ID, path: k.Name, changed: changed})
	}
}

// fewNew is how many new names are looked up among what is absent one by one:
// folders in which files come and go pile up what is absent.
const fewNew = 32

// reattach gives what came back its old entry, and with it all that hangs on it.
func (d *diff) reattach(folder ident.EntryID, k known) error {
	byName := make(map[string]int, len(d.create))
	for i := range d.create {
		byName[d.create[i].Name] = i
	}
	back := map[int]bool{}
	take := func(k *catalog.Entry) error {
		i, ok := byName[k.Name]
		if !ok || back[i] || d.create[i].Kind != k.Kind {
			return nil
		}
		back[i] = true
		next := *k
		next.State = catalog.Present
		if !unexamined(&d.create[i]) {
			next.Seen(d.create[i])
		}
		d.update = append(d.update, next)
		d.descend(k, &d.create[i], true)
		return nil
	}
	switch n := len(d.create); {
	case n == 0:
		return nil
	case n > fewNew:
		if err := k.Absent(folder, take); err != nil {
			return err
		}
	default:
		for i := range d.create {
			if err := k.AbsentAs(folder, d.create[i].Name, take); err != nil {
				return err
			}
		}
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
