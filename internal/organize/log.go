package organize

import (
	"context"
	"crypto/rand"
	"database/sql"
	_ "embed"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/hlc"
	"github.com/stardrive/stardrive/internal/organize/merge"
	"github.com/stardrive/stardrive/internal/store"
)

// ApplicationID stands in the header of every user.db ("SDus").
const ApplicationID int32 = 0x53447573

//go:embed user.sql
var userSQL string

func userOptions(path string, log *slog.Logger) store.Options {
	return store.Options{Path: path, ApplicationID: ApplicationID, Migrations: []store.Migration{{Name: "user", SQL: userSQL}}, Log: log}
}

// opChanges is how many changes one operation holds at most.
const opChanges = 1000

// book is the log and what stands of it. Its methods belong to the holder of the
// Service's pen, but for reading.
type book struct {
	db    *store.DB
	me    string
	clock hlc.Clock
	seen  merge.Vector

	actors  map[string]int64 // their numbers
	names   map[int64]string
	targets map[string]int64
	now     func() time.Time
	reached func() int64 // how far the feed of the catalogue reaches
}

func openBook(ctx context.Context, db *store.DB, device string, now func() time.Time) (*book, error) {
	b := &book{db: db, seen: merge.Vector{}, actors: map[string]int64{}, names: map[int64]string{}, targets: map[string]int64{}, now: now}
	err := db.WriteDurable(ctx, func(tx *store.Tx) error { return b.begin(tx, device) })
	return b, err
}

// begin reads who writes here, or becomes somebody: a database that another device
// wrote, as one that was copied, is gone on with as somebody else, so that no two
// ever write under one name.
func (b *book) begin(tx *store.Tx, device string) error {
	own := map[string]string{}
	err := each(tx, "SELECT key, value FROM own", nil, func(rows *sql.Rows) error {
		var k, v string
		err := rows.Scan(&k, &v)
		own[k] = v
		return err
	})
	if err != nil {
		return err
	}
	reserved, err := strconv.ParseUint("0"+own["reserved"], 10, 64)
	if err != nil {
		return errs.New(errs.Internal, "the bound of the clock cannot be read: %w", err)
	}
	b.clock = hlc.Resume(hlc.Stamp(reserved))
	if b.me = own["me"]; b.me == "" || own["device"] != device {
		if err := b.become(tx, device); err != nil {
			return err
		}
	}
	err = each(tx, "SELECT no, id, seen FROM actor", nil, func(rows *sql.Rows) error {
		var no, seen int64
		var id string
		err := rows.Scan(&no, &id, &seen)
		b.actors[id], b.names[no], b.seen[id] = no, id, uint64(seen) //nolint:gosec // counts
		return err
	})
	if err != nil {
		return err
	}
	return each(tx, "SELECT no, id FROM target", nil, func(rows *sql.Rows) error {
		var no int64
		var id string
		err := rows.Scan(&no, &id)
		b.targets[id] = no
		return err
	})
}

// become takes a new name under which this device writes here.
func (b *book) become(tx *store.Tx, device string) error {
	b.me = device + "." + strings.ToLower(rand.Text()[:8])
	for k, v := range map[string]string{"me": b.me, "device": device} {
		if err := setOwn(tx, k, v); err != nil {
			return err
		}
	}
	return nil
}

func setOwn(tx *store.Tx, key, value string) error {
	_, err := tx.Exec("INSERT INTO own (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", key, value)
	return err
}

