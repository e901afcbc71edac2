package organize

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/op"
	"github.com/stardrive/stardrive/internal/organize/merge"
)

// ApplyIn gives tags to files.
type ApplyIn struct {
	Tag    string `json:"tag" cli:"1" jsonschema:"the tag, or several with commas between them"`
	Create bool   `json:"create,omitempty" jsonschema:"make tags that there are not yet"`
	Here   bool   `json:"here,omitempty" jsonschema:"for these places alone, and not for all copies of the same bytes"`
	Selection
}

// DropIn takes tags from files.
type DropIn struct {
	Tag string `json:"tag" cli:"1" jsonschema:"the tag, or several with commas between them"`
	Selection
}

// SplitIn gives a part of a tag's files another tag.
type SplitIn struct {
	Tag string `json:"tag" cli:"1" jsonschema:"the tag that some files have"`
	To  string `json:"to" cli:"2" jsonschema:"the tag that they get in its place; it is made if there is none"`
	Selection
}

// Done tells what a change came to.
type Done struct {
	Changed int    `json:"changed" jsonschema:"how many were changed"`
	Same    int    `json:"same,omitempty" jsonschema:"how many were so already"`
	Undo    string `json:"undo,omitempty" jsonschema:"what to give organize.undo to take it back"`
}

func done(id int64, changed, same int) Done {
	return Done{Changed: changed, Same: same, Undo: undoText(id)}
}

func (s *Service) applyOps() []op.Def {
	return []op.Def{
		op.NewCommand("tag.apply", "Give files and folders a tag", s.tagApply, op.Example("stardrive tag apply work ~/Documents/contract.pdf")),
		op.NewCommand("tag.drop", "Take a tag from files and folders", s.tagDrop, op.Example("stardrive tag drop work --query 'ext:tmp tag:work'")),
		op.NewCommand("tag.split", "Give a part of a tag's files another tag in its place", s.tagSplit, op.Example("stardrive tag split work invoices --query 'tag:work invoice'")),
	}
}

// named returns the tags of a list of names. create: plans those there are not.
func (s *Service) named(t *tree, list string, create bool) (ids []string, changes []merge.Change, err error) {
	for name := range strings.SplitSeq(list, ",") {
		if name = strings.TrimSpace(name); name == "" {
			return nil, nil, errs.New(errs.Invalid, "a tag has a name")
		}
		o, err := s.model.find(t, name)
		if create && errs.Is(err, errs.NotFound) {
			c := &plan{target: tagTarget + newID()}
			in := CreateTagIn{Name: name}
			if space, rest, ok := strings.Cut(name, "/"); ok {
				in.Namespace, in.Name = space, rest
			}
			if err = s.planCreate(t, c, &in); err == nil {
				ids, changes = append(ids, c.target), append(changes, c.changes...)
			}
		} else if err == nil && !slices.Contains(ids, o.id) {
			ids = append(ids, o.id)
		}
		if err != nil {
			if errs.Is(err, errs.NotFound) {
				err = errs.New(errs.NotFound, "no tag is named %q", name).Try("Make it with: stardrive tag create, or at once with --create")
			}
			return nil, nil, err
		}
	}
	return ids, changes, nil
}

func (s *Service) tagApply(ctx context.Context, in ApplyIn) (out Done, err error) {
	some, err := s.chosen(ctx, in.Selection)
	if err != nil {
		return out, err
	}
	var changed, same int
	id, err := s.changePlaced(ctx, fmt.Sprintf("Tag %s with %s", counted(len(some)), in.Tag), func(p *page) ([]merge.Change, error) {
		var tags []string
		var changes []merge.Change
		var err error
		s.model.look(func(t *tree) {
			if tags, changes, err = s.named(t, in.Tag, in.Create); err != nil {
				return
			}
			for _, id := range tags {
				if o := s.model.objects[id]; o != nil && typeOf(o) == Organisational {
					err = errs.New(errs.Invalid, "the tag %q holds other tags, and is for no file itself", o.one[nameField]).Try("Choose one below it, or change its type with: stardrive tag edit")
				}
			}
		})
		if err != nil {
			return nil, err
		}
		targets, err := p.targetsOf(s.model, some, in.Here)
		if err != nil {
			return nil, err
		}
		for _, tag := range tags {
			have, refused := s.have(tag), s.refusedBy(tag)
			p.allHave(tagField, tag, have)
			fresh := make(map[string]bool, len(targets))
			for _, target := range targets {
				if fresh[target] {
					continue
				}
				fresh[target] = true
				k := merge.Key{Target: target, Field: tagField, Member: tag}
				if refused[target] {
					changes = append(changes, merge.Change{Key: merge.Key{Target: target, Field: refusedField, Member: tag}, Drop: true})
				}
				if have[target] {
					facts, err := p.standing(k)
					if err != nil {
						return nil, err
					}
					if f, ok := merge.Winner(facts); ok && f.Value == "" { // applied by the user already
						same++
						continue
					}
				}
				changed++
				changes = append(changes, merge.Change{Key: k})
			}
		}
		return changes, nil
	})
	return done(id, changed, same), err
}

