package op

import (
	"iter"
	"maps"
	"regexp"
	"slices"
)

// Set is a table of operations with distinct names. It does not change after
// [NewSet] and may be used from many goroutines.
type Set struct{ byName map[string]Def }

var nameRE = regexp.MustCompile(`^[a-z][a-z0-9]*(\.[a-z][a-z0-9_]*)+$`)

// NewSet joins the tables of all features. It panics on a bad or repeated name.
func NewSet(tables ...[]Def) *Set {
	s := &Set{byName: map[string]Def{}}
	for _, d := range slices.Concat(tables...) {
		if _, dup := s.byName[d.Name]; dup || !nameRE.MatchString(d.Name) {
			panic("op: bad or repeated name " + d.Name)
		}
		s.byName[d.Name] = d
	}
	return s
}

// Lookup returns the named operation.
func (s *Set) Lookup(name string) (Def, bool) {
	d, ok := s.byName[name]
	return d, ok
}

// Names returns the names of all operations, sorted.
func (s *Set) Names() []string { return slices.Sorted(maps.Keys(s.byName)) }

// All yields the operations in the order of their names.
func (s *Set) All() iter.Seq[Def] {
	return func(yield func(Def) bool) {
		for _, name := range s.Names() {
			if !yield(s.byName[name]) {
				return
			}
		}
	}
}
