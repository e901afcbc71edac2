package embed

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// MaxChunks is the most pieces that Chunks returns.
	MaxChunks  = 9
	headWords  = 40 // of the text that the first piece begins with
	chunkWords = 120
	chunkBytes = 2000 // a table of numbers has few words and many bytes
)

// Chunks cuts what is known of a document into pieces small enough to have one
// meaning each: first its title with the words of its path and the first words of
// its text, which often say what it is about, then the beginning of its text in
// pieces of about 120 words, MaxChunks in all. Pieces end with a sentence or a
// line where one ends near. It looks at no more of text than it needs, and returns
// nothing for nothing.
func Chunks(title string, path []string, text string) []string {
	var out []string
	head := append([]string{title}, path...)
	if head = append(head, firstWords(text)...); strings.TrimSpace(strings.Join(head, "")) != "" {
		out = append(out, strings.TrimSpace(strings.Join(head, " ")))
	}
	for most := MaxChunks - 1; most > 0; most-- {
		text = strings.TrimLeftFunc(text, unicode.IsSpace)
		if text == "" {
			break
		}
		n := chunkEnd(text)
		out = append(out, strings.TrimSpace(text[:n]))
		text = text[n:]
	}
	return out
}

// firstWords returns the first headWords words of text.
func firstWords(text string) []string {
	var out []string
	for word := range strings.FieldsSeq(text[:min(len(text), chunkBytes)]) {
		if out = append(out, word); len(out) == headWords {
			break
		}
	}
	return out
}

// chunkEnd returns where the first chunk of text ends: after chunkWords words or
// chunkBytes bytes, or where a sentence or line ended in the last third before.
func chunkEnd(text string) int {
	words, good, inWord := 0, 0, false
	for i, r := range text {
		space := unicode.IsSpace(r)
		if space && inWord && words >= chunkWords*2/3 && (r == '\n' || strings.IndexByte(".!?", text[i-1]) >= 0) {
			good = i
		}
		if space && words == chunkWords || i >= chunkBytes-utf8.UTFMax {
			if good > 0 {
				return good
			}
			return i
		}
		if !space && !inWord {
			words++
		}
		inWord = !space
	}
	return len(text)
}
