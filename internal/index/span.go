package index

import (
	"slices"

	"github.com/stardrive/stardrive/internal/ident"
)

// span is a run of consecutive entry ids, ends included. A scan remembers the
// folders that are left to list as spans: a folder's children get consecutive
// ids, so a million pending folders are a few numbers.
type span [2]ident.EntryID

// spans packs ids, in any order, which it sorts.
func spans(ids []ident.EntryID) []span {
	slices.Sort(ids)
	out := []span{}
	for _, id := range slices.Compact(ids) {
		if n := len(out); n > 0 && out[n-1][1]+1 == id {
			out[n-1][1] = id
			continue
		}
		out = append(out, span{id, id})
	}
	return out
}

// unpack returns the ids of the spans in their order.
func unpack(ss []span) []ident.EntryID {
	var ids []ident.EntryID
	for _, s := range ss {
		for id := s[0]; id <= s[1]; id++ {
			ids = append(ids, id)
		}
	}
	return ids
}
