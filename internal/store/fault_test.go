package store

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
)

func TestFaultLeavesWhatWasCommitted(t *testing.T) {
	killed := errors.New("killed")
	for _, tc := range []struct {
		at   Moment
		want []string
	}{{BeforeCommit, []string{"one"}}, {AfterCommit, []string{"one", "two", "three"}}} {
		o := testOptions(t)
		commits := 0
		o.Fault = func(m Moment) error {
			if m == tc.at {
				if commits++; commits == 2 {
					return killed
				}
			}
			return nil
		}
		db := openTest(t, o)
		if err := db.Write(t.Context(), insert("one")); err != nil {
			t.Fatal(err)
		}
		hooked, begun := false, make(chan struct{})
		var wg sync.WaitGroup
		results := make([]error, 2)
		wg.Go(func() {
			results[0] = db.Write(context.Background(), func(tx *Tx) error {
				tx.AfterCommit(func() { hooked = true })
				close(begun)
				waitQueued(db, 1)
				return insert("two")(tx)
			})
		})
		<-begun
		wg.Go(func() { results[1] = db.Write(context.Background(), insert("three")) })
		wg.Wait()
		if results[0] != killed || results[1] != killed || hooked {
			t.Errorf("%d: got %v, hooked %v", tc.at, results, hooked)
		}
		if err := db.Write(t.Context(), insert("late")); err != killed {
			t.Errorf("%d: a later write: %v", tc.at, err)
		}
		if err := db.Read(t.Context(), func(*Tx) error { return nil }); err != killed {
			t.Errorf("%d: a later read: %v", tc.at, err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
		o.Fault = nil
		got := names(t, openTest(t, o))
		slices.Sort(got)
		slices.Sort(tc.want)
		if !slices.Equal(got, tc.want) {
			t.Errorf("%d: left %q, want %q", tc.at, got, tc.want)
		}
	}
}
