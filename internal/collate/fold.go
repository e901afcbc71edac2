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
// the width of East Asian letters, signs that nobody sees, such as soft hyphens,
// and the choice between composed and decomposed letters, in all scripts. Letters
// and digits in another guise, such as those in circles, are what they stand for.
// Bytes that are not UTF-8 become U+FFFD, as names are shown: what people see and
// copy, they find.
func Fold(name string) string {
	if lower, ok := foldASCII(name); ok {
		return lower
	}
	name = unguised(strings.ToValidUTF8(name, "\uFFFD"))
	return strings.Map(plain, norm.NFD.String(unguised(cases.Fold().String(name))))
}

// unguised drops what nobody sees, and writes letters and digits in another guise as
// what they stand for (the compatibility forms of Unicode), but for those that would
// become signs that mean something else, or blanks with an accent.
func unguised(s string) string {
	if norm.NFKD.IsNormalString(s) && !strings.ContainsFunc(s, unseen) {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		switch {
		case r < utf8.RuneSelf:
			b.WriteByte(byte(r))
		case unseen(r):
		default:
			kept := width.Fold.String(s[i : i+utf8.RuneLen(r)])
			if d := norm.NFKD.PropertiesString(kept).Decomposition(); d != nil && harmless(r, string(d)) {
				kept = string(d)
			}
			b.WriteString(kept)
		}
	}
	return b.String()
}

// unseen are the signs without a shape: soft hyphens, blanks without width, what
// joins and parts letters, what turns the direction of writing, byte order marks.
func unseen(r rune) bool {
	switch {
	case r < 0xad:
		return false
	case r == 0xad, r == 0x61c, r == 0x180e, r == 0xfeff:
		return true
	}
	return 0x200b <= r && r <= 0x200f || 0x202a <= r && r <= 0x202e || 0x2060 <= r && r <= 0x206f
}

// harmless reports whether a sign may be written as what it stands for.
func harmless(r rune, as string) bool {
	if unicode.Is(unicode.Zs, r) || unicode.IsPunct(r) {
		return as[0] != ' ' || len(as) == 1
	}
	return !strings.ContainsFunc(as, func(r rune) bool { return !unicode.In(r, unicode.L, unicode.N, unicode.M) })
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
