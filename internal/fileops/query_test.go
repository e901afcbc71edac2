//go:build linux

package fileops

import (
	"context"
	"errors"
	"os"
	"testing"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
)

// finds has every query find these, in this order.
func (w *testWorld) finds(ids ...ident.EntryID) {
	w.Match = func(_ context.Context, _ string, fn func(ident.EntryID) bool) error {
		for _, id := range ids {
			if !fn(id) {
				break
			}
		}
		return nil
	}
}

// What a query finds and is gone by now, from the disk or from the library, is left out
// of the plan; what is named by its id is not.
func TestQueryLeavesOutWhatIsGone(t *testing.T) {
	w := newTestWorld(t)
	w.write("here", "1")
	w.write("gone", "22")
	ids := w.index()
	if err := os.Remove(w.path("gone")); err != nil {
		t.Fatal(err)
	}
	unknown := ids["here"] + 1000
	w.finds(ids["gone"], unknown, ids["here"])
	p := w.plan("files.trash", TrashIn{Query: "any"})
	if p.Items != 1 || p.Summary.Files != 1 || p.Summary.Bytes != 1 {
		t.Errorf("%d items, %+v", p.Items, p.Summary)
	}
	w.do(p, action.Done)
	w.hasNot("here")
	for _, id := range []ident.EntryID{ids["gone"], unknown} {
		w.finds(id)
		_, byQuery := w.propose("files.trash", TrashIn{Query: "any"})
		_, byID := w.propose("files.trash", TrashIn{IDs: []ident.EntryID{id}})
		if err := errors.Join(byQuery, byID); !errs.Is(byQuery, errs.NotFound) || !errs.Is(byID, errs.NotFound) {
			t.Errorf("nothing else is found: %v", err)
		}
	}
}
