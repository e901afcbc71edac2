package action_test

import (
	"context"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/errs"
)

// A plan that is committed again in the very moment in which it ended is done, and
// not taken for a part of the job that is just going.
func TestCommitAgainAtOnce(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for range 10 {
		w.adder.bad = 2
		p := w.propose(addArgs{Numbers: []int64{1, 2}, By: 5})
		if _, err := w.Commit(ctx, p.ID, ""); err != nil {
			t.Fatal(err)
		}
		for p.State != action.Partial {
			var err error
			if p, err = w.Get(ctx, p.ID); err != nil {
				t.Fatal(err)
			}
		}
		w.adder.bad = -1
		w.do(p.ID, action.Done)
	}
}

// Of a plan that broke in the middle of something it is not said that it can be undone
// until somebody has looked what it did; undoing has that done, and an older plan is
// not taken in its place.
func TestUndoOfWhatNobodyHasLookedAt(t *testing.T) {
	w := newWorld(t)
	older := w.propose(addArgs{Numbers: []int64{7}, By: 1})
	w.do(older.ID, action.Done)
	w.adder.breaks = 1
	p := w.propose(addArgs{Numbers: []int64{1, 2}, By: 5})
	if p = w.do(p.ID, action.Failed); p.Undoable {
		t.Errorf("it is told to be undoable: %+v", p)
	}
	if _, err := w.Undo(t.Context(), 0, action.User); !errs.Is(err, errs.Conflict) {
		t.Errorf("undoing what nobody knows: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	w.adder.breaks = -1
	for p.State == action.Failed && ctx.Err() == nil {
		time.Sleep(time.Millisecond)
		var err error
		if p, err = w.Get(ctx, p.ID); err != nil {
			t.Fatal(err)
		}
	}
	if p.State != action.Partial || p.Done != 1 || !p.Undoable {
		t.Errorf("when it was looked at: %+v", p)
	}
	u, err := w.Undo(t.Context(), 0, action.User)
	if err != nil || u.UndoOf != p.ID {
		t.Fatalf("%+v %v", u, err)
	}
	w.do(u.ID, action.Done)
	if got := w.values(1, 7); got != "0 1" {
		t.Errorf("values: %s", got)
	}
}
