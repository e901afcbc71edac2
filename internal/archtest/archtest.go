// Package archtest holds the shape of the house: which floor every package
// stands on, what it may import, and a few patterns nobody may write. Its tests
// run over the whole module. It reads source text only and knows nothing of
// what the packages do.
package archtest

import (
	"fmt"
	"slices"
	"strings"
)

// Package is one folder of Go files. Paths are relative to the module's root;
// imports name packages of this module only. Files of every platform count.
type Package struct {
	Path        string
	Imports     []string // by non-test files
	TestImports []string // by _test.go files
	Comments    int      // files that carry a package comment
}

// Table says where packages stand. A room is a path that stands for itself and
// everything below it; the longest matching room wins.
type Table struct {
	Floors   []Floor   // from the ground up
	Siblings []Sibling // the only imports between rooms of one floor
	TestOnly []Rule    // rooms that production code must not import
	NoTests  []Rule    // rooms that tests of lower floors must not import
}

// Floor is a set of rooms of the same height.
type Floor struct {
	Name  string
	Rooms []string
	Sees  []string // names of floors, or rooms, it may import; nil: every floor below
}

// Sibling allows one import within a floor, with its reason.
type Sibling struct{ From, To, Why string }

// Rule names a room and the reason of what is said about it.
type Rule struct{ Room, Why string }

// Kinds of violations.
const (
	NoFloor         = "no floor"          // stands on no floor of the table
	NoComment       = "no comment"        // no package comment
	TwoComments     = "several comments"  // more than one package comment
	UpwardImport    = "upward import"     // imports a higher floor
	SidewaysImport  = "sideways import"   // imports a sibling the table does not allow
	UnseenImport    = "unseen import"     // imports a lower floor that its own floor does not see
	TestOnlyImport  = "test-only import"  // production code imports a test helper
	TestReachesUp   = "test reaches up"   // a test imports a room that belongs to tests in test/
	MissingInImport = "import of no room" // imports a package that stands on no floor
)

// Violation is one broken rule.
type Violation struct{ Kind, Package, Import, Why string }

func (v Violation) String() string {
	s := v.Package + ": " + v.Kind
	if v.Import != "" {
		s += " " + v.Import
	}
	if v.Why != "" {
		s += " (" + v.Why + ")"
	}
	return s
}

// place is where a package stands.
type place struct {
	floor int // -1: nowhere
	room  string
}

// place finds the room of path: the longest one that is path or a parent of it.
func (t Table) place(path string) place {
	best := place{floor: -1}
	for i, f := range t.Floors {
		for _, r := range f.Rooms {
			if within(path, r) && len(r) > len(best.room) {
				best = place{i, r}
			}
		}
	}
	return best
}

// Check returns what packages break of the table's rules, in their order. It is
// pure, so that a test can feed it every kind of wrong.
func Check(packages []Package, t Table) []Violation {
	var out []Violation
	for _, p := range packages {
		out = append(out, checkComment(p)...)
		from := t.place(p.Path)
		if from.floor < 0 {
			out = append(out, Violation{NoFloor, p.Path, "", "add it to the table in internal/archtest/table.go"})
			continue
		}
		for _, imp := range p.Imports {
			if v, bad := t.checkImport(p.Path, from, imp); bad {
				out = append(out, v)
			}
		}
		for _, imp := range p.TestImports {
			if r, ok := find(t.NoTests, imp); ok && from.floor < t.place(imp).floor {
				out = append(out, Violation{TestReachesUp, p.Path, imp, r.Why})
			}
		}
	}
	return out
}

func checkComment(p Package) []Violation {
	switch {
	case p.Comments == 0:
		return []Violation{{NoComment, p.Path, "", "say what it is for and what it must not know"}}
	case p.Comments > 1:
		return []Violation{{TwoComments, p.Path, "", fmt.Sprintf("%d files carry one", p.Comments)}}
	}
	return nil
}

func (t Table) checkImport(path string, from place, imp string) (Violation, bool) {
	to := t.place(imp)
	bad := func(kind, why string) (Violation, bool) { return Violation{kind, path, imp, why}, true }
	if r, ok := find(t.TestOnly, imp); ok && from.floor < len(t.Floors)-1 {
		if _, helper := find(t.TestOnly, path); !helper {
			return bad(TestOnlyImport, r.Why)
		}
	}
	switch {
	case to.floor < 0:
		return bad(MissingInImport, "")
	case to.room == from.room:
		return Violation{}, false
	case to.floor > from.floor:
		return bad(UpwardImport, t.Floors[from.floor].Name+" below "+t.Floors[to.floor].Name)
	case to.floor == from.floor:
		if t.allowed(from.room, to.room) {
			return Violation{}, false
		}
		return bad(SidewaysImport, "declare a small interface and let app fit the two")
	case !t.sees(from.floor, to):
		return bad(UnseenImport, t.Floors[from.floor].Name+" may import "+strings.Join(t.Floors[from.floor].Sees, ", "))
	}
	return Violation{}, false
}

func (t Table) allowed(from, to string) bool {
	return slices.ContainsFunc(t.Siblings, func(s Sibling) bool { return s.From == from && s.To == to })
}

func (t Table) sees(floor int, to place) bool {
	sees := t.Floors[floor].Sees
	return sees == nil || slices.Contains(sees, t.Floors[to.floor].Name) || slices.Contains(sees, to.room)
}

func find(rules []Rule, path string) (Rule, bool) {
	i := slices.IndexFunc(rules, func(r Rule) bool { return within(path, r.Room) })
	if i < 0 {
		return Rule{}, false
	}
	return rules[i], true
}

// within reports whether path is room or below it.
func within(path, room string) bool {
	return path == room || strings.HasPrefix(path, room+"/")
}
