// Package search finds entries by their names, over the whole library and all
// its volumes, also those that are offline. It answers from an index of its own
// that it makes of the catalogue, keeps true by following the change feed, and
// stores in a file that can be lost at any time. It reads no user's disk and
// changes nothing else.
package search

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/event"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/op"
	"github.com/stardrive/stardrive/internal/search/fulltext"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Options are what a Service is made of.
type Options struct {
	Catalog *catalog.Catalog
	Bus     *event.Bus
	// Path is where the index file is kept, beside the database of Library. "":
	// the index is kept in memory, and made anew at every start.
	Path    string
	Library ident.LibraryID
	// Ground tells where a volume stands now, for what hits show.
	Ground func(catalog.Volume) catalog.Ground
	// Folder finds the entry of a folder given by path.
	Folder func(ctx context.Context, path string) (ident.EntryID, error)
	// Resolve tells where a path stands, for folders that are not indexed; nil: these
	// are not searched.
	Resolve func(ctx context.Context, path string, follow bool) (catalog.Place, error)
	// Entry finds the entry at a path.
	Entry func(ctx context.Context, path string) (ident.EntryID, error)
	// Texts finds by the words in files; nil: nothing does.
	Texts *fulltext.Index
	// TextsDue, unless nil, tells whether texts are being read that are not found yet.
	TextsDue func(ctx context.Context) bool
	// Added finds by what users added; nil: nothing does.
	Added Added
	// Rested, unless nil, is called when nothing was searched or changed for some
	// seconds, and memory was let go that others may give back to the system.
	Rested func()
	Log    *slog.Logger
	Now    func() time.Time
}

// Service answers searches of one library once Serve runs.
type Service struct {
	Options
	stands atomic.Pointer[stand]
	perSeg int // segmentRows, but for tests
	few    int // fewContents, but for tests
}

// stand is what queries are answered from, for a while.
type stand struct {
	table *table // nil: there is nothing
	whole bool   // it holds all of the catalogue, but for the newest changes
	fail  context.CancelCauseFunc
	over  chan struct{} // closed when another stands in its place
}

// New returns a Service; Serve makes it work.
func New(o Options) *Service {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Service{Options: o, perSeg: segmentRows, few: fewContents}
	s.stands.Store(&stand{over: make(chan struct{})})
	return s
}

// show makes t what queries are answered from; only the keeper does that.
func (k *keeper) show(t *table, whole bool) {
	old := k.stands.Swap(&stand{t, whole, k.fail, make(chan struct{})})
	close(old.over)
}

// Children calls fn, which must be quick, with all that is present in a folder,
// in no order. The folded name is fn's only until it returns. It costs a pass
// over a column of all entries: less than a millisecond for a million. What it
// tells was so at seq of the change feed; ok is false while it does not know
// all, and then what it told does not count.
func (s *Service) Children(folder ident.EntryID, fn func(id ident.EntryID, kind vfs.Kind, hidden bool, folded []byte, size, modified int64)) (seq int64, ok bool) {
	st := s.stands.Load()
	if st.table == nil || !st.whole {
		return 0, false
	}
	if err := guard(func() { seq, ok = st.table.children(folder, fn) }); err != nil {
		st.fail(err)
		return 0, false
	}
	return seq, ok
}

// QueryIn is a search.
type QueryIn struct {
	Query      string       `json:"query" cli:"1" jsonschema:"words that the name holds, in any order, patterns, and filters such as kind:image size:>10mb; see docs/search.md"`
	In         string       `json:"in,omitempty" jsonschema:"only below this folder"`
	Exact      bool         `json:"exact,omitempty" jsonschema:"with case and accents as they are typed"`
	Groups     []Group      `json:"groups,omitempty" jsonschema:"what to answer with; default: names, and for words by relevance texts and what is similar, too"`
	Sort       Sort         `json:"sort,omitempty" jsonschema:"order of the hits; default relevance"`
	Descending bool         `json:"descending,omitempty" jsonschema:"the other way round, but for relevance"`
	Facets     []FacetField `json:"facets,omitempty" jsonschema:"count all hits by these"`
	Limit      int          `json:"limit,omitempty" jsonschema:"how many hits to return; default 50" min:"0" max:"1000"`
	Offset     int          `json:"offset,omitempty" jsonschema:"how many of the first hits to leave out" min:"0" max:"100000"`
	Cursor     string       `json:"cursor,omitempty" jsonschema:"next or texts_next of the page before, of the same search: what follows it among the names, or in texts"`
}

