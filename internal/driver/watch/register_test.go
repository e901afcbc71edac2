package watch

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/stardrive/stardrive/internal/ident"
)

// TestRegister holds the register against the plainest model: a list of who is
// watched where.
func TestRegister(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		type pair struct {
			at spot
			id ident.EntryID
		}
		sources := []*source{newSource(), newSource(), newSource()}
		r := register{}
		var model []pair
		take := func(fn func(pair) bool) (out []pair) {
			kept := model[:0:0]
			for _, p := range model {
				if fn(p) {
					out = append(out, p)
				} else {
					kept = append(kept, p)
				}
			}
			model = kept
			return out
		}
		anID := rapid.Custom(func(t *rapid.T) ident.EntryID { return ident.EntryID(rapid.IntRange(1, 6).Draw(t, "id")) })
		aSpot := rapid.Custom(func(t *rapid.T) spot {
			return spot{rapid.SampledFrom(sources).Draw(t, "source"), place(rapid.IntRange(0, 4).Draw(t, "place"))}
		})
		rt.Repeat(map[string]func(*rapid.T){
			"put": func(rt *rapid.T) {
				s, id := aSpot.Draw(rt, "at"), anID.Draw(rt, "id")
				mine := take(func(p pair) bool { return p.id == id })
				other := take(func(p pair) bool { return p.at == s })
				model = append(model, pair{s, id})
				added, was, old := r.put(s, id)
				var wantWas ident.EntryID
				var wantOld spot
				if len(other) == 1 {
					wantWas = other[0].id
				}
				if len(mine) == 1 && mine[0].at != s {
					wantOld = mine[0].at
				}
				if added != (len(mine) == 0) || was != wantWas || old != wantOld {
					rt.Fatalf("put: %v %v %v, want %v %v", added, was, old, wantWas, wantOld)
				}
			},
			"gone": func(rt *rapid.T) {
				s := aSpot.Draw(rt, "at")
				want := take(func(p pair) bool { return p.at == s })
				if id, had := r.gone(s); had != (len(want) == 1) || had && id != want[0].id {
					rt.Fatalf("gone: %v %v, want %v", id, had, want)
				}
			},
			"remove": func(rt *rapid.T) {
				id := anID.Draw(rt, "id")
				want := take(func(p pair) bool { return p.id == id })
				if s, had := r.remove(id); had != (len(want) == 1) || had && s != want[0].at {
					rt.Fatalf("remove: %v %v, want %v", s, had, want)
				}
			},
			"end": func(rt *rapid.T) {
				s := rapid.SampledFrom(sources).Draw(rt, "source")
				if got, want := r.end(s), take(func(p pair) bool { return p.at.source == s }); len(got) != len(want) {
					rt.Fatalf("end: %v, want %v", got, want)
				}
			},
			"": func(rt *rapid.T) {
				if len(r) != len(model) {
					rt.Fatalf("%d registered, want %v", len(r), model)
				}
				for _, p := range model {
					if r[p.id] != p.at || p.at.source.ids[p.at.place] != p.id {
						rt.Fatalf("%v is not registered", p)
					}
				}
			},
		})
	})
}
