package fileops

import (
	"context"
	"strconv"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/fileops/trash"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// TrashIn names what is to be deleted.
type TrashIn struct {
	Sources []string        `json:"sources,omitempty" cli:"rest" jsonschema:"files and folders: SdPaths or OS paths"`
	IDs     []ident.EntryID `json:"ids,omitempty" cli:"-" jsonschema:"the same by entry id"`
	Query   string          `json:"query,omitempty" jsonschema:"the same by a query in the language of search: what it finds, at most 100,000 entries"`
}

func (s *Service) planTrash(ctx context.Context, in TrashIn, d *action.Draft) error {
	w := s.world()
	all, err := w.sources(ctx, named(in))
	if err != nil {
		return err
	}
	d.Title = "Move " + several(all) + " to the trash"
	looked, asked := s.now().UnixNano(), map[*volume]bool{}
	if err := w.allRemovable(ctx, all); err != nil {
		return err
	}
	for _, src := range all {
		if src.v.bin == nil {
			return &errs.Error{Path: src.address(), Kind: errs.Unsupported, Remedy: "Delete it for good, if that is what you want: --permanent", Err: src.v.noBin}
		}
		if !asked[src.v] {
			if _, _, err := src.v.bin.Where(ctx); err != nil {
				return &errs.Error{Path: src.address(), Kind: errs.KindOf(err), Remedy: "Delete it for good, if that is what you want: --permanent", Err: err}
			}
			asked[src.v] = true
		}
		sum, err := w.totals(ctx, src)
		if err != nil {
			return err
		}
		add(&d.Summary, sum)
		it := action.Item{Verb: "trash", From: src.address(), Files: sum.Files, Folders: sum.Folders, Bytes: sum.Bytes}
		if _, err := d.Add(ctx, it, task{Step: step{Verb: vTrash, From: src.at(), Seen: &src.is, Before: src.before(looked)}}); err != nil {
			return err
		}
	}
	d.Summary.Trashed = d.Summary.Files + d.Summary.Folders
	return w.brake(ctx, all, d)
}

// brake asks for a phrase when a plan takes more than a tenth of a location, and
// more than a hundred things.
func (w *world) brake(ctx context.Context, all []*source, d *action.Draft) error {
	if d.Summary.Files+d.Summary.Folders <= brakeLeast {
		return nil
	}
	taken := map[ident.LocationID]int64{}
	held := map[ident.LocationID]catalog.Totals{}
	err := w.s.catalog.Read(ctx, func(r *catalog.Reader) error {
		on := map[*volume]ground{}
		for _, src := range all {
			g, ok := on[src.v]
			if !ok {
				var err error
				if g, err = groundOf(r, src.v); err != nil {
					return err
				}
				on[src.v] = g
			}
			if err := g.take(r, src, taken); err != nil {
				return err
			}
		}
		for _, g := range on {
			for i, l := range g.locations {
				held[l.ID] = g.tops[i].Totals
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for id, n := range taken {
		if n > max(brakeLeast, (held[id].Files+held[id].Folders)/10) {
			d.Confirm = phrase(d.Summary)
		}
	}
	return nil
}

// ground is what the library knows of a volume on which things are deleted.
type ground struct {
	root      ident.EntryID // 0: it does not know the volume
	locations []catalog.Location
	tops      []catalog.Entry // of each, its folder
}

func groundOf(r *catalog.Reader, v *volume) (g ground, err error) {
	on, err := r.VolumeByIdentity(v.id)
	if errs.Is(err, errs.NotFound) {
		return g, nil
	}
	if err != nil {
		return g, err
	}
	g.root = on.Root
	all, err := r.Locations()
	for _, l := range all {
		if err != nil || l.Volume != on.ID {
			continue
		}
		var top catalog.Entry
		top, err = r.Entry(l.Entry)
		g.locations, g.tops = append(g.locations, l), append(g.tops, top)
	}
	return g, err
}

// take adds what of each location goes with a source.
func (g *ground) take(r *catalog.Reader, src *source, taken map[ident.LocationID]int64) error {
	if g.root == 0 || len(g.locations) == 0 {
		return nil
	}
	e := src.entry
	if e == nil {
		found, err := r.Lookup(g.root, src.path)
		if err != nil {
			return ignore(err, errs.NotFound)
		}
		e = &found
	}
	for i, l := range g.locations {
		from := e.ID
		if e.Kind != vfs.Folder {
			from = e.Parent
		}
		in, err := r.Within(l.Entry, from)
		if err != nil {
			return err
		}
		above := e.ID == l.Entry
		if e.Kind == vfs.Folder && !above {
			if above, err = r.Within(e.ID, l.Entry); err != nil {
				return err
			}
		}
		if above {
			taken[l.ID] += g.tops[i].Totals.Files + g.tops[i].Totals.Folders
		} else if in {
			taken[l.ID] += e.Totals.Files + e.Totals.Folders + 1
		}
	}
	return nil
}

const brakeLeast = 100

// phrase is what is to be typed: it names the number.
func phrase(s action.Summary) string {
	if s.Files == 0 {
		return "delete " + number(s.Folders, "folder")
	}
	return "delete " + number(s.Files, "file")
}

// number writes "1,234 files".
func number(n int64, noun string) string {
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	if n != 1 {
		noun += "s"
	}
	return text + " " + noun
}

// several names sources for people.
func several(all []*source) string {
	_, name := vfs.Split(all[0].path)
	if len(all) == 1 {
		return catalog.PlainName(name)
	}
	return number(int64(len(all)), "thing")
}

// DestroyIn names what is to be deleted for good.
type DestroyIn struct {
	Sources []string        `json:"sources,omitempty" cli:"rest" jsonschema:"files and folders: SdPaths or OS paths"`
	IDs     []ident.EntryID `json:"ids,omitempty" cli:"-" jsonschema:"the same by entry id"`
	Query   string          `json:"query,omitempty" jsonschema:"the same by a query in the language of search: what it finds, at most 100,000 entries"`
}

func (s *Service) planDestroy(ctx context.Context, in DestroyIn, d *action.Draft) error {
	w := s.world()
	all, err := w.sources(ctx, named(in))
	if err != nil {
		return err
	}
	d.Title = "Delete " + several(all) + " for good"
	looked, gone := s.now().UnixNano(), map[*volume]*action.Summary{}
	if err := w.allRemovable(ctx, all); err != nil {
		return err
	}
	for _, src := range all {
		sum, err := w.totals(ctx, src)
		if err != nil {
			return err
		}
		add(&d.Summary, sum)
		add(sumOf(gone, src.v), sum)
		it := action.Item{Verb: "destroy", From: src.address(), Files: sum.Files, Folders: sum.Folders, Bytes: sum.Bytes, Note: "cannot be undone"}
		// When the preview looked: what is changed after that is left alone.
		if _, err := d.Add(ctx, it, task{Step: step{Verb: vDestroy, From: src.at(), Seen: &src.is, Before: src.before(looked)}}); err != nil {
			return err
		}
	}
	d.Summary.Destroyed = d.Summary.Files + d.Summary.Folders
	for v, s := range gone {
		w.room(ctx, d, v, -s.Bytes, -s.Files-s.Folders)
	}
	d.Warn("What is deleted for good cannot be brought back.")
	elsewhere, err := w.elsewhere(ctx, all, d.Summary.Files)
	if err != nil {
		return err
	}
	if !elsewhere {
		d.Confirm = phrase(d.Summary)
		d.Warn("For some of the files no other copy is known that was read whole and found the same.")
	}
	return w.brake(ctx, all, d)
}

// sumOf is what goes from a volume.
func sumOf(gone map[*volume]*action.Summary, v *volume) *action.Summary {
	if gone[v] == nil {
		gone[v] = &action.Summary{}
	}
	return gone[v]
}

// maxLooked bounds the files for each of which another copy is looked for.
const maxLooked = 1000

// elsewhere reports whether of all files that are to be destroyed another copy is
// known and proven, which is not destroyed with them. Folders are not looked into.
func (w *world) elsewhere(ctx context.Context, all []*source, files int64) (bool, error) {
	if files > maxLooked {
		return false, nil
	}
	going := map[ident.EntryID]bool{}
	inodes := map[linked]bool{}
	var contents []ident.ContentID
	ok := true
	err := w.s.catalog.Read(ctx, func(r *catalog.Reader) error {
		for _, src := range all {
			e, _, err := known(r, src)
			if errs.Is(err, errs.NotFound) || err == nil && (e.Kind != vfs.File || e.Content == 0 || !e.Same(&src.is)) {
				ok = ok && err == nil && src.is.Kind == vfs.Symlink
				continue
			}
			if err != nil {
				return err
			}
			going[e.ID] = true
			inodes[linked{src.v.id, src.is.Inode}] = true
			contents = append(contents, e.Content)
		}
		for _, c := range contents {
			copies, err := r.ProvenCopies(c, maxLooked)
			if err != nil {
				return err
			}
			other := false
			for i := range copies {
				v, err := r.Volume(copies[i].Volume)
				if err != nil {
					return err
				}
				other = other || !going[copies[i].ID] && !inodes[linked{v.Identity, copies[i].Inode}]
			}
			ok = ok && other
		}
		return nil
	})
	return ok, err
}

// RestoreIn names what is to come back from the trash.
type RestoreIn struct {
	Items       []string `json:"items,omitempty" cli:"rest" jsonschema:"ids of things in the trash, as trash list shows them; or the paths where they were"`
	Destination string   `json:"destination,omitempty" jsonschema:"a folder to bring them to; default: where they were"`
	Conflict    Policy   `json:"conflict,omitempty" jsonschema:"where something is there already: ask (default), skip, keep-both, replace"`
}

func (s *Service) planRestore(ctx context.Context, in RestoreIn, d *action.Draft) error {
	w := s.world()
	found, err := w.trashed(ctx, in.Items)
	if err != nil {
		return err
	}
	var dest *place
	if in.Destination != "" {
		if dest, err = w.destination(ctx, in.Destination, true); err != nil {
			return err
		}
	}
	d.Title = "Restore " + number(int64(len(found)), "thing") + " from the trash"
	made := map[string]bool{}
	given := namingOf(nil)
	for _, f := range found {
		to := dest
		_, name := vfs.Split(f.Was)
		if to == nil {
			if f.Was == "" {
				return errs.New(errs.Invalid, "nobody knows where it was").At(catalog.PlainName(f.Name)).Try("Say where to: --destination")
			}
			folder, _ := vfs.Split(f.Was)
			if to, err = w.again(ctx, f.v, folder, made, d); err != nil {
				return err
			}
		}
		if name == "" {
			name = f.Name
		}
		if to.v != f.v {
			return errs.New(errs.Unsupported, "it is in the trash of another volume").At(catalog.PlainName(f.Name)).Try("Restore it on its volume, and move it then.")
		}
		it := action.Item{Verb: "restore", From: trashID(f.v, f.Slot), To: to.v.address(vfs.Join(to.folder, name))}
		t := task{Into: to.is.Inode, Step: step{Verb: vRestore, Slot: &f.Slot, To: to.at(name), Seen: &f.Is}}
		if err := w.occupied(ctx, &it, &t, to, name, f.Is, in.Conflict, given); err != nil {
			return err
		}
		count(&d.Summary, &f.Is)
		if _, err := d.Add(ctx, it, t); err != nil {
			return err
		}
	}
	return nil
}

// again returns a folder on a volume, which is made anew where it is gone.
func (w *world) again(ctx context.Context, v *volume, folder string, made map[string]bool, d *action.Draft) (*place, error) {
	v, err := w.writable(ctx, v.id)
	if err != nil {
		return nil, err
	}
	missing, above, err := w.missing(ctx, v, folder)
	if err != nil {
		return nil, err
	}
	if len(missing) == 0 {
		if above.Kind != vfs.Folder {
			return nil, errs.New(errs.Conflict, "this is a %s now, not a folder", above.Kind).At(v.address(folder)).Try("Say where to: --destination")
		}
		return &place{v: v, folder: folder, is: above}, nil
	}
	for _, path := range missing {
		if made[v.id+"\x00"+path] {
			continue
		}
		made[v.id+"\x00"+path] = true
		d.Summary.Folders++
		if _, err := d.Add(ctx, action.Item{Verb: "mkdir", To: v.address(path)}, task{Step: step{Verb: vMkdir, To: spot(v, path)}}); err != nil {
			return nil, err
		}
	}
	return &place{v: v, folder: folder}, nil
}

// inTrash is a thing in the trash of a volume.
type inTrash struct {
	v *volume
	trash.Item
}

// EmptyIn names what is to be destroyed of the trash.
type EmptyIn struct {
	Items  []string `json:"items,omitempty" cli:"rest" jsonschema:"ids of things in the trash; default: all of it"`
	Volume string   `json:"volume,omitempty" jsonschema:"only the trash of this volume: a path on it"`
	Days   int      `json:"days,omitempty" jsonschema:"only what was deleted more than so many days ago" min:"0"`
}

func (s *Service) planEmpty(ctx context.Context, in EmptyIn, d *action.Draft) error {
	w := s.world()
	seen, gone := s.now().UnixNano(), map[*volume]*action.Summary{}
	found, err := w.allTrashed(ctx, in)
	if err != nil {
		return err
	}
	d.Title = "Empty the trash"
	for _, f := range found {
		if _, err := w.writable(ctx, f.v.id); err != nil {
			return err
		}
		var sum action.Summary
		src := &source{v: f.v, path: inBin(f.Slot), is: f.Is}
		if f.Is.Kind == vfs.Folder {
			if sum, err = w.walked(ctx, src); err != nil {
				return err
			}
		} else if f.Orphan != trash.InfoOnly {
			count(&sum, &f.Is)
		}
		add(&d.Summary, sum)
		add(sumOf(gone, f.v), sum)
		it := action.Item{Verb: "destroy", From: trashID(f.v, f.Slot), Files: sum.Files, Folders: sum.Folders, Bytes: sum.Bytes, Note: "cannot be undone"}
		// When the preview looked: what is changed after that is left alone.
		if _, err := d.Add(ctx, it, task{Step: step{Verb: vDestroy, From: catalog.Spot{Volume: f.v.id, Path: inBin(f.Slot)}, Slot: &f.Slot, Seen: &f.Is, Before: src.before(seen)}}); err != nil {
			return err
		}
	}
	d.Summary.Destroyed = d.Summary.Files + d.Summary.Folders
	for v, s := range gone {
		w.room(ctx, d, v, -s.Bytes, -s.Files-s.Folders)
	}
	d.Warn("What is deleted for good cannot be brought back.")
	if d.Confirm = phrase(d.Summary); d.Summary.Destroyed == 0 { // notes of things that are gone
		d.Confirm = "delete " + number(int64(len(found)), "thing")
	}
	return nil
}

// trashID is what a thing in the trash is called in requests: where it stands.
func trashID(v *volume, s trash.Slot) string { return v.address(inBin(s)) }

// inBin is where a slot is on its volume.
func inBin(s trash.Slot) string { return vfs.Join(vfs.Join(s.Folder, "files"), s.Name) }
