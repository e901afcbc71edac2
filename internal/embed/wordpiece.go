package embed

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// wordPiece splits text into the pieces of a vocabulary as the uncased BERT
// models do: without accents, in lower case, with CJK signs and punctuation on
// their own, and each word as few of the longest pieces as there are.
type wordPiece struct {
	first   map[string]int32 // pieces that begin a word
	rest    map[string]int32 // pieces that go on, without their "##"
	longest int              // bytes of the longest piece
	unknown int32
	cased   bool // neither case nor accents are touched
}

const (
	unknownPiece = "[UNK]"
	startPiece   = "[CLS]"
	endPiece     = "[SEP]"
	maxWordRunes = 100 // a longer word is unknown, as in the models' own tokenizer
)

// newWordPiece takes a vocabulary of one piece a line, whose number is its id.
func newWordPiece(vocab string) (*wordPiece, error) {
	n := strings.Count(vocab, "\n") + 1
	w := &wordPiece{first: make(map[string]int32, n), rest: make(map[string]int32, n/4)}
	id := int32(0)
	for line := range strings.Lines(vocab) {
		piece := strings.TrimRight(line, "\r\n")
		if !utf8.ValidString(piece) {
			return nil, fmt.Errorf("line %d of the vocabulary is not UTF-8", id+1)
		}
		// The last one wins where a piece is listed twice, as in the models' own.
		if tail, goesOn := strings.CutPrefix(piece, "##"); goesOn && tail != "" {
			w.rest[tail] = id
		} else {
			w.first[piece] = id
		}
		w.longest = max(w.longest, len(piece))
		id++
	}
	var known bool
	if w.unknown, known = w.first[unknownPiece]; !known {
		return nil, errors.New("the vocabulary has no " + unknownPiece)
	}
	return w, nil
}

// pieces calls yield with the id of each piece of text, until it returns false.
func (w *wordPiece) pieces(text string, yield func(id int32) bool) {
	words(w.plain(text), func(word string) bool { return w.split(word, yield) })
}

// split yields the pieces of one word; false: yield wants no more.
func (w *wordPiece) split(word string, yield func(id int32) bool) bool {
	if len(word) > maxWordRunes && utf8.RuneCountInString(word) > maxWordRunes {
		return yield(w.unknown)
	}
	var ids [maxWordRunes]int32 // a word that cannot be split is unknown as a whole
	n, from := 0, w.first
	for rest := word; rest != ""; n++ {
		end := min(len(rest), w.longest)
		id, known := from[rest[:end]]
		for !known && end > 1 {
			end--
			id, known = from[rest[:end]] // within a rune nothing is found: pieces are valid UTF-8
		}
		if !known {
			return yield(w.unknown)
		}
		ids[n], rest, from = id, rest[end:], w.rest
	}
	for _, id := range ids[:n] {
		if !yield(id) {
			return false
		}
	}
	return true
}

// plain returns text without control characters, in lower case, without accents,
// with every white space a blank, and with blanks around CJK signs.
func (w *wordPiece) plain(text string) string {
	clean := make([]byte, 0, len(text)+16)
	ascii := true
	for _, r := range text {
		switch {
		case r == 0 || r == utf8.RuneError:
		case r == ' ' || r == '\t' || r == '\n' || r == '\r':
			clean = append(clean, ' ')
		case r < 0x20 || r == 0x7f:
		case r < utf8.RuneSelf:
			if !w.cased && 'A' <= r && r <= 'Z' {
				r += 'a' - 'A'
			}
			clean = append(clean, byte(r))
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs): // what is not assigned yet stays
		case unicode.IsSpace(r) || unicode.Is(unicode.Zs, r):
			clean = append(clean, ' ')
		case isCJK(r):
			ascii = false
			clean = append(utf8.AppendRune(append(clean, ' '), r), ' ')
		default:
			ascii = false
			clean = utf8.AppendRune(clean, r)
		}
	}
	if ascii || w.cased {
		return string(clean)
	}
	apart := norm.NFD.Bytes(clean)
	low := make([]byte, 0, len(apart)+8) // not in place: some small letters are longer than their capitals
	for len(apart) > 0 {
		r, n := utf8.DecodeRune(apart)
		apart = apart[n:]
		if !unicode.Is(unicode.Mn, r) {
			low = utf8.AppendRune(low, unicode.ToLower(r))
		}
	}
	return string(low)
}

// words yields the words and the single signs of punctuation of plain text.
func words(plain string, yield func(word string) bool) {
	start := 0
	for i, r := range plain {
		space, punct := unicode.IsSpace(r), isPunct(r)
		if !space && !punct {
			continue
		}
		if start < i && !yield(plain[start:i]) {
			return
		}
		start = i + utf8.RuneLen(r)
		if punct && !yield(plain[i:start]) {
			return
		}
	}
	if start < len(plain) {
		yield(plain[start:])
	}
}

func isPunct(r rune) bool {
	if r < utf8.RuneSelf {
		return '!' <= r && r <= '/' || ':' <= r && r <= '@' || '[' <= r && r <= '`' || '{' <= r && r <= '~'
	}
	return unicode.IsPunct(r)
}

// isCJK reports whether r is an ideograph that stands for a word of its own.
func isCJK(r rune) bool {
	if r < 0x3400 {
		return false
	}
	return r <= 0x4dbf || 0x4e00 <= r && r <= 0x9fff || 0xf900 <= r && r <= 0xfaff ||
		0x20000 <= r && r <= 0x2a6df || 0x2a700 <= r && r <= 0x2b73f || 0x2b740 <= r && r <= 0x2b81f ||
		0x2b920 <= r && r <= 0x2ceaf || 0x2f800 <= r && r <= 0x2fa1f
}
