package rules

import "strings"

// byteSet is a set of bytes.
type byteSet [4]uint64

func (s *byteSet) has(b byte) bool { return s[b>>6]&(1<<(b&63)) != 0 }
func (s *byteSet) add(b byte)      { s[b>>6] |= 1 << (b & 63) }

// parseSet reads the set that s begins with, "[" included, and tells its
// length. The set is nil if it is broken.
func parseSet(s string) (*byteSet, int) {
	set, i, inverted := &byteSet{}, 1, false
	if i < len(s) && (s[i] == '!' || s[i] == '^') {
		i, inverted = i+1, true
	}
	var last byte // the member before, where a range may begin; 0: none
	for first := true; ; first = false {
		switch {
		case i >= len(s):
			return nil, 0
		case s[i] == ']' && !first:
			set.close(inverted)
			return set, i + 1
		}
		n := set.member(s[i:], &last)
		if n == 0 {
			return nil, 0
		}
		i += n
	}
}

// member reads the next member of a set and tells its length, 0 if it is
// broken: a byte, an escaped byte, the rest of a range, or a named class.
func (s *byteSet) member(text string, last *byte) int {
	from := *last
	switch {
	case text[0] == '\\':
		if len(text) < 2 {
			return 0
		}
		s.add(text[1])
		*last = text[1]
		return 2
	case text[0] == '-' && from != 0 && len(text) > 1 && text[1] != ']':
		end := 1
		if text[1] == '\\' {
			end = 2
		}
		if end == len(text) {
			return 0
		}
		for b := int(from); b <= int(text[end]); b++ {
			s.add(byte(b))
		}
		*last = 0
		return end + 1
	case strings.HasPrefix(text, "[:"):
		end := strings.IndexByte(text, ']')
		if end < 0 {
			return 0
		}
		if name, closed := strings.CutSuffix(text[2:end], ":"); closed {
			*last = 0
			if !s.addClass(name) {
				return 0
			}
			return end + 1
		}
	}
	s.add(text[0])
	*last = text[0]
	return 1
}

// close ends the set. No set holds a slash.
func (s *byteSet) close(inverted bool) {
	if inverted {
		for i := range s {
			s[i] = ^s[i]
		}
	}
	s['/'>>6] &^= 1 << ('/' & 63)
}

// addClass adds a class of ASCII by its POSIX name. Spaces are what git takes
// for them, which leaves out \v and \f.
func (s *byteSet) addClass(name string) bool {
	in, ok := classes(name)
	for b := 0; ok && b < 128; b++ {
		if in(byte(b)) {
			s.add(byte(b))
		}
	}
	return ok
}

func classes(name string) (in func(byte) bool, ok bool) {
	between := func(lo, hi byte) func(byte) bool { return func(b byte) bool { return lo <= b && b <= hi } }
	upper, lower, digit := between('A', 'Z'), between('a', 'z'), between('0', '9')
	alpha := func(b byte) bool { return upper(b) || lower(b) }
	alnum := func(b byte) bool { return alpha(b) || digit(b) }
	graph := between('!', '~')
	switch name {
	case "alnum":
		in = alnum
	case "alpha":
		in = alpha
	case "blank":
		in = func(b byte) bool { return b == ' ' || b == '\t' }
	case "cntrl":
		in = func(b byte) bool { return b < ' ' || b == 0x7f }
	case "digit":
		in = digit
	case "graph":
		in = graph
	case "lower":
		in = lower
	case "print":
		in = between(' ', '~')
	case "punct":
		in = func(b byte) bool { return graph(b) && !alnum(b) }
	case "space":
		in = func(b byte) bool { return b == ' ' || b == '\t' || b == '\n' || b == '\r' }
	case "upper":
		in = upper
	case "xdigit":
		in = func(b byte) bool { return digit(b) || 'a' <= b|0x20 && b|0x20 <= 'f' }
	}
	return in, in != nil
}
