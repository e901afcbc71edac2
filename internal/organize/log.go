package organize

import (
	"database/sql"
	"encoding/json"
	"maps"
	"slices"
	"strconv"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/hlc"
	"github.com/stardrive/stardrive/internal/organize/merge"
)

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
