package browse

import (
	"context"
	"slices"
	"sync"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/collate"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// list is the sorted content of one folder, as it was at seq.
type list struct {
	folder ident.EntryID
	order  order
	seq    int64
	ids    []ident.EntryID
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

// page is a part of a sorted folder, as it was at seq.
type page struct {
	ids   []ident.EntryID
	end   int // rows up to and with this page
	total int
	seq   int64
}

func (l *list) page(start, limit int) page {
	end := min(start+limit, len(l.ids))
	return page{l.ids[start:end], end, len(l.ids), l.seq}
}

// page returns the part of a folder behind from, nil being the beginning.
func (s *Service) page(ctx context.Context, folder *catalog.Entry, o order, from *cursor, limit int) (page, error) {
	l, err := s.kept(ctx, folder.ID, o)
	if err != nil {
		return page{}, err
	}
	if l != nil {
		if start, ok, err := s.start(ctx, l, from); ok || err != nil {
			return l.page(start, limit), err
		}
	}
	rows, seq, err := s.rows(ctx, folder, o)
	if err == nil && o.by == ByTaken {
		err = s.dates(ctx, folder.ID, rows)
	}
	if err != nil {
		return page{}, err
	}
	total := len(rows)
	if from == nil && total > 8*limit { // many folders are left after a look at their beginning
		return page{idsOf(best(rows, limit, o.compare)), limit, total, seq}, nil
	}
	rows = best(rows, total, o.compare)
	l = &list{folder.ID, o, seq, idsOf(rows)}
	if o.by != ByTaken { // which may be found out of a file that is the same
		s.lists.put(l)
	}
	start := 0
	if from != nil {
		start, _ = slices.BinarySearchFunc(rows, &from.row, func(r row, at *row) int {
			if o.compare(&r, at) <= 0 {
				return -1
			}
			return 1
		})
	}
	return l.page(start, limit), nil
}

func idsOf(rows []row) []ident.EntryID {
	ids := make([]ident.EntryID, len(rows))
	for i := range rows {
		ids[i] = rows[i].ID
	}
	return ids
}

// kept returns the kept list of the folder if it is still right, or nil.
func (s *Service) kept(ctx context.Context, folder ident.EntryID, o order) (*list, error) {
	l := s.lists.get(folder, o)
	if l == nil {
		return nil, nil
	}
	seq, same, err := s.unchanged(ctx, l.seq, folder, l.ids)
	if !same || err != nil {
		return nil, err
	}
	fresh := *l
	fresh.seq = seq
	s.lists.put(&fresh)
	return &fresh, nil
}

// few is how many changes are looked through before a folder is read anew.
const few = 5000

// unchanged reports whether none of the changes after seq concern the folder,
// which held ids then, and up to where it looked.
func (s *Service) unchanged(ctx context.Context, seq int64, folder ident.EntryID, ids []ident.EntryID) (next int64, same bool, err error) {
	if seq == s.catalog.Reached() {
		return seq, true, nil
	}
	changes, next, err := s.catalog.Changes(ctx, seq, few)
	if err != nil || len(changes) == few {
		return next, false, err
	}
	elsewhere := map[ident.EntryID]bool{}
	for _, c := range changes {
		if c.Noun != catalog.NounEntry {
			continue
		}
		if c.Entry != nil && c.Entry.Parent == folder {
			return next, false, nil
		}
		elsewhere[ident.EntryID(c.ID)] = true
	}
	if len(elsewhere) > 0 && slices.ContainsFunc(ids, func(id ident.EntryID) bool { return elsewhere[id] }) {
		return next, false, nil
	}
	return next, true, nil
}

// start tells at which row of l the page behind from begins; not ok: the row in
// from is another one now, or gone, so that only its order can tell.
func (s *Service) start(ctx context.Context, l *list, from *cursor) (start int, ok bool, err error) {
	if from == nil {
		return 0, true, nil
	}
	start = from.Pos
	if start == 0 || start > len(l.ids) || l.ids[start-1] != from.ID {
		start = slices.Index(l.ids, from.ID) + 1
	}
	if start == 0 {
		return 0, false, nil
	}
	err = s.catalog.Read(ctx, func(r *catalog.Reader) error {
		e, err := r.Entry(from.ID)
		if errs.Is(err, errs.NotFound) {
			return nil
		}
		now := rowOf(&e)
		ok = l.order.compare(&now, &from.row) == 0
		return err
	})
	return start, ok, err
}

// rowOf is what an order needs of an entry.
func (s *Service) rowOf(ctx context.Context, o order, e *catalog.Entry) (row, error) {
	rows := []row{rowOf(e)}
	if o.by != ByTaken {
		return rows[0], nil
	}
	err := s.dates(ctx, e.Parent, rows)
	return rows[0], err
}

// dates adds when they were taken to some rows of a folder.
func (s *Service) dates(ctx context.Context, folder ident.EntryID, rows []row) error {
	at := make(map[ident.EntryID]int, len(rows))
	for i := range rows {
		at[rows[i].ID] = i
	}
	return s.catalog.Read(ctx, func(r *catalog.Reader) error {
		found, err := r.Store().Query(`SELECT id, taken_ns FROM entry JOIN facts ON facts.content_id = entry.content_id WHERE parent_id = ? AND taken_ns IS NOT NULL`, int64(folder))
		if err != nil {
			return err
		}
		defer func() { _ = found.Close() }()
		for found.Next() {
			var id, taken int64
			if err := found.Scan(&id, &taken); err != nil {
				return err
			}
			if i, ok := at[ident.EntryID(id)]; ok {
				rows[i].Taken = taken
			}
		}
		return found.Err()
	})
}

// manyEntries is from where on below a folder it pays to ask Names for it.
const manyEntries = 2000

// rows returns what is in a folder, in no order, as it was at seq.
func (s *Service) rows(ctx context.Context, folder *catalog.Entry, o order) (rows []row, seq int64, err error) {
	if s.Names != nil && folder.State == catalog.Present && folder.Totals.Files+folder.Totals.Folders >= s.many {
		rows, seq, ok, err := s.rowsOfNames(ctx, folder.ID, o)
		if ok || err != nil {
			return rows, seq, err
		}
	}
	seq = s.catalog.Reached()
	err = s.catalog.Read(ctx, func(r *catalog.Reader) error {
		return r.Names(folder.ID, func(b *catalog.Brief) error {
			if o.shows(b.Name) {
				rows = append(rows, row{ID: b.ID, Kind: b.Kind, Size: b.Size, Modified: b.Modified, Key: collate.Fold(b.Name)})
			}
			return nil
		})
	})
	return rows, seq, err
}

// rowsOfNames asks Names, which may be behind: not ok if that concerns the folder.
func (s *Service) rowsOfNames(ctx context.Context, folder ident.EntryID, o order) (rows []row, seq int64, ok bool, err error) {
	var n, size int
	_, ok = s.Names.Children(folder, func(_ ident.EntryID, _ vfs.Kind, _ bool, folded []byte, _, _ int64) {
		n, size = n+1, size+len(folded)
	})
	if !ok {
		return nil, 0, false, nil
	}
	keys, ends := make([]byte, 0, size), make([]int, 0, n)
	rows = make([]row, 0, n)
	seq, _ = s.Names.Children(folder, func(id ident.EntryID, kind vfs.Kind, hidden bool, folded []byte, size, modified int64) {
		if hidden && !o.hidden {
			return
		}
		rows = append(rows, row{ID: id, Kind: kind, Size: size, Modified: modified})
		keys = append(keys, folded...)
		ends = append(ends, len(keys))
	})
	text, start := string(keys), 0
	for i, end := range ends {
		rows[i].Key = text[start:end]
		start = end
	}
	if seq == s.catalog.Reached() {
		return rows, seq, true, nil
	}
	seq, ok, err = s.unchanged(ctx, seq, folder, idsOf(rows))
	return rows, seq, ok, err
}
