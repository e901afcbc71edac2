package organize

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/stardrive/stardrive/internal/organize/merge"
)

// WhyIn names a tag, and a file.
type WhyIn struct {
	Tag  string `json:"tag" cli:"1" jsonschema:"the tag"`
	Path string `json:"path,omitempty" cli:"2" jsonschema:"the file or folder"`
	ID   string `json:"id,omitempty" jsonschema:"the same, by entry id"`
}

// Reason is one reason why a file is found by a tag.
type Reason struct {
	Reason     string   `json:"reason" jsonschema:"in a sentence"`
	Source     string   `json:"source" jsonschema:"who applied the tag: user, rule or extension"`
	Rule       *Named   `json:"rule,omitempty" jsonschema:"the rule that gave it"`
	Confidence float64  `json:"confidence,omitempty" jsonschema:"how sure that was, from 0 to 1; none: entirely"`
	At         string   `json:"at" jsonschema:"when"`
	Here       bool     `json:"here,omitempty" jsonschema:"for this place alone, and not for all copies of the same bytes"`
	Via        []string `json:"via,omitempty" jsonschema:"from the tag that was asked for down to the one that it has"`
}

// Why tells why a file is found by a tag.
type Why struct {
	Items   []Reason `json:"items" jsonschema:"the reasons; none: it is not found by it"`
	Refused bool     `json:"refused,omitempty" jsonschema:"you took the tag away, and no rule gives it again"`
}

func (s *Service) tagWhy(ctx context.Context, in WhyIn) (out Why, err error) {
	out.Items = []Reason{}
	t, err := s.one(ctx, One{Path: in.Path, ID: in.ID})
	if err != nil {
		return out, err
	}
	var asked *object
	wanted := map[string]bool{}
	s.model.look(func(tr *tree) {
		if asked, err = s.model.find(tr, in.Tag); err == nil {
			for _, id := range tr.below([]string{asked.id}) {
				wanted[id] = true
			}
			for _, f := range s.model.of(t.ID, t.Content) {
				_, refused := s.model.refused[asked.id][f]
				out.Refused = out.Refused || refused
			}
		}
	})
	if err != nil {
		return out, err
	}
	type given struct {
		key  merge.Key
		fact merge.Fact
	}
	var all []given
	err = s.facts(ctx, s.model.targetsNow(&t), func(k merge.Key, facts []merge.Fact) {
		if k.Field == tagField && wanted[k.Member] {
			f, _ := merge.Winner(facts)
			all = append(all, given{k, f})
		}
	})
	s.model.look(func(tr *tree) {
		for _, g := range all {
			if s.model.objects[g.key.Member].there() {
				here := strings.HasPrefix(g.key.Target, entryTarget) && !s.model.turnsLater(g.key.Target)
				out.Items = append(out.Items, s.reason(tr, asked.id, g.key.Member, here, g.fact))
			}
		}
	})
	return out, err
}

// reason tells how a tag came to a file, and why who asks for another finds it. The
// caller holds the model.
func (s *Service) reason(t *tree, asked, has string, here bool, fact merge.Fact) Reason {
	a := readApplication(fact.Value)
	r := Reason{Source: a.Source, Confidence: a.Confidence, At: fact.Stamp.Time().Format("2006-01-02T15:04:05Z07:00"), Here: here}
	name := s.model.objects[has].one[nameField]
	switch o := s.model.objects[a.By]; {
	case a.Source == ruleSource && o.there():
		r.Rule = &Named{ID: shortID(o.id), Name: o.one[nameField], Query: o.one[queryField]}
		r.Reason = fmt.Sprintf("The rule %q gave it the tag %q, since it fits: %s", r.Rule.Name, name, r.Rule.Query)
	case a.Source == ruleSource:
		r.Reason = fmt.Sprintf("A rule that is gone gave it the tag %q", name)
	case a.Source == "user":
		r.Reason = fmt.Sprintf("You gave it the tag %q", name)
	default:
		r.Reason = strings.TrimSpace(fmt.Sprintf("The %s %s", a.Source, a.By)) + fmt.Sprintf(" gave it the tag %q", name)
	}
	if has != asked {
		for _, id := range t.way(asked, has) {
			r.Via = append(r.Via, s.model.objects[id].one[nameField])
		}
		r.Reason += fmt.Sprintf(", which stands below %q or means the same", s.model.objects[asked].one[nameField])
	}
	return r
}

// way is from one tag down to another, by children and synonyms.
func (t *tree) way(from, to string) []string {
	before := map[string]string{from: ""}
	for open := []string{from}; len(open) > 0; open = open[1:] {
		at := open[0]
		if at == to {
			var out []string
			for ; at != ""; at = before[at] {
				out = append(out, at)
			}
			slices.Reverse(out)
			return out
		}
		for _, next := range append(slices.Clone(t.children[at]), t.same[at]...) {
			if _, seen := before[next]; !seen {
				before[next] = at
				open = append(open, next)
			}
		}
	}
	return nil
}
