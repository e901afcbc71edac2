package search

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/stardrive/stardrive/internal/filekind"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// FacetField names something by which hits are counted.
type FacetField string

// The fields.
const (
	FacetKind      FacetField = "kind"
	FacetExtension FacetField = "extension"
	FacetYear      FacetField = "year"
	FacetSize      FacetField = "size"
	FacetLocation  FacetField = "location"
	FacetVolume    FacetField = "volume"
	FacetTag       FacetField = "tag"
)

// Enum lists the fields, for schemas.
func (FacetField) Enum() []string {
	return []string{string(FacetKind), string(FacetExtension), string(FacetYear), string(FacetSize), string(FacetLocation), string(FacetVolume), string(FacetTag)}
}

// TypeName is what clients call the type.
func (FacetField) TypeName() string { return "SearchFacetField" }

// Facet counts all hits by one field.
type Facet struct {
	Field  FacetField   `json:"field" jsonschema:"what is counted"`
	Values []FacetValue `json:"values" jsonschema:"the most frequent ones first; years and sizes in their order"`
}

// FacetValue is one value of a facet.
type FacetValue struct {
	Value string `json:"value" jsonschema:"the value, for people"`
	Query string `json:"query" jsonschema:"what to add to the query to find just these"`
	Count int    `json:"count" jsonschema:"how many hits have it"`
}

// maxFacetValues is how many values a facet shows.
const maxFacetValues = 20

// sizeClasses are named ranges of sizes, from the one before on up to these bytes.
var sizeClasses = []struct {
	name string
	upTo int64
}{
	{"empty", 0}, {"tiny", 16e3}, {"small", 1e6}, {"medium", 100e6}, {"large", 1e9}, {"huge", 10e9}, {"gigantic", 1<<63 - 1},
}

// firstYear and lastYear bound the years that are counted each for itself, which
// nanoseconds in 64 bits reach.
const (
	firstYear = 1970
	lastYear  = 2261
)

// anchor is a folder by which hits are counted: of a location or a volume.
type anchor struct {
	id    ident.EntryID
	name  string
	query string
}

// counting is what a search counts.
type counting struct {
	fields             []FacetField
	locations, volumes []anchor
	years              [lastYear - firstYear + 2]int64 // when each begins
	tags               tagRows
}

func newCounting(fields []FacetField, zone *time.Location) *counting {
	c := &counting{fields: fields}
	for i := range c.years {
		c.years[i] = time.Date(firstYear+i, 1, 1, 0, 0, 0, 0, zone).UnixNano()
	}
	return c
}

// year returns the index of the year that a moment is in, -1 if it is not known.
func (c *counting) year(at int64) int {
	if at == 0 {
		return -1
	}
	const average = int64(365.2425 * 24 * float64(time.Hour))
	i := min(max(int(at/average), 0), len(c.years)-2)
	for i > 0 && at < c.years[i] {
		i--
	}
	for i < len(c.years)-2 && at >= c.years[i+1] {
		i++
	}
	return i
}

// tally are the numbers of hits by every field.
type tally struct {
	kinds              map[string]int
	exts               map[string]int
	years              [lastYear - firstYear + 1]int
	sizes              [8]int
	locations, volumes []int // one more than there are: those of none first
	tags               []int
}

// countRows counts the rows of a worker.
func (w *worker) countRows() {
	q := w.query.count
	if w.counts == nil {
		w.counts = &tally{kinds: map[string]int{}, exts: map[string]int{}, locations: make([]int, len(q.locations)+1), volumes: make([]int, len(q.volumes)+1), tags: make([]int, len(q.tags.names))}
	}
	for _, f := range q.fields {
		switch f {
		case FacetKind:
			w.countKinds()
		case FacetExtension:
			w.countExtensions()
		case FacetYear:
			w.rows.each(func(row int) {
				if y := q.year(w.seg.modified[row]); y >= 0 {
					w.counts.years[y]++
				}
			})
		case FacetSize:
			w.rows.each(func(row int) {
				if w.seg.kinds[row] == vfs.File {
					w.counts.sizes[sizeClass(w.seg.sizes[row])]++
				}
			})
		case FacetLocation:
			w.countAnchors(q.locations, w.counts.locations, f)
		case FacetVolume:
			w.countAnchors(q.volumes, w.counts.volumes, f)
		case FacetTag:
			q.tags.count(w)
		}
	}
}

