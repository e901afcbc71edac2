package organize

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/op"
	"github.com/stardrive/stardrive/internal/organize/merge"
)

const (
	ruleTarget = "r:"

	intoField       = "into"       // of a rule: the tag or collection that it gives
	confidenceField = "confidence" // likewise
	pausedField     = "paused"     // likewise
	madeField       = "made"       // likewise: when, in nanoseconds since 1970
	ruledField      = "ruled"      // of a collection: a set of files, with the rules that put them there
)

// Limits of rules.
const (
	maxRules    = 500
	maxRuleHits = 200_000 // that one rule gives something
)

// RuleState is whether a rule works.
type RuleState string

// The states of rules.
const (
	RuleActive  RuleState = "active"
	RulePaused  RuleState = "paused"
	RuleIdle    RuleState = "idle"    // it would go round in a circle with older ones
	RuleBroken  RuleState = "broken"  // it cannot be followed as it is
	RuleWaiting RuleState = "waiting" // not all that it asks for is known yet
)

// Enum lists the states, for schemas.
func (RuleState) Enum() []string {
	return []string{string(RuleActive), string(RulePaused), string(RuleIdle), string(RuleBroken), string(RuleWaiting)}
}

// TypeName is what clients call the type.
func (RuleState) TypeName() string { return "RuleState" }

// Named is a tag, collection or rule by its name.
type Named struct {
	ID        string `json:"id" jsonschema:"its id, which never changes"`
	Name      string `json:"name" jsonschema:"what it is called"`
	Namespace string `json:"namespace,omitempty" jsonschema:"what tells it from others of its name"`
	Query     string `json:"query,omitempty" jsonschema:"of a rule: what it asks for"`
}

// Rule gives a tag to all that a search finds, or puts it into a collection.
type Rule struct {
	ID          string    `json:"id" jsonschema:"its id, which never changes"`
	Name        string    `json:"name" jsonschema:"what it is called"`
	Query       string    `json:"query" jsonschema:"what it asks for; see docs/search.md"`
	Tag         *Named    `json:"tag,omitempty" jsonschema:"the tag that it gives"`
	Collection  *Named    `json:"collection,omitempty" jsonschema:"the collection into which it puts files"`
	Confidence  float64   `json:"confidence,omitempty" jsonschema:"how sure what it gives is, from 0 to 1; none: entirely"`
	Paused      bool      `json:"paused,omitempty" jsonschema:"it gives and takes nothing now"`
	Description string    `json:"description,omitempty" jsonschema:"what it is for"`
	Given       int       `json:"given" jsonschema:"how many contents and places have what it gives from it"`
	State       RuleState `json:"state" jsonschema:"active, paused, idle (it would go round in a circle with older rules), broken, or waiting"`
	Problem     string    `json:"problem,omitempty" jsonschema:"why it is not followed"`
	Job         string    `json:"job,omitempty" jsonschema:"the job that applies it for the first time"`
	Undo        string    `json:"undo,omitempty" jsonschema:"of a change: what to give organize.undo to take it back"`
}

// RuleList are rules.
type RuleList struct {
	Items []Rule `json:"items" jsonschema:"by name"`
}

// RuleIn names a rule.
type RuleIn struct {
	Rule string `json:"rule" cli:"1" jsonschema:"its name or id"`
}

// CreateRuleIn is a rule to make.
type CreateRuleIn struct {
	Name        string  `json:"name" cli:"1" jsonschema:"what to call it"`
	Query       string  `json:"query" cli:"2" jsonschema:"what it asks for; see docs/search.md"`
	Tag         string  `json:"tag,omitempty" jsonschema:"the tag that it gives"`
	Collection  string  `json:"collection,omitempty" jsonschema:"the collection into which it puts files, in place of a tag"`
	Create      bool    `json:"create,omitempty" jsonschema:"make the tag if there is none"`
	Confidence  float64 `json:"confidence,omitempty" jsonschema:"how sure what it gives is, from 0 to 1; default: entirely" min:"0" max:"1"`
	Description string  `json:"description,omitempty" jsonschema:"what it is for"`
	Paused      bool    `json:"paused,omitempty" jsonschema:"do not apply it yet"`
}

