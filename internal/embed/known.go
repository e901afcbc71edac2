package embed

import (
	"context"
	"strings"
	"unicode/utf8"
)

const (
	// minKnown is the share of a question's letters that must stand in words that the
	// built-in model knows: of nonsense and of most languages it knows but shards of
	// words, whose vectors point anywhere.
	minKnown = 0.55
	// ownPiece is how many letters a piece must have, that is a word by itself, to say
	// something in another word; shorter ones are in words of all languages.
	ownPiece = 4
	// endings are pieces that make of an English word another form, and no other word.
	endings = " s es ed d ing er ers est ly al ally able ible ical ful less ness ment ments ity ies ize ized izing ise ised ising ation ations ion ions ive y ist ists ism or ors ish "
)

// ask returns the meaning of what somebody searches for; nil: most of its words are
// not known.
func (s *static) ask(ctx context.Context, text string) ([]float32, error) {
	known, all := 0, 0
	words(s.plain(text), func(word string) bool {
		n := utf8.RuneCountInString(word)
		if r, _ := utf8.DecodeRuneInString(word); n == 1 && isPunct(r) {
			return true
		}
		if all += n; s.knows(word) {
			known += n
		}
		return true
	})
	if known == 0 || float64(known) < minKnown*float64(all) {
		return nil, ctx.Err()
	}
	return askAsText(ctx, s, text)
}

// knows reports whether a word is in the vocabulary, or made of one that is and of
// what makes other forms of English words: not only of shards.
func (s *static) knows(word string) bool {
	n, known := 0, true
	s.split(word, func(id int32) bool {
		n++
		known = known && id != s.unknown
		return known
	})
	if !known || n < 2 {
		return known
	}
	rest := word
	for i := range n {
		size := s.pieceLength(rest, i == 0)
		piece := rest[:size]
		rest = rest[size:]
		_, alone := s.first[piece]
		switch letters := utf8.RuneCountInString(piece); {
		case i == 0 && letters > 2 && alone:
		case i == 0 && letters == 2 && alone && n == 2 && utf8.RuneCountInString(rest) >= ownPiece: // en-code, re-name
		case i > 0 && (strings.Contains(endings, " "+piece+" ") || alone && letters >= ownPiece):
		default:
			return false
		}
	}
	return true
}

// pieceLength is the length of the piece that a word, or the rest of one, begins
// with, which split has found to have one.
func (s *static) pieceLength(rest string, first bool) int {
	from := s.rest
	if first {
		from = s.first
	}
	for end := min(len(rest), s.longest); end > 1; end-- {
		if _, known := from[rest[:end]]; known {
			return end
		}
	}
	return 1
}

// Cut tells what is about the same from what is about something else.
type Cut struct {
	Nearest float32 // how near the nearest must be for any to count
	Each    float32 // how near each must be
	Share   float32 // and that as a share of how near the nearest is
}

// CutOf returns how near texts must be to what somebody searches for. For the
// built-in model it is chosen by questions about what a corpus holds and about what
// it does not (tools/eval).
func CutOf(e Embedder) Cut {
	if _, ok := e.(*static); ok {
		return Cut{Nearest: 0.45, Each: 0.40, Share: 0.80}
	}
	return Cut{Nearest: 0.40, Each: 0.40, Share: 0.70}
}
