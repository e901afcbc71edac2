package search

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"hash/fnv"
	"slices"

	"github.com/stardrive/stardrive/internal/collate"
	"github.com/stardrive/stardrive/internal/errs"
)

// cursor is where in an order a page ended: the place of a hit, whether that is
// still there or not. It is a client's only as a text that means nothing to it.
type cursor struct {
	Search uint64  `json:"s"` // a digest of the search
	Now    int64   `json:"t"` // by which ages were weighed
	Fuzzy  bool    `json:"f,omitempty"`
	Score  float64 `json:"c,omitempty"`
	Num    int64   `json:"n,omitempty"`
	Ext    []byte  `json:"e,omitempty"`
	Name   []byte  `json:"a,omitempty"` // folded
	ID     int64   `json:"i"`
	Group  Group   `json:"g,omitempty"` // InTexts: of contents, the last of which stood at place Num
	Past   []int64 `json:"p,omitempty"` // the last contents of the page, the last one first
}

func (in *QueryIn) digest() uint64 {
	b, _ := json.Marshal([]any{in.Query, in.In, in.Exact, in.Sort, in.Descending}) // texts and booleans
	h := fnv.New64a()
	_, _ = h.Write(b)
	return h.Sum64()
}

// readCursor returns nil for none. Errors: errs.Invalid.
func (in *QueryIn) readCursor() (*cursor, error) {
	if in.Cursor == "" {
		return nil, nil
	}
	var c cursor
	b, err := base64.RawURLEncoding.DecodeString(in.Cursor)
	if err == nil {
		err = json.Unmarshal(b, &c)
	}
	if err != nil || c.Search != in.digest() {
		return nil, errs.New(errs.Invalid, "the cursor is not one of this search").Try("Ask for the first page again.")
	}
	return &c, nil
}

// maxPast is how many contents a cursor remembers: some may go before it is used.
const maxPast = 5

// textCursor is where a page of texts ended.
func (in *QueryIn) textCursor(page []scored, place int) *cursor {
	c := &cursor{Search: in.digest(), Group: InTexts, Num: int64(place)}
	for i := len(page) - 1; i >= 0 && len(c.Past) < maxPast; i-- {
		c.Past = append(c.Past, page[i].id)
	}
	return c
}

// textsAfter is where the page begins that follows c: behind the content where the
// page before ended, or the one before that if it is not found any more.
func (c *cursor) textsAfter(found []scored) int {
	for _, id := range c.Past {
		if i := slices.IndexFunc(found, func(s scored) bool { return s.id == id }); i >= 0 {
			return i + 1
		}
	}
	return int(min(max(c.Num, 0), int64(len(found))))
}

func (c *cursor) String() string {
	b, _ := json.Marshal(c) // numbers and bytes
	return base64.RawURLEncoding.EncodeToString(b)
}

// cursorOf marks a hit.
func cursorOf(h *hit) *cursor {
	s := h.seg
	return &cursor{Score: h.score, Num: h.num, Ext: bytes.Clone(s.extension(int(s.ext[h.row]))), Name: bytes.Clone(s.name(h.row)), ID: h.id()}
}

// behind reports whether a hit comes after the one that c marks.
func (o *order) behind(h *hit, c *cursor) bool {
	name := h.seg.name(h.row)
	by := 0
	switch o.by {
	case ByName:
	case BySize, ByModified, ByTaken:
		by = cmp.Compare(h.num, c.Num)
	case ByKind:
		by = cmp.Or(cmp.Compare(h.num, c.Num), bytes.Compare(h.seg.extension(int(h.seg.ext[h.row])), c.Ext))
	default:
		return cmp.Or(cmp.Compare(c.Score, h.score), cmp.Compare(h.id(), c.ID)) > 0
	}
	by = cmp.Or(by, collate.Natural(text(name), text(c.Name)), bytes.Compare(name, c.Name), cmp.Compare(h.id(), c.ID))
	if o.descending {
		return by < 0
	}
	return by > 0
}
