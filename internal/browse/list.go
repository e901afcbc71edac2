package browse

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// order is how a list is sorted. Folders always come first.
type order struct {
	by         Sort
	descending bool
	hidden     bool // show entries whose names begin with a dot
}

// row is what sorting needs of an entry.
type row struct {
	id       ident.EntryID
	folder   bool
	kind     vfs.Kind
	name     string
	size     int64
	modified int64
}

func (o order) compare(a, b *row) int {
	if a.folder != b.folder {
		if a.folder {
			return -1
		}
		return 1
	}
	c := 0
	switch o.by {
	case BySize:
		c = cmp.Compare(a.size, b.size)
	case ByModified:
		c = cmp.Compare(a.modified, b.modified)
	case ByKind:
		if c = cmp.Compare(a.kind, b.kind); c == 0 {
			c = strings.Compare(catalog.Extension(a.name), catalog.Extension(b.name))
		}
	}
	if c == 0 {
		c = natural(a.name, b.name)
	}
	if o.descending {
		return -c
	}
	return c
}

func (o order) shows(name string) bool { return o.hidden || !strings.HasPrefix(name, ".") }

// list is the sorted content of one folder, as it was at seq.
type list struct {
	folder ident.EntryID
	order  order
	seq    int64
	ids    []ident.EntryID
	at     map[ident.EntryID]int
}

// keptLists bounds how many sorted folders are kept: those open in a few windows.
const keptLists = 8

// lists keeps the sorted lists used last, so that paging through a folder of a
// million entries sorts it once.
type lists struct {
	mu   sync.Mutex
	kept []*list // newest last
}

func (ls *lists) get(folder ident.EntryID, o order) *list {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	for _, l := range ls.kept {
		if l.folder == folder && l.order == o {
			return l
		}
	}
	return nil
}

func (ls *lists) put(l *list) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	ls.kept = slices.DeleteFunc(ls.kept, func(k *list) bool { return k.folder == l.folder && k.order == l.order })
	ls.kept = append(ls.kept, l)
	if len(ls.kept) > keptLists {
		ls.kept = slices.Delete(ls.kept, 0, 1)
	}
}

// sorted returns the folder's children in order, from a kept list where nothing
// in the folder changed since it was made.
func (s *Service) sorted(ctx context.Context, folder ident.EntryID, o order) (*list, error) {
	if l := s.lists.get(folder, o); l != nil {
		fresh, err := s.renew(ctx, l)
		if err != nil {
			return nil, err
		}
		if fresh != nil {
			return fresh, nil
		}
	}
	l := &list{folder: folder, order: o, at: map[ident.EntryID]int{}}
	var rows []row
	l.seq = s.catalog.Reached()
	err := s.catalog.Read(ctx, func(r *catalog.Reader) error {
		return r.Names(folder, func(e *catalog.Brief) error {
			if o.shows(e.Name) {
				rows = append(rows, row{e.ID, e.Kind == vfs.Folder, e.Kind, e.Name, e.Size, e.Modified})
			}
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(rows, func(a, b row) int { return o.compare(&a, &b) })
	l.ids = make([]ident.EntryID, len(rows))
	for i := range rows {
		l.ids[i] = rows[i].id
		l.at[rows[i].id] = i
	}
	s.lists.put(l)
	return l, nil
}

// renew returns l if none of the changes since it was made concern its folder,
// and nil otherwise.
func (s *Service) renew(ctx context.Context, l *list) (*list, error) {
	const few = 500
	if l.seq == s.catalog.Reached() {
		return l, nil
	}
	changes, next, err := s.catalog.Changes(ctx, l.seq, few)
	if err != nil || len(changes) == few {
		return nil, err
	}
	for _, c := range changes {
		_, held := l.at[ident.EntryID(c.ID)]
		if c.Noun == catalog.NounEntry && (held || c.Entry != nil && c.Entry.Parent == l.folder) {
			return nil, nil
		}
	}
	fresh := *l
	fresh.seq = next
	s.lists.put(&fresh)
	return &fresh, nil
}

// cursor says where the next page begins: after an entry, or, where that is gone
// meanwhile, at a position.
type cursor struct {
	after ident.EntryID
	pos   int
}

func (c cursor) String() string {
	id, _ := c.after.MarshalText()
	return string(id) + "." + strconv.Itoa(c.pos)
}

func parseCursor(s string) (c cursor, err error) {
	if s == "" {
		return c, nil
	}
	id, pos, ok := strings.Cut(s, ".")
	if ok {
		if err = c.after.UnmarshalText([]byte(id)); err == nil {
			c.pos, err = strconv.Atoi(pos)
		}
	}
	if !ok || err != nil || c.pos < 0 {
		return c, errs.New(errs.Invalid, "this is not a cursor that a list returned").At("cursor")
	}
	return c, nil
}

// page returns the ids of one page and the cursor of the next, "" at the end.
func (l *list) page(from cursor, limit int) (ids []ident.EntryID, next string) {
	start := min(from.pos, len(l.ids))
	if i, ok := l.at[from.after]; ok {
		start = i + 1
	}
	end := min(start+limit, len(l.ids))
	ids = l.ids[start:end]
	if end < len(l.ids) {
		next = cursor{l.ids[end-1], end}.String()
	}
	return ids, next
}