// Hit is an entry that was found.
type Hit struct {
	catalog.View
	Score float64 `json:"score" jsonschema:"higher is better"`
	Match string  `json:"match" jsonschema:"how the name fits: exact, prefix, word, inside, filter (no words were asked for) or fuzzy"`
}

// Hits is the answer to a search.
type Hits struct {
	Items []Hit  `json:"items" jsonschema:"hits in their order, the best first unless asked otherwise"`
	Total int    `json:"total" jsonschema:"how many entries fit"`
	Next  string `json:"next,omitempty" jsonschema:"cursor of the next page of items; none after the last"`
	Seq   int64  `json:"seq,omitempty" jsonschema:"change of the library up to which the answer is true: ask again when an event of a later one comes, or search.texts"`
	Fuzzy int    `json:"fuzzy,omitempty" jsonschema:"how many of these fit but for a slip or two; they come last"`

	Texts      []TextHit `json:"texts,omitempty" jsonschema:"files that hold the words in their text, the best first"`
	TextsTotal int       `json:"texts_total,omitempty" jsonschema:"how many there are, each content once"`
	TextsMore  bool      `json:"texts_more,omitempty" jsonschema:"there are more, which were not looked at"`
	TextsSome  int       `json:"texts_some,omitempty" jsonschema:"how many of these texts hold only some of the words; they come last"`
	TextsNext  string    `json:"texts_next,omitempty" jsonschema:"cursor of the next page of texts alone; none after the last"`
	Similar    []TextHit `json:"similar,omitempty" jsonschema:"files that are about the same and were not found by their words, the nearest first"`

	Facets  []Facet `json:"facets,omitempty" jsonschema:"what was asked to be counted"`
	Hints   []Hint  `json:"hints,omitempty" jsonschema:"what of the query was not understood as it may have been meant"`
	Partial bool    `json:"partial,omitempty" jsonschema:"an index is being made, or time was up: more may fit"`
	Live    bool    `json:"live,omitempty" jsonschema:"the folder is not indexed, and was looked at on its disk: names alone, without further pages"`
	TookMS  float64 `json:"took_ms" jsonschema:"milliseconds the search took"`

	last *cursor // of the last hit, if there are more
}

// Ops is this domain's table of operations.
func (s *Service) Ops() []op.Def {
	return append([]op.Def{
		op.NewQuery("search.query", "Find files and folders by name, text and meaning", s.query, op.Example("stardrive search holiday 2024")),
		op.NewQuery("search.sums", "Sum up files by kind, year, month taken or volume", s.sums, op.Example("stardrive search sums --by kind --by year")),
		op.NewQuery("search.similar", "Find files that are about the same as one", s.similar, op.Hidden(), op.Example("stardrive search similar:$HOME/report.pdf")),
		op.NewQuery("search.complete", "Complete a query that is being typed", s.complete, op.Hidden(), op.Example("stardrive op search.complete '{\"query\":\"kind:im\"}'")),
	}, append(s.savedOps(), s.recentOps()...)...)
}

const (
	// loadPatience is how long a search waits for an index to answer from.
	loadPatience = 10 * time.Second
	// wholePatience is how long it waits for one that holds all.
	wholePatience = time.Second
)

// ready returns what a search is answered from: as soon as it is whole, or what
// is there after a moment. Errors: errs.Unavailable.
func (s *Service) ready(ctx context.Context) (*stand, error) {
	moment, late := time.NewTimer(wholePatience), time.NewTimer(loadPatience)
	defer moment.Stop()
	defer late.Stop()
	settle := false
	for {
		st := s.stands.Load()
		if st.table != nil && (st.whole || settle) {
			return st, nil
		}
		select {
		case <-st.over:
		case <-moment.C:
			settle = true
		case <-late.C:
			return nil, errs.New(errs.Unavailable, "the index of names is not ready yet").Try("Try again in a moment.")
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
