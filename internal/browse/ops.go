package browse

import (
	"cmp"
	"context"
	"slices"

	"github.com/stardrive/stardrive/internal/catalog"
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
)

// Enum lists the orders.
func (Sort) Enum() []string {
	return []string{string(ByName), string(BySize), string(ByModified), string(ByKind)}
}

// ListIn names a folder and how to list it.
type ListIn struct {
	Path       string `json:"path,omitempty" cli:"1" jsonschema:"the folder: SdPath or OS path"`
	ID         string `json:"id,omitempty" jsonschema:"the folder, by entry id"`
	Sort       Sort   `json:"sort,omitempty" jsonschema:"name (default), size, modified or kind"`
	Descending bool   `json:"descending,omitempty" jsonschema:"the other way round"`
	Hidden     bool   `json:"hidden,omitempty" jsonschema:"also entries whose names begin with a dot"`
	Cursor     string `json:"cursor,omitempty" jsonschema:"where to go on: next of the page before"`
	Limit      int    `json:"limit,omitempty" jsonschema:"entries a page; default 200" min:"0" max:"10000"`
}

// ListOut is one page of a folder.
type ListOut struct {
	Folder catalog.View   `json:"folder" jsonschema:"the folder itself"`
	Items  []catalog.View `json:"items"`
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
		op.NewQuery("entry.info", "Show one entry", s.info, op.Example("stardrive info ~/Photos/beach.jpg")),
		op.NewQuery("entry.usage", "Show what takes the space in an indexed folder", s.usage, op.Example("stardrive entry usage ~/Photos --limit 10")),
	}
}

func (s *Service) list(ctx context.Context, in ListIn) (ListOut, error) {
	from, err := parseCursor(in.Cursor)
	if err != nil {
		return ListOut{}, err
	}
	if in.Limit == 0 {
		in.Limit = 200
	}
	sp, err := s.find(ctx, in.ID, in.Path, true)
	if err != nil {
		return ListOut{}, err
	}
	out := ListOut{Folder: sp.view()}
	if sp.entry.Kind != vfs.Folder {
		return out, errs.New(errs.Invalid, "this is a %s, not a folder", sp.entry.Kind).At(out.Folder.Path)
	}
	if sp.entry.State == catalog.Absent {
		return out, errs.New(errs.NotFound, "the folder is not on its volume any more").At(out.Folder.Path)
	}
	o := order{in.Sort, in.Descending, in.Hidden}
	if sp.indexed {
		err = s.listIndexed(ctx, sp.entry.ID, o, from, in.Limit, &out)
	} else {
		err = s.listLive(ctx, &sp, o, from, in.Limit, &out)
	}
	return out, err
}

func (s *Service) listIndexed(ctx context.Context, folder ident.EntryID, o order, from cursor, limit int, out *ListOut) error {
	l, err := s.sorted(ctx, folder, o)
	if err != nil {
		return err
	}
	ids, next := l.page(from, limit)
	out.Next, out.Total = next, len(l.ids)
	out.Items, err = s.views(ctx, ids)
	return err
}

// listLive looks at the disk. A page of it is cut from a new look each time, so
// its cursor is a position.
func (s *Service) listLive(ctx context.Context, sp *spot, o order, from cursor, limit int, out *ListOut) error {
	if err := s.open(ctx, sp); err != nil {
		return err
	}
	out.Live = true
	var rows []row
	var seen []vfs.Entry
	err := sp.driver.List(ctx, sp.path, func(batch []vfs.Entry) error {
		for _, v := range batch {
			if o.shows(v.Name) {
				rows = append(rows, row{0, v.Kind == vfs.Folder, v.Kind, v.Name, v.Size, v.Modified})
				seen = append(seen, v)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	at := make([]int, len(rows))
	for i := range at {
		at[i] = i
	}
	slices.SortFunc(at, func(a, b int) int { return o.compare(&rows[a], &rows[b]) })
	start := min(from.pos, len(at))
	end := min(start+limit, len(at))
	for _, i := range at[start:end] {
		e := live(seen[i])
		v := view(&e, vfs.Join(sp.path, e.Name), sp.ground)
		v.Mount = seen[i].Mount
		out.Items = append(out.Items, v)
	}
	if out.Total = len(at); end < len(at) {
		out.Next = cursor{0, end}.String()
	}
	return nil
}

func (s *Service) info(ctx context.Context, in Which) (Info, error) {
	sp, err := s.find(ctx, in.ID, in.Path, false)
	if err != nil {
		return Info{}, err
	}
	out := Info{View: sp.view()}
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
	id, err := s.Folder(ctx, in.Path)
	if err != nil {
		return out, err
	}
	var all []catalog.Brief
	err = s.catalog.Read(ctx, func(r *catalog.Reader) error {
		return r.Names(id, func(b *catalog.Brief) error { all = append(all, *b); return nil })
	})
	if err != nil {
		return out, err
	}
	slices.SortFunc(all, func(a, b catalog.Brief) int { return cmp.Compare(b.Size, a.Size) })
	top := all[:min(cmp.Or(in.Limit, 20), len(all))]
	for _, b := range all[len(top):] {
		out.Rest += b.Size
	}
	ids := []ident.EntryID{id}
	for _, b := range top {
		ids = append(ids, b.ID)
	}
	views, err := s.views(ctx, ids)
	if err != nil || len(views) == 0 {
		return out, err
	}
	out.Folder, out.Items = views[0], views[1:]
	return out, nil
}
