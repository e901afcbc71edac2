package rules

import (
	"fmt"
	"slices"

	"github.com/stardrive/stardrive/internal/errs"
)

// MaxRules is how many rules a list may hold.
const MaxRules = 1000

// List is the ordered list of rules of one location, in the form that is
// stored. The zero List is empty. A List is a value: Add and Remove leave the
// one they are called on as it was.
type List struct {
	Next  int    `json:"next"` // the id of the next rule, unless a rule has it
	Rules []Rule `json:"rules"`
}

// Add puts r at the end, or before the rule with the id before unless that is
// 0, and returns r with its id. Errors: errs.NotFound (no rule before),
// errs.Conflict (a rule says the same), errs.Invalid (r is not valid, or there
// are MaxRules rules).
func (l List) Add(r Rule, before int) (List, Rule, error) {
	r, err := New(r.Kind, r.Value, r.Include)
	if err != nil {
		return l, Rule{}, err
	}
	if len(l.Rules) >= MaxRules {
		return l, Rule{}, invalid("a location has no more than %d rules", MaxRules).Try("Remove rules that are not needed any more.")
	}
	at := len(l.Rules)
	r.ID = max(l.Next, 1)
	for i, o := range l.Rules {
		r.ID = max(r.ID, o.ID+1)
		if o.ID == before {
			at = i
		}
		if o.Kind == r.Kind && o.Value == r.Value && o.Include == r.Include {
			return l, Rule{}, errs.New(errs.Conflict, "rule %d is the same", o.ID).
				Try(fmt.Sprintf("Remove rule %d first if the new one shall stand elsewhere in the list.", o.ID))
		}
	}
	if before != 0 && at == len(l.Rules) {
		return l, Rule{}, noRule(before)
	}
	return List{Next: r.ID + 1, Rules: slices.Insert(slices.Clone(l.Rules), at, r)}, r, nil
}

// Remove takes the rule with the id out. Its id is not used again. The error is
// errs.NotFound.
func (l List) Remove(id int) (List, error) {
	i := slices.IndexFunc(l.Rules, func(r Rule) bool { return r.ID == id })
	if i < 0 {
		return l, noRule(id)
	}
	return List{Next: max(l.Next, id+1), Rules: slices.Delete(slices.Clone(l.Rules), i, i+1)}, nil
}

func noRule(id int) error {
	return errs.New(errs.NotFound, "there is no rule %d", id).Try("See the list of rules for their numbers.")
}