// each runs a query and calls fn with every row.
func each(tx *store.Tx, query string, args []any, fn func(rows *sql.Rows) error) error {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := fn(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (b *book) actor(tx *store.Tx, id string) (int64, error) {
	if no, ok := b.actors[id]; ok {
		return no, nil
	}
	res, err := tx.Exec("INSERT INTO actor (id, seen) VALUES (?, 0)", id)
	if err != nil {
		return 0, err
	}
	no, err := res.LastInsertId()
	b.actors[id], b.names[no] = no, id
	return no, err
}

// page is one transaction of the book: what it changes is in memory only when it is
// committed.
type page struct {
	*book
	tx      *store.Tx
	fresh   []string // targets that are new
	freshNo int64
	facts   *store.Inserter
	touched map[merge.Key][]merge.Fact // what stands now, of keys that changed
	placed  []placed                   // where targets stand that were chosen
	loaded  map[merge.Key][]merge.Fact // what stands of keys that were read together
	goners  []goner                    // facts to take away, with the next flush
	known   map[string]map[string]bool // of field and member: whose facts are in touched before they are asked for
}

func (b *book) page(tx *store.Tx) (*page, error) {
	p := &page{book: b, tx: tx, touched: map[merge.Key][]merge.Fact{}, loaded: map[merge.Key][]merge.Fact{}, known: map[string]map[string]bool{}}
	p.facts = tx.InsertMany("INSERT INTO fact (target, field, member, actor, n, stamp, value) VALUES", 7, 50, "")
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
	if _, err := p.tx.Exec("INSERT INTO target (no, id) VALUES (?, ?)", p.freshNo, id); err != nil {
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
		if n < together || of.member == "" {
			continue
		}
		ids := make(map[int64]string, n)
		for i := range changes {
			k := changes[i].Key
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
		err := each(p.tx, "SELECT target, actor, n, stamp, value FROM fact WHERE field = ? AND member = ?", []any{of.field, of.member}, func(rows *sql.Rows) error {
			var target int64
			f, err := p.scanFact(rows, &target)
			if id, wanted := ids[target]; wanted {
				k := merge.Key{Target: id, Field: of.field, Member: of.member}
				p.loaded[k] = append(p.loaded[k], f)
				sortFacts(p.loaded[k])
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// goner is a fact that does not stand any more.
type goner struct {
	target        int64
	field, member string
	actor, n      int64
}

// flush writes what was put off.
func (p *page) flush() error {
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

// change writes operations of this device, with as many changes each as fit. No key
// may stand twice among the changes.
func (p *page) change(changes []merge.Change) error {
	if err := p.load(changes); err != nil {
		return err
	}
	for part := range slices.Chunk(changes, opChanges) {
		stamp, next, ok := p.clock.Next(p.now())
		if !ok {
			return errs.New(errs.Internal, "the clock of this machine is at its end").Try("Set the clock of this machine.")
		}
		if next.Reserved != p.clock.Reserved {
			if err := setOwn(p.tx, "reserved", strconv.FormatUint(uint64(next.Reserved), 10)); err != nil {
				return err
			}
		}
		p.clock = next
		o := &merge.Op{Dot: merge.Dot{Actor: p.me, N: p.seen[p.me] + 1}, Stamp: stamp, Deps: maps.Clone(p.seen), Kind: merge.Plain, Changes: part}
		delete(o.Deps, p.me)
		if err := p.log(o, 0); err != nil {
			return err
		}
		if err := p.apply(o); err != nil {
			return err
		}
	}
	return p.flush() // who plans more in the same transaction reads it
}

// wire is how a change is written down.
type wire struct {
	Target string `json:"t"`
	Field  string `json:"f"`
	Member string `json:"m,omitempty"`
	Value  string `json:"v,omitempty"`
	Drop   bool   `json:"d,omitempty"`
}

func packChanges(cs []merge.Change) ([]byte, error) {
	out := make([]wire, len(cs))
	for i, c := range cs {
		out[i] = wire{c.Target, c.Field, c.Member, c.Value, c.Drop}
	}
	return json.Marshal(out)
}

func unpackChanges(b []byte) ([]merge.Change, error) {
	var in []wire
	if err := json.Unmarshal(b, &in); err != nil {
		return nil, errs.New(errs.Internal, "changes cannot be read: %w", err)
	}
	out := make([]merge.Change, len(in))
	for i, w := range in {
		out[i] = merge.Change{Key: merge.Key{Target: w.Target, Field: w.Field, Member: w.Member}, Value: w.Value, Drop: w.Drop}
	}
	return out, nil
}

// log writes an operation down; state 1: it waits.
func (p *page) log(o *merge.Op, state int) error {
	no, err := p.actor(p.tx, o.Actor)
	if err != nil {
		return err
	}
	deps, body := "", []byte(o.Opaque)
	if len(o.Deps) > 0 {
		b, err := json.Marshal(o.Deps)
		if err != nil {
			return err
		}
		deps = string(b)
	}
	if o.Kind == merge.Plain {
		if body, err = packChanges(o.Changes); err != nil {
			return err
		}
	}
	_, err = p.tx.Exec("INSERT INTO op (actor, n, stamp, deps, kind, body, state) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (actor, n) DO NOTHING",
		no, int64(o.N), int64(o.Stamp), deps, o.Kind, body, state) //nolint:gosec // bits of a stamp, and a count
	return err
}

// apply folds a due operation, which is logged, into what stands.
func (p *page) apply(o *merge.Op) error {
	actor, err := p.actor(p.tx, o.Actor)
	if err != nil {
		return err
	}
	p.seen[o.Actor] = o.N
	if _, err := p.tx.Exec("UPDATE actor SET seen = ? WHERE no = ?", int64(o.N), actor); err != nil { //nolint:gosec // a count
		return err
	}
	if o.Kind != merge.Plain {
		return nil
	}
	for i := range o.Changes {
		c := &o.Changes[i]
		was, err := p.standing(c.Key)
		if err != nil {
			return err
		}
		is := merge.Fold(was, o, c)
		if err := p.put(c.Key, was, is, o.Dot, actor); err != nil {
			return err
		}
		p.touched[c.Key] = is
	}
	return nil
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

// receive takes operations of others in, in whatever order they come. Those that
// need others first wait in the log. future: one bears a stamp of a time that is not
// yet, so a clock is wrong.
func (p *page) receive(ops []*merge.Op) (future bool, err error) {
	for _, o := range ops {
		var far bool
		p.clock, far = p.clock.Heard(o.Stamp, p.now())
		future = future || far
		switch o.Turn(p.seen) {
		case merge.Known:
		case merge.Early:
			err = p.log(o, 1)
		case merge.Due:
			if err = p.log(o, 0); err == nil {
				err = p.apply(o)
			}
			if err == nil {
				err = p.awake()
			}
		}
		if err != nil {
			return future, err
		}
	}
	return future, nil
}

// awake applies what waited and need not any more.
func (p *page) awake() error {
	for again := true; again; {
		again = false
		waiting, err := p.read("WHERE state = 1")
		if err != nil {
			return err
		}
		for _, o := range waiting {
			if o.Turn(p.seen) != merge.Due {
				continue
			}
			_, err := p.tx.Exec("UPDATE op SET state = 0 WHERE actor = ? AND n = ?", p.actors[o.Actor], int64(o.N)) //nolint:gosec // a count
			if err == nil {
				err = p.apply(o)
			}
			if err != nil {
				return err
			}
			again = true
		}
	}
	return nil
}

// read returns operations of the log.
func (p *page) read(where string, args ...any) (out []*merge.Op, err error) {
	err = each(p.tx, "SELECT actor, n, stamp, deps, kind, body FROM op "+where+" ORDER BY actor, n", args, func(rows *sql.Rows) error {
		var actor, n, stamp int64
		var deps string
		var body []byte
		o := &merge.Op{Deps: merge.Vector{}}
		if err := rows.Scan(&actor, &n, &stamp, &deps, &o.Kind, &body); err != nil {
			return err
		}
		o.Dot, o.Stamp = merge.Dot{Actor: p.names[actor], N: uint64(n)}, hlc.Stamp(stamp) //nolint:gosec // as they were written
		if deps != "" {
			if err := json.Unmarshal([]byte(deps), &o.Deps); err != nil {
				return errs.New(errs.Internal, "an operation of the log cannot be read: %w", err)
			}
		}
		if o.Kind != merge.Plain {
			o.Opaque = string(body)
		} else if o.Changes, err = unpackChanges(body); err != nil {
			return err
		}
		out = append(out, o)
		return nil
	})
	return out, err
}

// compact takes operations out of the log of which nothing stands any more and that
// all have who are to hear of them, which acknowledged says. What is not understood,
// waits, or stands, stays.
func (p *page) compact(acknowledged merge.Vector) (gone int64, err error) {
	for actor, n := range acknowledged {
		res, err := p.tx.Exec(`DELETE FROM op WHERE actor = ? AND n <= ? AND state = 0 AND kind = ?
			AND NOT EXISTS (SELECT 1 FROM fact WHERE fact.actor = op.actor AND fact.n = op.n)`, p.actors[actor], int64(min(n, p.seen[actor])), merge.Plain) //nolint:gosec // a count
		if err != nil {
			return gone, err
		}
		n, err := res.RowsAffected()
		if gone += n; err != nil {
			return gone, err
		}
	}
	return gone, nil
}

// noRows reports that a row was not there.
func noRows(err error) bool { return errors.Is(err, sql.ErrNoRows) }
