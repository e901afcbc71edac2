package organize

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"strconv"

	"github.com/stardrive/stardrive/internal/hlc"
	"github.com/stardrive/stardrive/internal/organize/merge"
	"github.com/stardrive/stardrive/internal/store"
)

// page is one transaction of the book: what it changes is in memory only when it is
// committed.
type page struct {
	*book
	tx      *store.Tx
	fresh   []string // targets that are new
	freshNo int64
	facts   *store.Inserter
	ids     *store.Inserter            // of targets
	touched map[merge.Key][]merge.Fact // what stands now, of keys that changed
	placed  []placed                   // where targets stand that were chosen
	loaded  map[merge.Key][]merge.Fact // what stands of keys that were read together
	goners  []goner                    // facts to take away, with the next flush
	known   map[string]map[string]bool // of field and member: whose facts are in touched before they are asked for
}

func (b *book) page(tx *store.Tx) (*page, error) {
	p := &page{book: b, tx: tx, touched: map[merge.Key][]merge.Fact{}, loaded: map[merge.Key][]merge.Fact{}, known: map[string]map[string]bool{}}
	p.facts = tx.InsertMany("INSERT INTO fact (target, field, member, actor, n, stamp, value) VALUES", 7, 50, "")
	p.ids = tx.InsertMany("INSERT INTO target (no, id) VALUES", 2, 50, "")
	return p, tx.QueryRow("SELECT coalesce(max(no), 0) FROM target").Scan(&p.freshNo)
}

// write changes the book: fn plans on what stands, and what it changes is on the disk
// when write returns. On an error nothing has happened.
func (b *book) write(ctx context.Context, fn func(p *page) error) (touched map[merge.Key][]merge.Fact, err error) {
	seen, clock := maps.Clone(b.seen), b.clock
	actors := len(b.actors)
	var p *page
	err = b.db.WriteDurable(ctx, func(tx *store.Tx) error {
		if p, err = b.page(tx); err == nil {
			err = fn(p)
		}
		if err == nil {
			err = p.flush()
		}
		if err == nil {
			err = setOwn(tx, "reached", strconv.FormatInt(b.reached(), 10))
		}
		return err
	})
	if err == nil {
		return p.touched, nil
	}
	b.seen, b.clock = seen, clock
	if p != nil {
		for _, id := range p.fresh {
			delete(b.targets, id)
		}
	}
	if len(b.actors) != actors { // their numbers were given back
		for id, no := range b.actors {
			if _, kept := seen[id]; !kept {
				delete(b.actors, id)
				delete(b.names, no)
			}
		}
	}
	return nil, err
}

func (p *page) target(id string) (int64, error) {
	if no, ok := p.targets[id]; ok {
		return no, nil
	}
	p.freshNo++
	if err := p.ids.Add(p.freshNo, id); err != nil {
		return 0, err
	}
	p.targets[id] = p.freshNo
	p.fresh = append(p.fresh, id)
	return p.freshNo, nil
}

// standing returns the facts under a key.
func (p *page) standing(k merge.Key) (facts []merge.Fact, err error) {
	if fs, ok := p.touched[k]; ok {
		return fs, nil
	}
	if fs, ok := p.loaded[k]; ok {
		return fs, nil
	}
	if all := p.known[k.Field+"\x00"+k.Member]; all != nil {
		if !all[k.Target] {
			return nil, nil
		}
	}
	no, ok := p.targets[k.Target]
	if !ok {
		return nil, nil
	}
	err = each(p.tx, "SELECT actor, n, stamp, value FROM fact WHERE target = ? AND field = ? AND member = ?", []any{no, k.Field, k.Member}, func(rows *sql.Rows) error {
		f, err := p.scanFact(rows)
		facts = append(facts, f)
		return err
	})
	sortFacts(facts)
	return facts, err
}

// together is from how many keys of one field and member on all of its facts are read
// at once.
const together = 64

