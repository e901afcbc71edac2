package search

import (
	"context"
	"sync"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
)

// Match calls fn with every entry that a query fits, present ones alone, in the
// order of their ids, until fn returns false. Words of the query are held against
// names; none may have slips. What it tells was so at one moment, before the first
// call; fn may take long, and hold up nobody. Errors: errs.Invalid (the query
// holds what cannot be read), errs.Unavailable (the index does not know all names
// yet).
func (s *Service) Match(ctx context.Context, query string, fn func(ident.EntryID) bool) error {
	return s.match(ctx, query, false, fn)
}

// MatchAll is Match, also for what searches leave out that do not ask for it: what is
// private.
func (s *Service) MatchAll(ctx context.Context, query string, fn func(ident.EntryID) bool) error {
	return s.match(ctx, query, true, fn)
}

func (s *Service) match(ctx context.Context, query string, open bool, fn func(ident.EntryID) bool) error {
	a, err := s.look(ctx, false)
	if err != nil {
		return err
	}
	a.open = open
	q, hints, _ := parse(query, a.around, 0, false)
	if err := unread(query, hints); err != nil {
		return err
	}
	known, err := q.ready(ctx)
	if err != nil {
		return err
	}
	var found set
	whole, err := s.on(ctx, func(ctx context.Context, t *table) error {
		found = set{}
		return t.gather(ctx, q.fits, &found, func(seg *segment, row int) int64 { return int64(seg.ids[row]) })
	})
	if err != nil {
		return err
	}
	if !whole || !known {
		return errs.New(errs.Unavailable, "not all that the query asks for is known yet").Try("Try again in a moment.")
	}
	found.each(func(n int64) bool { return fn(ident.EntryID(n)) })
	return ctx.Err()
}

// unread is the error that a query holds what cannot be read; nil: it does not.
func unread(query string, hints []Hint) error {
	if len(hints) == 0 {
		return nil
	}
	return errs.New(errs.Invalid, "the query %q cannot be read: %s", query, hints[0].Text).Try("See docs/search.md for what a query may hold.")
}

// gather adds a number of every row that fits to some; a nil node fits nothing.
func (t *table) gather(ctx context.Context, fits node, some *set, number func(s *segment, row int) int64) error {
	var all sync.Mutex
	return t.scan(ctx, fits, scanner{look: func(w *worker) {
		var own set
		w.rows.each(func(row int) { own.add(number(w.seg, row)) })
		all.Lock()
		defer all.Unlock()
		some.or(&own)
	}})
}
