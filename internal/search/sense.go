package search

import (
	"fmt"
	"strings"

	"github.com/stardrive/stardrive/internal/search/fulltext"
)

// part is a piece of a query: what it asks of entries by their names, and what
// of texts. A nil one asks for nothing.
type part struct {
	fits  node
	sense *sense
	texts bool // it is of texts, and no name fits by itself
}

// sense is what a part of a query asks of texts: one of words, a filter of the
// entries that have the text, or all or any of other senses, or none of one.
type sense struct {
	words  *fulltext.Phrase
	filter node
	all    []*sense
	any    []*sense
	none   *sense
}

func filterBy(n node) part { return part{fits: n, sense: &sense{filter: n}} }

func (p part) negated() part {
	p.texts = false
	if p.fits != nil {
		p.fits = not{node: p.fits}
	}
	if p.sense != nil {
		p.sense = &sense{none: p.sense}
	}
	return p
}

// both fits what fits all parts, either what fits one of them.
func both(parts []part) (all part) {
	var nodes and
	var senses []*sense
	for _, p := range parts {
		all.texts = all.texts || p.texts
		if p.fits != nil {
			nodes = append(nodes, p.fits)
		}
		if p.sense != nil {
			senses = append(senses, p.sense)
		}
	}
	if len(nodes) > 0 {
		all.fits = nodes
	}
	if len(senses) > 0 {
		all.sense = &sense{all: senses}
	}
	return all
}

func either(parts []part) (any part) {
	if len(parts) == 1 {
		return parts[0]
	}
	var nodes or
	var senses []*sense
	any.texts = len(parts) > 0
	for _, p := range parts {
		any.texts = any.texts && p.texts
		if p.fits != nil {
			nodes = append(nodes, p.fits)
		}
		if p.sense != nil {
			senses = append(senses, p.sense)
		}
	}
	if len(nodes) > 0 {
		any.fits = nodes
	}
	if len(senses) > 0 {
		any.sense = &sense{any: senses}
	}
	return any
}

// question is what texts are asked: words, and filters of their entries.
type question struct {
	words   fulltext.Or
	filters node
}

// way is one way in which a query can be met: with words and without, and with
// filters, each with a minus where it must not fit.
type way struct {
	with, without []fulltext.Phrase
	filters       []filterUse
}

type filterUse struct {
	of    *sense
	minus bool
}

// maxWays bounds in how many ways a query of texts can be met.
const maxWays = 32

// questions returns what texts are asked, by the filters they share; false: there
// are too many ways to meet the query. A way that asks for no word asks no text.
func (s *sense) questions() (qs []question, ok bool) {
	if s == nil {
		return nil, true
	}
	ways := s.ways(false)
	if len(ways) > maxWays {
		return nil, false
	}
	at := map[string]int{}
	for _, w := range ways {
		if len(w.with) == 0 {
			continue
		}
		var e fulltext.And
		for _, p := range w.with {
			e = append(e, p)
		}
		for _, p := range w.without {
			e = append(e, fulltext.Not{Expr: p})
		}
		var key strings.Builder
		filters := and{all{}}
		for _, f := range w.filters {
			fmt.Fprintf(&key, "%p %v ", f.of, f.minus)
			if n := f.of.filter; f.minus {
				filters = append(filters, not{node: n})
			} else {
				filters = append(filters, n)
			}
		}
		i, known := at[key.String()]
		if !known {
			i = len(qs)
			at[key.String()] = i
			qs = append(qs, question{filters: filters})
		}
		qs[i].words = append(qs[i].words, e)
	}
	return qs, true
}

// ways are those in which s is met, or with minus is not; more than maxWays stand
// for too many.
func (s *sense) ways(minus bool) []way {
	switch {
	case s.words != nil && minus:
		return []way{{without: []fulltext.Phrase{*s.words}}}
	case s.words != nil:
		return []way{{with: []fulltext.Phrase{*s.words}}}
	case s.filter != nil:
		return []way{{filters: []filterUse{{s, minus}}}}
	case s.none != nil:
		return s.none.ways(!minus)
	}
	parts, every := s.all, !minus
	if s.any != nil {
		parts, every = s.any, minus
	}
	if !every {
		var out []way
		for _, p := range parts {
			if out = append(out, p.ways(minus)...); len(out) > maxWays {
				break
			}
		}
		return out
	}
	out := []way{{}}
	for _, p := range parts {
		var next []way
		for _, a := range out {
			for _, b := range p.ways(minus) {
				next = append(next, way{
					with: append(a.with[:len(a.with):len(a.with)], b.with...), without: append(a.without[:len(a.without):len(a.without)], b.without...),
					filters: append(a.filters[:len(a.filters):len(a.filters)], b.filters...),
				})
			}
		}
		if out = next; len(out) > maxWays {
			break
		}
	}
	return out
}

// filters are those that entries must fit, in one way at least, whatever the words
// are, and the words that a text must not hold.
func (s *sense) filters() (fits node, without fulltext.Or) {
	if s == nil {
		return all{}, nil
	}
	var some or
	ways := s.ways(false)
	for _, w := range ways {
		fits := and{all{}}
		for _, f := range w.filters {
			if f.minus {
				fits = append(fits, not{node: f.of.filter})
			} else {
				fits = append(fits, f.of.filter)
			}
		}
		if some = append(some, fits); len(ways) == 1 {
			for _, p := range w.without {
				without = append(without, p)
			}
		}
	}
	return some, without
}

// oneWay reports whether all filters hold for all words.
func (s *sense) oneWay() bool { return len(s.ways(false)) == 1 }
