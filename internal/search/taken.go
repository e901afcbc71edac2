package search

import (
	"cmp"
	"context"
	"encoding/json"
	"math"
	"slices"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/ident"
)

// takenTimes are when the contents of some entries were taken, in nanoseconds, by
// content. A million of them are 16 MB, for as long as one search needs them.
type takenTimes []takenAt

type takenAt struct{ content, at int64 }

// of tells when a content was taken; ok is false where nobody knows.
func (t takenTimes) of(content ident.ContentID) (at int64, ok bool) {
	i, ok := slices.BinarySearchFunc(t, int64(content), func(a takenAt, c int64) int { return cmp.Compare(a.content, c) })
	if !ok {
		return 0, false
	}
	return t[i].at, true
}

// order is the number by which a row is sorted: what has no date comes last, either
// way round.
func (t takenTimes) order(content ident.ContentID, descending bool) int64 {
	switch at, ok := t.of(content); {
	case ok:
		return at
	case descending:
		return math.MinInt64
	default:
		return math.MaxInt64
	}
}

// fewContents is up to how many contents are asked for by their ids, a tenth of them
// at once: beyond, one walk over the index of all dates costs less.
const fewContents = 20_000

// takenOf asks when the contents of all that fits were taken.
func (s *Service) takenOf(ctx context.Context, fits node) (times takenTimes, err error) {
	var some set
	if _, err = s.on(ctx, func(ctx context.Context, t *table) error {
		some = set{}
		return t.gather(ctx, fits, &some, func(seg *segment, row int) int64 { return int64(seg.contents[row]) })
	}); err != nil {
		return nil, err
	}
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		if some.count > s.few {
			times, err = dates(r, times, &some, "SELECT content_id, taken_ns FROM facts WHERE taken_ns IS NOT NULL")
			return err
		}
		page := make([]int64, 0, max(1, s.few/10))
		ask := func() (err error) {
			list, err := json.Marshal(page)
			if err == nil {
				times, err = dates(r, times, &some, "SELECT content_id, taken_ns FROM facts WHERE content_id IN (SELECT value FROM json_each(?)) AND taken_ns IS NOT NULL", string(list))
			}
			page = page[:0]
			return err
		}
		some.each(func(n int64) bool {
			if page = append(page, n); len(page) == cap(page) {
				err = ask()
			}
			return err == nil && ctx.Err() == nil
		})
		if err == nil && len(page) > 0 {
			err = ask()
		}
		return cmp.Or(err, ctx.Err())
	})
	slices.SortFunc(times, func(a, b takenAt) int { return cmp.Compare(a.content, b.content) })
	return times, err
}

// dates adds what a query tells of some contents.
func dates(r *catalog.Reader, times takenTimes, some *set, query string, args ...any) (takenTimes, error) {
	rows, err := r.Store().Query(query, args...)
	if err != nil {
		return times, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var t takenAt
		if err := rows.Scan(&t.content, &t.at); err != nil {
			return times, err
		}
		if some.has(t.content) {
			times = append(times, t)
		}
	}
	return times, rows.Err()
}