// load reads what stands under the keys of changes, where many have one field and
// member.
func (p *page) load(changes []merge.Change) error {
	type set struct{ field, member string }
	counts := map[set]int{}
	for i := range changes {
		counts[set{changes[i].Field, changes[i].Member}]++
	}
	for of, n := range counts {
		if n < together {
			continue
		}
		ids := make(map[int64]string)
		all := p.known[of.field+"\x00"+of.member]
		for i := range changes {
			k := changes[i].Key
			if all != nil && !all[k.Target] {
				continue
			}
			if _, done := p.loaded[k]; k.Field != of.field || k.Member != of.member || done {
				continue
			}
			if _, done := p.touched[k]; done {
				continue
			}
			if no, ok := p.targets[k.Target]; ok {
				ids[no] = k.Target
			}
			p.loaded[k] = nil
		}
		if len(ids) == 0 {
			continue
		}
		err := inChunks(slices.Sorted(maps.Keys(ids)), func(list string) error {
			return each(p.tx, "SELECT target, actor, n, stamp, value FROM fact WHERE target IN (SELECT value FROM json_each(?)) AND field = ? AND member = ?", []any{list, of.field, of.member}, func(rows *sql.Rows) error {
				var target int64
				f, err := p.scanFact(rows, &target)
				k := merge.Key{Target: ids[target], Field: of.field, Member: of.member}
				p.loaded[k] = append(p.loaded[k], f)
				sortFacts(p.loaded[k])
				return err
			})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// knows notes what stands under a key that was read, for standing.
func (p *page) knows(k merge.Key, facts []merge.Fact) {
	if _, changed := p.touched[k]; !changed {
		p.loaded[k] = facts
	}
}

// goner is a fact that does not stand any more.
type goner struct {
	target        int64
	field, member string
	actor, n      int64
}

// flush writes what was put off.
func (p *page) flush() error {
	if err := p.ids.Flush(); err != nil {
		return err
	}
	if err := p.facts.Flush(); err != nil { // what goes may be among what was just added
		return err
	}
	for len(p.goners) > 0 {
		first := p.goners[0]
		var b []byte
		n := 0
		for ; n < len(p.goners) && n < opChanges && p.goners[n].field == first.field && p.goners[n].member == first.member && p.goners[n].actor == first.actor; n++ {
			b = append(b, ',', '[')
			b = append(append(appendInt(b, p.goners[n].target), ','), appendInt(nil, p.goners[n].n)...)
			b = append(b, ']')
		}
		b[0] = '['
		_, err := p.tx.Exec(`DELETE FROM fact WHERE (target, field, member, actor, n) IN
			(SELECT json_extract(value, '$[0]'), ?1, ?2, ?3, json_extract(value, '$[1]') FROM json_each(?4))`, first.field, first.member, first.actor, string(append(b, ']')))
		if err != nil {
			return err
		}
		p.goners = p.goners[n:]
	}
	return nil
}

// allHave notes for standing which of many targets have facts under a field and
// member at all.
func (p *page) allHave(field, member string, targets map[string]bool) {
	p.known[field+"\x00"+member] = targets
}

func sortFacts(facts []merge.Fact) {
	if len(facts) > 1 {
		slices.SortFunc(facts, merge.Fact.Compare)
	}
}

func (b *book) scanFact(rows *sql.Rows, before ...any) (f merge.Fact, err error) {
	var actor, n, stamp int64
	err = rows.Scan(append(before, &actor, &n, &stamp, &f.Value)...)
	f.Dot, f.Stamp = merge.Dot{Actor: b.names[actor], N: uint64(n)}, hlc.Stamp(stamp) //nolint:gosec // as they were written
	return f, err
}

// put writes what stands under a key where was stood; mine is new among it.
func (p *page) put(k merge.Key, was, is []merge.Fact, mine merge.Dot, actor int64) error {
	no, err := p.target(k.Target)
	if err != nil {
		return err
	}
	for _, f := range was {
		if slices.ContainsFunc(is, func(g merge.Fact) bool { return g.Dot == f.Dot }) {
			continue
		}
		p.goners = append(p.goners, goner{no, k.Field, k.Member, p.actors[f.Actor], int64(f.N)}) //nolint:gosec // a count
	}
	for _, f := range is {
		if f.Dot == mine {
			return p.facts.Add(no, k.Field, k.Member, actor, int64(f.N), int64(f.Stamp), f.Value) //nolint:gosec // as above
		}
	}
	return nil
}