// EditRuleIn changes a rule.
type EditRuleIn struct {
	Rule        string  `json:"rule" cli:"1" jsonschema:"its name or id"`
	Name        string  `json:"name,omitempty" jsonschema:"what to call it from now on"`
	Query       string  `json:"query,omitempty" jsonschema:"what it asks for from now on"`
	Confidence  float64 `json:"confidence,omitempty" jsonschema:"how sure what it gives from now on is, from 0 to 1" min:"0" max:"1"`
	Description string  `json:"description,omitempty" jsonschema:"what it is for"`
	Pause       bool    `json:"pause,omitempty" jsonschema:"it gives and takes nothing until it is resumed"`
	Resume      bool    `json:"resume,omitempty" jsonschema:"it is followed again"`
}

// DeleteRuleIn takes a rule away.
type DeleteRuleIn struct {
	Rule string `json:"rule" cli:"1" jsonschema:"its name or id"`
	Keep bool   `json:"keep,omitempty" jsonschema:"what it gave stays, as if you had given it"`
}

// TestRuleIn names a rule, or says what one would be.
type TestRuleIn struct {
	Rule       string `json:"rule,omitempty" cli:"1" jsonschema:"its name or id"`
	Query      string `json:"query,omitempty" jsonschema:"in its place, what one would ask for"`
	Tag        string `json:"tag,omitempty" jsonschema:"with a query: the tag that it would give"`
	Collection string `json:"collection,omitempty" jsonschema:"likewise: the collection"`
	Limit      int    `json:"limit,omitempty" jsonschema:"how many files to show; default 100" min:"0" max:"1000"`
}

// RuleTest tells what a rule would do.
type RuleTest struct {
	Total     int            `json:"total" jsonschema:"how many files and folders fit"`
	Has       int            `json:"has" jsonschema:"how many of these have it already"`
	WouldGive int            `json:"would_give" jsonschema:"how many would get it"`
	WouldTake int            `json:"would_take" jsonschema:"from how many contents and places it would be taken back"`
	Refused   int            `json:"refused" jsonschema:"how many fit, and stay without, since you took it from them"`
	Items     []catalog.View `json:"items" jsonschema:"some of those that would get it, or with a query alone some that fit"`
}

// RunOut names a job.
type RunOut struct {
	Job string `json:"job" jsonschema:"the job that applies the rule"`
}

func (s *Service) ruleOps() []op.Def {
	return []op.Def{
		op.NewQuery("rule.list", "List rules that give tags", s.ruleList, op.Example("stardrive rule list")),
		op.NewQuery("rule.show", "Show a rule", s.ruleShow, op.Example("stardrive rule show scans")),
		op.NewQuery("rule.test", "Show what a rule would do, without doing it", s.ruleTest, op.Example("stardrive rule test --query 'ext:pdf in:~/Scans' --tag paper")),
		op.NewCommand("rule.create", "Have all that a search finds get a tag, or stand in a collection, from now on", s.ruleCreate,
			op.Example("stardrive rule create scans 'ext:pdf in:~/Scans' --tag paper")),
		op.NewCommand("rule.edit", "Change a rule, or pause it", s.ruleEdit, op.Example("stardrive rule edit scans --query 'ext:pdf,tif in:~/Scans'")),
		op.NewCommand("rule.run", "Apply a rule to all files now", s.ruleRun, op.Example("stardrive rule run scans")),
		op.NewCommand("rule.delete", "Delete a rule, and take back what it gave", s.ruleDelete, op.Example("stardrive rule delete scans")),
		op.NewQuery("tag.why", "Tell why a file has a tag, or is found by it", s.tagWhy, op.Example("stardrive tag why paper ~/Scans/bill.pdf")),
	}
}

// rule finds a rule by name or id. The caller holds the model. Errors: errs.NotFound,
// errs.Invalid.
func (m *model) rule(name string) (*object, error) { return m.that(ruleSort, name) }

// named is an object as others name it; nil: there is none.
func (m *model) named(target string) *Named {
	if o := m.objects[target]; o.there() {
		return &Named{ID: shortID(o.id), Name: o.one[nameField], Namespace: o.one[spaceField]}
	}
	return nil
}

