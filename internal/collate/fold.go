// Package collate compares names as people do: whatever their case, their accents
// and the form of their letters, and numbers by their value. It is pure, and
// knows nothing of files.
package collate

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"
)

// Fold makes names comparable as people compare them: without case, accents,
// the width of East Asian letters, and the choice between composed and
// decomposed letters, in all scripts. Bytes that are not UTF-8 become U+FFFD, as
// names are shown: what people see and copy, they find.
func Fold(name string) string {
	if lower, ok := foldASCII(name); ok {
		return lower
	}
	name = strings.ToValidUTF8(name, "\uFFFD")
	return strings.Map(plain, norm.NFD.String(cases.Fold().String(width.Fold.String(name))))
}

func foldASCII(s string) (string, bool) {
	upper := false
	for i := range len(s) {
		c := s[i]
		if c >= utf8.RuneSelf {
			return "", false
		}
		upper = upper || 'A' <= c && c <= 'Z'
	}
	if upper {
		s = strings.ToLower(s)
	}
	return s, true
}

// plain drops accents and the selectors of emoji styles, and takes the strokes
// off letters that have no decomposition.
func plain(r rune) rune {
	switch r {
	case 'ı':
		return 'i'
	case 'ł':
		return 'l'
	case 'ø':
		return 'o'
	case 'đ':
		return 'd'
	case 'ħ':
		return 'h'
	}
	switch {
	case unicode.Is(unicode.Cherokee, r): // whose cases package cases swaps
		return unicode.ToUpper(r)
	case unicode.Is(unicode.Mn, r) && (isAccent(r) || unicode.Is(unicode.Variation_Selector, r) || r == joiner):
		return -1
	}
	return r
}

// joiner is what package norm puts between more than thirty marks in a row.
const joiner = '\u034f'

// isAccent tells marks that a word can be read without from vowel signs, which
// are letters in all but name: it goes by their combining classes, those of
// Hebrew and Arabic points (10 to 36) and of marks above, below or through any
// letter (200 to 240).
func isAccent(mark rune) bool {
	class := norm.NFD.PropertiesString(string(mark)).CCC()
	return 10 <= class && class <= 36 || 200 <= class && class <= 240
}
