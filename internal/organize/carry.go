package organize

import (
	"database/sql"
	"slices"
	"strings"

	"github.com/stardrive/stardrive/internal/organize/merge"
)

// collects reports whether files were put into any collection.
func (m *model) collects() bool {
	m.mu.RLock()
	defer m.mu.RUnlock()
	for id, o := range m.objects {
		if strings.HasPrefix(id, collectionTarget) && len(o.sets[itemField])+len(o.sets[ruledField]) > 0 {
			return true
		}
	}
	return false
}

// carryPage is of how many steps facts are read at once.
const carryPage = 500

// carryAll takes steps, as many in one operation as have nothing to do with one another.
func (p *page) carryAll(steps []step, collects bool) error {
	if len(steps) == 0 {
		return nil
	}
	c := &carrying{page: p, collects: collects, once: map[[2]string]bool{}, busy: map[string]bool{}, first: p.seen[p.me] + 1}
	for part := range slices.Chunk(steps, carryPage) {
		if err := c.read(part); err != nil {
			return err
		}
		for i := range part {
			if err := c.step(&part[i], part); err != nil {
				return err
			}
		}
	}
	if err := c.flush(); err != nil {
		return err
	}
	return p.turned(c.turned, c.first)
}

// carrying is the work of carryAll.
type carrying struct {
	*page
	collects bool
	changes  []merge.Change
	once     map[[2]string]bool
	busy     map[string]bool // targets of which changes wait
	held     map[string][]heldFact
	turned   []step
	first    uint64 // the first operation of these
}

// heldFact is a fact of a target with the rest of its key.
type heldFact struct {
	field, member string
	fact          merge.Fact
}

func (c *carrying) flush() error {
	err := c.change(c.changes)
	c.changes = nil
	clear(c.busy)
	return err
}

// read reads what stands of the targets that steps lead from.
func (c *carrying) read(some []step) error {
	c.held = map[string][]heldFact{}
	names := map[int64]string{}
	var numbers []int64
	for i := range some {
		from := some[i].from.target
		if no, known := c.targets[from]; known && names[no] == "" {
			names[no] = from
			numbers = append(numbers, no)
		}
	}
	return inChunks(numbers, func(list string) error {
		return each(c.tx, `SELECT target, field, member, actor, n, stamp, value FROM fact WHERE target IN (SELECT value FROM json_each(?)) ORDER BY target, field, member`, []any{list},
			func(rows *sql.Rows) error {
				var target int64
				var h heldFact
				var err error
				h.fact, err = c.scanFact(rows, &target, &h.field, &h.member)
				c.held[names[target]] = append(c.held[names[target]], h)
				return err
			})
	})
}

func (c *carrying) step(st *step, part []step) error {
	from := st.from.target
	if key := [2]string{from, st.to}; !c.once[key] {
		c.once[key] = true
		if c.busy[from] || c.busy[st.to] { // what was planned of them must stand first
			if err := c.flush(); err != nil {
				return err
			}
			if err := c.read(part); err != nil {
				return err
			}
		}
		c.busy[from], c.busy[st.to] = true, true
		if err := c.carry(from, st.to, st.drop); err != nil {
			return err
		}
	}
	if st.drop {
		c.turned = append(c.turned, *st)
	}
	no, err := c.target(st.to)
	if err == nil {
		_, err = c.tx.Exec("UPDATE OR REPLACE place SET target = ?, turns = 0 WHERE target = ? AND entry = ?", no, c.targets[from], int64(st.t.ID))
	}
	return err
}

// carry plans the changes that give one target what another has, where it has nothing of
// its own; drop: the other has it no more.
func (c *carrying) carry(from, to string, drop bool) error {
	if c.collects {
		more, err := c.collect(from, to, drop)
		if err != nil {
			return err
		}
		c.changes = append(c.changes, more...)
	}
	for held := c.held[from]; len(held) > 0; {
		k := merge.Key{Target: from, Field: held[0].field, Member: held[0].member}
		var facts []merge.Fact
		for len(held) > 0 && held[0].field == k.Field && held[0].member == k.Member {
			facts, held = append(facts, held[0].fact), held[1:]
		}
		sortFacts(facts)
		f, _ := merge.Winner(facts)
		there := merge.Key{Target: to, Field: k.Field, Member: k.Member}
		theirs, err := c.standing(there)
		if err != nil {
			return err
		}
		c.knows(k, facts)
		c.knows(there, theirs)
		switch {
		case k.Field == noteField && len(theirs) == 0:
			c.changes = append(c.changes, merge.Change{Key: there, Value: notesOf(facts)})
		case k.Field == noteField && !strings.Contains(notesOf(theirs), notesOf(facts)):
			c.changes = append(c.changes, merge.Change{Key: there, Value: notesOf(theirs) + noteBreak + notesOf(facts)})
		case len(theirs) == 0:
			c.changes = append(c.changes, merge.Change{Key: there, Value: f.Value})
		}
		if drop {
			c.changes = append(c.changes, merge.Change{Key: k, Drop: true})
		}
	}
	return nil
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

// turned notes which targets became others, by operations from first on: who takes back
// what was added to them takes it from the others.
func (p *page) turned(steps []step, first uint64) error {
	if len(steps) == 0 {
		return nil
	}
	me, err := p.actor(p.tx, p.me)
	if err != nil {
		return err
	}
	insert := p.tx.InsertMany("INSERT INTO turned (target, into_target, actor, first, last) VALUES", 5, 50, "ON CONFLICT (target) DO UPDATE SET into_target = excluded.into_target, actor = excluded.actor, first = excluded.first, last = excluded.last")
	for i := range steps {
		if err := insert.Add(p.targets[steps[i].from.target], p.targets[steps[i].to], me, int64(first), int64(p.seen[p.me])); err != nil { //nolint:gosec // counts
			return err
		}
	}
	return insert.Flush()
}
