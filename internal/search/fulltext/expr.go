package fulltext

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Expr is what is asked of a text: a Phrase, or And, Or, Not of others.
type Expr interface {
	// match appends the expression in the language of FTS5; false: it asks for
	// nothing, as a phrase of commas does. tells is nil, or it is an expression for
	// scores, which phrases make slow: of their words, wherever they stand, as far as
	// these tell something, and whatever must not be there.
	match(b *strings.Builder, tells func(piece string) bool) bool
	// phrases appends those that a hit may hold.
	phrases(to []phrase) []phrase
}

// And asks for all of its parts. Those that are Not leave out; one at least must
// be something else.
type And []Expr

// Or asks for one of its parts. None of them may be Not.
type Or []Expr

// Not leaves out what holds its part; it stands in And alone.
type Not struct{ Expr }

// Phrase asks for words that stand side by side.
type Phrase struct {
	Text string
	// Open: the last word may go on.
	Open bool
}

// phrase is a Phrase, cut up.
type phrase struct {
	pieces []string
	open   bool
}

// maxPieces bounds the words of a phrase; what is beyond is not asked for.
const maxPieces = 60

// minOpen is how many letters a word must have to go on.
const minOpen = 4

func (p Phrase) cut() (c phrase) {
	type piece struct {
		text string
		tail bool
	}
	var all []piece
	cut(p.Text, func(from, to int, tail bool) bool {
		if text := fold(p.Text[from:to]); text != "" {
			all = append(all, piece{text, tail})
		}
		return len(all) < maxPieces
	})
	for i, q := range all {
		last := i == len(all)-1
		if q.tail && last {
			if i == 0 || all[i-1].tail { // a letter alone begins a pair, or ends a run
				c.open = true
			} else { // what is looked for may go on
				break
			}
		}
		c.pieces = append(c.pieces, q.text)
	}
	if n := len(c.pieces); n > 0 && p.Open && !all[len(all)-1].tail && utf8.RuneCountInString(c.pieces[n-1]) >= minOpen {
		c.open = true
	}
	return c
}

func (p Phrase) match(b *strings.Builder, tells func(piece string) bool) bool {
	c := p.cut()
	if len(c.pieces) == 0 {
		return false
	}
	if tells != nil {
		return c.score(b, tells)
	}
	c.write(b, strings.Join(c.pieces, " "), c.open)
	return true
}

// write appends words that stand side by side, which hold letters and digits alone.
func (phrase) write(b *strings.Builder, words string, open bool) {
	text := `"` + words + `"`
	if open {
		text = "(" + text + " OR " + text + " *)" // the whole word counts for more
	}
	b.WriteString(text)
}

func (p phrase) score(b *strings.Builder, tells func(piece string) bool) bool {
	var parts []string
	for i, piece := range p.pieces {
		if open := p.open && i == len(p.pieces)-1; open || tells(piece) {
			var one strings.Builder
			p.write(&one, piece, open)
			parts = append(parts, one.String())
		}
	}
	if len(parts) == 0 {
		return false
	}
	b.WriteString("(" + strings.Join(parts, " AND ") + ")")
	return true
}

func (p Phrase) phrases(to []phrase) []phrase {
	if c := p.cut(); len(c.pieces) > 0 {
		return append(to, c)
	}
	return to
}

func (a And) match(b *strings.Builder, tells func(string) bool) bool {
	var with, without []Expr
	for _, e := range a {
		if n, ok := e.(Not); ok {
			without = append(without, n.Expr)
		} else {
			with = append(with, e)
		}
	}
	var in, out strings.Builder
	if !list(&in, with, " AND ", tells) {
		return false
	}
	if tells == nil && list(&out, without, " OR ", nil) {
		b.WriteString("(" + in.String() + " NOT " + out.String() + ")")
	} else {
		b.WriteString(in.String())
	}
	return true
}

func (a And) phrases(to []phrase) []phrase {
	for _, e := range a {
		to = e.phrases(to)
	}
	return to
}

func (o Or) match(b *strings.Builder, tells func(string) bool) bool { return list(b, o, " OR ", tells) }

func (o Or) phrases(to []phrase) []phrase {
	for _, e := range o {
		to = e.phrases(to)
	}
	return to
}

// distinct drops phrases that stand there before.
func distinct(ps []phrase) (out []phrase) {
	for _, p := range ps {
		if !slices.ContainsFunc(out, func(q phrase) bool { return q.open == p.open && slices.Equal(q.pieces, p.pieces) }) {
			out = append(out, p)
		}
	}
	return out
}

func (n Not) match(*strings.Builder, func(string) bool) bool { return false }

func (n Not) phrases(to []phrase) []phrase { return to }

// list writes those of some expressions that ask for something.
func list(b *strings.Builder, some []Expr, between string, tells func(string) bool) bool {
	var parts []string
	for _, e := range some {
		var one strings.Builder
		if e.match(&one, tells) {
			parts = append(parts, one.String())
		}
	}
	switch len(parts) {
	case 0:
		return false
	case 1:
		b.WriteString(parts[0])
	default:
		b.WriteString("(" + strings.Join(parts, between) + ")")
	}
	return true
}
