package index

import (
	"context"
	"strings"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/index/rules"
	"github.com/stardrive/stardrive/internal/op"
	"github.com/stardrive/stardrive/internal/vfs"
)

// RuleShown is a rule as every face shows it.
type RuleShown struct {
	rules.Rule
	Words string `json:"words" jsonschema:"what it does, for people"`
}

// RuleList is the list of a location's rules.
type RuleList struct {
	Location string      `json:"location" jsonschema:"name of the location"`
	Items    []RuleShown `json:"items" jsonschema:"the rules in their order: the last one that matches decides"`
	Next     string      `json:"next" jsonschema:"cursor of the next page; empty at the end"`
}

// RuleAddIn is a rule to add.
type RuleAddIn struct {
	Location string     `json:"location" cli:"1" jsonschema:"the location's name, id or path"`
	Value    string     `json:"value,omitempty" cli:"2" jsonschema:"a pattern as in .gitignore, a preset's name, or a size such as 100MB"`
	Kind     rules.Kind `json:"kind,omitempty" jsonschema:"what the value is: pattern (the default), preset, larger, smaller; or gitignore, which takes no value and honours .gitignore files"`
	Include  bool       `json:"include,omitempty" jsonschema:"what matches is indexed again, though a rule before leaves it out"`
	Before   int        `json:"before,omitempty" jsonschema:"number of the rule to put it before; default: at the end, where it decides"`
}

// RuleRemoveIn names a rule of a location.
type RuleRemoveIn struct {
	Location string `json:"location" cli:"1" jsonschema:"the location's name, id or path"`
	Rule     int    `json:"rule" cli:"2" jsonschema:"number of the rule"`
}

// RuleTestIn names what to test.
type RuleTestIn struct {
	Path string `json:"path" cli:"1" jsonschema:"a file or folder in a location"`
}

// RuleTest tells how the rules decide about a path.
type RuleTest struct {
	Path     string     `json:"path" jsonschema:"SdPath of what was tested"`
	Location string     `json:"location" jsonschema:"name of the location it stands in"`
	Excluded bool       `json:"excluded" jsonschema:"it is not indexed"`
	Why      string     `json:"why" jsonschema:"which rule decides, and on which folder or file"`
	Rule     *RuleShown `json:"rule,omitempty" jsonschema:"the rule that decides"`
}

// PresetList is the list of all presets.
type PresetList struct {
	Items []rules.PresetTable `json:"items" jsonschema:"the presets"`
	Next  string              `json:"next" jsonschema:"cursor of the next page; empty at the end"`
}

func (s *Service) rulesOps() []op.Def {
	return []op.Def{
		op.NewQuery("rules.list", "List the rules that say what of a location is indexed", func(ctx context.Context, in Which) (RuleList, error) {
			id, err := s.find(ctx, in.Location)
			if err != nil {
				return RuleList{}, err
			}
			return s.ruleList(ctx, id)
		}, op.Example("stardrive rules list Photos")),
		op.NewQuery("rules.presets", "List the presets for rules", func(context.Context, None) (PresetList, error) {
			return PresetList{Items: rules.Presets()}, nil
		}, op.Example("stardrive rules presets")),
		op.NewCommand("rules.add", "Leave something out of a location, or take it in again", func(ctx context.Context, in RuleAddIn) (RuleList, error) {
			return s.changeRules(ctx, in.Location, func(l rules.List) (rules.List, error) {
				if in.Kind == "" {
					in.Kind = rules.Pattern
				}
				r, err := rules.New(in.Kind, in.Value, in.Include)
				if err == nil {
					l, _, err = l.Add(r, in.Before)
				}
				return l, err
			})
		}, op.Example("stardrive rules add Photos '*.tmp'")),
		op.NewCommand("rules.remove", "Remove a rule from a location", func(ctx context.Context, in RuleRemoveIn) (RuleList, error) {
			return s.changeRules(ctx, in.Location, func(l rules.List) (rules.List, error) { return l.Remove(in.Rule) })
		}, op.Example("stardrive rules remove Photos 2")),
		op.NewQuery("rules.test", "Tell which rule decides about a path", s.testRules, op.Example("stardrive rules test ~/Photos/cache/a.jpg")),
	}
}

