package action

import (
	"context"
	"time"

	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/store"
)

// Forsake has no plan go on that was being committed, or waited to be, when a database
// was copied: the copy does not know how it ended, and the user has seen what did. What
// was half done is looked at when the copy is used, as after a crash.
func Forsake(ctx context.Context, db *store.DB) error {
	return job.Forsake(ctx, db, jobKind, time.Now())
}
