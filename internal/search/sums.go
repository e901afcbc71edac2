package search

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/stardrive/stardrive/internal/filekind"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// SumField names something by which files are summed up.
type SumField string

// The fields.
const (
	SumKind   SumField = "kind"
	SumYear   SumField = "year"
	SumTaken  SumField = "taken"
	SumVolume SumField = "volume"
)

// Enum lists the fields, for schemas.
func (SumField) Enum() []string {
	return []string{string(SumKind), string(SumYear), string(SumTaken), string(SumVolume)}
}

// TypeName is what clients call the type.
func (SumField) TypeName() string { return "SearchSumField" }

// SumsIn chooses files to be summed up.
type SumsIn struct {
	Query string     `json:"query,omitempty" cli:"1" jsonschema:"only files that this query finds; default: all. Words are held against names, without slips"`
	In    string     `json:"in,omitempty" jsonschema:"only below this folder"`
	By    []SumField `json:"by" jsonschema:"kind, year (of the last change), taken (the month a photo was taken in) or volume"`
}

// Sums tell what files come to.
type Sums struct {
	Files   int64  `json:"files" jsonschema:"files that fit"`
	Bytes   int64  `json:"bytes" jsonschema:"their bytes; each name of a file counts"`
	Sums    []Sum  `json:"sums" jsonschema:"as they were asked for"`
	Partial bool   `json:"partial,omitempty" jsonschema:"an index is being made: there may be more"`
	Hints   []Hint `json:"hints,omitempty" jsonschema:"what of the query was not understood as it may have been meant"`
}

// TypeName is what clients call the type.
func (Sums) TypeName() string { return "SearchSums" }

// Sum sums up all files by one field.
type Sum struct {
	By     SumField   `json:"by" jsonschema:"what they are summed up by"`
	Values []SumValue `json:"values" jsonschema:"years and months: the latest first, what has none last; else what takes most first"`
}

// SumValue is one value of a sum.
type SumValue struct {
	Value string `json:"value" jsonschema:"image, 2024, 2024-03, the volume's name; empty: what has none"`
	Query string `json:"query" jsonschema:"what to add to the query to find just these"`
	Files int64  `json:"files" jsonschema:"how many"`
	Bytes int64  `json:"bytes" jsonschema:"their bytes"`
}

type amount struct{ files, bytes int64 }

func (a *amount) add(size int64) { a.files, a.bytes = a.files+1, a.bytes+size }

// summing is what a worker sums up. Months are counted from the year 0 on.
type summing struct {
	all     amount
	kinds   [filekind.Count]amount
	years   map[int]*amount
	months  map[int]*amount
	volumes []amount // those of none first
}

func newSumming(volumes int) *summing {
	return &summing{years: map[int]*amount{}, months: map[int]*amount{}, volumes: make([]amount, volumes+1)}
}

// none stands for what has no year or month.
const none = -1

// sums sums up files in one pass over the index, whose columns hold what is asked.
func (s *Service) sums(ctx context.Context, in SumsIn) (out Sums, err error) {
	a, err := s.look(ctx, false)
	if err != nil {
		return out, err
	}
	var within ident.EntryID
	if in.In != "" {
		if within, err = s.Folder(ctx, in.In); err != nil {
			return out, err
		}
	}
	query := "kind:file"
	if in.Query != "" {
		query = in.Query
	}
	q, hints, _ := parse(query, a.around, within, false)
	known, err := q.ready(ctx)
	if err != nil {
		return out, err
	}
	var times takenTimes
	if slices.Contains(in.By, SumTaken) {
		if times, err = s.takenOf(ctx, q.fits); err != nil {
			return out, err
		}
	}
	volumes := make([]ident.EntryID, len(a.places.volumes))
	for i, v := range a.places.volumes {
		volumes[i] = v.id
	}
	total := newSumming(len(volumes))
	whole, err := s.on(ctx, func(ctx context.Context, t *table) error {
		total = newSumming(len(volumes))
		sums := &summer{by: in.By, volumes: volumes, times: times, calendar: newCounting(nil, a.now.Location()), zone: a.now.Location()}
		return t.scan(ctx, q.fits, scanner{
			begin: func(w *worker) { w.query = q },
			look:  func(w *worker) { sums.take(w) },
			end:   func([]worker, int64) { total = sums.total() },
		})
	})
	if err != nil {
		return out, err
	}
	out = Sums{Files: total.all.files, Bytes: total.all.bytes, Partial: !whole || !known, Hints: hints, Sums: []Sum{}}
	for _, by := range in.By {
		out.Sums = append(out.Sums, Sum{by, total.show(by, a.places.volumes)})
	}
	return out, nil
}

