package organize

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/store"
)

// byName has queries find files whose names hold one of their words; tag:NAME and
// is:tagged ask for what users added.
func byName(w **world) func(*Options) {
	return func(o *Options) {
		withGround(o)
		o.Asks = func(_ context.Context, query string) (asked [][2]string, err error) {
			for word := range strings.FieldsSeq(query) {
				if field, value, ok := strings.Cut(word, ":"); ok {
					asked = append(asked, [2]string{field, value})
				}
			}
			if strings.Contains(query, "??") {
				err = errs.New(errs.Invalid, "this cannot be read")
			}
			return asked, err
		}
		o.MatchAll = func(ctx context.Context, query string, fn func(ident.EntryID) bool) error {
			if _, err := o.Asks(ctx, query); err != nil {
				return err
			}
			found := map[ident.EntryID]bool{}
			err := o.Catalog.Read(ctx, func(r *catalog.Reader) error {
				return r.Children((*w).vol.Root, func(e *catalog.Entry) error {
					for word := range strings.FieldsSeq(query) {
						if strings.Contains(e.Name, word) {
							found[e.ID] = true
						}
					}
					return nil
				})
			})
			if err != nil {
				return err
			}
			for word := range strings.FieldsSeq(query) {
				if field, value, ok := strings.Cut(word, ":"); ok && field == "tag" {
					find, _, problem := (*w).Find(field, value)
					if problem != "" {
						return errs.New(errs.Invalid, "%s", problem)
					}
					if err := find(ctx, func(int64) {}, func(n int64) { found[ident.EntryID(n)] = true }); err != nil {
						return err
					}
				}
			}
			for id := range found {
				if !fn(id) {
					break
				}
			}
			return nil
		}
	}
}

func ruleWorld(t *testing.T, change ...func(*Options)) *world {
	t.Helper()
	var w *world
	var ticks atomic.Int64
	w = newWorld(t, "", append(change, byName(&w), func(o *Options) {
		o.Now = func() time.Time { return noon.Add(time.Duration(ticks.Add(1))) }
	})...)
	return w
}

func (w *world) rename(e *catalog.Entry, name string) {
	w.t.Helper()
	e.Name = name
	w.apply(&catalog.Batch{Move: []catalog.Entry{*e}})
}

// becomes waits until a file has what it should.
func (w *world) becomes(e catalog.Entry, want string) {
	w.t.Helper()
	w.eventually(e.Name+" has "+want, func() bool { return w.has(e) == want })
}

// settled waits until the rules were followed twice since.
func (w *world) settled() {
	w.t.Helper()
	for range 2 {
		w.followRules(w.t.Context())
	}
}

// TestRules: what fits gets the tag, new files too; what fits no more loses it; what
// the user gave himself stays, and what he took away stays away; a rule that is deleted
// takes back what it gave, and undo brings both again.
func TestRules(t *testing.T) {
	t.Parallel()
	w := ruleWorld(t)
	a, b, c := w.file(w.vol.Root, "scan a", 1, 6), w.file(w.vol.Root, "scan b", 2, 7), w.file(w.vol.Root, "c", 3, 8)
	w.hash(&b, 'B')
	w.tag("paper", c)
	v := must(w, w.ruleCreate, CreateRuleIn{Name: "Scans", Query: "scan", Tag: "paper", Confidence: 0.5})
	if v.Tag.Name != "paper" || v.Confidence != 0.5 || v.State != RuleActive {
		t.Errorf("%+v", v)
	}
	w.becomes(a, "paper")
	w.becomes(b, "paper")
	w.rename(&c, "scan c")
	w.settled()
	why := must(w, w.tagWhy, WhyIn{Tag: "paper", ID: sel(a).IDs[0]}).Items
	if len(why) != 1 || why[0].Source != "rule" || why[0].Rule.Name != "Scans" || why[0].Confidence != 0.5 || !strings.Contains(why[0].Reason, "scan") {
		t.Errorf("%+v", why)
	}
	if why := must(w, w.tagWhy, WhyIn{Tag: "paper", ID: sel(c).IDs[0]}).Items; len(why) != 1 || why[0].Source != "user" {
		t.Errorf("%+v", why)
	}
	w.rename(&c, "c")
	w.rename(&a, "a")
	w.becomes(a, "")
	w.becomes(c, "paper") // the user's own
	w.rename(&a, "scan a")
	w.becomes(a, "paper")

	must(w, w.tagDrop, DropIn{Tag: "paper", Selection: sel(b)})
	w.settled()
	w.restart()
	w.settled()
	w.becomes(b, "")
	if why := must(w, w.tagWhy, WhyIn{Tag: "paper", ID: sel(b).IDs[0]}); !why.Refused || len(why.Items) != 0 {
		t.Errorf("%+v", why)
	}
	if test := must(w, w.ruleTest, TestRuleIn{Rule: "scans"}); test.Total != 2 || test.Has != 1 || test.Refused != 1 || test.WouldGive+test.WouldTake != 0 {
		t.Errorf("%+v", test)
	}
	w.tag("paper", b) // by hand: his own, and refused no more
	must(w, w.tagApply, ApplyIn{Tag: "paper", Selection: sel(a)})
	before := w.dump()
	if d := must(w, w.ruleDelete, DeleteRuleIn{Rule: "scans"}); d.Changed != 0 {
		t.Error(d)
	}
	must(w, w.undo, UndoIn{})
	w.settled()
	if got := w.dump(); got != before {
		t.Errorf("%s\nwant\n%s", got, before)
	}
	must(w, w.tagDrop, DropIn{Tag: "paper", Selection: sel(a)})
	must(w, w.undo, UndoIn{})
	must(w, w.ruleEdit, EditRuleIn{Rule: "scans", Query: "nothing"})
	w.settled()
	w.becomes(a, "paper")
}