// givenBy counts what has something from a rule.
func (m *model) givenBy(o *object) int {
	if into := o.one[intoField]; !strings.HasPrefix(into, collectionTarget) {
		return len(m.given[o.id])
	}
	return len(m.ruledIn(o))
}

// ruledIn are the files that a rule put into its collection.
func (m *model) ruledIn(o *object) (targets []string) {
	if c := m.objects[o.one[intoField]]; c.there() {
		for target, f := range c.sets[ruledField] {
			if _, in := c.sets[itemField][target]; in && f.Value == o.id {
				targets = append(targets, target)
			}
		}
	}
	return targets
}

func (s *Service) showRule(o *object) Rule {
	v := Rule{
		ID: shortID(o.id), Name: o.one[nameField], Query: o.one[queryField], Paused: o.one[pausedField] != "", Description: o.one[aboutField],
		Given: s.model.givenBy(o),
	}
	v.Confidence, _ = strconv.ParseFloat(cmp.Or(o.one[confidenceField], "0"), 64) // another version's may be no number
	if into := o.one[intoField]; strings.HasPrefix(into, collectionTarget) {
		v.Collection = s.model.named(into)
	} else {
		v.Tag = s.model.named(into)
	}
	st := s.ruling.state(o.id)
	v.State, v.Problem = cmp.Or(st.state, RuleActive), st.problem
	if v.Paused {
		v.State, v.Problem = RulePaused, ""
	} else if v.Tag == nil && v.Collection == nil {
		v.State, v.Problem = RuleBroken, "what it gives is not there any more"
	}
	return v
}

func (s *Service) ruleList(context.Context, struct{}) (out RuleList, err error) {
	out.Items = []Rule{}
	s.model.look(func(*tree) {
		for _, o := range s.model.those(ruleSort) {
			out.Items = append(out.Items, s.showRule(o))
		}
	})
	return out, nil
}

func (s *Service) ruleShow(_ context.Context, in RuleIn) (out Rule, err error) {
	s.model.look(func(*tree) {
		var o *object
		if o, err = s.model.rule(in.Rule); err == nil {
			out = s.showRule(o)
		}
	})
	return out, err
}

// gift finds what a rule is to give: a tag, which is planned where there is none and
// create says so, or a collection. The caller holds the model.
func (s *Service) gift(t *tree, tag, collection string, create bool) (target string, changes []merge.Change, err error) {
	switch {
	case (tag == "") == (collection == ""):
		return "", nil, errs.New(errs.Invalid, "a rule gives one tag, or puts into one collection").Try("Say which by --tag or --collection.")
	case collection != "":
		o, err := s.model.collection(collection)
		if err == nil && o.one[queryField] != "" {
			err = errs.New(errs.Invalid, "a search fills the collection %q already", o.one[nameField]).Try("Choose one that files are put into.")
		}
		if err != nil {
			return "", nil, err
		}
		return o.id, nil, nil
	}
	ids, changes, err := s.named(t, tag, create)
	switch {
	case err != nil:
		return "", nil, err
	case len(ids) != 1:
		return "", nil, errs.New(errs.Invalid, "a rule gives one tag").Try("Make a rule for each.")
	}
	if o := s.model.objects[ids[0]]; o.there() && typeOf(o) == Organisational {
		return "", nil, errs.New(errs.Invalid, "the tag %q holds other tags, and is for no file itself", o.one[nameField]).Try("Choose one below it.")
	}
	return ids[0], changes, nil
}

// jobText is the number of a job as answers have it.
func jobText(id ident.JobID) string {
	if id == 0 {
		return ""
	}
	text, _ := id.MarshalText()
	return string(text)
}

// rulesInOrder are all rules, the oldest first. The caller holds the model.
func (m *model) rulesInOrder() []*object {
	all := m.those(ruleSort)
	slices.SortFunc(all, func(a, b *object) int {
		return cmp.Or(strings.Compare(a.one[madeField], b.one[madeField]), strings.Compare(a.id, b.id))
	})
	return all
}
