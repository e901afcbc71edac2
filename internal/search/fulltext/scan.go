package fulltext

import (
	"strings"
	"unicode/utf8"
)

// place is where in a text a phrase stands.
type place struct{ from, to, phrase int }

// seeker finds where phrases stand in texts, as the index has it.
type seeker struct {
	phrases []phrase
	at      map[string][]spot // by whole pieces
	open    []spot            // of pieces that may go on
	starts  [64]int           // of the last pieces of the text, in a ring
	states  []uint64          // by phrase: bit i says that its pieces up to i were the last ones
	next    []uint64
	buf     [maxToken]byte
}

// spot is a piece of a phrase.
type spot struct {
	phrase, piece int
	text          string
}

func newSeeker(ps []phrase) *seeker {
	s := &seeker{phrases: ps, at: map[string][]spot{}, states: make([]uint64, len(ps)), next: make([]uint64, len(ps))}
	for i, p := range ps {
		for j, text := range p.pieces {
			sp := spot{i, j, text}
			if p.open && j == len(p.pieces)-1 {
				s.open = append(s.open, sp)
			} else {
				s.at[text] = append(s.at[text], sp)
			}
		}
	}
	return s
}

// seek calls found with all places, in the order of their ends, until that returns
// false. It returns how many bytes it has looked at.
func (s *seeker) seek(text string, found func(place) bool) (looked int) {
	clear(s.states)
	n := 0
	looked = len(text)
	cut(text, func(from, to int, _ bool) bool {
		spots, ok := s.spots(text[from:to])
		if !ok {
			return true // it was not given to the index
		}
		s.starts[n%len(s.starts)] = from
		clear(s.next)
		hit := false
		note := func(sp spot) {
			if sp.piece == 0 || s.states[sp.phrase]>>(sp.piece-1)&1 != 0 {
				s.next[sp.phrase] |= 1 << sp.piece
				hit = hit || sp.piece == len(s.phrases[sp.phrase].pieces)-1
			}
		}
		for _, sp := range spots {
			note(sp)
		}
		if len(s.open) > 0 {
			piece := fold(text[from:to])
			for _, sp := range s.open {
				if strings.HasPrefix(piece, sp.text) {
					note(sp)
				}
			}
		}
		s.states, s.next = s.next, s.states
		n++
		if !hit {
			return true
		}
		for i, p := range s.phrases {
			if last := len(p.pieces) - 1; s.states[i]>>last&1 != 0 {
				if !found(place{s.starts[(n-1-last)%len(s.starts)], to, i}) {
					looked = to
					return false
				}
			}
		}
		return true
	})
	return looked
}

// spots are the pieces of phrases that a piece of text is; false: it is none that
// the index was given.
func (s *seeker) spots(piece string) ([]spot, bool) {
	if len(piece) > maxToken {
		folded := fold(piece)
		return s.at[folded], folded != ""
	}
	for i := range len(piece) {
		c := piece[i]
		if c >= utf8.RuneSelf {
			folded := fold(piece)
			return s.at[folded], folded != ""
		}
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		s.buf[i] = c
	}
	return s.at[string(s.buf[:len(piece)])], true
}