// TestRulesTakeBack: a rule that is deleted takes back what it gave, or leaves it as
// the user's own; what is absent keeps what it has.
func TestRulesTakeBack(t *testing.T) {
	t.Parallel()
	w := ruleWorld(t)
	a, b := w.file(w.vol.Root, "scan a", 1, 6), w.file(w.vol.Root, "scan b", 2, 7)
	must(w, w.ruleCreate, CreateRuleIn{Name: "Scans", Query: "scan", Tag: "paper", Create: true})
	w.becomes(a, "paper")
	w.becomes(b, "paper")
	w.apply(&catalog.Batch{Absent: []ident.EntryID{b.ID}})
	must(w, w.ruleEdit, EditRuleIn{Rule: "scans", Query: "nothing"})
	w.becomes(a, "")
	w.settled()
	if got := w.has(b); got != "paper" {
		t.Errorf("what is not there has %q", got)
	}
	must(w, w.ruleEdit, EditRuleIn{Rule: "scans", Query: "scan"})
	w.becomes(a, "paper")
	if d := must(w, w.ruleDelete, DeleteRuleIn{Rule: "scans"}); d.Changed != 2 {
		t.Error(d)
	}
	if got := w.has(a) + w.has(b); got != "" {
		t.Error(got)
	}
	must(w, w.undo, UndoIn{})
	w.becomes(a, "paper")
	if v := must(w, w.ruleShow, RuleIn{"scans"}); v.Given != 2 {
		t.Errorf("%+v", v)
	}
	must(w, w.ruleEdit, EditRuleIn{Rule: "scans", Pause: true})
	w.rename(&a, "x")
	w.settled()
	if got := w.has(a); got != "paper" {
		t.Errorf("while the rule is paused: %q", got)
	}
	must(w, w.ruleDelete, DeleteRuleIn{Rule: "scans", Keep: true})
	w.settled()
	if why := must(w, w.tagWhy, WhyIn{Tag: "paper", ID: sel(a).IDs[0]}).Items; len(why) != 1 || why[0].Source != "user" {
		t.Errorf("%+v", why)
	}
}

