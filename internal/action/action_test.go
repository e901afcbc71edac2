package action_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/job/jobtest"
	"github.com/stardrive/stardrive/internal/store"
)

func TestPlanChangesNothing(t *testing.T) {
	w := newWorld(t)
	p := w.propose(addArgs{Numbers: []int64{1, 2}, By: 5})
	if p.State != action.Planned || p.Items != 2 || p.Title != "Add 5" || p.Actor != "user" || len(p.Warnings) != 1 || p.Undoable {
		t.Errorf("plan: %+v", p)
	}
	if got := w.values(1, 2); got != "0 0" {
		t.Errorf("values after the preview: %s", got)
	}
	p = w.do(p.ID, action.Done)
	if got := w.values(1, 2); got != "5 5" || p.Done != 2 || !p.Undoable || p.Finished.IsZero() {
		t.Errorf("values %s, plan %+v", got, p)
	}
}

func TestPlanThatCannotBeMadeIsNotStored(t *testing.T) {
	w := newWorld(t)
	_, err := w.Propose(t.Context(), action.Request{Action: "test.add", Args: addArgs{By: 666}}, action.User)
	wantKind(t, err, errs.Invalid)
	_, err = w.Propose(t.Context(), action.Request{Action: "test.none"}, action.User)
	wantKind(t, err, errs.Unsupported)
	var n int
	if err := w.db.Read(t.Context(), func(tx *store.Tx) error { return tx.QueryRow("SELECT count(*) FROM plan").Scan(&n) }); err != nil || n != 0 {
		t.Errorf("%d plans, %v", n, err)
	}
}

func TestCommittedOnce(t *testing.T) {
	w := newWorld(t)
	p := w.propose(addArgs{Numbers: []int64{1, 2, 3}, By: 1})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if got, err := w.Commit(t.Context(), p.ID, ""); err != nil || got.ID != p.ID {
				t.Errorf("commit: %+v, %v", got, err)
			}
		})
	}
	all.Wait()
	if _, err := w.Wait(t.Context(), p.ID); err != nil {
		t.Fatal(err)
	}
	w.do(p.ID, action.Done) // and after its end, too
	if got := w.values(1, 2, 3); got != "1 1 1" {
		t.Errorf("values: %s", got)
	}
}

func TestUndoAndRedo(t *testing.T) {
	w := newWorld(t)
	first := w.do(w.propose(addArgs{Numbers: []int64{1, 2}, By: 5}).ID, action.Done)
	second := w.do(w.propose(addArgs{Numbers: []int64{1}, By: 10}).ID, action.Done)
	back := w.undo(0)
	if back.UndoOf != second.ID {
		t.Fatalf("undo without a plan takes back %d, want %d", back.UndoOf, second.ID)
	}
	if got := w.values(1, 2); got != "15 5" {
		t.Errorf("values before the undo is committed: %s", got)
	}
	w.do(back.ID, action.Done)
	if got := w.values(1, 2); got != "5 5" {
		t.Errorf("values after undo: %s", got)
	}
	_, err := w.Undo(t.Context(), second.ID, action.User)
	wantKind(t, err, errs.Conflict)
	_, err = w.Commit(t.Context(), second.ID, "")
	wantKind(t, err, errs.Conflict)
	if of := w.undo(0); of.UndoOf != first.ID { // the undo itself is not what a person means
		t.Errorf("the next undo takes back %d, want %d", of.UndoOf, first.ID)
	}
	again := w.do(w.undo(back.ID).ID, action.Done)
	if got := w.values(1, 2); got != "15 5" {
		t.Errorf("values after redo: %s", got)
	}
	if of := w.undo(0); of.UndoOf != again.ID {
		t.Errorf("after a redo, undo takes back %d, want %d", of.UndoOf, again.ID)
	}
}

func TestTwoUndosOfOnePlan(t *testing.T) {
	w := newWorld(t)
	p := w.do(w.propose(addArgs{Numbers: []int64{1}, By: 5}).ID, action.Done)
	a, b := w.undo(p.ID), w.undo(p.ID)
	w.do(a.ID, action.Done)
	_, err := w.Commit(t.Context(), b.ID, "")
	wantKind(t, err, errs.Conflict)
	if got := w.values(1); got != "0" {
		t.Errorf("values: %s", got)
	}
}

