package rules

import "strings"

// table finds the last of many patterns that matches. Most patterns name one
// name or one extension; only the rest are tried one after another.
type table struct {
	patterns []pattern
	byName   map[string][]int32
	byExt    map[string][]int32
	rest     []int32
}

func newTable(patterns []pattern) table {
	t := table{patterns: patterns, byName: map[string][]int32{}, byExt: map[string][]int32{}}
	for i := range patterns {
		if name, ok := patterns[i].name(); ok {
			t.byName[name] = append(t.byName[name], int32(i))
		} else if ext, ok := patterns[i].extension(); ok {
			t.byExt[ext] = append(t.byExt[ext], int32(i))
		} else {
			t.rest = append(t.rest, int32(i))
		}
	}
	return t
}

// cost is the number of patterns that are tried on every entry, and of stars.
func (t *table) cost() int {
	n := len(t.rest)
	for i := range t.patterns {
		n += t.patterns[i].glob.stars()
	}
	return n
}

// last returns the last pattern that matches, nil if none does.
func (t *table) last(path, name string, folder bool) *pattern {
	best := int32(-1)
	if len(t.byName) > 0 {
		best = t.lastOf(t.byName[name], best, path, name, folder)
	}
	if len(t.byExt) > 0 {
		if dot := strings.LastIndexByte(name, '.'); dot >= 0 {
			best = t.lastOf(t.byExt[name[dot:]], best, path, name, folder)
		}
	}
	best = t.lastOf(t.rest, best, path, name, folder)
	if best < 0 {
		return nil
	}
	return &t.patterns[best]
}

// lastOf returns the last of some patterns behind best that matches, or best.
func (t *table) lastOf(some []int32, best int32, path, name string, folder bool) int32 {
	for i := len(some) - 1; i >= 0 && some[i] > best; i-- {
		if p := &t.patterns[some[i]]; (folder || !p.folder) && p.matches(path, name) {
			return some[i]
		}
	}
	return best
}

// baseName returns the last component of a path.
func baseName(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }
