package upload

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/fileops/trash"
	"github.com/stardrive/stardrive/internal/store"
	"github.com/stardrive/stardrive/internal/vfs"
)

const (
	tidyEvery = time.Hour
	maxStrays = 1000 // that are remembered at once: whoever walks comes by again
)

// Serve clears up, at the start and now and then, after uploads that have ended and
// those that nobody goes on with, until ctx ends.
func (s *Service) Serve(ctx context.Context) error {
	tick := time.NewTicker(tidyEvery)
	defer tick.Stop()
	for {
		if err := s.tidy(ctx); err != nil && ctx.Err() == nil {
			s.o.Log.Warn("What is left of uploads was not looked at", "error", err)
		}
		s.tidyStrays(ctx)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		case <-s.wake:
		}
	}
}

// Staged tells of a folder that bears the name of one in which an upload stands. If no
// upload is known to stand there, it is cleared away when nothing in it has changed for
// as long as an upload is kept. It does not block.
func (s *Service) Staged(at catalog.Spot) {
	s.mu.Lock()
	if len(s.strays) < maxStrays {
		s.strays[at] = true
	}
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (s *Service) tidyStrays(ctx context.Context) {
	s.mu.Lock()
	all := s.strays
	s.strays = map[catalog.Spot]bool{}
	s.mu.Unlock()
	for at := range all {
		if ctx.Err() != nil {
			return
		}
		switch err := s.tidyStray(ctx, at); errs.KindOf(err) {
		case "", errs.Conflict, errs.NotFound, errs.Unavailable, errs.Cancelled: // it changed lately, or is gone, or away
		default:
			s.o.Log.Warn("A folder of an upload that nobody knows cannot be cleared up", "path", at.Path, "error", err)
		}
	}
}

// tidyStray removes a folder of an upload that nobody knows and nobody goes on with.
func (s *Service) tidyStray(ctx context.Context, at catalog.Spot) error {
	folder, stage := at.In()
	if !vfs.IsStage(stage) {
		return errs.New(errs.Internal, "%q is no folder of an upload", stage)
	}
	known := false
	err := s.o.DB.Read(ctx, func(tx *store.Tx) error {
		err := tx.QueryRow("SELECT TRUE FROM upload WHERE stage = ?", stage).Scan(&known)
		if errors.Is(err, sql.ErrNoRows) {
			err = nil
		}
		return err
	})
	if err != nil || known {
		return err
	}
	site, err := s.o.Volumes.Site(ctx, at.Volume)
	if err != nil {
		return err
	}
	w := site.Driver.Features().Writing
	if w == nil {
		return nil
	}
	dir, err := w.Dir(ctx, folder.Path)
	if err != nil {
		return err
	}
	defer dir.Close() //nolint:errcheck // if it comes back with a power cut, it is found again
	return remove(context.WithoutCancel(ctx), dir, stage, s.o.Now().Add(-keepUnfinished).UnixNano())
}

// clear removes the private folder with what is in it, and forgets the upload.
func (s *Service) clear(ctx context.Context, r *row) error {
	site, err := s.o.Volumes.Site(ctx, r.volume)
	if err != nil {
		return err // another time: it must not stay there
	}
	w := site.Driver.Features().Writing
	if w == nil {
		return errs.New(errs.Unsupported, "nothing can be changed on this volume")
	}
	dir, err := w.Dir(ctx, r.folder)
	if err == nil {
		err = remove(ctx, dir, r.stage, 0)
		_ = dir.Close()
	}
	if err != nil && !errs.Is(err, errs.NotFound) {
		return errs.In("upload", err)
	}
	return s.erase(ctx, r.id)
}

// remove takes away the private folder, if nothing in it changed after that (ns since
// 1970; 0: whenever).
func remove(ctx context.Context, dir vfs.Dir, stage string, notAfter int64) error {
	is, err := dir.Stat(ctx, stage)
	if err != nil {
		return err
	}
	_, err = trash.Destroy(ctx, dir, stage, dir, vfs.StageName(), is, trash.Options{NotAfter: notAfter})
	return err
}

// tidy clears up after uploads that have ended, and those that nobody goes on with.
func (s *Service) tidy(ctx context.Context) error {
	all, err := s.all(ctx)
	for i := range all {
		if err != nil {
			return err
		}
		err = s.tidyOne(ctx, &all[i])
	}
	return err
}

func (s *Service) tidyOne(ctx context.Context, r *row) error {
	over := r.changed < s.o.Now().Add(-keepUnfinished).UnixNano()
	if r.plan != 0 {
		p, err := s.o.Plans.Get(ctx, r.plan)
		if err != nil && !errs.Is(err, errs.NotFound) {
			return err
		}
		over = err == nil && p.State == action.Done || over && (err != nil || p.State != action.Committing)
	}
	lock := s.of(r.id)
	if !over || !lock.TryLock() {
		return nil
	}
	defer lock.Unlock()
	if err := s.clear(context.WithoutCancel(ctx), r); err != nil { // whoever asked does not wait for it
		s.o.Log.Warn("What is left of an upload cannot be cleared up now", "upload", r.id, "error", err)
	}
	return nil
}
