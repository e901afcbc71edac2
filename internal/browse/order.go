package browse

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/collate"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/filekind"
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
	ID       ident.EntryID `json:"i,omitempty"`
	Kind     vfs.Kind      `json:"k"`
	Size     int64         `json:"s,omitempty"` // of a folder: of all that is below it
	Modified int64         `json:"m,omitempty"`
	Taken    int64         `json:"t,omitempty"` // in the order by that alone; 0: nobody knows
	Key      string        `json:"-"`           // the folded name; of what has no id, also the raw one behind a NUL
}

func rowOf(e *catalog.Entry) row {
	return row{ID: e.ID, Kind: e.Kind, Size: e.Size + e.Totals.Bytes, Modified: e.Modified, Key: collate.Fold(e.Name)}
}

// compare is 0 for one and the same entry only.
func (o order) compare(a, b *row) int {
	if f := a.Kind == vfs.Folder; f != (b.Kind == vfs.Folder) {
		if f {
			return -1
		}
		return 1
	}
	if o.by == ByTaken && (a.Taken == 0) != (b.Taken == 0) { // what has no date comes last, either way round
		if a.Taken != 0 {
			return -1
		}
		return 1
	}
	c := 0
	switch o.by {
	case ByTaken:
		c = cmp.Compare(a.Taken, b.Taken)
	case BySize:
		c = cmp.Compare(a.Size, b.Size)
	case ByModified:
		c = cmp.Compare(a.Modified, b.Modified)
	case ByKind:
		if c = cmp.Compare(a.Kind, b.Kind); c == 0 {
			c = strings.Compare(filekind.Extension(a.Key), filekind.Extension(b.Key))
		}
	}
	if c == 0 {
		c = byName(a, b)
	}
	if o.descending {
		return -c
	}
	return c
}

func byName(a, b *row) int {
	if c := collate.Natural(a.Key, b.Key); c != 0 {
		return c
	}
	return cmp.Or(strings.Compare(a.Key, b.Key), cmp.Compare(a.ID, b.ID))
}

func (o order) shows(name string) bool { return o.hidden || !strings.HasPrefix(name, ".") }

// best returns the first n of all as sorting by compare would, in that order. It
// changes the order of all.
func best[T any](all []T, n int, compare func(a, b *T) int) []T {
	byValue := func(a, b T) int { return compare(&a, &b) }
	if n < 1 {
		return nil
	}
	if 4*n >= len(all) {
		slices.SortFunc(all, byValue)
		return all[:min(n, len(all))]
	}
	// The first 2n rows hold what is best so far; when they are full, the worse
	// half makes room.
	kept := n
	slices.SortFunc(all[:n], byValue)
	worst := all[n-1]
	for i := n; i < len(all); i++ {
		if compare(&all[i], &worst) >= 0 {
			continue
		}
		all[kept], all[i] = all[i], all[kept]
		if kept++; kept == 2*n {
			slices.SortFunc(all[:kept], byValue)
			kept, worst = n, all[n-1]
		}
	}
	slices.SortFunc(all[:kept], byValue)
	return all[:n]
}

// cursor says where the next page begins: after a row, where that stood when its
// page was made. Where exactly that is then depends on the order alone, so that
// nothing is left out or repeated but what itself moved.
type cursor struct {
	Order string `json:"o"`
	Pos   int    `json:"p,omitempty"` // rows before: a hint
	Key   []byte `json:"f,omitempty"`
	row
}

// wire names the order in cursors.
func (o order) wire() string {
	if o.descending {
		return "-" + string(o.by)
	}
	return string(o.by)
}

// after returns the cursor of the page behind r.
func (o order) after(r row, pos int) string {
	c := cursor{Order: o.wire(), Pos: pos, Key: []byte(r.Key), row: r}
	b, _ := json.Marshal(c) // cannot fail: plain fields
	return base64.RawURLEncoding.EncodeToString(b)
}

// parseCursor returns nil for "": the first page.
func (o order) parseCursor(s string) (*cursor, error) {
	if s == "" {
		return nil, nil
	}
	var c cursor
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err == nil {
		err = json.Unmarshal(b, &c)
	}
	if err != nil || c.Order == "" || c.Pos < 0 {
		return nil, errs.New(errs.Invalid, "this is not a cursor that a list returned").At("cursor")
	}
	if c.Order != o.wire() {
		return nil, errs.New(errs.Invalid, "this cursor is of a list in another order").At("cursor").Try("Begin at the first page.")
	}
	c.row.Key = string(c.Key)
	return &c, nil
}