// have are the targets that have a tag.
func (s *Service) have(tag string) map[string]bool {
	s.model.mu.RLock()
	defer s.model.mu.RUnlock()
	out := make(map[string]bool, len(s.model.byTag[tag]))
	for f := range s.model.byTag[tag] {
		out[f.target] = true
	}
	return out
}

// refusedBy are the targets that are to have something from no rule.
func (s *Service) refusedBy(into string) map[string]bool {
	s.model.mu.RLock()
	defer s.model.mu.RUnlock()
	out := make(map[string]bool, len(s.model.refused[into]))
	for f := range s.model.refused[into] {
		out[f.target] = true
	}
	return out
}

func counted(n int) string {
	if n == 1 {
		return "1 file"
	}
	return fmt.Sprintf("%d files", n)
}

// chosen is choose, when what was added is tied to the catalogue.
func (s *Service) chosen(ctx context.Context, in Selection) ([]thing, error) {
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	return s.choose(ctx, in)
}

// changePlaced is change for a plan that makes targets: the model knows where they
// stand before it shows what is known of them.
func (s *Service) changePlaced(ctx context.Context, title string, fn func(p *page) ([]merge.Change, error)) (id int64, err error) {
	s.pen.Lock()
	defer s.pen.Unlock()
	var p *page
	return s.changeThen(ctx, title, func(q *page) ([]merge.Change, error) {
		p = q
		return fn(q)
	}, func() { s.put(p.placed) })
}

func (s *Service) tagDrop(ctx context.Context, in DropIn) (out Done, err error) {
	some, err := s.chosen(ctx, in.Selection)
	if err != nil {
		return out, err
	}
	changed := 0
	id, err := s.change(ctx, fmt.Sprintf("Take %s from %s", in.Tag, counted(len(some))), func(*page) (changes []merge.Change, err error) {
		s.model.look(func(t *tree) {
			var tags []string
			if tags, _, err = s.named(t, in.Tag, false); err == nil {
				changes = s.planDrop(tags, some)
				changed = len(changes)
				changes = append(changes, s.planRefuse(changes)...)
			}
		})
		return changes, err
	})
	return done(id, changed, 0), err
}

// planDrop takes tags from all targets under which they are known of things. The
// caller holds the model.
func (s *Service) planDrop(tags []string, some []thing) (changes []merge.Change) {
	once := map[string]bool{}
	for i := range some {
		for _, f := range s.model.of(some[i].ID, some[i].Content) {
			for _, tag := range tags {
				if slices.Contains(f.tags, tag) && !once[f.target+tag] {
					once[f.target+tag] = true
					changes = append(changes, merge.Change{Key: merge.Key{Target: f.target, Field: tagField, Member: tag}, Drop: true})
				}
			}
		}
	}
	return changes
}

// planRefuse has no rule give again what is taken from files. The caller holds the
// model.
func (s *Service) planRefuse(taken []merge.Change) (changes []merge.Change) {
	ruled := map[string]bool{}
	for _, c := range taken {
		if _, known := ruled[c.Member]; !known {
			ruled[c.Member] = s.model.ruled(c.Member)
		}
		if ruled[c.Member] {
			changes = append(changes, merge.Change{Key: merge.Key{Target: c.Target, Field: refusedField, Member: c.Member}})
		}
	}
	return changes
}

func (s *Service) tagSplit(ctx context.Context, in SplitIn) (out Done, err error) {
	some, err := s.chosen(ctx, in.Selection)
	if err != nil {
		return out, err
	}
	changed := 0
	id, err := s.change(ctx, fmt.Sprintf("Split %s from %s", in.To, in.Tag), func(*page) (changes []merge.Change, err error) {
		s.model.look(func(t *tree) {
			from, _, e := s.named(t, in.Tag, false)
			if err = e; err != nil {
				return
			}
			to, made, e := s.named(t, in.To, true)
			if err = e; err != nil {
				return
			}
			if len(from) != 1 || len(to) != 1 || from[0] == to[0] {
				err = errs.New(errs.Invalid, "name one tag, and another one")
				return
			}
			changes = made
			taken := s.planDrop(from, some)
			changes = append(changes, s.planRefuse(taken)...)
			for _, c := range taken {
				changed++
				changes = append(changes, c, merge.Change{Key: merge.Key{Target: c.Target, Field: tagField, Member: to[0]}})
			}
		})
		return changes, err
	})
	return done(id, changed, 0), err
}
