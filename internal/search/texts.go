package search

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/embed"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/search/fulltext"
)

// Group names a part of an answer.
type Group string

// The groups.
const (
	InNames   Group = "names"
	InTexts   Group = "texts"
	InMeaning Group = "similar"
)

// Enum lists the groups, for schemas.
func (Group) Enum() []string { return []string{string(InNames), string(InTexts), string(InMeaning)} }

// TypeName is what clients call the type.
func (Group) TypeName() string { return "SearchGroup" }

// TextHit is a file that was found by its text, or by what that means: the best
// of the copies that fit the query.
type TextHit struct {
	catalog.View
	Content  ident.ContentID    `json:"content" jsonschema:"what its bytes are: all copies have the same"`
	Copies   int                `json:"copies" jsonschema:"how many files of the library have these bytes"`
	Score    float64            `json:"score" jsonschema:"higher is better; those of texts and similar can be compared"`
	Title    string             `json:"title,omitempty" jsonschema:"the document's own title"`
	Marks    [][2]int           `json:"marks,omitempty" jsonschema:"where in the title the words stand: from and to, in characters (code points)"`
	Snippets []fulltext.Snippet `json:"snippets" jsonschema:"pieces of the text"`
}

// rerank is how many of the best by words are ordered by meaning as well.
const rerank = 100

// placeWorth is the score of a place in an order.
func placeWorth(place int) float64 { return 1 / float64(61+place) }

// groups are those that are asked for, or what a query of its sort means.
func (in *QueryIn) groups(q *query, after *cursor) []Group {
	switch {
	case after != nil && after.Group != "":
		return []Group{after.Group}
	case len(in.Groups) > 0:
		return in.Groups
	case in.Sort != "" && in.Sort != ByRelevance, in.Cursor != "": // the others came with the first page
		return []Group{InNames}
	case len(q.like) > 0:
		return []Group{InMeaning}
	case q.inText:
		return []Group{InTexts, InMeaning}
	case q.said != "":
		return []Group{InNames, InTexts, InMeaning}
	}
	return []Group{InNames}
}

// textual is a query of texts at work.
type textual struct {
	*Service
	sight  *sight
	q      *query
	limit  int
	offset int
	after  *cursor   // where the page before of texts ended
	in     QueryIn   // what was asked
	vector []float32 // of what is asked for; nil: there is none
	out    *Hits
	seen   map[int64]bool // contents that are shown already
	wanted *set           // contents of what fits all filters, if that is known
}

// scored is a content that was found.
type scored struct {
	id    int64
	score float64
	chunk int // the piece of it that is nearest; -1: words are looked for
}

// run adds the groups of texts to the answer.
func (x *textual) run(ctx context.Context, groups []Group) (err error) {
	defer func() { x.out.Partial = x.out.Partial || x.Texts.Partial() }()
	if x.TextsDue != nil && x.TextsDue(ctx) {
		x.out.Partial = true
	}
	if empty, err := x.Texts.Empty(ctx); err != nil || empty {
		return x.later(ctx, err)
	}
	if x.vector == nil {
		if len(x.q.like) > 0 {
			var self ident.ContentID
			x.vector, self, err = x.meaning(ctx, x.q.like[0])
			x.seen[int64(self)] = true
		} else {
			x.vector, err = x.Texts.Vector(ctx, sayable(x.q.said))
		}
		if err != nil && ctx.Err() != nil {
			return err
		}
	}
	if err != nil {
		x.Log.Debug("Meaning was not asked", "error", err)
		x.out.Partial = true
		x.out.Hints = append(x.out.Hints, Hint{Text: "what is about the same was not looked for, nor what is found ordered by it: " + err.Error()})
	}
	if shown := slices.Contains(groups, InTexts); shown || len(x.q.like) == 0 { // what words find is not shown by its meaning again
		if err := x.byWords(ctx, shown); err != nil {
			return err
		}
	}
	if slices.Contains(groups, InMeaning) {
		return x.byMeaning(ctx)
	}
	return nil
}

