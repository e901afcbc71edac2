package search

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// isGlob reports whether text has wildcards: * or ?. Brackets alone, as in
// "photo [1].jpg", are none.
func isGlob(text string) bool { return strings.ContainsAny(text, "*?") }

// newGlob fits whole names by a pattern: * is any text, ? one letter, [a-c] or
// [!a-c] one of some letters or none of them. A bracket without its end, or with
// nothing in it, stands for itself.
func newGlob(text string, real bool) *pattern {
	glob := []byte(text)
	n := &pattern{real: real, match: func(name []byte) bool { return globMatch(glob, name) }}
	if !real {
		for _, piece := range globPieces(glob) {
			planes, _ := planesOf(piece)
			n.planes = append(n.planes, planes...)
		}
	}
	return n
}

// globPieces returns the texts that every name holds that fits.
func globPieces(glob []byte) (pieces [][]byte) {
	start := 0
	for i := 0; i < len(glob); {
		skip := 0
		switch glob[i] {
		case '*', '?':
			skip = 1
		case '[':
			_, skip = bracket(glob[i:], 0)
		}
		if skip == 0 {
			i++
			continue
		}
		pieces = append(pieces, glob[start:i])
		i += skip
		start = i
	}
	return append(pieces, glob[start:])
}

// globMatch reports whether the pattern fits the whole name. It goes back to the
// last star alone, which is enough, and takes no more than len(glob)*len(name)
// steps.
func globMatch(glob, name []byte) bool {
	g, n := 0, 0
	star, from := -1, 0 // the last star, and where what follows it was tried
	for n < len(name) {
		if g < len(glob) && glob[g] == '*' {
			star, from = g, n
			g++
			continue
		}
		if step, skip := globStep(glob[g:], name[n:]); step > 0 {
			g, n = g+skip, n+step
			continue
		}
		if star < 0 {
			return false
		}
		_, size := utf8.DecodeRune(name[from:])
		from += size
		if next := glob[star+1:]; len(next) > 0 && !isSpecial(next[0]) {
			i := bytes.IndexByte(name[from:], next[0])
			if i < 0 {
				return false
			}
			from += i
		}
		g, n = star+1, from
	}
	return len(bytes.Trim(glob[g:], "*")) == 0
}

func isSpecial(c byte) bool { return c == '*' || c == '?' || c == '[' }

// globStep matches one element of the pattern: step bytes of the name by skip
// bytes of the pattern; 0 if it does not fit.
func globStep(glob, name []byte) (step, skip int) {
	if len(glob) == 0 {
		return 0, 0
	}
	switch glob[0] {
	case '?':
		return letter(name), 1
	case '[':
		r, size := utf8.DecodeRune(name)
		if fits, skip := bracket(glob, r); skip > 0 {
			if !fits {
				return 0, 0
			}
			return size, skip
		}
	}
	if glob[0] == name[0] {
		return 1, 1
	}
	return 0, 0
}

// letter is the length of the first letter of a name with all that belongs to
// it: marks, and the vowel and end of a Korean syllable, which folding parts.
func letter(name []byte) int {
	first, size := utf8.DecodeRune(name)
	for size < len(name) && name[size] >= utf8.RuneSelf {
		r, n := utf8.DecodeRune(name[size:])
		jamo := 0x1100 <= first && first <= 0x11ff && 0x1160 <= r && r <= 0x11ff
		if !jamo && !unicode.Is(unicode.M, r) {
			break
		}
		size += n
	}
	return size
}

// bracket reports whether r is among the letters that glob begins with in
// brackets, and how long these are; 0 if there are none.
func bracket(glob []byte, r rune) (fits bool, length int) {
	rest := glob[1:]
	rest, none := bytes.CutPrefix(rest, []byte("!"))
	end := bytes.IndexByte(rest, ']')
	if end <= 0 {
		return false, 0
	}
	set := rest[:end]
	for len(set) > 0 {
		lo, size := utf8.DecodeRune(set)
		set = set[size:]
		hi := lo
		if len(set) > 1 && set[0] == '-' {
			hi, size = utf8.DecodeRune(set[1:])
			set = set[1+size:]
		}
		fits = fits || lo <= r && r <= hi
	}
	return fits != none, len(glob) - len(rest) + end + 1
}
