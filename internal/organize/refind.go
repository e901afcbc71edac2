package organize

import (
	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// findAgain looks for files that are not the entries any more that they were, by volume: by
// what they are on it, and then by where they stood. Many are looked for at once, since an
// import or a new catalogue has to find all there are.
func findAgain(r *catalog.Reader, rows []kept, lost map[string][]int, now []*thing) error {
	if len(lost) == 0 {
		return nil
	}
	vols, err := r.Volumes()
	if err != nil {
		return err
	}
	for i := range vols {
		some := lost[vols[i].Identity]
		for _, way := range []func(*catalog.Reader, *catalog.Volume, []kept, []int) (map[int][]ident.EntryID, error){byNumber, byPlace} {
			if len(some) == 0 {
				break
			}
			candidates, err := way(r, &vols[i], rows, some)
			if err == nil {
				some, err = pick(r, rows, some, candidates, now)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// byNumber finds entries that bear the numbers and times of birth of what is looked for.
func byNumber(r *catalog.Reader, v *catalog.Volume, rows []kept, some []int) (map[int][]ident.EntryID, error) {
	wanted := map[uint64][]int{}
	var numbers []uint64
	for _, i := range some {
		if n := rows[i].inode; n != 0 {
			if wanted[n] == nil {
				numbers = append(numbers, n)
			}
			wanted[n] = append(wanted[n], i)
		}
	}
	out := map[int][]ident.EntryID{}
	err := r.ByInode(v.ID, numbers, func(e *catalog.Entry) error {
		for _, i := range wanted[e.Inode] {
			if k := &rows[i]; e.Kind == k.kind && e.Created == k.born && e.State.There() {
				out[i] = append(out[i], e.ID)
			}
		}
		return nil
	})
	return out, err
}

// byPlace finds entries that stand where what is looked for stood.
func byPlace(r *catalog.Reader, v *catalog.Volume, rows []kept, some []int) (map[int][]ident.EntryID, error) {
	folders := map[string]ident.EntryID{"": v.Root} // 0: there is none
	var at func(path string) (ident.EntryID, error)
	child := func(path string) (ident.EntryID, error) {
		dir, name := vfs.Split(path)
		folder, err := at(dir)
		if err != nil || folder == 0 {
			return 0, err
		}
		e, err := r.Child(folder, name)
		if errs.Is(err, errs.NotFound) {
			return 0, nil
		}
		return e.ID, err
	}
	at = func(path string) (ident.EntryID, error) {
		if id, known := folders[path]; known {
			return id, nil
		}
		id, err := child(path)
		folders[path] = id
		return id, err
	}
	out := map[int][]ident.EntryID{}
	for _, i := range some {
		find := child
		if rows[i].kind == vfs.Folder {
			find = at
		}
		id, err := find(rows[i].path)
		if err != nil {
			return nil, err
		}
		if id != 0 {
			out[i] = []ident.EntryID{id}
		}
	}
	return out, nil
}

// pick notes which of the candidates are what is looked for, and returns what is left.
func pick(r *catalog.Reader, rows []kept, some []int, candidates map[int][]ident.EntryID, now []*thing) (left []int, err error) {
	var ids []ident.EntryID
	for _, i := range some {
		ids = append(ids, candidates[i]...)
	}
	all, err := things(r, ids)
	if err != nil {
		return nil, err
	}
	byID := make(map[ident.EntryID]*thing, len(all))
	for i := range all {
		byID[all[i].ID] = &all[i]
	}
	for _, i := range some {
		for _, id := range candidates[i] {
			if t := byID[id]; now[i] == nil && t != nil && rows[i].mayBe(t) {
				now[i] = t
			}
		}
		if now[i] == nil {
			left = append(left, i)
		}
	}
	return left, nil
}

// mayBe reports whether an entry is, as far as can be told, what stood there, and no other
// file that took its place.
func (k *kept) mayBe(t *thing) bool {
	same := k.inode != 0 && t.Inode == k.inode && t.Created == k.born
	if h, ok := hashOf(k.target); ok && !same && t.Content != 0 && h != t.hash {
		return false
	}
	return k.is(t)
}
