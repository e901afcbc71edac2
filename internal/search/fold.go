package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// fold makes names comparable as people compare them: without case, accents
// and the choice between composed and decomposed letters, in all scripts.
// Bytes that are not UTF-8 stay as they are, so that they still match themselves.
func fold(name string) string {
	if lower, ok := foldASCII(name); ok {
		return lower
	}
	var b strings.Builder
	b.Grow(len(name))
	for len(name) > 0 {
		bad := strings.IndexFunc(name, func(r rune) bool { return r == utf8.RuneError })
		if bad < 0 {
			bad = len(name)
		}
		b.WriteString(foldText(name[:bad]))
		name = name[bad:]
		if len(name) > 0 {
			_, size := utf8.DecodeRuneInString(name)
			b.WriteString(name[:size])
			name = name[size:]
		}
	}
	return b.String()
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

func foldText(s string) string {
	s = norm.NFD.String(cases.Fold().String(s))
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, s)
}
