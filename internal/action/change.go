package action

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/store"
)

func printable(s string) string { return strings.ToValidUTF8(s, "�") }

// Get returns a plan; errs.NotFound if there is none.
func (s *Service) Get(ctx context.Context, id ident.PlanID) (p Plan, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		p, err = s.load(tx, id)
		return err
	})
	return p, err
}

// Commit starts what a plan says and returns it as it stands then. A plan is
// committed once: while it runs and after it is done, Commit only returns it.
// One that failed in parts goes on with what is not done. confirm is what the
// user typed. Errors: errs.ApprovalNeeded (another phrase is wanted),
// errs.Conflict (choices are missing; it expired, was discarded or undone).
func (s *Service) Commit(ctx context.Context, id ident.PlanID, confirm string) (p Plan, err error) {
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		if p, err = s.load(tx, id); err != nil {
			return err
		}
		if p.State == Committing || p.State == Done && p.UndoneBy == 0 {
			return nil
		}
		if err := s.mayCommit(tx, &p, confirm); err != nil {
			return err
		}
		p.State, p.Committed, p.Finished, p.Error, p.ErrorKind = Committing, s.now(), time.Time{}, "", ""
		p.Job, err = s.jobs.EnqueueIn(tx, jobKind, jobArgs{Plan: id}, job.Enqueue{Lane: lane(id), Priority: 100, Title: p.Title})
		if err != nil {
			return err
		}
		if p.UndoOf != 0 {
			if _, err := tx.Exec("UPDATE plan SET undone_by = ? WHERE id = ?", int64(id), int64(p.UndoOf)); err != nil {
				return err
			}
		}
		return s.store(tx, p)
	})
	if err != nil {
		return p, err
	}
	return s.Get(ctx, id)
}

func (s *Service) mayCommit(tx *store.Tx, p *Plan, confirm string) error {
	switch {
	case p.UndoneBy != 0:
		return errs.New(errs.Conflict, "plan %d was undone by plan %d", p.ID, p.UndoneBy).Try("Make a new plan, or undo that one.")
	case p.State == Expired:
		return errs.New(errs.Conflict, "plan %d is too old: the files may be others by now", p.ID).Try("Make the plan again.")
	case p.State != Planned && !p.State.retryable():
		return errs.New(errs.Conflict, "plan %d is %s", p.ID, p.State).Try("Make the plan again.")
	case p.Undecided > 0:
		return errs.New(errs.Conflict, "%d conflicts of plan %d wait for a choice", p.Undecided, p.ID).
			Try("See them with: stardrive plan items --conflicts, and choose with: stardrive plan choose")
	case p.Confirm != "" && confirm != p.Confirm:
		return errs.New(errs.ApprovalNeeded, "this plan is committed with the phrase %q only", p.Confirm).Try("Type it, or give it as --confirm.")
	case p.UndoOf == 0:
		return nil
	}
	of, err := load(tx, p.UndoOf)
	if err == nil && of.UndoneBy != 0 && of.UndoneBy != p.ID {
		return errs.New(errs.Conflict, "plan %d was undone already, by plan %d", of.ID, of.UndoneBy)
	}
	return err
}

// Wait returns the plan when its commit has ended, or ctx has.
func (s *Service) Wait(ctx context.Context, id ident.PlanID) (Plan, error) {
	p, err := s.Get(ctx, id)
	if err != nil || p.State != Committing {
		return p, err
	}
	if _, err = s.jobs.Wait(ctx, p.Job); err != nil && ctx.Err() == nil {
		return p, err
	}
	return s.Get(context.WithoutCancel(ctx), id)
}

// Discard gives up a plan that is not committed. Discarding twice does nothing. Of
// one that was committed and ended early, what is done stays, and what it holds to
// go on with is removed.
func (s *Service) Discard(ctx context.Context, id ident.PlanID) (p Plan, err error) {
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		if p, err = s.load(tx, id); err != nil {
			return err
		}
		switch p.State {
		case Discarded, Expired:
			return nil
		case Planned:
		case Partial, Failed, Cancelled:
			return s.giveUp(tx, &p)
		default:
			return errs.New(errs.Conflict, "plan %d is %s", id, p.State).Try("What it changed is taken back with: stardrive plan undo")
		}
		p.State, p.Finished, p.Undecided = Discarded, s.now(), 0
		if err := drop(tx, id, false); err != nil {
			return err
		}
		return s.store(tx, p)
	})
	return p, err
}

