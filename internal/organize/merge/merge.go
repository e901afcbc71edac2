// Package merge is how what users add comes together that was written in several
// places: operations, and what stands when all of them are applied. It is pure: no
// clock, no chance, no order of maps and no disk. Who applies the same operations,
// in whatever order and however often, has the same facts in the end.
//
// There is one rule. A fact is a value that an operation put under a key. An
// operation that changes a key takes away the facts there that its writer had seen,
// and no others; one that puts adds its own. So what is written later, knowing of
// the earlier, always wins, whatever any clock says, and of what was written at the
// same time all stays. What people see of several facts under one key is the
// reader's choice:
//
//   - of a value of which there is one (a name, a colour), the fact with the highest
//     stamp: see [Winner];
//   - of a member of a set, whether there is one: so a member that is added while
//     another removes it stays, and one that is removed by who had seen all of it is
//     gone for good;
//   - of a note, all of them: nobody's words are lost;
//   - of parents, those that make no circle: see [Acyclic].
//
// The package does not know what targets, fields and values mean.
package merge

import (
	"cmp"
	"maps"
	"slices"

	"github.com/stardrive/stardrive/internal/hlc"
)

// Dot names an operation: the n-th of an actor, from 1 without gaps.
type Dot struct {
	Actor string
	N     uint64
}

// Vector tells of each actor up to which of its operations something is known.
type Vector map[string]uint64

// Has reports whether the operation is known.
func (v Vector) Has(d Dot) bool { return d.N <= v[d.Actor] }

// Within reports whether w knows all that v does.
func (v Vector) Within(w Vector) bool {
	for actor, n := range v {
		if n > w[actor] {
			return false
		}
	}
	return true
}

// Add has v know all that w does, too.
func (v Vector) Add(w Vector) {
	for actor, n := range w {
		v[actor] = max(v[actor], n)
	}
}

// Key is where facts stand: a target (a tag, a file), a field of it (its name, its
// tags) and, where the field is a set, the member.
type Key struct{ Target, Field, Member string }

// Change is one step of an operation.
type Change struct {
	Key
	Value string
	Drop  bool // nothing takes the place of what its writer had seen
}

// Plain is the one kind of operations that is understood: its changes are applied.
// Those of other kinds, which a later version may write, are kept and passed on as
// they are.
const Plain = "change"

// Op is an operation: some changes that one actor made at once, with all of what it
// knew of others then. It never changes.
type Op struct {
	Dot
	Stamp   hlc.Stamp
	Deps    Vector // what the writer had seen of others; of itself, all before
	Kind    string
	Changes []Change // of a Plain one, no key twice
	Opaque  string   // of any other kind: what it is, as it came
}

// Saw reports whether the writer of o had seen what d did when it wrote.
func (o *Op) Saw(d Dot) bool {
	if d.Actor == o.Actor {
		return d.N < o.N
	}
	return o.Deps.Has(d)
}

// Fact is a value that stands.
type Fact struct {
	Dot
	Stamp hlc.Stamp
	Value string
}

// Turn tells whether an operation can be applied.
type Turn int

// What an operation can be to somebody who knows some others.
const (
	Due   Turn = iota // it is the next
	Known             // it was applied before
	Early             // others must come first
)

// Turn tells what o is to somebody who knows seen.
func (o *Op) Turn(seen Vector) Turn {
	switch n := seen[o.Actor]; {
	case o.N <= n:
		return Known
	case o.N > n+1:
		return Early
	}
	for actor, n := range o.Deps {
		if actor != o.Actor && n > seen[actor] {
			return Early
		}
	}
	return Due
}

// Fold applies a change of o to the facts that stand under its key, and returns
// those that stand then, in their order. o must be due.
func Fold(facts []Fact, o *Op, c *Change) []Fact {
	left := make([]Fact, 0, len(facts)+1)
	for _, f := range facts {
		if !o.Saw(f.Dot) {
			left = append(left, f)
		}
	}
	if !c.Drop {
		left = append(left, Fact{o.Dot, o.Stamp, c.Value})
	}
	slices.SortFunc(left, Fact.Compare)
	return left
}

