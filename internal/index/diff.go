package index

import (
	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// diff is what one complete listing of a folder changes in the catalogue.
type diff struct {
	create   []vfs.Entry     // not known
	arrived  []arrival       // known, but not here, or not now
	update   []catalog.Entry // known, and otherwise now
	replaced []replacement   // known, but another thing bears the name
	gone     []catalog.Entry // known, and not listed
	excluded []catalog.Entry // known, and left out by the rules
	below    []folderToList  // known folders, with their names for paths
	rules    bool            // its .gitignore is another one, so all below is looked at
}

// arrival is something that stands under a name that nothing bore so far, or
// another thing, and that the catalogue knows from elsewhere or from before.
type arrival struct {
	from    ident.EntryID // the folder it was seen in last
	seen    vfs.Entry
	is      catalog.Entry // as it is now
	moved   bool
	deep    bool          // what is below it is not known to be there
	over    catalog.Entry // what bore the name; the zero Entry: nothing
	crossed bool          // other locations hold it than did
	was     []ident.LocationID
}

// replacement is an entry whose name another thing bears now.
type replacement struct {
	was  catalog.Entry
	seen vfs.Entry
}

// turned reports whether the name bears another kind of thing now, which is
// another entry in any case.
func (p *replacement) turned() bool { return p.was.Kind != p.seen.Kind }

// known is what the catalogue knows of a folder.
type known interface {
	// Children yields what is there, in the byte order of names.
	Children(folder ident.EntryID, fn func(*catalog.Entry) error) error
}

// compare matches a complete and tidy listing of folder with what is known to
// be there.
//
// A name that now bears another kind of thing is another entry: the old one is
// gone. A file of the same name with another number, which replaced the old one,
// keeps its entry, as programs that save by rename expect, unless one of the two
// is found elsewhere; numbers tells whether they mean anything.
func compare(listed []vfs.Entry, folder ident.EntryID, k known, numbers bool) (diff, error) {
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
		d.match(k, &listed[i], numbers)
		i++
		return nil
	})
	d.create = append(d.create, listed[i:]...)
	return d, err
}

// match compares an entry with what bears its name now. What cannot be examined
// stays as it was known.
func (d *diff) match(k *catalog.Entry, v *vfs.Entry, numbers bool) {
	unseen := unexamined(v) && (v.Kind == k.Kind || v.Kind == vfs.Unknown)
	if !unseen && (k.Kind != v.Kind || numbers && k.Inode != 0 && v.Inode != 0 && k.Inode != v.Inode) {
		d.replaced = append(d.replaced, replacement{*k, *v})
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
	if k.Kind == vfs.Folder && !v.Mount {
		d.below = append(d.below, folderToList{id: k.ID, path: k.Name, modified: v.Modified, changed: changed})
	}
}
