package action

import (
	"fmt"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/store"
)

// What a batch of the journal is.
const (
	batchDone = 0
	batchOpen = 1 // about to be done
	batchHeld = 2 // half done, to be gone on with
)

// Hold stores, in the transaction of Settle, so many steps that are half done and
// are to be gone on with when the plan is. Journal tells of them as a batch that is
// open and held. A run that only settles takes back what is half of them; so does
// the next start, if nobody goes on with the plan, Discard, and Undo.
func (r *Run) Hold(tx *store.Tx, steps any, n int) error {
	b, err := r.s.packer.pack(steps)
	if err != nil {
		return err
	}
	r.batch++ // if the transaction comes to nothing, a number is left out
	return r.append(tx, r.batch, batchHeld, n, b)
}

func (r *Run) append(tx *store.Tx, batch int64, open, n int, data []byte) error {
	_, err := tx.Exec("INSERT INTO journal (plan_id, n, open, steps, data) VALUES (?, ?, ?, ?, ?)", int64(r.plan.ID), batch, open, n, data)
	return err
}

// giveUp has what a plan holds removed. Kinds: Conflict, it holds nothing.
func (s *Service) giveUp(tx *store.Tx, p *Plan) error {
	held, err := planIDs(tx, fmt.Sprintf("SELECT DISTINCT plan_id FROM journal WHERE plan_id = %d AND open <> 0", int64(p.ID)))
	if err != nil {
		return err
	}
	if len(held) == 0 {
		return errs.New(errs.Conflict, "plan %d is %s", p.ID, p.State).Try("What it changed is taken back with: stardrive plan undo")
	}
	return s.settle(tx, fmt.Sprintf("plan.id = %d", int64(p.ID)))
}

func ignoreConflict(err error) error {
	if errs.Is(err, errs.Conflict) {
		return nil
	}
	return err
}

// settle has those plans looked after of which something is half done, and that
// nobody goes on with; where chooses among them, by columns of plan.
func (s *Service) settle(tx *store.Tx, where string) error {
	if s.jobs == nil {
		return nil
	}
	open, err := planIDs(tx, `SELECT DISTINCT plan_id FROM journal JOIN plan ON plan.id = plan_id LEFT JOIN job ON job.id = plan.job_id
		WHERE open <> 0 AND coalesce(job.state, '') NOT IN ('queued', 'running', 'paused') AND `+where)
	if err != nil {
		return err
	}
	for _, id := range open {
		p, err := load(tx, id)
		if err != nil {
			return err
		}
		_, err = s.jobs.EnqueueIn(tx, jobKind, jobArgs{Plan: id, Settle: true}, job.Enqueue{Key: settleKey(id), Lane: lane(id), Priority: 100, Title: "Put right: " + p.Title})
		if err != nil {
			return err
		}
	}
	return nil
}

func settleKey(id ident.PlanID) string { return fmt.Sprintf("settle %d", id) }