// monthOf counts the months since the year 0.
func monthOf(at int64, zone *time.Location) int {
	t := time.Unix(0, at).In(zone)
	return t.Year()*12 + int(t.Month()) - 1
}

// show lists the values of one field.
func (s *summing) show(by SumField, volumes []anchor) []SumValue {
	list := []SumValue{}
	put := func(value, query string, a amount) {
		if a.files > 0 {
			list = append(list, SumValue{value, query, a.files, a.bytes})
		}
	}
	switch by {
	case SumKind:
		for k, a := range s.kinds {
			put(filekind.Kind(k).String(), "kind:"+filekind.Kind(k).String(), a)
		}
	case SumVolume:
		put("", "", s.volumes[0])
		for i, v := range volumes {
			put(v.name, v.query, s.volumes[i+1])
		}
	case SumYear:
		for _, year := range latestFirst(s.years) {
			if year == none {
				put("", "-modified:1800..2200", *s.years[year])
				continue
			}
			put(strconv.Itoa(year), "modified:"+strconv.Itoa(year), *s.years[year])
		}
		return list
	case SumTaken:
		for _, m := range latestFirst(s.months) {
			if m == none {
				put("", "-taken:1800..2200", *s.months[m])
				continue
			}
			month := time.Date(m/12, time.Month(m%12+1), 1, 0, 0, 0, 0, time.UTC).Format("2006-01")
			put(month, "taken:"+month, *s.months[m])
		}
		return list
	}
	slices.SortStableFunc(list, func(a, b SumValue) int { return int(min(max(b.Bytes-a.Bytes, -1), 1)) })
	return list
}

// latestFirst are the keys, the greatest first.
func latestFirst(of map[int]*amount) []int {
	keys := make([]int, 0, len(of))
	for k := range of {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b int) int { return b - a })
	return keys
}

// plus adds what another worker summed up.
func (s *summing) plus(o *summing) {
	merge := func(to *amount, from amount) { to.files, to.bytes = to.files+from.files, to.bytes+from.bytes }
	merge(&s.all, o.all)
	for i := range s.kinds {
		merge(&s.kinds[i], o.kinds[i])
	}
	for i := range s.volumes {
		merge(&s.volumes[i], o.volumes[i])
	}
	for k, a := range o.years {
		merge(in(s.years, k), *a)
	}
	for k, a := range o.months {
		merge(in(s.months, k), *a)
	}
}

// in is the amount with a key, which is made if there is none.
func in(of map[int]*amount, key int) *amount {
	a := of[key]
	if a == nil {
		a = &amount{}
		of[key] = a
	}
	return a
}

// summer sums up what the workers of a scan find, each for itself.
type summer struct {
	by       []SumField
	volumes  []ident.EntryID
	times    takenTimes
	calendar *counting
	zone     *time.Location

	mu  sync.Mutex
	own map[*worker]*summing
}

func (s *summer) of(w *worker) *summing {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.own == nil {
		s.own = map[*worker]*summing{}
	}
	if s.own[w] == nil {
		s.own[w] = newSumming(len(s.volumes))
	}
	return s.own[w]
}

// take sums up the files among the rows of a worker.
func (s *summer) take(w *worker) {
	own, seg := s.of(w), w.seg
	files := func(fn func(row int, size int64)) {
		w.rows.each(func(row int) {
			if seg.kinds[row] == vfs.File {
				fn(row, seg.sizes[row])
			}
		})
	}
	files(func(_ int, size int64) { own.all.add(size) })
	for _, by := range s.by {
		switch by {
		case SumKind:
			files(func(row int, size int64) { own.kinds[w.class(row)].add(size) })
		case SumYear:
			files(func(row int, size int64) {
				year := s.calendar.year(seg.modified[row])
				if year != none {
					year += firstYear
				}
				in(own.years, year).add(size)
			})
		case SumTaken:
			files(func(row int, size int64) {
				month := none
				if at, ok := s.times.of(seg.contents[row]); ok {
					month = monthOf(at, s.zone)
				}
				in(own.months, month).add(size)
			})
		case SumVolume:
			c := w.climber(SumVolume, nearest(s.volumes))
			files(func(row int, size int64) { own.volumes[c.of(seg, row)].add(size) })
		}
	}
}

// total is what all workers found together.
func (s *summer) total() *summing {
	all := newSumming(len(s.volumes))
	for _, own := range s.own {
		all.plus(own)
	}
	return all
}
