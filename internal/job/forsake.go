package job

import (
	"context"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/store"
)

// Forsake cancels all jobs of a kind that have not ended, in a database that no Engine
// runs: for one that is a copy of an earlier time, whose work may have been done since.
func Forsake(ctx context.Context, db *store.DB, kind string, now time.Time) error {
	err := db.Write(ctx, func(tx *store.Tx) error {
		open, err := list(tx, "WHERE kind = ? AND state IN ('queued', 'running', 'paused')", kind)
		for _, r := range open {
			if err == nil {
				r.state, r.want, r.finished = Cancelled, nothing, now.UnixNano()
				err = update(tx, r)
			}
		}
		return err
	})
	return errs.In("job.forsake", err)
}
