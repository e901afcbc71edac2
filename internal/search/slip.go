package search

import (
	"unicode/utf8"
)

// trace is what one letter of a text with slips leaves in the bitmaps of a name
// that holds the text.
type trace struct {
	own  []int // bitmaps of the letter itself
	next int   // that of the pair it makes with the letter before
	back int   // that of the pair they make after they changed places
	firm bool  // it is a digit, which no slip changes
}

// tracesOf returns those of all letters; the first has no pair.
func tracesOf(text []rune) []trace {
	traces := make([]trace, len(text))
	before := ""
	for i, r := range text {
		now, t := string(r), &traces[i]
		t.own, _ = planesOf([]byte(now))
		t.firm = price(r) == far
		if i > 0 {
			t.next = pairPlane(before[len(before)-1], now[0])
			t.back = pairPlane(now[utf8.RuneLen(r)-1], before[0])
		}
		before = now
	}
	return traces
}

// slipping is, of 64 rows, which may hold a text up to some letter with so many
// slips or less: behind a letter that stands there as it should, whose pair with the
// next one the bitmaps know, or behind a slip, where they know nothing.
type slipping struct{ sound, slipped [maxSlips + 1]uint64 }

func (s *slipping) any(slips int) uint64 { return s.sound[slips] | s.slipped[slips] }

// slip goes from letter to letter: what is left after the last one may hold the
// text. A slip costs the pairs around it, and at most one letter, so of the bitmaps
// of a word most must fit still.
func (s *segment) slip(traces []trace, slips, word int, rows uint64) uint64 {
	plane := func(p int) uint64 { return s.planes[p*s.stride+word] }
	var at, before slipping // up to this letter, and up to the one before
	for n := range slips + 1 {
		at.slipped[n] = rows
	}
	last := uint64(0) // rows with the letter before
	for i := range traces {
		t, own, pair := &traces[i], rows, rows
		for _, p := range t.own {
			own &= plane(p)
		}
		turned := uint64(0)
		if i > 0 {
			if pair = plane(t.next); !t.firm && !traces[i-1].firm {
				turned = plane(t.back) & own & last
			}
		}
		var to slipping
		for n := range slips + 1 {
			to.sound[n] = own & (at.sound[n]&pair | at.slipped[n])
			if n == 0 {
				continue
			}
			to.slipped[n] = to.any(n - 1) // one too much behind it
			if !t.firm {
				to.slipped[n] |= at.any(n - 1) // it is missing, or wrong
			}
			if i > 0 {
				to.slipped[n] |= before.any(n-1) & turned
			}
		}
		if to.any(slips) == 0 {
			return 0
		}
		before, at, last = at, to, own
	}
	return at.any(slips)
}

// narrow keeps the rows that may hold the text with its slips, 64 a step.
func (n *fuzzy) narrow(w *worker, rows bitmap) {
	for i, some := range rows {
		if some != 0 {
			rows[i] = w.seg.slip(n.traces, n.slips, i, some)
		}
	}
}
