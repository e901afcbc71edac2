package organize

import "context"

// step is that what was added to one target goes to another, since an entry's bytes are
// known, or are others.
type step struct {
	from *file
	to   string
	t    *thing
	drop bool // the first has it no more
}

// settle looks at what became of things that something was added to: what was added
// to an entry turns into what was added to its content when that is known, and what
// was added to a content goes on to the one that the file has after it was edited. moved:
// where they stand is written down, too.
func (s *Service) settle(ctx context.Context, some []thing, moved bool) error {
	if len(some) == 0 {
		return nil
	}
	s.pen.Lock()
	defer s.pen.Unlock()
	var steps []step
	var places []kept
	var now []*thing
	m := s.model
	m.mu.Lock()
	for i := range some {
		t := &some[i]
		for _, f := range m.byEntry[t.ID] {
			if moved {
				places, now = append(places, kept{target: f.target, no: s.book.targets[f.target], entry: t.ID}), append(now, t)
			}
			_, content := hashOf(f.target)
			for j := range f.links {
				if l := &f.links[j]; l.entry == t.ID {
					if open := t.Content == 0; open != l.open {
						m.forget(f)
						l.open = open
					}
					switch {
					case t.Content == 0 || !t.bears():
					case l.turns:
						steps = append(steps, step{f, contentTargetOf(t.hash), t, true})
					case content && f.target != contentTargetOf(t.hash):
						steps = append(steps, step{f, contentTargetOf(t.hash), t, false})
					case content && f.content != t.Content:
						m.setContent(f, t.Content)
					}
				}
			}
		}
	}
	m.mu.Unlock()
	if len(places) == 0 && len(steps) == 0 {
		return nil
	}
	var placed []placed
	touched, err := s.book.write(ctx, func(p *page) error {
		err := p.move(places, now)
		if err == nil {
			err = p.carryAll(steps, m.collects())
		}
		placed = p.placed
		return err
	})
	if err != nil {
		return err
	}
	m.mu.Lock()
	for _, st := range steps {
		m.dropLink(st.from, st.t.ID)
		to := m.file(st.to)
		m.setLink(to, link{entry: st.t.ID}) // it is a file
		m.setContent(to, st.t.Content)
	}
	m.mu.Unlock()
	s.put(placed)
	s.show(touched)
	return nil
}

// put has the model know where targets stand that were just made.
func (s *Service) put(all []placed) {
	m := s.model
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range all {
		f := m.file(p.target)
		p.link.open = p.content == 0
		m.setLink(f, p.link)
		if _, ok := hashOf(p.target); ok && p.content != 0 {
			m.setContent(f, p.content)
		}
	}
}
