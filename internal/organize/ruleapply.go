package organize

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/organize/merge"
)

// rulePage is how many files are looked at, and given something, at once.
const rulePage = 2000

// order is a rule as it is followed.
type order struct {
	rule, name, query, into string
	how                     string // the fact of what it gives
}

// order reads a rule for following it. The caller holds the model.
func (s *Service) order(o *object) order {
	how := application{Source: ruleSource, By: o.id, On: string(s.Device)}
	how.Confidence, _ = numberOf(o.one[confidenceField])
	return order{o.id, o.one[nameField], o.one[queryField], o.one[intoField], how.String()}
}

func (r order) collects() bool { return strings.HasPrefix(r.into, collectionTarget) }

// stands reports whether a rule is still the one that is followed, and what it gives
// is there. The caller holds the model.
func (m *model) stands(r order) bool {
	o := m.objects[r.rule]
	return o.there() && o.one[pausedField] == "" && o.one[queryField] == r.query && o.one[intoField] == r.into && m.objects[r.into].there()
}

// fitting are the entries that a rule's query fits, those that are private too.
// Errors: errs.Invalid, errs.Unavailable.
func (s *Service) fitting(ctx context.Context, query string) (ids []ident.EntryID, err error) {
	over := false
	err = s.MatchAll(ctx, query, func(id ident.EntryID) bool {
		over = len(ids) >= maxRuleHits
		ids = append(ids, id)
		return !over
	})
	if err == nil && over {
		err = errs.New(errs.Invalid, "it finds more than %d files", maxRuleHits).Try("Narrow it down.")
	}
	return ids, err
}

// verdict is what a rule has for a page of what it fits.
type verdict struct {
	give         []ident.EntryID // that are to get it
	has, refused int
}

// judge tells of entries what a rule has for them, and notes in fit the targets under
// which they are known.
func (s *Service) judge(ctx context.Context, into string, ids []ident.EntryID, fit map[string]bool) (v verdict, err error) {
	type known struct {
		id      ident.EntryID
		content ident.ContentID
	}
	all := make([]known, 0, len(ids))
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		numbers := make([]int64, len(ids))
		for i := range ids {
			numbers[i] = int64(ids[i])
		}
		return inChunks(numbers, func(list string) error {
			return each(r.Store(), "SELECT id, coalesce(content_id, 0) FROM entry WHERE id IN (SELECT value FROM json_each(?))", []any{list}, func(rows *sql.Rows) error {
				var e known
				err := rows.Scan((*int64)(&e.id), (*int64)(&e.content))
				all = append(all, e)
				return err
			})
		})
	})
	if err != nil {
		return v, err
	}
	s.model.look(func(*tree) {
		refusals := s.model.refused[into]
		for _, e := range all {
			has, refused := false, false
			for _, f := range s.model.of(e.id, e.content) {
				fit[f.target] = true
				_, not := refusals[f]
				refused = refused || not
				has = has || s.model.gave(into, f)
			}
			switch {
			case has:
				v.has++
			case refused:
				v.refused++
			default:
				v.give = append(v.give, e.id)
			}
		}
	})
	return v, nil
}

// gave reports whether a file has a tag, or stands in a collection.
func (m *model) gave(into string, f *file) bool {
	if strings.HasPrefix(into, collectionTarget) {
		o := m.objects[into]
		if o == nil {
			return false
		}
		_, in := o.sets[itemField][f.target]
		return in
	}
	_, has := m.byTag[into][f]
	return has
}

// givePage gives what a rule has for a page of what it fits. on is false when the rule
// is not the same any more.
func (s *Service) givePage(ctx context.Context, r order, ids []ident.EntryID, fit map[string]bool) (on bool, err error) {
	v, err := s.judge(ctx, r.into, ids, fit)
	if err != nil || len(v.give) == 0 {
		return true, err
	}
	var some []thing
	err = s.Catalog.Read(ctx, func(rd *catalog.Reader) (err error) {
		some, err = things(rd, v.give)
		return err
	})
	if err != nil {
		return true, err
	}
	_, err = s.changePlaced(ctx, "", func(p *page) ([]merge.Change, error) {
		s.model.look(func(*tree) { on = s.model.stands(r) })
		if !on {
			return nil, nil
		}
		targets, err := p.targetsOf(s.model, some, false)
		if err != nil {
			return nil, err
		}
		for _, target := range targets {
			fit[target] = true
		}
		return s.planGive(r, targets)
	})
	return on, err
}

// planGive plans what targets get from a rule.
func (s *Service) planGive(r order, targets []string) (changes []merge.Change, err error) {
	s.model.look(func(*tree) {
		c := s.model.objects[r.into]
		last := 0.0
		if r.collects() {
			if items := c.items(); len(items) > 0 {
				last = items[len(items)-1].at
			}
			if len(c.sets[itemField])+len(targets) > maxItems {
				err = errs.New(errs.Invalid, "a collection holds up to %d files", maxItems)
				return
			}
		}
		once := map[string]bool{}
		for _, target := range targets {
			f := s.model.files[target]
			_, refused := s.model.refused[r.into][f]
			if once[target] || f != nil && (refused || s.model.gave(r.into, f)) {
				continue
			}
			once[target] = true
			if !r.collects() {
				changes = append(changes, merge.Change{Key: merge.Key{Target: target, Field: tagField, Member: r.into}, Value: r.how})
				continue
			}
			last++
			changes = append(changes, merge.Change{Key: merge.Key{Target: r.into, Field: itemField, Member: target}, Value: position(last)},
				merge.Change{Key: merge.Key{Target: r.into, Field: ruledField, Member: target}, Value: r.rule})
		}
	})
	return changes, err
}

