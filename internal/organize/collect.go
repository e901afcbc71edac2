package organize

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/organize/merge"
)

// item is a file in a collection.
type item struct {
	target string
	at     float64
}

// items are the files of a collection in their order.
func (o *object) items() []item {
	out := make([]item, 0, len(o.sets[itemField]))
	for target, f := range o.sets[itemField] {
		at, err := strconv.ParseFloat(f.Value, 64)
		if err != nil {
			at = 0 // another version's: it stands somewhere
		}
		out = append(out, item{target, at})
	}
	slices.SortFunc(out, func(a, b item) int {
		switch {
		case a.at < b.at:
			return -1
		case a.at > b.at:
			return 1
		}
		return strings.Compare(a.target, b.target)
	})
	return out
}

func position(at float64) string { return strconv.FormatFloat(at, 'g', -1, 64) }

func (s *Service) collectionAdd(ctx context.Context, in CollectIn) (out Done, err error) {
	some, err := s.chosen(ctx, in.Selection)
	if err != nil {
		return out, err
	}
	var changed, same int
	id, err := s.changePlaced(ctx, fmt.Sprintf("Put %s into %s", counted(len(some)), in.Collection), func(p *page) ([]merge.Change, error) {
		var o *object
		var has, own map[string]merge.Fact
		last := 0.0
		s.model.look(func(*tree) {
			if o, err = s.model.collection(in.Collection); err == nil {
				has, own = maps.Clone(o.sets[itemField]), maps.Clone(o.sets[ruledField])
				if items := o.items(); len(items) > 0 {
					last = items[len(items)-1].at
				}
			}
		})
		switch {
		case err != nil:
			return nil, err
		case o.one[queryField] != "":
			return nil, errs.New(errs.Invalid, "a search fills the collection %q", o.one[nameField]).Try("Change its search with: stardrive collection edit")
		case len(has)+len(some) > maxItems:
			return nil, errs.New(errs.Invalid, "a collection holds up to %d files", maxItems).Try("Make one that a search fills.")
		}
		targets, err := p.targetsOf(s.model, some, in.Here)
		if err != nil {
			return nil, err
		}
		c := &plan{target: o.id}
		once, refused := map[string]bool{}, s.refusedBy(o.id)
		for _, target := range targets {
			c.changes = append(c.changes, s.ownItem(o.id, target, own[target], refused[target])...)
			if _, there := has[target]; there || once[target] {
				same++
				continue
			}
			once[target] = true
			last++
			changed++
			c.changes = append(c.changes, merge.Change{Key: merge.Key{Target: o.id, Field: itemField, Member: target}, Value: position(last)})
		}
		return c.changes, nil
	})
	return done(id, changed, same), err
}

// ownItem has a file be in a collection since the user put it there, and not a rule.
func (s *Service) ownItem(collection, target string, ruled merge.Fact, refused bool) (changes []merge.Change) {
	if ruled.Value != "" {
		changes = append(changes, merge.Change{Key: merge.Key{Target: collection, Field: ruledField, Member: target}, Drop: true})
	}
	if refused {
		changes = append(changes, merge.Change{Key: merge.Key{Target: target, Field: refusedField, Member: collection}, Drop: true})
	}
	return changes
}

// collected are the files of a selection that stand in a collection. The caller holds
// the model.
func (s *Service) collected(o *object, some []thing) (targets []string) {
	once := map[string]bool{}
	for i := range some {
		for _, f := range s.model.of(some[i].ID, some[i].Content) {
			if _, in := o.sets[itemField][f.target]; in && !once[f.target] {
				once[f.target] = true
				targets = append(targets, f.target)
			}
		}
	}
	return targets
}

func (s *Service) collectionRemove(ctx context.Context, in CollectIn) (out Done, err error) {
	some, err := s.chosen(ctx, in.Selection)
	if err != nil {
		return out, err
	}
	changed := 0
	id, err := s.change(ctx, fmt.Sprintf("Take %s out of %s", counted(len(some)), in.Collection), func(*page) (changes []merge.Change, err error) {
		s.model.look(func(*tree) {
			var o *object
			if o, err = s.model.collection(in.Collection); err != nil {
				return
			}
			c := &plan{target: o.id}
			ruled := s.model.ruled(o.id)
			for _, target := range s.collected(o, some) {
				changed++
				c.drop(itemField, target)
				if _, by := o.sets[ruledField][target]; by {
					c.drop(ruledField, target)
				}
				if ruled {
					c.changes = append(c.changes, merge.Change{Key: merge.Key{Target: target, Field: refusedField, Member: o.id}})
				}
			}
			changes = c.changes
		})
		return changes, err
	})
	return done(id, changed, 0), err
}

// collectionPlace gives files places between two others. Where numbers do not leave
// room for them, all get new ones.
func (s *Service) collectionPlace(ctx context.Context, in PlaceIn) (out Done, err error) {
	some, err := s.chosen(ctx, in.Selection)
	if err != nil {
		return out, err
	}
	changed := 0
	id, err := s.change(ctx, fmt.Sprintf("Move %s in %s", counted(len(some)), in.Collection), func(*page) (changes []merge.Change, err error) {
		s.model.look(func(*tree) {
			var o *object
			if o, err = s.model.collection(in.Collection); err != nil {
				return
			}
			moved := s.collected(o, some)
			rest := slices.DeleteFunc(o.items(), func(i item) bool { return slices.Contains(moved, i.target) })
			changed = len(moved)
			changes = planPlaces(o, moved, rest, min(in.At, len(rest)))
		})
		return changes, err
	})
	return done(id, changed, 0), err
}

func planPlaces(o *object, moved []string, rest []item, at int) (changes []merge.Change) {
	set := func(target string, to float64) {
		changes = append(changes, merge.Change{Key: merge.Key{Target: o.id, Field: itemField, Member: target}, Value: position(to)})
	}
	from, to := 0.0, 0.0
	if at > 0 {
		from = rest[at-1].at
	}
	if to = from + float64(len(moved)+1); at < len(rest) {
		to = rest[at].at
		if at == 0 {
			from = to - float64(len(moved)+1)
		}
	}
	step := (to - from) / float64(len(moved)+1)
	if step > 1e-6 {
		for i, target := range moved {
			set(target, from+step*float64(i+1))
		}
		return changes
	}
	n := 0.0
	for _, part := range [][]item{rest[:at], nil, rest[at:]} {
		if part == nil {
			for _, target := range moved {
				n++
				set(target, n)
			}
		}
		for _, i := range part {
			n++
			set(i.target, n)
		}
	}
	return changes
}
