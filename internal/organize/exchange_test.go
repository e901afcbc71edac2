package organize

import (
	"testing"

	"github.com/stardrive/stardrive/internal/organize/merge"
)

// hears has one library take in what another wrote.
func (w *world) hears(from *world) {
	w.t.Helper()
	ops, err := from.Since(w.t.Context(), merge.Vector{})
	if err == nil {
		err = w.Receive(w.t.Context(), ops)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// TestExchange: what two libraries did at the same time with fields, rules and spaces
// comes to the same in both: what a rule gave that the other deleted is taken back, a
// refusal holds, things that were moved to one place keep an order, and the default
// space is stored once.
func TestExchange(t *testing.T) {
	t.Parallel()
	a, b := ruleWorld(t), ruleWorld(t, func(o *Options) { o.Device = "other" })
	both := func() {
		a.hears(b)
		b.hears(a)
	}
	one, two := a.file(a.vol.Root, "scan 1", 1, 6), a.file(a.vol.Root, "scan 2", 2, 7)
	a.hash(&one, '1')
	a.hash(&two, '2')
	must(a, a.ruleCreate, CreateRuleIn{Name: "scans", Query: "scan", Tag: "paper", Create: true})
	must(a, a.fieldCreate, CreateFieldIn{Name: "state", Choices: []string{"draft"}})
	a.becomes(one, "paper")
	a.becomes(two, "paper")
	both()
	must(b, b.ruleDelete, DeleteRuleIn{Rule: "scans"})
	three := a.file(a.vol.Root, "scan 3", 3, 8)
	a.hash(&three, '3')
	a.becomes(three, "paper")
	must(a, a.tagDrop, DropIn{Tag: "paper", Selection: sel(two)})
	must(a, a.fieldEdit, EditFieldIn{Field: "state", AddChoices: []string{"sent"}})
	must(b, b.fieldEdit, EditFieldIn{Field: "state", AddChoices: []string{"final"}, Name: "status"})
	must(a, a.groupPlace, PlaceGroupIn{Group: "defaulttags", At: 0})
	must(b, b.groupPlace, PlaceGroupIn{Group: "defaultsaved", At: 0})
	both()
	for _, w := range []*world{a, b} {
		w.eventually("nothing is left of the rule", func() bool {
			w.settled()
			return w.finds("tag", "paper") == ""
		})
	}
	both()
	if x, y := a.dump(), b.dump(); x != y {
		t.Errorf("one has\n%s\nand the other\n%s", x, y)
	}
	for _, w := range []*world{a, b} {
		v := must(w, w.fieldList, ListFieldsIn{}).Items[0]
		if v.Name != "status" || len(v.Choices) != 3 {
			t.Errorf("%+v", v)
		}
		if l := must(w, w.spaceList, struct{}{}).Items; len(l) != 1 || !l[0].Stored {
			t.Errorf("%+v", l)
		}
		if n := len(must(w, w.spaceShow, ShowSpaceIn{}).Groups); n != len(defaultGroups) {
			t.Error(n)
		}
	}
}