func sizeClass(size int64) int {
	for i := range sizeClasses {
		if size <= sizeClasses[i].upTo {
			return i
		}
	}
	return len(sizeClasses) - 1
}

func (w *worker) countKinds() {
	var n [256][filekind.Count]int
	w.rows.each(func(row int) { n[w.seg.kinds[row]][w.class(row)]++ })
	for k := range n {
		for c, count := range n[k] {
			if count > 0 {
				w.counts.kinds[kindOf(vfs.Kind(k), filekind.Kind(c))] += count
			}
		}
	}
}

func (w *worker) countExtensions() {
	n := make([]int, len(w.seg.extEnds))
	w.rows.each(func(row int) { n[w.seg.ext[row]]++ })
	for i, count := range n {
		if i > 0 && count > 0 {
			w.counts.exts[string(w.seg.extension(i))] += count
		}
	}
}

func (w *worker) countAnchors(anchors []anchor, n []int, key FacetField) {
	ids := make([]ident.EntryID, len(anchors))
	for i := range anchors {
		ids[i] = anchors[i].id
	}
	c := w.climber(key, nearest(ids))
	w.rows.each(func(row int) {
		if i := slices.Index(ids, w.seg.ids[row]); i >= 0 {
			n[i+1]++ // the folder itself
			return
		}
		n[c.of(w.seg, row)]++
	})
}

// plus adds what another worker counted.
func (c *tally) plus(o *tally) *tally {
	if c == nil || o == nil {
		return cmp.Or(c, o)
	}
	for k, n := range o.kinds {
		c.kinds[k] += n
	}
	for k, n := range o.exts {
		c.exts[k] += n
	}
	add(c.years[:], o.years[:])
	add(c.sizes[:], o.sizes[:])
	add(c.locations, o.locations)
	add(c.volumes, o.volumes)
	add(c.tags, o.tags)
	return c
}

func add(to, from []int) {
	for i := range from {
		to[i] += from[i]
	}
}

// show tells what was counted.
func (c *counting) show(t *tally) (facets []Facet) {
	if t == nil {
		t = &tally{}
	}
	for _, f := range c.fields {
		facet := Facet{Field: f, Values: []FacetValue{}}
		put := func(value, query string, n int) {
			if n > 0 {
				facet.Values = append(facet.Values, FacetValue{value, query, n})
			}
		}
		switch f {
		case FacetKind:
			for k, n := range t.kinds {
				put(k, "kind:"+k, n)
			}
		case FacetExtension:
			for e, n := range t.exts {
				put(e, "ext:"+quoted(e), n)
			}
		case FacetYear:
			for i := len(t.years) - 1; i >= 0; i-- {
				year := strconv.Itoa(firstYear + i)
				put(year, "modified:"+year, t.years[i])
			}
		case FacetSize:
			for i, s := range sizeClasses {
				put(s.name, "size:"+s.name, t.sizes[i])
			}
		case FacetLocation:
			for i, a := range c.locations[:max(0, len(t.locations)-1)] {
				put(a.name, a.query, t.locations[i+1])
			}
		case FacetVolume:
			for i, a := range c.volumes[:max(0, len(t.volumes)-1)] {
				put(a.name, a.query, t.volumes[i+1])
			}
		case FacetTag:
			for i, n := range t.tags {
				put(c.tags.names[i], "tag:"+quoted(c.tags.names[i]), n)
			}
		}
		if f != FacetYear && f != FacetSize {
			slices.SortFunc(facet.Values, func(a, b FacetValue) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value)) })
		}
		facet.Values = facet.Values[:min(maxFacetValues, len(facet.Values))]
		facets = append(facets, facet)
	}
	return facets
}
