package index

import "github.com/stardrive/stardrive/internal/ident"

// span is a run of consecutive entry ids, ends included. A scan remembers the
// folders that are left to list as spans: a folder's children get consecutive
// ids, so a million pending folders are a few numbers.
type span [2]ident.EntryID

// spans packs ids in their order.
func spans(ids []ident.EntryID) []span {
	out := []span{}
	for _, id := range ids {
		if n := len(out); n > 0 && out[n-1][1]+1 == id {
			out[n-1][1] = id
			continue
		}
		out = append(out, span{id, id})
	}
	return out
}

// each yields the ids of the spans in their order.
func each(ss []span, yield func(ident.EntryID) bool) {
	for _, s := range ss {
		for id := s[0]; id <= s[1]; id++ {
			if !yield(id) {
				return
			}
		}
	}
}
