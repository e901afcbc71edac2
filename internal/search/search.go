// Package search finds entries by their names, over the whole library and all
// its volumes, also those that are offline. It answers from an in-memory table
// that it fills from the catalogue and keeps true by following the change feed.
// It reads no disk and changes nothing.
package search

import (
	"context"
	"log/slog"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/event"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/op"
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
	table  *table
	loaded chan struct{} // closed when the table holds the whole catalogue
}

// New returns a Service; Serve makes it work.
func New(o Options) *Service {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{Options: o, table: newTable(), loaded: make(chan struct{})}
}

// feedPage is how many changes are taken over under one lock.
const feedPage = 5000

// Serve loads the table and follows the change feed until ctx ends.
func (s *Service) Serve(ctx context.Context) error {
	wake := s.Bus.Subscribe(event.Quiet())
	defer wake.Close()
	began := time.Now()
	seq, err := s.load(ctx)
	if err != nil {
		return err
	}
	s.Log.Info("Names are loaded", "entries", s.table.rows, "took", time.Since(began))
	for {
		seq, err = s.follow(ctx, seq)
		if err != nil {
			return err
		}
		if err := wake.Wait(ctx, seq); err != nil {
			return err
		}
	}
}

// load fills an empty table.
func (s *Service) load(ctx context.Context) (seq int64, err error) {
	s.table.mu.Lock()
	s.table.main, s.table.patch, s.table.patched, s.table.rows, s.table.dead = nil, nil, map[ident.EntryID]place{}, 0, 0
	s.table.mu.Unlock()
	seq, err = s.Catalog.Scan(ctx, func(e *catalog.Brief) error {
		s.table.mu.Lock()
		s.table.put(e)
		s.table.mu.Unlock()
		return nil
	})
	if err != nil {
		return seq, err
	}
	if seq, err = s.follow(ctx, seq); err != nil {
		return seq, err
	}
	select {
	case <-s.loaded:
	default:
		close(s.loaded)
	}
	return seq, nil
}

// follow takes over all changes after seq.
func (s *Service) follow(ctx context.Context, seq int64) (int64, error) {
	for {
		changes, next, err := s.Catalog.Changes(ctx, seq, feedPage)
		if err != nil || len(changes) == 0 {
			return seq, err
		}
		s.table.mu.Lock()
		for _, c := range changes {
			switch {
			case c.Noun != catalog.NounEntry:
			case c.Deleted:
				s.table.remove(ident.EntryID(c.ID))
			default:
				s.table.put(c.Entry)
			}
		}
		s.table.mu.Unlock()
		seq = next
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
	Items  []Hit   `json:"items"`
	Total  int     `json:"total" jsonschema:"how many entries fit"`
	TookMS float64 `json:"took_ms" jsonschema:"milliseconds the search took"`
}

// Ops is this domain's table of operations.
func (s *Service) Ops() []op.Def {
	return []op.Def{
		op.NewQuery("search.query", "Find files and folders by name", s.query, op.Example("stardrive search holiday 2024")),
	}
}

func (s *Service) query(ctx context.Context, in QueryIn) (Hits, error) {
	began := time.Now()
	select {
	case <-s.loaded:
	case <-ctx.Done():
		return Hits{}, errs.New(errs.Unavailable, "the names are still being loaded").Try("Try again in a moment.")
	}
	if in.Limit == 0 {
		in.Limit = 50
	}
	var within ident.EntryID
	if in.In != "" {
		id, err := s.Folder(ctx, in.In)
		if err != nil {
			return Hits{}, err
		}
		within = id
	}
	best, total, err := s.table.search(ctx, parse(in.Query, within, s.Now()), in.Limit+in.Offset)
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
