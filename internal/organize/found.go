package organize

// rows are the rows of the catalogue that one tag finds itself, each with how many
// files it is found by. What became of single files is taken in when the tag is asked for
// the next time: a tag on 100,000 files must not be gathered anew for one of them.
type rows struct {
	contents, entries map[int64]int
	stale             map[*file]struct{} // taken out, or never in
}

func (r *rows) add(f *file, by int) {
	count := func(of map[int64]int) func(int64) {
		return func(n int64) {
			if of[n] += by; of[n] == 0 {
				delete(of, n)
			}
		}
	}
	f.found(count(r.contents), count(r.entries))
}

// foundBy returns what is found by a tag itself. The caller holds the model, and looks
// at it no longer.
func (m *model) foundBy(tag string) *rows {
	m.caching.Lock()
	defer m.caching.Unlock()
	r, all := m.rows[tag], m.byTag[tag]
	if r == nil {
		r = &rows{contents: make(map[int64]int, len(all)), entries: map[int64]int{}, stale: map[*file]struct{}{}}
		for f := range all {
			r.add(f, 1)
		}
		if m.rows == nil {
			m.rows = map[string]*rows{}
		}
		m.rows[tag] = r
	}
	for f := range r.stale {
		if _, has := all[f]; has {
			r.add(f, 1)
		}
		delete(r.stale, f)
	}
	return r
}

// forget has what is found by the tags of a file hold it anew. It is called before the
// file changes, by who holds mu.
func (m *model) forget(f *file) {
	for _, tag := range f.tags {
		m.forgetBy(tag, f, true)
	}
}

// forgetBy is forget for one tag; has: the file has it so far.
func (m *model) forgetBy(tag string, f *file, has bool) {
	r := m.rows[tag]
	if r == nil {
		return
	}
	if _, out := r.stale[f]; !out {
		if has {
			r.add(f, -1)
		}
		r.stale[f] = struct{}{}
	}
}