func shown(r rules.Rule) RuleShown { return RuleShown{r, r.Words()} }

func (s *Service) ruleList(ctx context.Context, id ident.LocationID) (RuleList, error) {
	l, _, err := s.location(ctx, id)
	if err != nil {
		return RuleList{}, err
	}
	set, err := settings(l)
	out := RuleList{Location: l.Name, Items: []RuleShown{}}
	for _, r := range set.Rules.Rules {
		out.Items = append(out.Items, shown(r))
	}
	return out, err
}

// changeRules stores other rules and has the location scanned: what they leave
// out keeps its rows, and what users added to it, until it is taken in again.
func (s *Service) changeRules(ctx context.Context, which string, change func(rules.List) (rules.List, error)) (RuleList, error) {
	id, err := s.find(ctx, which)
	if err != nil {
		return RuleList{}, err
	}
	err = s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		l, err := tx.Location(id)
		if err != nil {
			return err
		}
		set, err := settings(l)
		if err != nil {
			return err
		}
		if set.Rules, err = change(set.Rules); err != nil {
			return err
		}
		if _, err := rules.Compile(set.Rules.Rules); err != nil {
			return err
		}
		if err := set.set(&l); err != nil {
			return err
		}
		return tx.SetLocation(l)
	})
	if err != nil {
		return RuleList{}, err
	}
	if err := s.rescan(ctx, id); err != nil {
		return RuleList{}, err
	}
	return s.ruleList(ctx, id)
}

// testRules decides from the location's folder down, as a walk does.
func (s *Service) testRules(ctx context.Context, in RuleTestIn) (out RuleTest, err error) {
	p, err := s.Volumes.Resolve(ctx, in.Path, false)
	if err != nil {
		return out, err
	}
	if p.Driver == nil {
		return out, errs.New(errs.Unavailable, "its volume is offline").At(in.Path).Try("Connect the volume and try again.")
	}
	none := errs.New(errs.NotFound, "it stands in no location").At(in.Path).Try("See the locations with: stardrive location list")
	var v catalog.Volume
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		if v, err = r.VolumeByIdentity(p.Identity); errs.Is(err, errs.NotFound) {
			return none
		}
		return err
	})
	if err != nil {
		return out, err
	}
	places, err := s.places(ctx, v.ID)
	if err != nil {
		return out, err
	}
	sc := s.scope(places, p.Driver)
	at := sc.innermost(p.Path)
	if at == nil {
		return out, none
	}
	l, _, err := s.location(ctx, at.location)
	if err != nil {
		return out, err
	}
	out = RuleTest{Path: s.Volumes.Ground(v).SdPath(p.Path).String(), Location: l.Name, Why: "It is indexed: the location has no rules."}
	if at.rules.Empty() {
		return out, nil
	}
	steps, err := sc.steps(ctx, at, p.Path)
	if err != nil {
		return out, err
	}
	out.Excluded, out.Why = rules.Explain(steps)
	if len(steps) > 0 {
		if r := steps[len(steps)-1].Decision.Rule; r != nil {
			decided := shown(*r)
			out.Rule = &decided
		}
	}
	return out, nil
}

// steps are the decisions about what stands on the way down to path, up to the
// first that leaves it out.
func (s *scope) steps(ctx context.Context, at *place, path string) (steps []rules.Step, err error) {
	in := scoped{in: at}
	dir := at.path
	rest := in.rel(path)
	for rest != "" {
		if at.rules.Gitignore() {
			if in, err = s.read(ctx, in, dir); err != nil {
				return nil, err
			}
		}
		name, below, _ := strings.Cut(rest, "/")
		rest, dir = below, vfs.Join(dir, name)
		e, err := s.driver.Stat(ctx, dir)
		if err != nil {
			return nil, err
		}
		step := rules.Step{Path: in.rel(dir), Kind: e.Kind, Size: e.Size, Decision: s.decide(in, dir, e.Kind, e.Size)}
		steps = append(steps, step)
		if step.Decision.Excluded {
			break
		}
	}
	return steps, nil
}
