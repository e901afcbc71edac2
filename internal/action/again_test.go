package action_test

import (
	"context"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/action"
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