// Undo makes a plan that takes back what plan id changed; 0: the one that was
// committed last. Nothing is changed until that plan is committed.
func (s *Service) Undo(ctx context.Context, id ident.PlanID, actor string) (Plan, error) {
	var of Plan
	err := s.db.Read(ctx, func(tx *store.Tx) (err error) {
		if id == 0 {
			if id, err = latest(tx); err != nil {
				return err
			}
		}
		of, err = s.load(tx, id)
		return err
	})
	if err != nil {
		return Plan{}, err
	}
	k, known := s.kinds[of.Action]
	switch {
	case of.UndoneBy != 0:
		return Plan{}, errs.New(errs.Conflict, "plan %d was undone already, by plan %d", id, of.UndoneBy).Try(fmt.Sprintf("Take that back with: stardrive plan undo %d", of.UndoneBy))
	case of.State == Committing:
		return Plan{}, errs.New(errs.Conflict, "plan %d is being committed", id).Try(fmt.Sprintf("Cancel it first: stardrive job cancel %d", of.Job))
	case !of.Undoable && of.open:
		return Plan{}, s.lookFirst(ctx, &of)
	case !of.Undoable:
		return Plan{}, errs.New(errs.Conflict, "plan %d has changed nothing", id)
	case !known || k.undo == nil:
		return Plan{}, errs.New(errs.Unsupported, "what plan %d did cannot be undone", id)
	}
	q, err := k.undo(ctx, of)
	if err != nil {
		return Plan{}, err
	}
	err = s.db.Write(ctx, func(tx *store.Tx) error { return ignoreConflict(s.giveUp(tx, &of)) })
	if err != nil {
		return Plan{}, err
	}
	return s.propose(ctx, q, Plan{Actor: actor, UndoOf: id, undoes: !of.undoes})
}

// lookFirst has it found out what a plan has changed, of which nobody knows.
func (s *Service) lookFirst(ctx context.Context, of *Plan) error {
	if err := s.db.Write(ctx, func(tx *store.Tx) error { return ignoreConflict(s.giveUp(tx, of)) }); err != nil {
		return err
	}
	return errs.New(errs.Conflict, "it is not known yet what plan %d has changed: it is being looked at", of.ID).Try("Try again in a moment.")
}

// latest returns the newest plan that did something, and was not undone.
func latest(tx *store.Tx) (ident.PlanID, error) {
	var id int64
	err := tx.QueryRow(`SELECT id FROM plan WHERE state IN ('done', 'partial', 'cancelled', 'failed', 'committing') AND undoes = 0 AND undone_by = 0
		AND EXISTS (SELECT 1 FROM journal WHERE plan_id = plan.id AND open <> 2) ORDER BY committed_ns DESC, id DESC LIMIT 1`).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, errs.New(errs.NotFound, "there is nothing to undo")
	}
	return ident.PlanID(id), err
}

// Choose decides conflicts of a plan that is not committed: those with these
// numbers, or all others when there are none. Errors: errs.Invalid when an item
// does not offer the choice.
func (s *Service) Choose(ctx context.Context, id ident.PlanID, items []int64, choice string) (p Plan, err error) {
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		if p, err = s.load(tx, id); err != nil {
			return err
		}
		if p.State != Planned && !p.State.retryable() {
			return errs.New(errs.Conflict, "plan %d is %s", id, p.State)
		}
		for _, n := range append([]int64{}, items...) {
			if err := s.chooseOne(tx, id, n, choice); err != nil {
				return err
			}
		}
		if len(items) == 0 {
			if err := putChoice(tx, id, 0, choice); err != nil {
				return err
			}
		}
		before := p.Undecided
		if p.Undecided, err = s.undecided(tx, id); err != nil {
			return err
		}
		if len(items) == 0 && before > 0 && p.Undecided == before {
			return errs.New(errs.Invalid, "no conflict of plan %d can be decided by %q", id, choice)
		}
		return s.store(tx, p)
	})
	if err != nil {
		return Plan{}, err
	}
	return s.Get(ctx, id)
}

func putChoice(tx *store.Tx, id ident.PlanID, n int64, choice string) error {
	_, err := tx.Exec("INSERT INTO plan_choice (plan_id, item, choice) VALUES (?, ?, ?) ON CONFLICT (plan_id, item) DO UPDATE SET choice = excluded.choice",
		int64(id), n, choice)
	return err
}

func (s *Service) chooseOne(tx *store.Tx, id ident.PlanID, n int64, choice string) error {
	page, err := s.page(tx, id, n)
	if err != nil {
		return err
	}
	for i := range page {
		if page[i].N != n {
			continue
		}
		if !offers(&page[i].Item, choice) {
			return errs.New(errs.Invalid, "item %d offers no choice %q, but: %s", n, choice, strings.Join(page[i].Choices, ", "))
		}
		return putChoice(tx, id, n, choice)
	}
	return errs.New(errs.NotFound, "plan %d has no item %d", id, n)
}

// undecided counts the conflicts without a choice.
func (s *Service) undecided(tx *store.Tx, id ident.PlanID) (n int64, err error) {
	by, err := choicesOf(tx, id)
	if err != nil {
		return 0, err
	}
	for first := int64(1); ; {
		page, err := s.page(tx, id, first)
		if err != nil || len(page) == 0 {
			return n, err
		}
		for i := range page {
			by.apply(&page[i].Item)
			if page[i].Conflict != "" && page[i].Choice == "" {
				n++
			}
		}
		first = page[len(page)-1].N + 1
	}
}
