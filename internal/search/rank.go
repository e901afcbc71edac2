package search

import (
	"bytes"
	"math"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stardrive/stardrive/internal/filekind"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Match tells how well a name fits.
type Match uint8

// From the weakest to the strongest.
const (
	Fuzzy     Match = iota // but for a letter or two
	Filter                 // the query asks for no words
	Inside                 // somewhere in a word
	WordStart              // at the start of a word
	Prefix                 // at the start of the name
	Exact                  // the whole name, or all but its extension
)

var matchNames = []string{"fuzzy", "filter", "inside", "word", "prefix", "exact"}

// String is the wire name.
func (m Match) String() string { return matchNames[m] }

// begins tells how well a name fits that begins with the query: [Exact] or
// [Prefix]; [Inside] if it does not.
func (q *query) begins(name []byte) Match {
	if len(name) == 0 || name[0] != q.whole[0] { // most do not
		return Inside
	}
	if len(name) == 0 || name[0] != q.whole[0] { // most do not
		return Inside
	}
	rest, ok := bytes.CutPrefix(name, q.whole)
	switch {
	case !ok:
		return Inside
	case len(rest) == 0 || rest[0] == '.' && bytes.IndexByte(rest[1:], '.') < 0:
		return Exact
	}
	return Prefix
}

// inWords tells how well a name fits that holds all words, and does not begin
// with the query: [WordStart] if all of them stand at the start of one.
func (q *query) inWords(name []byte) Match {
	for _, w := range q.words {
		if !startsWord(name, w) {
			return Inside
		}
	}
	return WordStart
}

func startsWord(name, word []byte) bool {
	for from := 0; ; {
		i := bytes.Index(name[from:], word)
		if i < 0 {
			return false
		}
		if i += from; isWordStart(name, i) {
			return true
		}
		from = i + 1
	}
}

// isWordStart reports whether no letter or digit stands before name[i:].
func isWordStart(name []byte, i int) bool {
	if i == 0 {
		return true
	}
	if c := name[i-1]; c < utf8.RuneSelf {
		return letterPlane(c) < 0 // the name is folded: there are no capitals
	}
	r, _ := utf8.DecodeLastRune(name[:i])
	return !unicode.IsLetter(r) && !unicode.IsDigit(r)
}

// How much hits that fit alike are apart: together less than 1, which is a step
// of match.
const (
	worthRecent  = 0.40
	worthShort   = 0.30
	worthKind    = 0.15
	worthShallow = 0.14
)

// worth orders hits that fit alike: recent changes, short names and what people
// make come first. What stands high in the tree is worth up to worthShallow more.
func (q *query) worth(length int, modified int64, kind float64) float64 {
	const month = float64(30 * 24 * time.Hour)
	recent := 1 / (1 + max(0, float64(q.now-modified))/month)
	short := 1 / (1 + float64(length)/20)
	return worthRecent*recent + worthShort*short + worthKind*kind
}

// shallow is what a place in the tree is worth, for the number of folders above.
func shallow(depth uint64) float64 { return worthShallow / (1 + float64(depth)/4) }

// kindWorth tells what people look for from what programs keep.
func kindWorth(kind vfs.Kind, c filekind.Kind, hidden bool) float64 {
	switch {
	case hidden:
		return 0
	case kind == vfs.Folder:
		return 1
	case c == filekind.Other:
		return 0.25
	case c == filekind.Code || c == filekind.Text || c == filekind.Config:
		return 0.5
	}
	return 0.75
}

// score orders hits: by match, then by worth, which weighs less than any step of
// match. It is rounded to what clients see.
func score(m Match, worth float64) float64 {
	return math.Round((float64(m)+worth)*1e6) / 1e6
}
