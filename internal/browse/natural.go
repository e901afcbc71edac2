package browse

import "strings"

// natural compares names as people order them: without case, and numbers by
// their value, so that "file2" comes before "file10". Names that differ only in
// case or leading zeros are ordered by their bytes.
func natural(a, b string) int {
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		x, y := a[i], b[j]
		if isDigit(x) && isDigit(y) {
			n, m := digits(a[i:]), digits(b[j:])
			if c := number(a[i:i+n], b[j:j+m]); c != 0 {
				return c
			}
			i, j = i+n, j+m
			continue
		}
		if x, y = lower(x), lower(y); x != y {
			if x < y {
				return -1
			}
			return 1
		}
		i, j = i+1, j+1
	}
	switch {
	case len(a)-i < len(b)-j:
		return -1
	case len(a)-i > len(b)-j:
		return 1
	}
	return strings.Compare(a, b)
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

func digits(s string) int {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}

// number compares two runs of digits by value, of any length.
func number(a, b string) int {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}