// outdated are the targets that have something from a rule that they do not fit any
// more. What stands nowhere here keeps what it has: nobody can tell whether it fits.
// Nor is taken what another device found to fit.
func (s *Service) outdated(ctx context.Context, r order, fit map[string]bool) (map[string]bool, error) {
	var doubtful []*file
	s.model.look(func(*tree) {
		o := s.model.objects[r.rule]
		if !o.there() {
			return
		}
		some := map[*file]struct{}{}
		defer func() { doubtful = copied(some) }()
		if r.collects() {
			for _, target := range s.model.ruledIn(o) {
				if f := s.model.files[target]; f != nil && !fit[target] {
					some[f] = struct{}{}
				}
			}
			return
		}
		for f := range s.model.given[r.rule] {
			if on := f.by[r.into].On; !fit[f.target] && (on == "" || on == string(s.Device)) {
				some[f] = struct{}{}
			}
		}
	})
	due := map[string]bool{}
	doubtful, err := s.tellable(ctx, r.query, doubtful)
	if err != nil || len(doubtful) == 0 {
		return due, err
	}
	err = s.Catalog.Read(ctx, func(rd *catalog.Reader) error {
		for _, f := range doubtful {
			id, err := standsAt(rd, f)
			if err != nil {
				return err
			}
			if id != 0 {
				due[f.target] = true
			}
		}
		return nil
	})
	return due, err
}

// tellable are those of some files of which can be told whether a query fits them: of what
// asks for texts and the like, those whose bytes were read as far as that takes.
func (s *Service) tellable(ctx context.Context, query string, some []*file) ([]*file, error) {
	if s.Reads == nil || len(some) == 0 {
		return some, nil
	}
	reads, err := s.Reads(ctx, query)
	if err != nil || !reads {
		return some, err
	}
	var contents []ident.ContentID
	for _, f := range some {
		if f.content != 0 {
			contents = append(contents, f.content)
		}
	}
	unmade, err := s.Unmade(ctx, contents)
	return slices.DeleteFunc(some, func(f *file) bool {
		_, content := hashOf(f.target)
		return content && (f.content == 0 || unmade[f.content]) || !content && slices.ContainsFunc(f.links, func(l link) bool { return l.open && !l.folder })
	}), err
}

// takeBack takes from files what a rule gave them and they do not fit any more.
func (s *Service) takeBack(ctx context.Context, r order, fit map[string]bool) error {
	due, err := s.outdated(ctx, r, fit)
	if err != nil || len(due) == 0 {
		return err
	}
	_, err = s.change(ctx, "", func(*page) (changes []merge.Change, err error) {
		s.model.look(func(*tree) {
			if s.model.stands(r) {
				changes = s.planBack(s.model.objects[r.rule], false, due)
			}
		})
		return changes, nil
	})
	return err
}

// follow has all that a rule fits get what it gives, and takes back the rest. step is
// called after each page.
func (s *Service) followRule(ctx context.Context, r order, step func(done, total int) error) error {
	s.ruling.working.Lock()
	defer s.ruling.working.Unlock()
	ids, err := s.fitting(ctx, r.query)
	if err != nil {
		return err
	}
	fit := make(map[string]bool, len(ids))
	for from := 0; from < len(ids); from += rulePage {
		to := min(from+rulePage, len(ids))
		on, err := s.givePage(ctx, r, ids[from:to], fit)
		if err == nil && on {
			err = step(to, len(ids))
		}
		if err != nil || !on {
			return err
		}
	}
	return s.takeBack(ctx, r, fit)
}

func (s *Service) ruleTest(ctx context.Context, in TestRuleIn) (out RuleTest, err error) {
	if err := s.ready(ctx); err != nil {
		return out, err
	}
	out.Items = []catalog.View{}
	r := order{query: in.Query}
	s.model.look(func(t *tree) {
		switch {
		case (in.Rule == "") == (in.Query == ""):
			err = errs.New(errs.Invalid, "say which rule, or which query")
		case in.Rule != "":
			var o *object
			if o, err = s.model.rule(in.Rule); err == nil {
				r = s.order(o)
			}
		case in.Tag != "" || in.Collection != "":
			r.into, _, err = s.gift(t, in.Tag, in.Collection, true)
		}
	})
	if err != nil {
		return out, err
	}
	ids, err := s.fitting(ctx, r.query)
	if err != nil {
		return out, err
	}
	if in.Limit == 0 {
		in.Limit = 100
	}
	fit, show := map[string]bool{}, []ident.EntryID{}
	out.Total = len(ids)
	for from := 0; from < len(ids); from += rulePage {
		v, err := s.judge(ctx, r.into, ids[from:min(from+rulePage, len(ids))], fit)
		if err != nil {
			return out, err
		}
		out.Has, out.Refused, out.WouldGive = out.Has+v.has, out.Refused+v.refused, out.WouldGive+len(v.give)
		show = append(show, v.give[:min(len(v.give), in.Limit-len(show))]...)
	}
	due, err := s.outdated(ctx, r, fit)
	if err != nil {
		return out, err
	}
	out.WouldTake = len(due)
	err = s.Catalog.Read(ctx, func(rd *catalog.Reader) error {
		out.Items, err = s.views(rd, show)
		return err
	})
	return out, err
}
