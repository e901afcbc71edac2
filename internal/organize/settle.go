package organize

import (
	"context"
	"database/sql"
	"strings"

	"github.com/stardrive/stardrive/internal/organize/merge"
)

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
	type step struct {
		from *file
		to   string
		t    *thing
		drop bool
	}
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
		if err := p.move(places, now); err != nil {
			return err
		}
		once := map[[2]string]bool{}
		for _, st := range steps {
			if key := [2]string{st.from.target, st.to}; !once[key] {
				once[key] = true
				changes, err := p.carry(st.from.target, st.to, st.drop)
				if err != nil {
					return err
				}
				if err := p.change(changes); err != nil {
					return err
				}
			}
			no, err := p.target(st.to)
			if err == nil {
				_, err = p.tx.Exec("UPDATE OR REPLACE place SET target = ?, turns = 0 WHERE target = ? AND entry = ?", no, p.targets[st.from.target], int64(st.t.ID))
			}
			if err != nil {
				return err
			}
		}
		placed = p.placed
		return nil
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

// carry makes the changes that give one target what another has, where it has
// nothing of its own; drop: the other has it no more.
func (p *page) carry(from, to string, drop bool) (changes []merge.Change, err error) {
	no, ok := p.targets[from]
	if !ok {
		return nil, nil
	}
	standing := map[merge.Key][]merge.Fact{}
	var keys []merge.Key
	err = each(p.tx, "SELECT field, member, actor, n, stamp, value FROM fact WHERE target = ? ORDER BY field, member", []any{no}, func(rows *sql.Rows) error {
		k := merge.Key{Target: from}
		f, err := p.scanFact(rows, &k.Field, &k.Member)
		if standing[k] == nil {
			keys = append(keys, k)
		}
		standing[k] = append(standing[k], f)
		return err
	})
	if err == nil {
		changes, err = p.collect(from, to, drop)
	}
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		facts := standing[k]
		sortFacts(facts)
		f, _ := merge.Winner(facts)
		there := merge.Key{Target: to, Field: k.Field, Member: k.Member}
		theirs, err := p.standing(there)
		if err != nil {
			return nil, err
		}
		switch {
		case k.Field == noteField && len(theirs) == 0:
			changes = append(changes, merge.Change{Key: there, Value: notesOf(facts)})
		case k.Field == noteField && !strings.Contains(notesOf(theirs), notesOf(facts)):
			changes = append(changes, merge.Change{Key: there, Value: notesOf(theirs) + noteBreak + notesOf(facts)})
		case len(theirs) == 0:
			changes = append(changes, merge.Change{Key: there, Value: f.Value})
		}
		if drop {
			changes = append(changes, merge.Change{Key: k, Drop: true})
		}
	}
	return changes, nil
}

// collect puts one target into the collections in which another is; drop: in its
// place.
func (p *page) collect(from, to string, drop bool) (changes []merge.Change, err error) {
	for _, field := range []string{itemField, ruledField} {
		err = each(p.tx, "SELECT target.id, value FROM fact JOIN target ON target.no = fact.target WHERE field = ? AND member = ? AND member <> ''", []any{field, from}, func(rows *sql.Rows) error {
			var in, value string
			err := rows.Scan(&in, &value)
			changes = append(changes, merge.Change{Key: merge.Key{Target: in, Field: field, Member: to}, Value: value})
			if drop {
				changes = append(changes, merge.Change{Key: merge.Key{Target: in, Field: field, Member: from}, Drop: true})
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return lastOfEach(changes), nil
}
