package action

import (
	"context"

	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/store"
)

// JobArgsForTest are the arguments of the job of a plan.
func JobArgsForTest(id ident.PlanID) any { return jobArgs{Plan: id} }

// OpenBatchForTest leaves a plan as a process does that died while it committed,
// and whose job was cancelled.
func (s *Service) OpenBatchForTest(ctx context.Context, id ident.PlanID, steps any, n int) error {
	b, err := s.packer.pack(steps)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec("UPDATE plan SET state = 'committing' WHERE id = ?", int64(id)); err != nil {
			return err
		}
		_, err := tx.Exec("INSERT INTO journal (plan_id, n, open, steps, data) VALUES (?, 1, 1, ?, ?)", int64(id), n, b)
		return err
	})
}
