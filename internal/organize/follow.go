package organize

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/event"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Serve ties what users added to the entries of the catalogue, and keeps it tied as
// the feed tells of changes, until ctx ends.
func (s *Service) Serve(ctx context.Context) error {
	wake := s.Bus.Subscribe(event.Quiet())
	defer wake.Close()
	var rules sync.WaitGroup
	aside, stop := context.WithCancel(ctx)
	rules.Go(func() { s.serveRules(aside) })
	err := s.serve(ctx, wake)
	stop()
	rules.Wait()
	if ctx.Err() != nil {
		return nil
	}
	return err
}

func (s *Service) serve(ctx context.Context, wake *event.Subscription) error {
	seen := s.Catalog.Reached()
	if err := s.recognise(ctx); err != nil {
		return err
	}
	if err := s.verify(ctx); err != nil {
		return err
	}
	s.once.Do(func() { close(s.verified) })
	checked := time.Now()
	stale := false // paths may have changed, or something is looked for
	for {
		if err := s.snapshotDue(ctx); err != nil {
			if ctx.Err() != nil {
				return err
			}
			s.Log.Warn("No snapshot of what users added could be made", "error", err)
		}
		rest := again
		if stale {
			rest = 4 * s.Rest
		}
		short, stop := context.WithTimeout(ctx, rest)
		err := wake.Wait(short, seen)
		stop()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		quiet := err != nil
		if !quiet {
			var moved bool
			if seen, moved, err = s.follow(ctx, seen); err != nil {
				return err
			}
			stale = stale || moved || s.searching()
			if err := pause(ctx, s.Rest); err != nil {
				return err
			}
		}
		if stale && (quiet || time.Since(checked) > again) {
			if err := s.verify(ctx); err != nil {
				return err
			}
			stale, checked = false, time.Now()
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// searching reports whether something is known of files that stand nowhere now.
func (s *Service) searching() bool {
	s.model.mu.RLock()
	defer s.model.mu.RUnlock()
	return s.model.lost > 0
}

// follow takes the changes of the feed over. moved: a folder stands elsewhere, and so
// do all below it.
func (s *Service) follow(ctx context.Context, since int64) (next int64, moved bool, err error) {
	for {
		changes, next, err := s.Catalog.Changes(ctx, since, feedPage)
		if err != nil || len(changes) == 0 {
			return since, moved, err
		}
		var ids []ident.EntryID
		s.model.mu.RLock()
		for _, ch := range changes {
			if ch.Entry == nil {
				continue
			}
			moved = moved || ch.Entry.Kind == vfs.Folder && ch.What == catalog.Moved
			if _, known := s.model.byEntry[ch.Entry.ID]; known {
				ids = append(ids, ch.Entry.ID)
			} else if ch.Entry.Content != 0 && s.model.lost > 0 {
				moved = true // it may be a content that is looked for
			}
		}
		s.model.mu.RUnlock()
		if len(ids) > 0 {
			var some []thing
			if err := s.Catalog.Read(ctx, func(r *catalog.Reader) (err error) {
				some, err = things(r, ids)
				return err
			}); err != nil {
				return since, moved, err
			}
			if err := s.settle(ctx, some, true); err != nil {
				return since, moved, err
			}
		}
		since = next
	}
}

// ready waits a moment until all was tied to the catalogue once.
func (s *Service) ready(ctx context.Context) error {
	t := time.NewTimer(10 * time.Second)
	defer t.Stop()
	select {
	case <-s.verified:
		return nil
	case <-t.C:
		return errs.New(errs.Unavailable, "what was added to files is not tied to them yet").Try("Try again in a moment.")
	case <-ctx.Done():
		return errors.Join(ctx.Err())
	}
}
