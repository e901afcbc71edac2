package collate

import "strings"

// Natural compares folded names as people order them: numbers by their value, so
// that "file2" comes before "file10", all else by its bytes. It is 0 for names
// that differ in leading zeros only.
func Natural(a, b string) int {
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
		if x != y {
			return int(x) - int(y)
		}
		i, j = i+1, j+1
	}
	return (len(a) - i) - (len(b) - j) // one of them is at its end
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// digits counts the digits that s begins with.
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