func TestPartialFailureGoesOn(t *testing.T) {
	w := newWorld(t)
	w.adder.bad = 2
	p := w.do(w.propose(addArgs{Numbers: []int64{1, 2, 3}, By: 5}).ID, action.Partial)
	if got := w.values(1, 2, 3); got != "5 0 5" || p.Done != 2 || p.Failed != 1 {
		t.Errorf("values %s, plan %+v", got, p)
	}
	w.adder.bad = -1
	p = w.do(p.ID, action.Done)
	if got := w.values(1, 2, 3); got != "5 5 5" || p.Done != 3 || p.Failed != 0 {
		t.Errorf("values %s, plan %+v", got, p)
	}
	w.do(w.undo(p.ID).ID, action.Done)
	if got := w.values(1, 2, 3); got != "0 0 0" {
		t.Errorf("values after undo: %s", got)
	}
}

func TestFailureOfAll(t *testing.T) {
	w := newWorld(t)
	w.adder.bad = 2
	p := w.do(w.propose(addArgs{Numbers: []int64{2}, By: 5}).ID, action.Failed)
	_, err := w.Undo(t.Context(), p.ID, action.User)
	wantKind(t, err, errs.Conflict)
}

func TestChoices(t *testing.T) {
	w := newWorld(t)
	p := w.propose(addArgs{Numbers: []int64{1, 2, 3}, By: 5, Ask: true})
	if p.Undecided != 3 {
		t.Fatalf("undecided: %d", p.Undecided)
	}
	_, err := w.Commit(t.Context(), p.ID, "")
	wantKind(t, err, errs.Conflict)
	_, err = w.Choose(t.Context(), p.ID, []int64{1}, "maybe")
	wantKind(t, err, errs.Invalid)
	_, err = w.Choose(t.Context(), p.ID, []int64{9}, "yes")
	wantKind(t, err, errs.NotFound)
	_, err = w.Choose(t.Context(), p.ID, nil, "maybe")
	wantKind(t, err, errs.Invalid)
	if p, err = w.Choose(t.Context(), p.ID, []int64{2}, "skip"); err != nil || p.Undecided != 2 {
		t.Fatalf("%+v, %v", p, err)
	}
	if p, err = w.Choose(t.Context(), p.ID, nil, "yes"); err != nil || p.Undecided != 0 {
		t.Fatalf("%+v, %v", p, err)
	}
	p = w.do(p.ID, action.Done)
	if got := w.values(1, 2, 3); got != "5 0 5" || p.Skipped != 1 {
		t.Errorf("values %s, plan %+v", got, p)
	}
}

func TestPromise_P8_ConfirmPhrase(t *testing.T) {
	w := newWorld(t)
	p := w.propose(addArgs{Numbers: []int64{1}, By: 5, Confirm: "add 5"})
	for _, phrase := range []string{"", "yes", "Add 5"} {
		_, err := w.Commit(t.Context(), p.ID, phrase)
		wantKind(t, err, errs.ApprovalNeeded)
	}
	if _, err := w.Commit(t.Context(), p.ID, "add 5"); err != nil {
		t.Error(err)
	}
}

func TestExpiryAndDiscard(t *testing.T) {
	w := newWorld(t)
	p, q := w.propose(addArgs{Numbers: []int64{1}, By: 5}), w.propose(addArgs{Numbers: []int64{1}, By: 6})
	if q, err := w.Discard(t.Context(), q.ID); err != nil || q.State != action.Discarded {
		t.Errorf("%+v, %v", q, err)
	}
	_, err := w.Commit(t.Context(), q.ID, "")
	wantKind(t, err, errs.Conflict)
	now := time.Now().Add(25 * time.Hour)
	w.stop()
	w.clock = func() time.Time { return now }
	w.start()
	if p, err = w.Get(t.Context(), p.ID); err != nil || p.State != action.Expired {
		t.Errorf("%+v, %v", p, err)
	}
	_, err = w.Commit(t.Context(), p.ID, "")
	wantKind(t, err, errs.Conflict)
	now = now.Add(91 * 24 * time.Hour)
	w.propose(addArgs{Numbers: []int64{1}, By: 5})
	w.propose(addArgs{Numbers: []int64{1}, By: 5})
	_, err = w.Get(t.Context(), p.ID)
	wantKind(t, err, errs.NotFound)
}

func TestManyItemsArePaged(t *testing.T) {
	w := newWorld(t)
	var numbers []int64
	for n := range int64(3000) {
		numbers = append(numbers, n+1)
	}
	p := w.propose(addArgs{Numbers: numbers, By: 1, Ask: true})
	if p.Items != 3000 || p.Undecided != 3000 {
		t.Fatalf("%+v", p)
	}
	if p, err := w.Choose(t.Context(), p.ID, []int64{2999}, "skip"); err != nil || p.Undecided != 2999 {
		t.Errorf("%+v, %v", p, err)
	}
	var rows int
	if err := w.db.Read(t.Context(), func(tx *store.Tx) error { return tx.QueryRow("SELECT count(*) FROM plan_item").Scan(&rows) }); err != nil || rows > 10 {
		t.Errorf("%d rows, %v", rows, err)
	}
}

