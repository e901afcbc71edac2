package app

import (
	"context"
	"path/filepath"
	"sync/atomic"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/library"
)

// copies are those that are kept of a library's database.
type copies struct {
	*library.Keeper
	failed atomic.Pointer[error] // why the last one was not made; nil: it was
}

// newCopies has the library's database copied once a day.
func (r *runtime) newCopies(l *library.Library) {
	r.copies = &copies{}
	r.copies.Keeper = &library.Keeper{
		Library: l,
		Quiet: func(ctx context.Context) (bool, error) {
			busy, err := r.jobs.List(ctx, job.Filter{States: []job.State{job.Running}, Limit: 1})
			return len(busy) == 0, err
		},
		Failed: func(err error) {
			if err == nil {
				r.copies.failed.Store(nil)
				return
			}
			r.copies.failed.Store(&err)
		},
	}
}

// problems tells when no copy could be made.
func (c *copies) problems(name string) []Problem {
	err := c.failed.Load()
	if err == nil {
		return nil
	}
	return []Problem{{errs.KindOf(*err), "No copy of the database of the library " + name + " could be made: " + (*err).Error() + ".", errs.RemedyOf(*err)}}
}

// keepAdded has what users added to a library copied beside it.
func keepAdded(ctx context.Context, l *library.Library) error {
	return l.Runtime.(*runtime).organize.Snapshot(ctx)
}

// backupAdded copies what users added to a library into a folder.
func backupAdded(ctx context.Context, l *library.Library, folder string) error {
	return l.Runtime.(*runtime).organize.Backup(ctx, filepath.Join(folder, "user.db"))
}
