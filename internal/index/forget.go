package index

import (
	"context"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/store"
)

// forgetKind names the job that deletes the entries of a removed location.
const forgetKind = "index.forget"

type forgetArgs struct {
	Volume ident.VolumeID `json:"volume"`
	Top    ident.EntryID  `json:"top"`
}

// forgetMost is how many rows one transaction deletes.
const forgetMost = 5000

// forgetCursor is how much there was to delete.
type forgetCursor struct {
	Total int64 `json:"total"`
}

// forget deletes what is below a removed location, except what other locations
// hold. Its cursor is there for the progress alone: what is gone is gone. Each
// transaction has the volume for itself and looks anew, so that between two of
// them others have their turn: a change elsewhere is not to wait for all of it.
func (s *Service) forget(ctx context.Context, _ job.Run, args forgetArgs, from forgetCursor, checkpoint job.Checkpoint[forgetCursor]) error {
	for done := false; !done; {
		left, err := s.weigh(ctx, args.Top)
		if err != nil {
			return err
		}
		from.Total = max(from.Total, left)
		unlock, err := s.lock(ctx, args.Volume)
		if err != nil {
			return err
		}
		var folders []ident.EntryID
		err = func() error {
			defer unlock()
			defer func() { s.watcher.unwatch(folders) }()
			return checkpoint(from, job.Progress{Done: from.Total - left, Total: from.Total}, func(stx *store.Tx) (err error) {
				folders, done, err = s.forgetSome(s.Catalog.In(stx), args.Top, min(s.Batch, forgetMost))
				return err
			})
		}()
		if err != nil {
			return err
		}
	}
	return checkpoint(from, job.Progress{Done: from.Total, Total: from.Total}, nil)
}

// weigh tells how many entries are present in and below a folder.
func (s *Service) weigh(ctx context.Context, top ident.EntryID) (n int64, err error) {
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		e, err := r.Entry(top)
		if errs.Is(err, errs.NotFound) {
			return nil
		}
		n = e.Totals.Files + e.Totals.Folders + 1
		return err
	})
	return n, err
}

func (s *Service) forgetSome(tx *catalog.Tx, top ident.EntryID, most int) (folders []ident.EntryID, done bool, err error) {
	if _, err := tx.Entry(top); errs.Is(err, errs.NotFound) {
		return nil, true, nil
	}
	covered, err := isCovered(&tx.Reader, top) // by a location that was added since
	if err != nil || covered {
		return nil, true, err
	}
	ls, err := tx.Locations()
	if err != nil {
		return nil, false, err
	}
	keep := map[ident.EntryID]bool{}
	for _, l := range ls {
		keep[l.Entry] = true
	}
	return tx.Forget(top, keep, most)
}
