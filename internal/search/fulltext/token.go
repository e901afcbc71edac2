package fulltext

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/stardrive/stardrive/internal/collate"
)

// maxToken bounds what is kept of a word, in bytes: longer ones are no words but
// numbers and keys, and are found by their beginning.
const maxToken = 64

// cut calls yield with each piece of text that can be found, in order, until that
// returns false: words, which are runs of letters and digits with their marks;
// and in scripts that put no blanks between words each pair of neighbouring
// letters, and at the end of such a run, as the tail, its last letter alone.
func cut(text string, yield func(from, to int, tail bool) bool) {
	for i := 0; i < len(text); {
		if c := text[i]; c < utf8.RuneSelf {
			if !isPlain(c) {
				i++
				continue
			}
			from := i
			for i < len(text) && text[i] < utf8.RuneSelf && isPlain(text[i]) {
				i++
			}
			if i == len(text) || text[i] < utf8.RuneSelf {
				if !yield(from, i, false) {
					return
				}
				continue
			}
			i = from // it goes on in another script
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case isJoined(r):
			end, more := cutRun(text, i, yield)
			if !more {
				return
			}
			i = end
		case isLetter(r):
			end := wordEnd(text, i)
			if !yield(i, end, false) {
				return
			}
			i = end
		default:
			i += size
		}
	}
}

func isPlain(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

func isLetter(r rune) bool { return unicode.In(r, unicode.L, unicode.N, unicode.M) }

// joined are the scripts whose words stand together without a blank, or whose
// blanks tell little of where one ends.
var joined = []*unicode.RangeTable{
	unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar,
}

func isJoined(r rune) bool {
	return r >= 0x0e00 && (unicode.In(r, joined...) || r == 'ー') && isLetter(r)
}

// wordEnd is where the word at from ends.
func wordEnd(text string, from int) int {
	for i, r := range text[from:] {
		if !isLetter(r) || isJoined(r) {
			return from + i
		}
	}
	return len(text)
}

// cutRun cuts a run of letters that are joined, and returns where it ends.
func cutRun(text string, from int, yield func(from, to int, tail bool) bool) (end int, more bool) {
	before := -1
	at := from
	for at < len(text) {
		r, size := utf8.DecodeRuneInString(text[at:])
		if !isJoined(r) {
			break
		}
		if before >= 0 && !yield(before, at+size, false) {
			return at, false
		}
		before = at
		at += size
	}
	return at, yield(before, at, true)
}

// fold returns the form in which a piece of text is looked for; "": it cannot be
// found.
func fold(piece string) string {
	folded := collate.Fold(piece)
	if len(folded) > maxToken {
		n := maxToken
		for !utf8.RuneStart(folded[n]) {
			n--
		}
		folded = folded[:n]
	}
	return folded
}

// prepared is text as the index is given it: pieces with blanks between them.
// Every byte of a piece is one that SQLite's tokenizer for ASCII takes for a part
// of a word, so that it cuts just at the blanks.
func prepared(text string) string {
	var b strings.Builder
	b.Grow(len(text) + len(text)/8)
	cut(text, func(from, to int, _ bool) bool {
		if piece := fold(text[from:to]); piece != "" {
			b.WriteString(piece)
			b.WriteByte(' ')
		}
		return true
	})
	return b.String()
}
