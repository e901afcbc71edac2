package search

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/collate"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
)

// shown is what an answer shows of a hit.
type shown struct {
	id    ident.EntryID
	match Match
	score float64

	content int64 // by which it was found; 0: by its name
}

// places are the volumes and locations of the library as they stand.
type places struct {
	grounds            map[ident.VolumeID]catalog.Ground
	volumes, locations []anchor
	devices            []anchor
	offline            []ident.EntryID
}

func (s *Service) places(ctx context.Context) (p places, err error) {
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		vols, err := r.Volumes()
		if err != nil {
			return err
		}
		p.grounds = make(map[ident.VolumeID]catalog.Ground, len(vols))
		for _, v := range vols {
			g := s.Ground(v)
			p.grounds[v.ID] = g
			p.volumes = append(p.volumes, anchor{v.Root, g.Name, "volume:" + quoted(g.Name)})
			if !g.Online {
				p.offline = append(p.offline, v.Root)
			}
		}
		known, err := r.Devices()
		if err != nil {
			return err
		}
		p.devices = devices(vols, known)
		ls, err := r.Locations()
		for _, l := range ls {
			p.locations = append(p.locations, anchor{l.Entry, l.Name, "location:" + quoted(l.Name)})
		}
		return err
	})
	return p, err
}

// sight is what a query is read against, and what its answer needs of that.
type sight struct {
	places
	around
}

// look fetches what queries are read against; real: with case and accents.
func (s *Service) look(ctx context.Context, real bool) (sight, error) {
	p, err := s.places(ctx)
	home, _ := os.UserHomeDir() // without one, ~ is a name
	return sight{p, around{
		kinds: s.Catalog.Kinds,
		home:  filepath.ToSlash(home),
		texts: s.Texts, known: map[string]*among{}, meaning: s.meaning, each: s.each, duplicated: s.duplicated, added: s.Added,
		now: s.Now(), real: real, volumes: named(p.volumes), locations: named(p.locations), devices: named(p.devices),
		offline: func() []ident.EntryID { return p.offline },
		folder:  func(path string) (ident.EntryID, error) { return s.Folder(ctx, path) },
		file:    func(path string) error { return s.aboutFile(ctx, path) },
	}}, err
}

// named returns a function that finds the anchors whose names hold a text.
func named(anchors []anchor) func(folded string) []ident.EntryID {
	return func(folded string) (ids []ident.EntryID) {
		for _, a := range anchors {
			if strings.Contains(collate.Fold(a.name), folded) {
				ids = append(ids, a.id)
			}
		}
		return ids
	}
}

func (s *Service) query(ctx context.Context, in QueryIn) (Hits, error) {
	if s.stands.Load().whole { // else it waits for just that work
		defer s.Catalog.Way.Ask()()
	}
	began := time.Now()
	if in.Limit == 0 {
		in.Limit = 50
	}
	a, err := s.look(ctx, in.Exact)
	if err != nil {
		return Hits{}, err
	}
	var within ident.EntryID
	look := "" // at this folder of a disk, which is not indexed
	if in.In != "" {
		if within, err = s.Folder(ctx, in.In); errs.Is(err, errs.Unsupported) && s.Resolve != nil { // it is not indexed
			look, err = in.In, nil
		}
		if err != nil {
			return Hits{}, err
		}
	}
	a.disks = s.Resolve != nil && look == ""
	q, hints, loose := parse(in.Query, a.around, within, false)
	if q.live != "" {
		look = q.live
	}
	q.order = order{by: in.Sort, descending: in.Descending}
	if len(in.Facets) > 0 {
		if q.count = newCounting(in.Facets, a.now.Location()); slices.Contains(in.Facets, FacetTag) {
			q.count.tags = tagRowsOf(a.added)
		}
		q.count.locations, q.count.volumes = a.places.locations, a.places.volumes
	}
	out := Hits{Hints: hints, Items: []Hit{}}
	after, err := in.readCursor()
	if err != nil {
		return Hits{}, err
	}
	groups, src := in.groups(q, after), s.source(&a)
	if look != "" {
		for _, t := range q.unread {
			out.Hints = append(out.Hints, hintAt(t, notDerived))
		}
		d, err := s.scanDisk(ctx, look)
		if err != nil && q.live != "" && ctx.Err() == nil { // the query names it
			out.Hints = append(out.Hints, hintAt(q.liveAt, noFolder+err.Error()))
			return out, nil
		}
		if err != nil {
			return Hits{}, err
		}
		groups, src, out.Live = []Group{InNames}, d.source(), true
	}
	if slices.Contains(groups, InNames) {
		if err := s.byNames(ctx, src, a.around, q, in, after, within, loose, &out); err != nil {
			return Hits{}, err
		}
	}
	if s.Texts != nil && (slices.Contains(groups, InTexts) || slices.Contains(groups, InMeaning)) {
		x := &textual{Service: s, sight: &a, q: q, limit: in.Limit, offset: in.Offset, in: in, out: &out, seen: map[int64]bool{}}
		if after != nil && after.Group == InTexts {
			x.after = after
		}
		if err := x.run(ctx, groups); err != nil {
			return Hits{}, err
		}
	}
	out.TookMS = float64(time.Since(began).Microseconds()) / 1000
	return out, nil
}

