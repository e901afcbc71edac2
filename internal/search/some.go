package search

import (
	"context"
	"fmt"
	"slices"

	"github.com/stardrive/stardrive/internal/search/fulltext"
)

const (
	// fewTexts is below how many texts that hold all words such are looked for that
	// hold some of them, as whole questions need.
	fewTexts = 5
	// mostSome is how many of these are shown.
	mostSome = 20
)

// bySome adds texts that hold some of the words, behind those that hold all.
func (x *textual) bySome(ctx context.Context, q question) error {
	room := min(x.limit-len(x.out.Texts), mostSome)
	all, ok := q.words[0].(fulltext.And)
	if len(q.words) != 1 || !ok || room <= 0 {
		return nil
	}
	some, err := x.Texts.Some(ctx, all)
	if err != nil || some == nil {
		return x.later(ctx, err)
	}
	wanted := x.wanted
	if wanted == nil {
		if wanted, err = x.contents(ctx, q.filters); err != nil {
			return err
		}
	}
	f, err := x.Texts.Find(ctx, some, func(id int64) bool { return wanted.has(id) && !x.seen[id] })
	if err != nil {
		return x.later(ctx, err)
	}
	var found []scored
	for _, h := range f.Hits {
		found = append(found, scored{h.ID, h.Score, -1})
	}
	slices.SortFunc(found, byScore)
	x.rank(ctx, found)
	found = found[:min(len(found), room)]
	before := len(x.out.Texts)
	for i := range found {
		x.seen[found[i].id], found[i].score = true, placeWorth(before+i)
	}
	hits, err := x.show(ctx, found, fulltext.Or{some}, or{q.filters})
	if err != nil || len(hits) == 0 {
		return err
	}
	x.out.Texts = append(x.out.Texts, hits...)
	x.out.TextsSome, x.out.TextsTotal = len(hits), x.out.TextsTotal+len(hits)
	if before == 0 {
		x.out.Hints = append(x.out.Hints, Hint{Text: "no text holds all of these words; shown are such as hold some"})
	} else {
		x.out.Hints = append(x.out.Hints, Hint{Text: fmt.Sprintf("texts hold all of these words, but for the last %d, which hold some", len(hits))})
	}
	return nil
}
