package search

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// fewHits is below how many hits names are looked for that are almost meant.
	fewHits = 5
	// A word of this many letters may have one slip, or two.
	oneSlip, twoSlips = 4, 10
	maxSlips          = 2
	// maxFuzzy is the length of the longest word with slips, in letters.
	maxFuzzy = 40
)

// slips is how many slips of the finger a word may have: none if it has few letters
// in one piece, as a.txt has, or holds signs that are no part of words. What joins
// words, such as a dot or a hyphen, can be a slip as letters can; digits never are:
// each of them counts.
func slips(folded string) int {
	n, run, longest, all := 0, 0, 0, 0
	for _, r := range folded {
		switch {
		case unicode.IsLetter(r):
			n, run = n+1, run+1
			longest = max(longest, run)
		case !unicode.IsDigit(r) && !strings.ContainsRune(".-_'’+&,", r):
			return 0
		default:
			run = 0
		}
		all++
	}
	switch {
	case longest < oneSlip || all > maxFuzzy:
		return 0
	case n < twoSlips:
		return 1
	}
	return 2
}

// fuzzy fits names that hold a text, or a word that begins as the text but for some
// slips: a letter that is wrong, missing or too much, or two that changed places.
// A digit is none of these.
type fuzzy struct {
	folded []byte
	text   []rune
	traces []trace
	slips  int
	prices []int8 // of the letters of text
}

func newFuzzy(folded string) *fuzzy {
	n := &fuzzy{folded: []byte(folded), text: []rune(folded), slips: slips(folded)}
	for _, r := range n.text {
		n.prices = append(n.prices, price(r))
	}
	n.traces = tracesOf(n.text)
	return n
}

func (n *fuzzy) keep(w *worker, rows bitmap) {
	s := w.seg
	w.keep(rows, func(row int) bool {
		name := s.name(row)
		return n.match(name) || bytes.Contains(name, n.folded)
	})
}

func (n *fuzzy) match(name []byte) bool {
	within := false // a word
	for i := 0; i < len(name); {
		r, size, letter := rune(name[i]), 1, letterPlane(name[i]) >= 0
		if name[i] >= utf8.RuneSelf {
			r, size = utf8.DecodeRune(name[i:])
			letter = unicode.IsLetter(r) || unicode.IsDigit(r)
		}
		if (letter && !within || !letter && r == n.text[0]) && n.mayBegin(name[i:]) && n.begins(name[i:]) {
			return true
		}
		within = letter
		i += size
	}
	return false
}

// mayBegin reports whether one of the first letters of the text is among those of
// a word, of each one more than slips could have changed: mostly it is not. It
// looks at plain bytes alone, and is not sure of others.
func (n *fuzzy) mayBegin(word []byte) bool {
	for _, b := range word[:min(len(word), n.slips+1)] {
		if b >= utf8.RuneSelf {
			return true
		}
		for _, a := range n.text[:n.slips+1] {
			if a == rune(b) {
				return true
			}
		}
	}
	return false
}

// far is a distance that no slips make.
const far = 50

// price is that of a slip that has to do with a letter.
func price(r rune) int8 {
	if r <= '9' && '0' <= r || r >= utf8.RuneSelf && unicode.IsDigit(r) {
		return far
	}
	return 1
}

// begins reports whether name begins with the text but for slips: the least
// distance of optimal string alignment to any beginning, row by row of the usual
// table, as far from its diagonal as slips can lead.
func (n *fuzzy) begins(name []byte) bool {
	var word [maxFuzzy + 2]rune
	var prices [maxFuzzy + 2]int8
	length := 0
	for ; length < len(n.text)+n.slips && len(name) > 0; length++ {
		r, size := rune(name[0]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRune(name)
		}
		word[length], prices[length], name = r, price(r), name[size:]
	}
	var rows [3][maxFuzzy + 4]int8
	for j := range min(length, n.slips+2) { // what is further away is not looked at
		rows[0][j+1] = min(far, rows[0][j]+prices[j])
	}
	for i, a := range n.text {
		own := n.prices[i]
		above2, above, row := &rows[(i+2)%3], &rows[i%3], &rows[(i+1)%3]
		least := int8(far)
		from, to := max(0, i+1-n.slips), min(length, i+1+n.slips)
		row[max(0, from-1)], row[to+1] = far, far // beside what is looked at
		for j := from; j <= to; j++ {
			if j == 0 {
				row[0] = min(far, above[0]+own)
				least = min(least, row[0])
				continue
			}
			b, theirs := word[j-1], prices[j-1]
			d := above[j-1]
			if a != b {
				d += max(own, theirs)
			}
			d = min(d, above[j]+own, row[j-1]+theirs)
			if i > 0 && j > 1 && a == word[j-2] && n.text[i-1] == b {
				d = min(d, above2[j-2]+max(own, theirs))
			}
			row[j] = min(far, d)
			least = min(least, d)
		}
		if int(least) > n.slips {
			return false
		}
	}
	last := &rows[len(n.text)%3]
	for j := max(0, len(n.text)-n.slips); j <= length; j++ {
		if int(last[j]) <= n.slips {
			return true
		}
	}
	return false
}
