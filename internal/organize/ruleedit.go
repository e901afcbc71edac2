package organize

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/organize/merge"
)

// readable makes sure that a query can be read. Errors: errs.Invalid.
func (s *Service) readable(ctx context.Context, query string) ([][2]string, error) {
	if strings.TrimSpace(query) == "" || len(query) > maxAbout {
		return nil, errs.New(errs.Invalid, "a query has 1 to %d bytes", maxAbout)
	}
	return s.Asks(ctx, query)
}

func (s *Service) ruleCreate(ctx context.Context, in CreateRuleIn) (out Rule, err error) {
	asked, err := s.readable(ctx, in.Query)
	if err != nil {
		return out, err
	}
	if err := checkLook("", "", in.Description); err != nil {
		return out, err
	}
	asking := s.asking(ctx)
	c := &plan{target: ruleTarget + newID()}
	undo, err := s.planTag(ctx, "Make the rule "+in.Name, func(t *tree) ([]merge.Change, error) {
		name, err := checkName("the name of a rule", in.Name, maxName)
		if err == nil {
			err = s.model.freeAmong(ruleSort, name, "")
		}
		if err == nil && len(s.model.those(ruleSort)) >= maxRules {
			err = errs.New(errs.Invalid, "a library has up to %d rules", maxRules)
		}
		if err != nil {
			return nil, err
		}
		into, made, err := s.gift(t, in.Tag, in.Collection, in.Create)
		if err == nil {
			err = s.notRound(t, c.target, into, asked, asking)
		}
		if err != nil {
			return nil, err
		}
		c.changes = made
		c.set(isField, "rule")
		c.set(madeField, fmt.Sprintf("%020d", s.Now().UnixNano()))
		for _, f := range [][2]string{{nameField, name}, {queryField, in.Query}, {intoField, into}, {confidenceField, confidence(in.Confidence)}, {aboutField, in.Description}, {pausedField, onOff(in.Paused)}} {
			if f[1] != "" {
				c.set(f[0], f[1])
			}
		}
		return c.changes, nil
	})
	if err != nil {
		return out, err
	}
	out, err = s.startRule(ctx, c.target)
	out.Undo = undo
	return out, err
}

func confidence(n float64) string {
	if n <= 0 || n >= 1 {
		return ""
	}
	return strconv.FormatFloat(n, 'g', -1, 64)
}

func onOff(on bool) string {
	if on {
		return "1"
	}
	return ""
}

func (s *Service) ruleEdit(ctx context.Context, in EditRuleIn) (out Rule, err error) {
	var asked [][2]string
	if in.Query != "" {
		if asked, err = s.readable(ctx, in.Query); err != nil {
			return out, err
		}
	}
	if err := checkLook("", "", in.Description); err != nil {
		return out, err
	}
	asking := s.asking(ctx)
	c := &plan{}
	undo, err := s.planTag(ctx, "Edit the rule "+in.Rule, func(t *tree) ([]merge.Change, error) {
		o, err := s.model.rule(in.Rule)
		if err != nil {
			return nil, err
		}
		c.target = o.id
		if in.Name != "" {
			name, err := checkName("the name of a rule", in.Name, maxName)
			if err == nil {
				err = s.model.freeAmong(ruleSort, name, o.id)
			}
			if err != nil {
				return nil, err
			}
			c.set(nameField, name)
		}
		if in.Query != "" {
			if err := s.notRound(t, o.id, o.one[intoField], asked, asking); err != nil {
				return nil, err
			}
			c.set(queryField, in.Query)
		}
		if in.Description != "" {
			c.set(aboutField, in.Description)
		}
		if in.Confidence > 0 {
			c.set(confidenceField, confidence(in.Confidence))
		}
		if in.Pause != in.Resume {
			c.set(pausedField, onOff(in.Pause))
		}
		return c.changes, nil
	})
	if err != nil {
		return out, err
	}
	if in.Query != "" || in.Resume {
		out, err = s.startRule(ctx, c.target)
	} else {
		out, err = s.ruleShow(ctx, RuleIn{shortID(c.target)})
	}
	out.Undo = undo
	return out, err
}

// startRule has a job apply a rule to all that is there, unless the rule is paused.
func (s *Service) startRule(ctx context.Context, target string) (out Rule, err error) {
	out, err = s.ruleShow(ctx, RuleIn{shortID(target)})
	if err != nil || out.Paused || s.jobs == nil {
		return out, err
	}
	id, err := s.enqueueRule(ctx, target, out.Name)
	out.Job = jobText(id)
	return out, err
}

func (s *Service) enqueueRule(ctx context.Context, target, name string) (ident.JobID, error) {
	return s.jobs.Enqueue(ctx, ruleJobKind, ruleArgs{target}, job.Enqueue{Key: target, Title: "Apply the rule " + name})
}

func (s *Service) ruleRun(ctx context.Context, in RuleIn) (out RunOut, err error) {
	v, err := s.ruleShow(ctx, in)
	if err != nil {
		return out, err
	}
	if v.Paused {
		return out, errs.New(errs.Conflict, "the rule %q is paused", v.Name).Try("stardrive rule edit --resume " + v.Name)
	}
	id, err := s.enqueueRule(ctx, ruleTarget+v.ID, v.Name)
	return RunOut{jobText(id)}, err
}

func (s *Service) ruleDelete(ctx context.Context, in DeleteRuleIn) (out Done, err error) {
	changed := 0
	id, err := s.change(ctx, "Delete the rule "+in.Rule, func(*page) (changes []merge.Change, err error) {
		s.model.look(func(*tree) {
			var o *object
			if o, err = s.model.rule(in.Rule); err != nil {
				return
			}
			c := &plan{target: o.id}
			c.dropAll(o)
			back := s.planBack(o, in.Keep, nil)
			changed = len(back)
			changes = append(c.changes, back...)
		})
		return changes, err
	})
	return done(id, changed, 0), err
}

// planBack takes back what a rule gave, from all files or from those that are due;
// keep: it becomes the user's own instead. The caller holds the model.
func (s *Service) planBack(o *object, keep bool, due map[string]bool) (changes []merge.Change) {
	into := o.one[intoField]
	put := func(target, field, member string, drop bool) {
		changes = append(changes, merge.Change{Key: merge.Key{Target: target, Field: field, Member: member}, Drop: drop})
	}
	if strings.HasPrefix(into, collectionTarget) {
		for _, target := range s.model.ruledIn(o) {
			if due != nil && !due[target] {
				continue
			}
			if !keep {
				put(into, itemField, target, true)
			}
			put(into, ruledField, target, true)
		}
	} else {
		for f := range s.model.given[o.id] {
			for tag, a := range f.by {
				if a.By == o.id && (due == nil || due[f.target]) {
					put(f.target, tagField, tag, !keep)
				}
			}
		}
	}
	slices.SortStableFunc(changes, func(a, b merge.Change) int { return strings.Compare(a.Target+a.Member, b.Target+b.Member) }) // not in the order of maps
	return changes
}