// A cancelled job leaves a plan that says so, can be undone, and committed again.
func TestFault_C18_Cancel(t *testing.T) {
	w := newWorld(t)
	var numbers []int64
	for n := range int64(2000) {
		numbers = append(numbers, n+1)
	}
	p := w.propose(addArgs{Numbers: numbers, By: 1})
	p, err := w.Commit(t.Context(), p.ID, "")
	if err != nil {
		t.Fatal(err)
	}
	for v := ""; v != "1"; v = w.values(3) {
		time.Sleep(time.Millisecond)
	}
	if err := w.jobs.Cancel(t.Context(), p.Job); err != nil {
		t.Fatal(err)
	}
	if p, err = w.Wait(t.Context(), p.ID); err != nil || p.State != action.Cancelled || !p.Undoable {
		t.Fatalf("%+v, %v", p, err)
	}
	if got := w.values(1, 2000); got != "1 0" {
		t.Errorf("values: %s", got)
	}
	p = w.do(p.ID, action.Done)
	if got := w.values(1, 2000); got != "1 1" || p.Done != 2000 {
		t.Errorf("values %s, plan %+v", got, p)
	}
}

func TestPromise_P10_KillEverywhere(t *testing.T) {
	jobtest.KillEverywhere(t, func(t *testing.T) jobtest.Scenario {
		var s *action.Service
		return jobtest.Scenario{
			Migrations: migrations(),
			Prepare: func(ctx context.Context, db *store.DB) error {
				s, _ := newAdder(db, nil)
				p, err := s.Propose(ctx, action.Request{Action: "test.add", Args: addArgs{Numbers: []int64{1, 7}, By: 5}}, action.User)
				if err != nil {
					return err
				}
				return db.Write(ctx, func(tx *store.Tx) error {
					_, err := tx.Exec("UPDATE plan SET state = 'committing', job_id = 1 WHERE id = ?", int64(p.ID))
					return err
				})
			},
			Defs: func(t *testing.T, db *store.DB) []job.Def {
				var a *adder
				s, a = newAdder(db, nil)
				a.bad = 7
				return s.JobDefs()
			},
			Kind: "action.commit", Args: action.JobArgsForTest(1),
			State: func(ctx context.Context, db *store.DB) (string, error) {
				p, err := s.Get(ctx, 1)
				if err != nil {
					return "", err
				}
				text := fmt.Sprintf("%s done %d failed %d %s\n", p.State, p.Done, p.Failed, p.Error)
				a := &adder{db: db}
				for _, n := range []int64{1, 7} {
					v, err := a.value(ctx, n)
					if err != nil {
						return "", err
					}
					text += fmt.Sprintln(n, v)
				}
				open := 0
				err = s.Journal(ctx, 1, false, func(b action.Batch) error {
					if b.Open {
						open++
					}
					return nil
				})
				return text + fmt.Sprint("open batches: ", open), err
			},
		}
	})
}

// What a process left half done, and nobody goes on with, is put right at the
// next start.
func TestOpenBatchOfACancelledPlanIsSettled(t *testing.T) {
	w := newWorld(t)
	p := w.propose(addArgs{Numbers: []int64{1, 2}, By: 5})
	w.stop()
	db, err := store.Open(t.Context(), store.Options{Path: w.path, ApplicationID: 1, Migrations: migrations()})
	if err != nil {
		t.Fatal(err)
	}
	s, a := newAdder(db, nil)
	err = errors.Join(a.set(t.Context(), 1, 5), s.OpenBatchForTest(t.Context(), p.ID, []addStep{{1, 0, 5}, {2, 0, 5}}, 2), db.Close())
	if err != nil {
		t.Fatal(err)
	}
	w.start()
	for range 1000 {
		if p, err = w.Get(t.Context(), p.ID); err != nil {
			t.Fatal(err)
		}
		if !p.Finished.IsZero() {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	if p.State != action.Cancelled || p.Done != 1 || !p.Undoable {
		t.Errorf("%+v", p)
	}
	w.do(w.undo(p.ID).ID, action.Done)
	if got := w.values(1, 2); got != "0 0" {
		t.Errorf("values after undo: %s", got)
	}
}