// byWords finds texts by their words, and orders the best of them by meaning, too.
// Those that are not shown are only noted.
func (x *textual) byWords(ctx context.Context, shown bool) error {
	qs, ok := x.q.sense.questions()
	if !ok {
		x.out.Hints = append(x.out.Hints, Hint{Text: "the query has too many alternatives for texts, which are not looked through"})
		return nil
	}
	best := map[int64]float64{}
	var words fulltext.Or
	var filters or
	for _, one := range qs {
		wanted, err := x.contents(ctx, one.filters)
		if err != nil {
			return err
		}
		f, err := x.Texts.Find(ctx, one.words, wanted.has)
		if err != nil {
			return x.later(ctx, err)
		}
		if len(qs) == 1 && x.q.sense.oneWay() {
			x.wanted = wanted
		}
		x.out.Partial = x.out.Partial || f.Late
		if shown {
			x.out.TextsTotal, x.out.TextsMore = x.out.TextsTotal+f.Total, x.out.TextsMore || f.More
		}
		for _, h := range f.Hits {
			best[h.ID] = max(best[h.ID], h.Score)
		}
		words, filters = append(words, one.words...), append(filters, one.filters)
	}
	found := make([]scored, 0, len(best))
	for id, score := range best {
		found = append(found, scored{id, score, -1})
	}
	for _, s := range found {
		x.seen[s.id] = true
	}
	if !shown {
		return nil
	}
	slices.SortFunc(found, byScore)
	if len(qs) > 1 {
		x.out.TextsTotal = len(found) // some are met in several ways
	}
	x.rank(ctx, found)
	from := min(x.offset, len(found))
	if x.after != nil {
		from = x.after.textsAfter(found)
	}
	end := min(from+x.limit, len(found))
	if from < end && end < len(found) {
		x.out.TextsNext = x.in.textCursor(found[from:end], end-1).String()
	}
	var err error
	x.out.Texts, err = x.show(ctx, found[from:end], words, filters)
	if err == nil && len(qs) == 1 && len(found) < fewTexts && x.after == nil && x.offset == 0 {
		return x.bySome(ctx, qs[0])
	}
	return err
}

func byScore(a, b scored) int {
	return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(b.id, a.id))
}

// rank orders the best of what was found by words, the best first, by meaning as
// well, and gives all scores by their places.
func (x *textual) rank(ctx context.Context, found []scored) {
	if top := found[:min(rerank, len(found))]; x.vector != nil && len(top) > 1 {
		x.rerank(ctx, top)
	}
	for i := range found {
		found[i].score = placeWorth(i)
	}
}

func (x *textual) rerank(ctx context.Context, top []scored) {
	ids := make([]int64, len(top))
	for i := range top {
		ids[i] = top[i].id
	}
	near, err := x.Texts.Rescore(ctx, x.vector, ids)
	if err != nil || len(near) == 0 {
		return // the order by words is a good one
	}
	least := slices.Min(slices.Collect(maps.Values(near))) // of what is not known, whose vectors are not made yet
	words, meaning := make([]float64, len(top)), make([]float64, len(top))
	for i, s := range top {
		words[i], meaning[i] = s.score, float64(least)
		if n, known := near[s.id]; known {
			meaning[i] = float64(n)
		}
	}
	before := slices.Clone(top)
	for i, from := range Fuse(words, meaning) {
		top[i] = before[from]
	}
}

// alike drops from what is nearest, nearest first, what is about something else.
func alike(near []fulltext.Near, cut embed.Cut) []fulltext.Near {
	if len(near) == 0 || near[0].Score < float64(cut.Nearest) {
		return nil
	}
	least := max(float64(cut.Each), float64(cut.Share)*near[0].Score)
	for i, n := range near {
		if n.Score < least {
			return near[:i]
		}
	}
	return near
}

// sayable are the words of a text that a model may know: numbers and what has
// digits in it are near to all other numbers.
func sayable(text string) string {
	return strings.Join(slices.DeleteFunc(strings.Fields(text), func(w string) bool {
		return strings.ContainsFunc(w, unicode.IsDigit) || !strings.ContainsFunc(w, unicode.IsLetter)
	}), " ")
}

