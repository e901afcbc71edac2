// Package search finds entries by their names, over the whole library and all
// its volumes, also those that are offline. It answers from an index of its own
// that it makes of the catalogue, keeps true by following the change feed, and
// stores in a file that can be lost at any time. It reads no user's disk and
// changes nothing else.
package search

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/event"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/op"
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
	Log    *slog.Logger
	Now    func() time.Time
}

// Service answers searches of one library once Serve runs.
type Service struct {
	Options
	stands atomic.Pointer[stand]
	perSeg int // segmentRows, but for tests
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
	s := &Service{Options: o, perSeg: segmentRows}
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

// Rest gives memory that only helps searching back to the system: the pages of
// the index file, which stay in the system's cache.
func (s *Service) Rest() {
	if t := s.stands.Load().table; t != nil {
		if err := t.rest(); err != nil {
			s.Log.Warn("Memory of the name index was not given back", "error", err)
		}
	}
}

// QueryIn is a search.
type QueryIn struct {
	Query  string `json:"query" cli:"1" jsonschema:"words that the name holds, in any order; case and accents do not matter"`
	In     string `json:"in,omitempty" jsonschema:"only below this folder"`
	Limit  int    `json:"limit,omitempty" jsonschema:"how many hits to return; default 50" min:"0" max:"1000"`
	Offset int    `json:"offset,omitempty" jsonschema:"how many of the best hits to leave out" min:"0" max:"100000"`
}

// Hit is an entry that was found.
type Hit struct {
	catalog.View
	Score float64 `json:"score" jsonschema:"higher is better"`
	Match string  `json:"match" jsonschema:"how the name fits: exact, prefix, word or inside"`
}

// Hits is the answer to a search.
type Hits struct {
	Items   []Hit   `json:"items" jsonschema:"hits, the best first"`
	Total   int     `json:"total" jsonschema:"how many entries fit"`
	Partial bool    `json:"partial,omitempty" jsonschema:"the index of names is being made: more entries may fit"`
	TookMS  float64 `json:"took_ms" jsonschema:"milliseconds the search took"`
}

// Ops is this domain's table of operations.
func (s *Service) Ops() []op.Def {
	return []op.Def{
		op.NewQuery("search.query", "Find files and folders by name", s.query, op.Example("stardrive search holiday 2024")),
	}
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

// find runs q on what there is.
func (s *Service) find(ctx context.Context, q query, limit int) (best []hit, total int, whole bool, err error) {
	for {
		st, err := s.ready(ctx)
		if err != nil {
			return nil, 0, false, err
		}
		best, total, err = st.table.search(ctx, q, limit)
		switch {
		case isFault(err):
			st.fail(err)
		case !errors.Is(err, errClosed):
			return best, total, st.whole, err
		}
		select { // what took its place answers
		case <-st.over:
		case <-ctx.Done():
			return nil, 0, false, ctx.Err()
		}
	}
}

func (s *Service) query(ctx context.Context, in QueryIn) (Hits, error) {
	began := time.Now()
	if in.Limit == 0 {
		in.Limit = 50
	}
	var within ident.EntryID
	var err error
	if in.In != "" {
		if within, err = s.Folder(ctx, in.In); err != nil {
			return Hits{}, err
		}
	}
	best, total, whole, err := s.find(ctx, parse(in.Query, within, s.Now()), in.Limit+in.Offset)
	if err != nil {
		return Hits{}, err
	}
	items, err := s.show(ctx, best[min(in.Offset, len(best)):])
	return Hits{Items: items, Total: total, Partial: !whole, TookMS: float64(time.Since(began).Microseconds()) / 1000}, err
}

// show fetches what the hits show. Entries that went meanwhile are left out.
func (s *Service) show(ctx context.Context, hits []hit) ([]Hit, error) {
	items := make([]Hit, 0, len(hits))
	err := s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		vols, err := r.Volumes()
		if err != nil {
			return err
		}
		grounds := make(map[ident.VolumeID]catalog.Ground, len(vols))
		for _, v := range vols {
			grounds[v.ID] = s.Ground(v)
		}
		ids := make([]ident.EntryID, len(hits))
		byID := make(map[ident.EntryID]hit, len(hits))
		for i, h := range hits {
			ids[i], byID[h.id] = h.id, h
		}
		es, err := r.EntriesByID(ids)
		if err != nil {
			return err
		}
		for i := range es {
			if es[i].State != catalog.Present {
				continue
			}
			path, err := r.Path(&es[i])
			if err != nil {
				return err
			}
			h := byID[es[i].ID]
			items = append(items, Hit{View: catalog.NewView(&es[i], path, grounds[es[i].Volume]), Score: h.score, Match: h.match.String()})
		}
		return nil
	})
	return items, err
}