// TestRulesDoNotGoRound: a rule that asks for what it gives, itself or by others, is
// refused; one that comes to do so later is idle; chains work.
func TestRulesDoNotGoRound(t *testing.T) {
	t.Parallel()
	w := ruleWorld(t)
	a := w.file(w.vol.Root, "scan a", 1, 6)
	for _, tag := range []string{"one", "two", "three"} {
		must(w, w.tagCreate, CreateTagIn{Name: tag})
	}
	_, err := w.ruleCreate(t.Context(), CreateRuleIn{Name: "r", Query: "tag:one", Tag: "one"})
	wantKind(t, err, errs.Invalid)
	_, err = w.ruleCreate(t.Context(), CreateRuleIn{Name: "r", Query: "is:tagged", Tag: "one"})
	wantKind(t, err, errs.Invalid)
	_, err = w.ruleCreate(t.Context(), CreateRuleIn{Name: "r", Query: "??", Tag: "one"})
	wantKind(t, err, errs.Invalid)
	must(w, w.ruleCreate, CreateRuleIn{Name: "2", Query: "tag:one", Tag: "two"})
	must(w, w.ruleCreate, CreateRuleIn{Name: "3", Query: "tag:two", Tag: "three"})
	_, err = w.ruleCreate(t.Context(), CreateRuleIn{Name: "4", Query: "tag:three", Tag: "one"})
	wantKind(t, err, errs.Invalid)
	must(w, w.ruleCreate, CreateRuleIn{Name: "1", Query: "scan", Tag: "one"})
	w.becomes(a, "one three two")
	must(w, w.tagMove, MoveTagIn{Tag: "three", To: "one"}) // tag:one asks for three now
	w.settled()
	states := map[string]RuleState{}
	for _, r := range must(w, w.ruleList, struct{}{}).Items {
		states[r.Name] = r.State
	}
	if states["3"] != RuleIdle || states["2"] != RuleActive || states["1"] != RuleActive {
		t.Error(states)
	}
	must(w, w.tagDelete, TagIn{"two"})
	w.settled()
	if v := must(w, w.ruleShow, RuleIn{"2"}); v.State != RuleBroken {
		t.Errorf("%+v", v)
	}
}

// TestRulesCollect: a rule puts files into a collection, and takes out those alone that
// it put there.
func TestRulesCollect(t *testing.T) {
	t.Parallel()
	w := ruleWorld(t)
	a, b, c := w.file(w.vol.Root, "scan a", 1, 6), w.file(w.vol.Root, "scan b", 2, 7), w.file(w.vol.Root, "c", 3, 8)
	must(w, w.collectionCreate, CreateCollectionIn{Name: "all"})
	must(w, w.collectionAdd, CollectIn{Collection: "all", Selection: sel(c)})
	must(w, w.ruleCreate, CreateRuleIn{Name: "Scans", Query: "scan", Collection: "all"})
	holds := func(want ...catalog.Entry) {
		t.Helper()
		w.eventually("the collection", func() bool {
			var got []ident.EntryID
			for _, v := range must(w, w.collectionShow, ShowCollectionIn{Collection: "all"}).Items {
				var id ident.EntryID
				_ = id.UnmarshalText([]byte(v.ID))
				got = append(got, id)
			}
			ok := len(got) == len(want)
			for i := range want {
				ok = ok && slices.Contains(got, want[i].ID)
			}
			return ok
		})
	}
	holds(a, b, c)
	w.hash(&a, 'A') // goes on as its content
	must(w, w.collectionRemove, CollectIn{Collection: "all", Selection: sel(b)})
	w.settled()
	holds(a, c)
	must(w, w.collectionAdd, CollectIn{Collection: "all", Selection: sel(b)})
	if v := must(w, w.ruleShow, RuleIn{"scans"}); v.Given != 1 || v.Collection.Name != "all" {
		t.Errorf("%+v", v)
	}
	must(w, w.ruleDelete, DeleteRuleIn{Rule: "scans"})
	holds(b, c)
}

// TestRulesAsJobs: a new rule is applied by a job, which can be cut off anywhere.
func TestRulesAsJobs(t *testing.T) {
	t.Parallel()
	w := ruleWorld(t)
	e := w.file(w.vol.Root, "scan", 1, 6)
	var asked []string
	w.jobs = enqueued(func(kind string, args any, o job.Enqueue) { asked = append(asked, fmt.Sprint(kind, args, o.Title)) })
	v := must(w, w.ruleCreate, CreateRuleIn{Name: "Scans", Query: "scan", Tag: "paper", Create: true})
	if v.Job != "7" || len(asked) != 1 || !strings.Contains(asked[0], "Apply the rule Scans") {
		t.Error(v.Job, asked)
	}
	err := w.ruleJob(t.Context(), ruleTarget+v.ID, func(int, job.Progress, func(*store.Tx) error) error { return context.Canceled })
	if err != nil && err != context.Canceled { //nolint:errorlint // as it was given
		t.Fatal(err)
	}
	must(w, w.ruleRun, RuleIn{"scans"})
	w.becomes(e, "paper")
	must(w, w.ruleEdit, EditRuleIn{Rule: "scans", Pause: true})
	_, err = w.ruleRun(t.Context(), RuleIn{"scans"})
	wantKind(t, err, errs.Conflict)
}

type enqueued func(kind string, args any, o job.Enqueue)

func (e enqueued) Enqueue(_ context.Context, kind string, args any, o job.Enqueue) (ident.JobID, error) {
	e(kind, args, o)
	return 7, nil
}
