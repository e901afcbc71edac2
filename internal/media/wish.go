package media

import (
	"context"
	"slices"
	"sync"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/event"
	"github.com/stardrive/stardrive/internal/ident"
)

// maxWishes bounds the pictures that wait for their files to be read. The oldest give way:
// who still wants one asks again.
const maxWishes = 256

// wish is a picture that somebody asked for and could not wait for, since its file is
// large and has to be read first.
type wish struct {
	entry ident.EntryID
	kind  Kind
}

// wishes are kept until their files were read.
type wishes struct {
	mu  sync.Mutex
	all []wish
}

func (w *wishes) note(one wish) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if slices.Contains(w.all, one) {
		return
	}
	if w.all = append(w.all, one); len(w.all) > maxWishes {
		w.all = slices.Delete(w.all, 0, 1)
	}
}

func (w *wishes) list() []wish {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.all)
}

func (w *wishes) drop(one wish) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all = slices.DeleteFunc(w.all, func(o wish) bool { return o == one })
}

// grant makes the pictures that are wished for as soon as their files were read, until
// ctx ends. News tells who waits for them.
func (s *Service) grant(ctx context.Context) {
	sub := s.Bus.Subscribe(event.Quiet())
	defer sub.Close()
	for {
		seen := s.Catalog.Reached()
		for _, w := range s.wishes.list() {
			e, sure, err := s.proven(ctx, w.entry)
			if err == nil && !sure && e.State == catalog.Present {
				continue // it is yet to be read
			}
			if ctx.Err() != nil {
				return
			}
			s.wishes.drop(w)
			if err != nil || !sure {
				continue // it is gone
			}
			if err := s.fly(ctx, e.Content, w.kind, e.ID); err != nil && ctx.Err() == nil && !errs.Is(err, errs.NotFound) {
				s.Log.Warn("A picture that was asked for could not be made", "entry", int64(e.ID), "kind", string(w.kind), "error", err)
			}
		}
		if err := waitFor(ctx, sub, seen); err != nil || !rest(ctx, s.Rest) {
			return
		}
	}
}
