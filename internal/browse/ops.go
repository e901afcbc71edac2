package browse

import (
	"cmp"
	"context"
	"slices"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/collate"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/op"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Sort names what a list is sorted by.
type Sort string

// What a list can be sorted by. Folders come first in every order.
const (
	ByName     Sort = "name"
	BySize     Sort = "size"
	ByModified Sort = "modified"
	ByKind     Sort = "kind"
	ByTaken    Sort = "taken"
)

// Enum lists the orders.
func (Sort) Enum() []string {
	return []string{string(ByName), string(BySize), string(ByModified), string(ByKind), string(ByTaken)}
}

// ListIn names a folder and how to list it.
type ListIn struct {
	Path       string `json:"path,omitempty" cli:"1" jsonschema:"the folder: SdPath or OS path"`
	ID         string `json:"id,omitempty" jsonschema:"the folder, by entry id"`
	Sort       Sort   `json:"sort,omitempty" jsonschema:"name (default), size, modified, kind or taken (when a photo was; what has no date comes last)"`
	Descending bool   `json:"descending,omitempty" jsonschema:"the other way round"`
	Hidden     bool   `json:"hidden,omitempty" jsonschema:"also entries whose names begin with a dot"`
	Cursor     string `json:"cursor,omitempty" jsonschema:"where to go on: next of the page before"`
	Limit      int    `json:"limit,omitempty" jsonschema:"entries a page; default 200" min:"0" max:"10000"`
}

// ListOut is one page of a folder.
type ListOut struct {
	Folder catalog.View   `json:"folder" jsonschema:"the folder itself"`
	Items  []catalog.View `json:"items" jsonschema:"the entries of this page, in order"`
	Next   string         `json:"next" jsonschema:"cursor of the next page; empty at the end"`
	Total  int            `json:"total" jsonschema:"entries in the folder, without hidden ones unless asked for"`
	Live   bool           `json:"live" jsonschema:"looked up on the disk now, since it is not indexed"`
}

// Which names one entry.
type Which struct {
	Path string `json:"path,omitempty" cli:"1" jsonschema:"SdPath or OS path"`
	ID   string `json:"id,omitempty" jsonschema:"the entry's id"`
}

// Crumb is one folder above an entry.
type Crumb struct {
	ID   string `json:"id" jsonschema:"the folder's id; empty while it is not in the index"`
	Name string `json:"name" jsonschema:"its name, for people"`
	Path string `json:"path" jsonschema:"its SdPath"`
}

// Info is an entry with what is above it.
type Info struct {
	catalog.View
	Parents []Crumb `json:"parents" jsonschema:"the folders above it, the volume's root first"`
}

// Ops is this domain's table of operations.
func (s *Service) Ops() []op.Def {
	return []op.Def{
		op.NewQuery("entry.list", "List a folder", s.list, op.Example("stardrive ls ~/Photos --sort modified")),
		op.NewQuery("entry.usage", "Show what takes the space in an indexed folder", s.usage, op.Example("stardrive entry usage ~/Photos --limit 10")),
	}
}

func (s *Service) list(ctx context.Context, in ListIn) (ListOut, error) {
	defer s.catalog.Way.Ask()()
	o := order{cmp.Or(in.Sort, ByName), in.Descending, in.Hidden}
	from, err := o.parseCursor(in.Cursor)
	if err != nil {
		return ListOut{}, err
	}
	in.Limit = cmp.Or(in.Limit, 200)
	sp, err := s.find(ctx, in.ID, in.Path, true)
	if err == nil && in.ID != "" {
		err = s.enter(ctx, &sp)
	}
	if err != nil {
		return ListOut{}, err
	}
	out := ListOut{Folder: s.view(&sp)}
	if sp.entry.Kind != vfs.Folder {
		return out, errs.New(errs.Invalid, "this is a %s, not a folder", sp.entry.Kind).At(out.Folder.Path)
	}
	if sp.entry.State == catalog.Absent {
		return out, errs.New(errs.NotFound, "the folder is not on its volume any more").At(out.Folder.Path)
	}
	// Of a volume that is offline, all that is known can be shown.
	if sp.indexed || !sp.ground.Online && sp.entry.ID != 0 {
		err = s.listIndexed(ctx, &sp, o, from, in.Limit, &out)
	} else {
		err = s.listLive(ctx, &sp, o, from, in.Limit, &out)
	}
	return out, err
}

// listIndexed shows a page of what the catalogue knows. If the folder changes
// between sorting it and reading the page, it is sorted anew: the next page is
// to begin where this one ended.
func (s *Service) listIndexed(ctx context.Context, sp *spot, o order, from *cursor, limit int, out *ListOut) error {
	for tries := 3; ; tries-- {
		p, err := s.page(ctx, &sp.entry, o, from, limit)
		if err != nil {
			return err
		}
		es, err := s.entries(ctx, p.ids)
		if err != nil {
			return err
		}
		if _, same, err := s.unchanged(ctx, p.seq, sp.entry.ID, p.ids); err != nil {
			return err
		} else if !same && tries > 1 {
			continue
		}
		out.Total, out.Items = p.total, s.viewsIn(sp, es)
		if n := len(es); n > 0 && p.end < p.total {
			last, err := s.rowOf(ctx, o, &es[n-1])
			if err != nil {
				return err
			}
			out.Next = o.after(last, p.end)
		}
		return nil
	}
}

// seen is an entry that a driver just showed.
type seen struct {
	row
	vfs.Entry
}

// listLive looks at the disk. Each page is cut from a new look.
func (s *Service) listLive(ctx context.Context, sp *spot, o order, from *cursor, limit int, out *ListOut) error {
	if err := s.open(ctx, sp); err != nil {
		return err
	}
	known, err := s.known(ctx, sp.entry.ID)
	if err != nil {
		return err
	}
	out.Live = true
	less := func(a, b *seen) int { return o.compare(&a.row, &b.row) }
	var all []seen
	err = sp.driver.List(ctx, sp.path, func(batch []vfs.Entry) error {
		for _, v := range batch {
			if vfs.IsPrivate(v.Name) || !o.shows(v.Name) {
				continue
			}
			out.Total++
			r := row{Kind: v.Kind, Size: v.Size, Modified: v.Modified, Key: collate.Fold(v.Name) + "\x00" + v.Name}
			if from == nil || o.compare(&r, &from.row) > 0 {
				all = append(all, seen{r, v})
			}
		}
		if len(all) > 16*limit { // no more memory than the page is worth
			all = best(all, limit+1, less)
		}
		return nil
	})
	if err != nil {
		return sp.at(err)
	}
	more := len(all) > limit
	all = best(all, limit, less)
	for i := range all {
		e, ok := known[all[i].Entry.Name]
		if ok && (e.Kind == vfs.Folder) == (all[i].Entry.Kind == vfs.Folder) {
			e.State = catalog.Present
			e.Seen(all[i].Entry)
		} else {
			e = live(all[i].Entry)
		}
		v := s.viewOf(&e, vfs.Join(sp.path, e.Name), sp.ground)
		v.Mount = all[i].Mount
		out.Items = append(out.Items, v)
	}
	if more {
		out.Next = o.after(all[len(all)-1].row, 0)
	}
	return nil
}

// known returns what the catalogue has of a folder that is not indexed: mostly
// the locations below it.
func (s *Service) known(ctx context.Context, folder ident.EntryID) (map[string]catalog.Entry, error) {
	if folder == 0 {
		return nil, nil
	}
	m := map[string]catalog.Entry{}
	err := s.catalog.Read(ctx, func(r *catalog.Reader) error {
		return r.Children(folder, func(e *catalog.Entry) error { m[e.Name] = *e; return nil })
	})
	return m, err
}

// Info shows one entry, indexed or not. Errors: errs.NotFound, errs.Invalid (not
// one of id and path), errs.Unavailable.
func (s *Service) Info(ctx context.Context, in Which) (Info, error) {
	sp, err := s.find(ctx, in.ID, in.Path, false)
	if err != nil {
		return Info{}, err
	}
	out := Info{View: s.view(&sp)}
	if err := s.parents(ctx, &sp, &out); err != nil {
		return out, err
	}
	if sp.entry.Kind == vfs.Symlink && sp.ground.Online {
		out.Target = s.target(ctx, &sp)
	}
	return out, nil
}

func (s *Service) parents(ctx context.Context, sp *spot, out *Info) error {
	if sp.entry.ID == 0 {
		for dir := sp.path; dir != ""; {
			dir, _ = vfs.Split(dir)
			_, name := vfs.Split(dir)
			if dir == "" {
				name = sp.ground.Name
			}
			out.Parents = append(out.Parents, Crumb{Name: catalog.PlainName(name), Path: sp.ground.SdPath(dir).String()})
		}
		slices.Reverse(out.Parents)
		return nil
	}
	return s.catalog.Read(ctx, func(r *catalog.Reader) error {
		up, err := r.Ancestors(&sp.entry)
		path := ""
		for i, a := range up {
			name := a.Name
			if i == 0 {
				name = sp.ground.Name
			} else {
				path = vfs.Join(path, a.Name)
			}
			id, _ := a.ID.MarshalText()
			out.Parents = append(out.Parents, Crumb{ID: string(id), Name: catalog.PlainName(name), Path: sp.ground.SdPath(path).String()})
		}
		return err
	})
}

// target reads where a symlink points to; "" where that cannot be told.
func (s *Service) target(ctx context.Context, sp *spot) string {
	if s.open(ctx, sp) != nil {
		return ""
	}
	read := sp.driver.Features().Readlink
	if read == nil {
		return ""
	}
	target, err := read(ctx, sp.path)
	if err != nil {
		return ""
	}
	return catalog.PlainName(target)
}

// UsageIn names an indexed folder.
type UsageIn struct {
	Path  string `json:"path" cli:"1" jsonschema:"the folder: SdPath or OS path"`
	Limit int    `json:"limit,omitempty" jsonschema:"how many entries to show; default 20" min:"0" max:"1000"`
}

// UsageOut is a folder and its largest children, hidden ones included.
type UsageOut struct {
	Folder catalog.View   `json:"folder" jsonschema:"the folder itself; its size is that of all below it"`
	Items  []catalog.View `json:"items" jsonschema:"the largest first"`
	Rest   int64          `json:"rest" jsonschema:"bytes in all other children"`
}

func (s *Service) usage(ctx context.Context, in UsageIn) (out UsageOut, err error) {
	sp, err := s.folder(ctx, in.Path)
	if err != nil {
		return out, err
	}
	rows, _, err := s.rows(ctx, &sp.entry, order{hidden: true})
	if err != nil {
		return out, err
	}
	for i := range rows {
		out.Rest += rows[i].Size
	}
	top := best(rows, cmp.Or(in.Limit, 20), func(a, b *row) int { return cmp.Or(cmp.Compare(b.Size, a.Size), byName(a, b)) })
	for i := range top {
		out.Rest -= top[i].Size
	}
	es, err := s.entries(ctx, idsOf(top))
	out.Folder, out.Items = s.view(&sp), s.viewsIn(&sp, es)
	return out, err
}

func (s *Service) entries(ctx context.Context, ids []ident.EntryID) (es []catalog.Entry, err error) {
	err = s.catalog.Read(ctx, func(r *catalog.Reader) (err error) {
		es, err = r.EntriesByID(ids)
		return err
	})
	return es, err
}

// viewsIn shows entries that stand in the folder.
func (s *Service) viewsIn(folder *spot, es []catalog.Entry) []catalog.View {
	views := make([]catalog.View, len(es))
	for i := range es {
		views[i] = s.viewOf(&es[i], vfs.Join(folder.path, es[i].Name), folder.ground)
	}
	return views
}
