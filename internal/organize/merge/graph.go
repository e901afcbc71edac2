package merge

import (
	"cmp"
	"slices"
)

// Edge says that Parent is above Child.
type Edge struct {
	Child, Parent string
	Fact          Fact
}

// Acyclic returns the edges that count, in the order of their stamps: each but those
// that would close a circle with earlier ones, which have no effect while those
// stand. It is the same for everybody who has the same edges, in whatever order they
// are given. Edges of a child to the same parent count once.
func Acyclic(edges []Edge) (effective []Edge) {
	ordered := slices.Clone(edges)
	slices.SortFunc(ordered, func(a, b Edge) int {
		return cmp.Or(a.Fact.Compare(b.Fact), cmp.Compare(a.Child, b.Child), cmp.Compare(a.Parent, b.Parent))
	})
	above := make(map[string][]string, len(ordered))
	holds := make(map[string]bool, len(ordered)) // has something below it: else no way leads up to it
	for _, e := range ordered {
		if slices.Contains(above[e.Child], e.Parent) || e.Child == e.Parent || holds[e.Child] && reaches(above, e.Parent, e.Child) {
			continue
		}
		holds[e.Parent] = true
		above[e.Child] = append(above[e.Child], e.Parent)
		effective = append(effective, e)
	}
	return effective
}

// reaches reports whether to is from, or above it.
func reaches(above map[string][]string, from, to string) bool {
	if from == to {
		return true
	}
	if len(above[from]) == 0 {
		return false
	}
	seen := map[string]bool{from: true}
	for open := []string{from}; len(open) > 0; {
		at := open[len(open)-1]
		open = open[:len(open)-1]
		for _, p := range above[at] {
			if p == to {
				return true
			}
			if !seen[p] {
				seen[p] = true
				open = append(open, p)
			}
		}
	}
	return false
}
