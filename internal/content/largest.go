package content

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
)

// place is where a content stands in a list that is sorted by bytes, most first.
type place struct {
	bytes   int64
	content ident.ContentID
}

func (p place) compare(o place) int {
	return cmp.Or(cmp.Compare(o.bytes, p.bytes), cmp.Compare(p.content, o.content))
}

// String is the cursor that stands for p.
func (p place) String() string { return fmt.Sprintf("%d-%d", p.bytes, int64(p.content)) }

// parsePlace reads a cursor; none is nil.
func parsePlace(cursor string) (*place, error) {
	if cursor == "" {
		return nil, nil
	}
	var p place
	var content int64
	if n, err := fmt.Sscanf(cursor, "%d-%d", &p.bytes, &content); n != 2 || err != nil || fmt.Sprintf("%d-%d", p.bytes, content) != cursor {
		return nil, errs.New(errs.Invalid, "this cursor is none of this list").Try("Ask without one for the first page.")
	}
	p.content = ident.ContentID(content)
	return &p, nil
}

// largest keeps the first of the places behind after, whatever their number.
type largest struct {
	limit int
	after *place
	kept  []place // the first limit of these once sorted; sorted now and then
	over  bool    // some were dropped
	last  *place  // none behind it is wanted any more
}

// wants reports whether a place may be among those that are kept.
func (l *largest) wants(p place) bool {
	return l.last == nil || p.compare(*l.last) < 0
}

// keep takes a place in.
func (l *largest) keep(p place) {
	if l.after != nil && p.compare(*l.after) <= 0 {
		return
	}
	l.kept = append(l.kept, p)
	if len(l.kept) >= 4*l.limit+64 {
		l.shrink()
	}
}

func (l *largest) shrink() {
	slices.SortFunc(l.kept, place.compare)
	if len(l.kept) > l.limit {
		l.kept, l.over = l.kept[:l.limit], true
		last := l.kept[l.limit-1]
		l.last = &last
	}
}

// list returns what was kept in order, and whether there is more behind it.
func (l *largest) list() (places []place, more bool) {
	l.shrink()
	return l.kept, l.over
}