// Winner is the fact that is shown where one is: of facts of the same time that with
// the highest stamp. ok is false when there is none.
func Winner(facts []Fact) (f Fact, ok bool) {
	if len(facts) == 0 {
		return f, false
	}
	return slices.MaxFunc(facts, Fact.Compare), true
}

// Compare orders facts by stamp, and by who wrote them.
func (f Fact) Compare(g Fact) int {
	return cmp.Or(cmp.Compare(f.Stamp, g.Stamp), cmp.Compare(f.Actor, g.Actor), cmp.Compare(f.N, g.N))
}

// State is all that somebody knows: what stands, and which operations it is made
// of. It is the snapshot that needs no older operations. Use New.
type State struct {
	Seen   Vector
	Facts  map[Key][]Fact
	Early  map[Dot]*Op // came before others that they need
	Opaque map[Dot]*Op // applied, and not understood
}

// New is the state of somebody who knows nothing.
func New() *State {
	return &State{Vector{}, map[Key][]Fact{}, map[Dot]*Op{}, map[Dot]*Op{}}
}

// Step takes an operation in, and returns those that were applied, in their order:
// none where it was known or must wait, or also such as had waited for it.
func (s *State) Step(o *Op) (applied []*Op) {
	switch o.Turn(s.Seen) {
	case Known:
		return nil
	case Early:
		s.Early[o.Dot] = o
		return nil
	}
	for o != nil {
		s.apply(o)
		applied = append(applied, o)
		o = s.due()
	}
	return applied
}

func (s *State) apply(o *Op) {
	delete(s.Early, o.Dot)
	s.Seen[o.Actor] = o.N
	if o.Kind != Plain {
		s.Opaque[o.Dot] = o
		return
	}
	for i := range o.Changes {
		c := &o.Changes[i]
		if facts := Fold(s.Facts[c.Key], o, c); len(facts) > 0 {
			s.Facts[c.Key] = facts
		} else {
			delete(s.Facts, c.Key)
		}
	}
}

// due returns an operation that waited and need not any more, or nil.
func (s *State) due() *Op {
	var first *Op
	for d, o := range s.Early {
		switch o.Turn(s.Seen) {
		case Known:
			delete(s.Early, d)
		case Due:
			if first == nil || cmp.Or(cmp.Compare(d.Actor, first.Actor), cmp.Compare(d.N, first.N)) < 0 {
				first = o
			}
		case Early:
		}
	}
	return first
}

// Join takes in all that another state knows, without its operations. A fact that
// only one of them has stands if the other never knew of it; if it did, somebody took
// it away.
func (s *State) Join(o *State) {
	for k := range s.Facts {
		if left := join(s.Facts[k], o.Facts[k], s.Seen, o.Seen); len(left) > 0 {
			s.Facts[k] = left
		} else {
			delete(s.Facts, k)
		}
	}
	for k, theirs := range o.Facts {
		if _, both := s.Facts[k]; !both {
			if left := join(nil, theirs, s.Seen, o.Seen); len(left) > 0 {
				s.Facts[k] = left
			}
		}
	}
	maps.Copy(s.Opaque, o.Opaque)
	s.Seen.Add(o.Seen)
	waiting := slices.Concat(slices.Collect(maps.Values(s.Early)), slices.Collect(maps.Values(o.Early)))
	s.Early = map[Dot]*Op{}
	for _, op := range waiting {
		s.Step(op)
	}
}

func join(ours, theirs []Fact, seen, theirSeen Vector) (left []Fact) {
	for _, f := range ours {
		if slices.Contains(theirs, f) || !theirSeen.Has(f.Dot) {
			left = append(left, f)
		}
	}
	for _, f := range theirs {
		if !slices.Contains(ours, f) && !seen.Has(f.Dot) {
			left = append(left, f)
		}
	}
	slices.SortFunc(left, Fact.Compare)
	return left
}
