package search

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"hash/fnv"

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
	case BySize, ByModified:
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
