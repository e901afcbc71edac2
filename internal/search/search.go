// Package search finds entries by their names, over the whole library and all
// its volumes, also those that are offline. It answers from an in-memory table
// that it fills from the catalogue and keeps true by following the change feed.
// It reads no disk and changes nothing.
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
	"github.com/stardrive/stardrive/internal/vfs"
)

// Options are what a Service is made of.
type Options struct {
	Catalog *catalog.Catalog
	Bus     *event.Bus
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
	table  atomic.Pointer[table] // nil until it holds the whole catalogue
	loaded chan struct{}         // closed then
}

// New returns a Service; Serve makes it work.
func New(o Options) *Service {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{Options: o, loaded: make(chan struct{})}
}

// feedPage is how many changes are taken over under one lock: some milliseconds.
const feedPage = 5000

// Serve loads the table and follows the change feed until ctx ends. Served
// again, it loads anew, and answers from the old table meanwhile.
func (s *Service) Serve(ctx context.Context) error {
	wake := s.Bus.Subscribe(event.Quiet())
	defer wake.Close()
	began := time.Now()
	t, err := s.load(ctx)
	if err != nil {
		return err
	}
	s.Log.Info("Names are loaded", "entries", t.rows, "took", time.Since(began))
	if s.table.Swap(t) == nil {
		close(s.loaded)
	}
	for {
		if err := wake.Wait(ctx, t.seq); err != nil {
			return err
		}
		if err = s.follow(ctx, t); err != nil {
			return err
		}
	}
}

// load makes a table of the whole catalogue.
func (s *Service) load(ctx context.Context) (*table, error) {
	t := newTable(segmentRows)
	seq, err := s.Catalog.Scan(ctx, func(e *catalog.Brief) error {
		t.put(e)
		return nil
	})
	if err != nil {
		return nil, err
	}
	t.seq = seq
	return t, s.follow(ctx, t)
}

// follow takes over all changes that the table does not have. Nobody else
// changes the table.
func (s *Service) follow(ctx context.Context, t *table) error {
	for {
		head := s.Bus.Head()
		changes, next, err := s.Catalog.Changes(ctx, t.seq, feedPage)
		if err != nil {
			return err
		}
		if len(changes) == 0 {
			// What the head counts beyond changed nothing in the end; without
			// passing over it, waiting for more would never wait.
			next = max(next, head)
		}
		t.take(changes, next)
		if len(changes) == 0 {
			return nil
		}
	}
}

// take takes over the changes up to seq.
func (t *table) take(changes []catalog.Change, seq int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, c := range changes {
		switch {
		case c.Noun != catalog.NounEntry:
		case c.Deleted:
			t.remove(ident.EntryID(c.ID))
		default:
			t.put(c.Entry)
		}
	}
	t.seq = seq
}

// Children calls fn, which must be quick, with all that is present in a folder,
// in no order. The folded name is fn's only until it returns. It reads no disk,
// and costs a pass over all entries: a millisecond for a million. What it tells
// was so at seq of the change feed; ok is false while nothing is loaded.
func (s *Service) Children(folder ident.EntryID, fn func(id ident.EntryID, kind vfs.Kind, hidden bool, folded []byte, size, modified int64)) (seq int64, ok bool) {
	t := s.table.Load()
	if t == nil {
		return 0, false
	}
	return t.children(folder, fn), true
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
	Items  []Hit   `json:"items" jsonschema:"hits, the best first"`
	Total  int     `json:"total" jsonschema:"how many entries fit"`
	TookMS float64 `json:"took_ms" jsonschema:"milliseconds the search took"`
}

// Ops is this domain's table of operations.
func (s *Service) Ops() []op.Def {
	return []op.Def{
		op.NewQuery("search.query", "Find files and folders by name", s.query, op.Example("stardrive search holiday 2024")),
	}
}

// loadPatience is how long a search waits for the table, which takes about two
// seconds for a million entries.
const loadPatience = 10 * time.Second

// ready returns the table. While it is loaded for the first time, it waits, but
// not for ever: errs.Unavailable.
func (s *Service) ready(ctx context.Context) (*table, error) {
	patience := time.NewTimer(loadPatience)
	defer patience.Stop()
	select {
	case <-s.loaded:
		return s.table.Load(), nil
	case <-patience.C:
		return nil, errs.New(errs.Unavailable, "the names are still being loaded").Try("Try again in a moment.")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *Service) query(ctx context.Context, in QueryIn) (Hits, error) {
	began := time.Now()
	t, err := s.ready(ctx)
	if err != nil {
		return Hits{}, err
	}
	if in.Limit == 0 {
		in.Limit = 50
	}
	var within ident.EntryID
	if in.In != "" {
		if within, err = s.Folder(ctx, in.In); err != nil {
			return Hits{}, err
		}
	}
	best, total, err := t.search(ctx, parse(in.Query, within, s.Now()), in.Limit+in.Offset)
	if err != nil {
		return Hits{}, err
	}
	items, err := s.show(ctx, best[min(in.Offset, len(best)):])
	return Hits{Items: items, Total: total, TookMS: float64(time.Since(began).Microseconds()) / 1000}, err
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
