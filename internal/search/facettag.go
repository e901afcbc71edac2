package search

import (
	"iter"
	"slices"
)

// tagRows are the tags of rows, for counting hits by them.
type tagRows struct {
	names             []string
	contents, entries map[int64][]int // to places in names
}

// tagRowsOf reads what users tagged.
func tagRowsOf(added Added) (t tagRows) {
	if added == nil {
		return t
	}
	t.contents, t.entries = map[int64][]int{}, map[int64][]int{}
	added.EachTag(func(tag string, contents, entries iter.Seq[int64]) {
		i := len(t.names)
		t.names = append(t.names, tag)
		for id := range contents {
			t.contents[id] = append(t.contents[id], i)
		}
		for id := range entries {
			t.entries[id] = append(t.entries[id], i)
		}
	})
	return t
}

// count counts the rows of a worker by the tags that they have themselves.
func (t *tagRows) count(w *worker) {
	if len(t.names) == 0 {
		return
	}
	w.rows.each(func(row int) {
		own := t.entries[int64(w.seg.ids[row])]
		for _, i := range own {
			w.counts.tags[i]++
		}
		if c := int64(w.seg.contents[row]); c != 0 {
			for _, i := range t.contents[c] {
				if !slices.Contains(own, i) {
					w.counts.tags[i]++
				}
			}
		}
	})
}