// byNames finds entries by their names; loose: where these are few, also such as
// fit but for a slip.
func (s *Service) byNames(ctx context.Context, src *source, a around, q *query, in QueryIn, after *cursor, within ident.EntryID, loose bool, out *Hits) error {
	limit := in.Limit + in.Offset
	exact := limit
	if after != nil {
		q.now, in.Offset, limit, exact = after.Now, 0, in.Limit, in.Limit
		if q.after = after; after.Fuzzy {
			q.after, exact = nil, 0
		}
	}
	hits, err := src.find(ctx, q, exact, out)
	if err != nil {
		return err
	}
	if loose && out.Total < fewHits && (in.Sort == "" || in.Sort == ByRelevance) && !in.Exact {
		wide, _, _ := parse(in.Query, a, within, true)
		wide.fits, wide.words, wide.now = and{wide.fits, not{node: q.fits}}, nil, q.now
		if after != nil && after.Fuzzy {
			wide.after = after
		}
		var more Hits
		almost, err := src.find(ctx, wide, max(0, limit-len(hits)), &more)
		if err != nil {
			return err
		}
		for _, h := range almost {
			h.score, h.match = h.score-float64(h.match)+float64(Fuzzy), Fuzzy
			hits = append(hits, h)
		}
		switch {
		case out.last != nil: // the page ends before the slips begin
		case more.last != nil:
			out.last = more.last
			out.last.Fuzzy = true
		case len(hits) == limit && len(almost) == 0 && more.Total > 0 && (after == nil || !after.Fuzzy):
			out.last = &cursor{Fuzzy: true, Score: float64(Exact) + 1}
		}
		out.Total, out.Fuzzy, out.Partial = out.Total+more.Total, more.Total, out.Partial || more.Partial
	}
	if out.last != nil && !out.Live {
		out.last.Search, out.last.Now = in.digest(), q.now
		out.Next = out.last.String()
	}
	out.Items, err = src.show(ctx, hits[min(in.Offset, len(hits)):])
	return err
}

// searchLimit is how long one search may look at names, which others wait for
// that change: only expressions over many millions of names come near it.
const searchLimit = 10 * time.Second

var errTooLong = errs.New(errs.Unavailable, "the search took longer than %v", searchLimit).
	Try("Narrow it down by a word, a folder or a kind.")

// find runs q on what there is.
func (s *source) find(ctx context.Context, q *query, limit int, out *Hits) (hits []shown, err error) {
	known, err := q.ready(ctx)
	if err != nil {
		return nil, err
	}
	if q.order.by == ByTaken && s.taken != nil {
		if q.order.taken, err = s.taken(ctx, q.fits); err != nil {
			return nil, err
		}
	}
	whole, err := s.on(ctx, func(ctx context.Context, t *table) error {
		more := limit // and one, that tells whether there is a next page
		if limit > 0 {
			more++
		}
		return t.search(ctx, q, more, func(f found) {
			out.last = nil
			if len(f.hits) > limit {
				f.hits = f.hits[:limit]
				out.last = cursorOf(&f.hits[limit-1])
			}
			hits = make([]shown, len(f.hits))
			for i, h := range f.hits {
				hits[i] = shown{id: ident.EntryID(h.id()), match: h.match, score: h.score}
			}
			out.Total, out.Seq = f.total, f.seq
			if q.count != nil {
				out.Facets = q.count.show(f.counts)
			}
		})
	})
	out.Partial = !whole || !known
	return hits, err
}

// on calls fn with the table, within the limit of a search, and again with
// another one that takes its place before fn is through. whole: the table holds
// all of the catalogue.
func (s *Service) on(ctx context.Context, fn func(ctx context.Context, t *table) error) (whole bool, err error) {
	for {
		st, err := s.ready(ctx)
		if err != nil {
			return false, err
		}
		limited, stop := context.WithTimeoutCause(ctx, searchLimit, errTooLong)
		err = fn(limited, st.table)
		if err != nil && ctx.Err() == nil && limited.Err() != nil {
			err = context.Cause(limited)
		}
		stop()
		switch {
		case isFault(err):
			st.fail(err)
		case !errors.Is(err, errClosed):
			return st.whole, err
		}
		select { // what takes its place answers
		case <-st.over:
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
}

// show fetches what the hits show. Entries that went meanwhile are left out.
func (s *Service) show(ctx context.Context, grounds map[ident.VolumeID]catalog.Ground, hits []shown) ([]Hit, error) {
	items := make([]Hit, 0, len(hits))
	ids := make([]ident.EntryID, len(hits))
	byID := make(map[ident.EntryID]shown, len(hits))
	for i, h := range hits {
		ids[i], byID[h.id] = h.id, h
	}
	err := s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		es, err := r.EntriesByID(ids)
		if err != nil {
			return err
		}
		for i := range es {
			if es[i].State != catalog.Present {
				continue
			}
			path, err := r.Path(&es[i])
			if errs.Is(err, errs.NotFound) {
				continue
			}
			if err != nil {
				return err
			}
			h := byID[es[i].ID]
			items = append(items, Hit{View: s.Catalog.NewView(&es[i], path, grounds[es[i].Volume]), Score: h.score, Match: h.match.String()})
		}
		return nil
	})
	return items, err
}
