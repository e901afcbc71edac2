package cli

import (
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// columns is the number of terminal cells text takes: two for wide East Asian
// runes and emoji, none for marks that sit on the rune before them.
func columns(text string) int {
	n := 0
	for _, r := range text {
		n += cells(r)
	}
	return n
}

func cells(r rune) int {
	switch {
	case r < 0x20 || r == 0x7f:
		return 0
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case r >= 0x1f300 && r <= 0x1faff:
		return 2
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// clip shortens text to at most max cells, ending in "…" when it was longer.
func clip(text string, max int) string {
	if columns(text) <= max {
		return text
	}
	n := 0
	for i, r := range text {
		if n+cells(r) > max-1 {
			return text[:i] + "…"
		}
		n += cells(r)
	}
	return text
}

// pad fills text with blanks to n cells, on the left if right-aligned.
func pad(text string, n int, right bool) string {
	fill := strings.Repeat(" ", max(0, n-columns(text)))
	if right {
		return fill + text
	}
	return text + fill
}
