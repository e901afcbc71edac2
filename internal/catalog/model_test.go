package catalog_test

import (
	"maps"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// model says in few words what the catalogue must hold: its entries, without
// totals and seq.
type model map[ident.EntryID]catalog.Entry

// apply does what a Batch means.
func (m model) apply(b *catalog.Batch) model {
	next := maps.Clone(m)
	moves := map[ident.EntryID]bool{}
	for _, e := range b.Move {
		moves[e.ID] = true
	}
	var gone func(id ident.EntryID, as catalog.State)
	gone = func(id ident.EntryID, as catalog.State) {
		e := next[id]
		if moves[id] || !e.State.There() {
			return
		}
		e.State = as
		next[id] = e
		for c, child := range next {
			if child.Parent == id {
				gone(c, as)
			}
		}
	}
	for _, id := range b.Absent {
		gone(id, catalog.Absent)
	}
	for _, id := range b.Excluded {
		gone(id, catalog.Excluded)
	}
	for _, list := range [][]catalog.Entry{b.Create, b.Update, b.Move} {
		for _, e := range list {
			next[e.ID] = e
		}
	}
	return next
}

// flaw tells why there is no such tree; "" means there is.
func (m model) flaw() string {
	type place struct {
		parent ident.EntryID
		name   string
	}
	taken := map[place]bool{}
	for id, e := range m {
		if !e.State.There() || e.Parent == 0 {
			continue
		}
		if p := m[e.Parent]; p.Kind != vfs.Folder || !p.State.There() {
			return "orphan"
		}
		if taken[place{e.Parent, e.Name}] {
			return "name"
		}
		taken[place{e.Parent, e.Name}] = true
		up := e.Parent
		for range len(m) {
			up = m[up].Parent
		}
		if up != 0 || e.Parent == id {
			return "circle"
		}
	}
	return ""
}

// forget does what Forget means, when it is done.
func (m model) forget(top ident.EntryID, keep map[ident.EntryID]bool) model {
	next := maps.Clone(m)
	children := func(id ident.EntryID) (cs []ident.EntryID) {
		for c, e := range next {
			if e.Parent == id {
				cs = append(cs, c)
			}
		}
		return cs
	}
	var drop func(id ident.EntryID) bool
	drop = func(id ident.EntryID) bool {
		if keep[id] {
			return false
		}
		all := true
		for _, c := range children(id) {
			all = drop(c) && all
		}
		if all {
			delete(next, id)
		} else if e := next[id]; e.State == catalog.Present {
			e.State = catalog.Known
			next[id] = e
		}
		return all
	}
	up := m[top].Parent
	if !drop(top) {
		return next
	}
	for up != 0 && !keep[up] && next[up].State == catalog.Known && next[up].Parent != 0 && len(children(up)) == 0 {
		above := next[up].Parent
		delete(next, up)
		up = above
	}
	return next
}

// path is where a folder stands.
func (m model) path(id ident.EntryID) string {
	e := m[id]
	if e.Parent == 0 {
		return ""
	}
	return vfs.Join(m.path(e.Parent), e.Name)
}
