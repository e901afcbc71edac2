package organize

import (
	"context"
	"testing"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/ident"
)

// TestMergedTagsKeepRefusals: what the user took from a file under any of the names no rule
// gives it under that which stays, unless he gave it another of them himself; rules and
// spaces go on with the tag that stays.
func TestMergedTagsKeepRefusals(t *testing.T) {
	t.Parallel()
	w := ruleWorld(t)
	given, taken, own, swapped := w.file(w.vol.Root, "scan given", 1, 6), w.file(w.vol.Root, "scan taken", 2, 7), w.file(w.vol.Root, "scan own", 3, 8), w.file(w.vol.Root, "scan swapped", 4, 9)
	must(w, w.ruleCreate, CreateRuleIn{Name: "Scans", Query: "scan", Tag: "paper", Create: true})
	for _, e := range []catalog.Entry{given, taken, own, swapped} {
		w.becomes(e, "paper")
	}
	must(w, w.tagDrop, DropIn{Tag: "paper", Selection: sel(taken, own)})
	w.tag("sheets", own)
	must(w, w.tagSplit, SplitIn{Tag: "paper", To: "sheets", Selection: sel(swapped)})
	must(w, w.spaceCreate, CreateSpaceIn{Name: "Mine"})
	must(w, w.itemAdd, AddItemIn{Space: "mine", Kind: TagItem, Ref: "paper"})
	before := w.dump()
	merged := must(w, w.tagMerge, MergeTagsIn{Into: "sheets", Tags: []string{"paper"}})
	w.settled()
	w.restart()
	w.settled()
	if got := w.has(given) + "|" + w.has(taken) + "|" + w.has(own) + "|" + w.has(swapped); got != "sheets||sheets|sheets" {
		t.Error(got)
	}
	if why := must(w, w.tagWhy, WhyIn{Tag: "sheets", ID: sel(taken).IDs[0]}); !why.Refused {
		t.Errorf("%+v", why)
	}
	if got := must(w, w.spaceShow, ShowSpaceIn{"mine"}).lines(); got != "Pinned(sheets)" {
		t.Error(got)
	}
	must(w, w.undo, UndoIn{ID: merged.Undo})
	w.settled()
	if got := w.dump(); got != before {
		t.Errorf("undone:\n%s\nwant\n%s", got, before)
	}
	// The other way round: the tag that stays was refused, and the rule's goes.
	must(w, w.tagDrop, DropIn{Tag: "sheets", Selection: sel(own)})
	must(w, w.ruleCreate, CreateRuleIn{Name: "More", Query: "given", Tag: "sheets"})
	w.settled()
	must(w, w.tagDrop, DropIn{Tag: "sheets", Selection: sel(given)})
	must(w, w.tagMerge, MergeTagsIn{Into: "sheets", Tags: []string{"paper"}})
	w.settled()
	if got := w.has(given) + "|" + w.has(swapped); got != "|sheets" {
		t.Errorf("%s: a rule gave what was refused", got)
	}
}

// TestRulesLeaveWhatNobodyCanTell: while the texts of files are read or made anew, a rule
// that asks for them takes nothing back; one that asks for names does.
func TestRulesLeaveWhatNobodyCanTell(t *testing.T) {
	t.Parallel()
	unmade := map[ident.ContentID]bool{}
	w := ruleWorld(t, func(o *Options) {
		o.Reads = func(_ context.Context, query string) (bool, error) { return query == "invoice", nil }
		o.Unmade = func(_ context.Context, contents []ident.ContentID) (map[ident.ContentID]bool, error) {
			out := map[ident.ContentID]bool{}
			for _, c := range contents {
				out[c] = unmade[c]
			}
			return out, nil
		}
	})
	a := w.file(w.vol.Root, "invoice scan", 1, 6)
	w.hash(&a, 'A')
	unmade[a.Content] = true
	must(w, w.ruleCreate, CreateRuleIn{Name: "Bills", Query: "invoice", Tag: "bill", Create: true})
	must(w, w.ruleCreate, CreateRuleIn{Name: "Scans", Query: "scan", Tag: "paper", Create: true})
	w.becomes(a, "bill paper")
	w.rename(&a, "gone")
	w.becomes(a, "bill")
	w.settled()
	if got := w.has(a); got != "bill" {
		t.Errorf("while the text is not read: %s", got)
	}
	if test := must(w, w.ruleTest, TestRuleIn{Rule: "bills"}); test.WouldTake != 0 {
		t.Errorf("%+v", test)
	}
}
