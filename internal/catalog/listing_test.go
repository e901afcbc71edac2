package catalog_test

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// digest stands for what the model has in a folder.
func (m model) digest(folder ident.EntryID) (d catalog.Digest, folders []ident.EntryID) {
	var in []catalog.Entry
	for _, e := range m {
		if e.Parent == folder && e.State.There() {
			in = append(in, e)
		}
	}
	slices.SortFunc(in, func(a, b catalog.Entry) int { return strings.Compare(a.Name, b.Name) })
	for _, e := range in {
		if e.Kind == vfs.Folder {
			folders = append(folders, e.ID)
		}
	}
	sum := sha256.Sum256(fmt.Append(nil, in))
	copy(d[:], sum[:])
	return d, folders
}

// list has listings of some folders remembered.
func (p *program) list(t *rapid.T) {
	b := &catalog.Batch{}
	for _, id := range slices.Sorted(maps.Keys(p.m)) {
		e := p.m[id]
		if e.Kind == vfs.Folder && e.State.There() && (e.Parent == 0 || rapid.Bool().Draw(t, "listed")) {
			d, folders := p.m.digest(id)
			b.Listings = append(b.Listings, catalog.Listing{Folder: id, Digest: d, Folders: folders})
		}
	}
	p.l.apply(b)
}

// listings makes sure that what is remembered of a folder still holds.
func (p *program) listings(t *rapid.T) {
	p.l.read(func(r *catalog.Reader) error {
		kept, err := r.Listings(slices.Collect(maps.Keys(p.m)))
		for id, l := range kept {
			d, folders := p.m.digest(id)
			if p.m[id].State.There() && (l.Digest != d || !slices.Equal(l.Folders, folders)) {
				t.Errorf("what is remembered of folder %d holds no more: %v, and there are %v", id, l.Folders, folders)
			}
			if !p.m[id].State.There() {
				t.Errorf("folder %d is not there, and its listing is remembered", id)
			}
		}
		return err
	})
}
