package search

import (
	"math/bits"
	"slices"
)

// set holds numbers that are given out one after the other, such as the ids of
// entries or contents: a bit each, in pages that are there where one is set. The
// zero value is empty. One goroutine changes it, or any number look.
type set struct {
	pages []*[setPage / 64]uint64
	count int
}

const (
	setPage = 1 << 15
	// maxSet bounds what a set can hold, and so the length of pages; no counter of
	// rows comes anywhere near.
	maxSet = setPage << 22
)

// add takes a number in; one that no row can have is passed over.
func (s *set) add(n int64) {
	if n < 0 || n >= maxSet {
		return
	}
	p := int(n / setPage)
	if p >= len(s.pages) {
		s.pages = slices.Grow(s.pages, p+1-len(s.pages))[:p+1]
	}
	if s.pages[p] == nil {
		s.pages[p] = new([setPage / 64]uint64)
	}
	word, bit := &s.pages[p][n%setPage/64], uint64(1)<<(n%64)
	if *word&bit == 0 {
		*word |= bit
		s.count++
	}
}

func (s *set) has(n int64) bool {
	p := int(uint64(n) / setPage) //nolint:gosec // a negative number becomes one beyond all pages
	return p < len(s.pages) && s.pages[p] != nil && s.pages[p][n%setPage/64]>>(n%64)&1 != 0
}

// each calls fn with all numbers in their order, until it returns false.
func (s *set) each(fn func(n int64) bool) {
	for i, page := range s.pages {
		if page == nil {
			continue
		}
		for j, word := range page {
			for ; word != 0; word &= word - 1 {
				if !fn(int64(i)*setPage + int64(j*64+bits.TrailingZeros64(word))) {
					return
				}
			}
		}
	}
}

// or takes in all that o has; o is not to be used any more.
func (s *set) or(o *set) {
	if len(s.pages) < len(o.pages) {
		s.pages, o.pages = o.pages, s.pages
		s.count, o.count = o.count, s.count
	}
	for i, page := range o.pages {
		switch {
		case page == nil:
		case s.pages[i] == nil:
			s.pages[i] = page
			s.count += onesOf(page)
		default:
			before := onesOf(s.pages[i])
			for j, word := range page {
				s.pages[i][j] |= word
			}
			s.count += onesOf(s.pages[i]) - before
		}
	}
}

func onesOf(page *[setPage / 64]uint64) (n int) {
	for _, w := range page {
		n += bits.OnesCount64(w)
	}
	return n
}