// byMeaning finds texts that are about what is asked for, and were not found by
// its words.
func (x *textual) byMeaning(ctx context.Context) error {
	if x.vector == nil {
		return nil
	}
	filters, without := x.q.sense.filters()
	wanted := x.wanted
	if wanted == nil {
		var err error
		if wanted, err = x.contents(ctx, filters); err != nil {
			return err
		}
	}
	left := map[int64]bool{}
	if len(without) > 0 {
		if _, err := x.Texts.All(ctx, without, maxContents, func(id int64) { left[id] = true }); err != nil {
			return x.later(ctx, err)
		}
	}
	near, err := x.Texts.Nearest(ctx, x.vector, x.offset+x.limit, func(id int64) bool { return wanted.has(id) && !x.seen[id] && !left[id] })
	if err != nil {
		return x.later(ctx, err)
	}
	var found []scored
	for i, n := range alike(near, x.Texts.Cut()) {
		if i >= x.offset {
			found = append(found, scored{n.ID, placeWorth(i), n.Chunk})
		}
	}
	x.out.Similar, err = x.show(ctx, found, nil, or{filters})
	return err
}

// later passes over errors of texts that are not ready: names are found as ever.
func (x *textual) later(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return err
	}
	if err != nil {
		x.Log.Debug("Texts were not searched", "error", err)
		x.out.Partial = true
	}
	return nil
}

// contents are those of all entries that fit.
func (x *textual) contents(ctx context.Context, fits node) (some *set, err error) {
	known, err := x.q.ready(ctx)
	if err != nil {
		return nil, err
	}
	whole, err := x.on(ctx, func(ctx context.Context, t *table) error {
		some = &set{}
		return t.gather(ctx, and{hasContent{}, fits}, some, func(s *segment, row int) int64 { return int64(s.contents[row]) })
	})
	x.out.Partial = x.out.Partial || !whole || !known
	return some, err
}

// hasContent fits files whose content is known.
type hasContent struct{ coarse }

func (hasContent) keep(w *worker, rows bitmap) {
	s := w.seg
	rows.keep(func(row int) bool { return s.contents[row] != 0 })
}

// show makes hits of what was found, with the best copy of each that fits one of
// the filters. What has no copy any more is left out, and so is what does not hold
// the words, whatever the index says.
func (x *textual) show(ctx context.Context, found []scored, words fulltext.Or, filters or) ([]TextHit, error) {
	if len(found) == 0 {
		return nil, nil
	}
	copies, err := x.copies(ctx, found, filters)
	if err != nil {
		return nil, err
	}
	refs, err := x.refs(ctx, found)
	if err != nil {
		return nil, err
	}
	chunks := map[int64]int{}
	for _, s := range found {
		chunks[s.id] = s.chunk
	}
	var excerpts []fulltext.Excerpt
	if words != nil {
		excerpts, err = x.Texts.Show(ctx, words, refs)
	} else {
		excerpts, err = x.Texts.ShowChunks(ctx, refs, chunks)
	}
	if err != nil {
		return nil, x.later(ctx, err)
	}
	byID := map[int64]fulltext.Excerpt{}
	for _, e := range excerpts {
		byID[e.ID] = e
	}
	var hits []shown
	for _, s := range found {
		if c := copies[ident.ContentID(s.id)]; c != nil && c.entry != 0 && byID[s.id].True {
			hits = append(hits, shown{id: c.entry, score: s.score, content: s.id})
		}
	}
	views, err := x.Service.show(ctx, x.sight.grounds, hits)
	if err != nil {
		return nil, err
	}
	contentOf := map[string]shown{}
	for _, h := range hits {
		contentOf[idText(h.id)] = h
	}
	out := make([]TextHit, 0, len(views))
	for _, v := range views {
		h := contentOf[v.ID]
		e := byID[h.content]
		out = append(out, TextHit{
			View: v.View, Content: ident.ContentID(h.content), Copies: copies[ident.ContentID(h.content)].all, Score: h.score,
			Title: e.Title, Marks: e.Marks, Snippets: e.Snippets,
		})
	}
	return out, nil
}

func idText(id ident.EntryID) string {
	b, _ := id.MarshalText()
	return string(b)
}
