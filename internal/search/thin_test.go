package search

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestThin: pages that many changes touched are given back, in whatever portions the
// changes come; but while somebody searches only when that is over.
func TestThin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k, table := &keeper{Service: New(Options{})}, newTable(8)
		time.Sleep(time.Hour)
		for n := range restEvery - 1 {
			if k.thin(table, 1); k.touched != n+1 {
				t.Fatalf("after %d changes, %d are noted", n+1, k.touched)
			}
		}
		if k.thin(table, 1); k.touched != 0 {
			t.Fatalf("%d changes, and nothing was given back", k.touched)
		}
		table.searches.Add(1)
		if k.thin(table, 2*restEvery); k.touched == 0 {
			t.Error("pages were given back that a search needs")
		}
		time.Sleep(calm + 1)
		if k.thin(table, 1); k.touched != 0 {
			t.Error("nobody searches any more, and nothing was given back")
		}
		table.searches.Add(1)
		k.thin(table, 1)
		time.Sleep(calm + 1)
		if k.thin(table, 0); k.touched != 0 {
			t.Error("what a search touched was not given back")
		}
	})
}
