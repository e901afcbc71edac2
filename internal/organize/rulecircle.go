package organize

import (
	"context"
	"slices"
	"strings"

	"github.com/stardrive/stardrive/internal/collate"
	"github.com/stardrive/stardrive/internal/errs"
)

// needs is what of that which rules give a query asks for.
type needs struct {
	anyTag  bool
	targets map[string]bool // tags and collections
}

func (n needs) has(gift string) bool {
	return n.targets[gift] || n.anyTag && strings.HasPrefix(gift, tagTarget)
}

// needsOf reads fields of a query that ask for what users added. The caller holds the
// model.
func (m *model) needsOf(t *tree, asked [][2]string) needs {
	n := needs{targets: map[string]bool{}}
	for _, a := range asked {
		switch field, value := a[0], a[1]; {
		case field == "tag":
			for name := range strings.SplitSeq(value, ",") {
				for _, id := range t.below(m.meant(t, collate.Fold(strings.TrimSpace(name)))) {
					n.targets[id] = true
				}
			}
		case field == "collection":
			if o, err := m.collection(value); err == nil {
				n.targets[o.id] = true
			}
		case field == "is" && (value == "tagged" || value == "private"):
			n.anyTag = true
		}
	}
	return n
}

// ruleLink is what a rule needs, and gives.
type ruleLink struct {
	rule, gives string
	needs       needs
}

// round reports whether rules with one more go round in a circle: each gives what
// the next asks for, so that they might never come to rest.
func round(rules []ruleLink, more ruleLink) bool {
	seen := map[string]bool{}
	open := []ruleLink{more}
	for len(open) > 0 {
		at := open[len(open)-1]
		open = open[:len(open)-1]
		if more.needs.has(at.gives) {
			return true
		}
		for _, r := range rules {
			if r.rule != more.rule && !seen[r.rule] && r.needs.has(at.gives) {
				seen[r.rule] = true
				open = append(open, r)
			}
		}
	}
	return false
}

// asking is what the queries of all rules ask of what users added, by rule. Those that
// cannot be read now ask for nothing. The caller must not hold the model.
func (s *Service) asking(ctx context.Context) map[string][][2]string {
	queries := map[string]string{}
	s.model.look(func(*tree) {
		for _, o := range s.model.those(ruleSort) {
			queries[o.id] = o.one[queryField]
		}
	})
	out := make(map[string][][2]string, len(queries))
	for id, query := range queries {
		if asked, err := s.Asks(ctx, query); err == nil {
			out[id] = asked
		}
	}
	return out
}

// links are what rules need and give, the oldest first. The caller holds the model.
func (m *model) links(t *tree, asking map[string][][2]string) (all []ruleLink) {
	for _, o := range m.rulesInOrder() {
		all = append(all, ruleLink{o.id, o.one[intoField], m.needsOf(t, asking[o.id])})
	}
	return all
}

// notRound makes sure that a rule goes round in no circle. The caller holds the model.
// Errors: errs.Invalid.
func (s *Service) notRound(t *tree, rule, gives string, asked [][2]string, asking map[string][][2]string) error {
	if round(s.model.links(t, asking), ruleLink{rule, gives, s.model.needsOf(t, asked)}) {
		return errs.New(errs.Invalid, "the rule asks for what it gives, itself or by way of other rules, and would go round in a circle").
			Try("Have it ask for something else.")
	}
	return nil
}

// inTurn sorts rules so that each comes after those that give what it asks for. Those
// that would close a circle with older ones are idle.
func inTurn(rules []ruleLink) (turn []string, idle map[string]bool) {
	idle = map[string]bool{}
	var good []ruleLink
	for _, r := range rules {
		if round(good, r) {
			idle[r.rule] = true
		} else {
			good = append(good, r)
		}
	}
	for len(good) > 0 {
		i := slices.IndexFunc(good, func(r ruleLink) bool {
			return !slices.ContainsFunc(good, func(o ruleLink) bool { return r.needs.has(o.gives) })
		})
		turn = append(turn, good[max(i, 0)].rule)
		good = slices.Delete(good, max(i, 0), max(i, 0)+1)
	}
	return turn, idle
}
