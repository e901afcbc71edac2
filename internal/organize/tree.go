package organize

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/stardrive/stardrive/internal/collate"
	"github.com/stardrive/stardrive/internal/organize/merge"
)

// tree is how tags stand to one another.
type tree struct {
	byName   map[string][]string            // folded names and aliases, with and without name space, to tags
	names    []string                       // their keys, sorted
	parents  map[string][]string            // as they count: without circles
	children map[string][]string            // in the order of their names
	roots    []string                       // likewise
	same     map[string][]string            // synonyms, both ways
	idle     map[string]map[string]struct{} // parents that have no effect, since they would close a circle
}

// shapes reports whether the tree is another when a field of a tag is.
func shapes(field string) bool {
	switch field {
	case colourField, iconField, aboutField, typeField, relatedField:
		return false
	}
	return true
}

// tags returns the tree, which must not be changed. The caller holds mu for writing,
// or the tree was made before.
func (m *model) tags() *tree {
	if m.tree != nil {
		return m.tree
	}
	type named struct {
		*object
		folded string
	}
	var edges []merge.Edge
	var all []named
	same := map[string][]string{}
	for id, o := range m.objects {
		if !strings.HasPrefix(id, tagTarget) || !o.there() {
			continue
		}
		all = append(all, named{o, collate.Fold(o.one[nameField])})
		for parent, f := range o.sets[parentField] {
			if m.objects[parent].there() {
				edges = append(edges, merge.Edge{Child: id, Parent: parent, Fact: f})
			}
		}
		for other := range o.sets[synonymField] {
			if m.objects[other].there() {
				same[id] = append(same[id], other)
				same[other] = append(same[other], id)
			}
		}
	}
	slices.SortFunc(all, func(a, b named) int { return cmp.Or(strings.Compare(a.folded, b.folded), strings.Compare(a.id, b.id)) })
	t := &tree{
		byName: make(map[string][]string, len(all)), parents: make(map[string][]string, len(all)), children: make(map[string][]string, len(all)),
		same: same, idle: map[string]map[string]struct{}{},
	}
	for _, e := range merge.Acyclic(edges) {
		t.parents[e.Child] = append(t.parents[e.Child], e.Parent)
	}
	for _, o := range all {
		t.names = append(t.names, o.folded)
		for _, n := range slices.Sorted(maps.Keys(o.sets[aliasField])) {
			t.names = append(t.names, collate.Fold(n))
		}
		space := collate.Fold(o.one[spaceField])
		for _, n := range t.names[len(t.names)-1-len(o.sets[aliasField]):] {
			t.add(n, o.id)
			if space != "" {
				t.add(space+"/"+n, o.id)
				t.names = append(t.names, space+"/"+n)
			}
		}
		m.place(t, o.object)
	}
	slices.Sort(t.names)
	t.names = slices.Compact(t.names)
	m.tree = t
	return t
}

// place puts a tag below its parents, those that count, and above its children.
func (m *model) place(t *tree, o *object) {
	effective := t.parents[o.id]
	for _, p := range effective {
		t.children[p] = append(t.children[p], o.id)
	}
	if len(effective) == 0 {
		t.roots = append(t.roots, o.id)
	}
	for p := range o.sets[parentField] {
		if m.objects[p].there() && !slices.Contains(effective, p) {
			if t.idle[o.id] == nil {
				t.idle[o.id] = map[string]struct{}{}
			}
			t.idle[o.id][p] = struct{}{}
		}
	}
}

func (t *tree) add(name, id string) {
	if !slices.Contains(t.byName[name], id) {
		t.byName[name] = append(t.byName[name], id)
	}
}

// below returns tags with all that is below them, and what means the same.
func (t *tree) below(tags []string) []string {
	seen := map[string]bool{}
	var out []string
	open := slices.Clone(tags)
	for len(open) > 0 {
		id := open[len(open)-1]
		if open = open[:len(open)-1]; seen[id] {
			continue
		}
		seen[id] = true
		out = append(out, id)
		open = append(append(open, t.children[id]...), t.same[id]...)
	}
	return out
}
