package rules

import "strings"

// A glob is the part of a pattern behind its literal beginning, ready to match.
// It works on bytes, as git does: "?" is one byte, and a set holds bytes.
type glob []token

type token struct {
	op  op
	b   byte     // of opByte
	set *byteSet // of opSet
}

type op uint8

const (
	opByte op = iota
	opAny     // "?": any byte but '/'
	opSet     // "[...]", which never holds '/'
	opStar    // "*": any bytes but '/'
	opDeep    // "**" at the end: any bytes
	opDirs    // "**/": nothing, or any bytes up to a '/'
)

// parseGlob reads s, which follows the literal beginning of a pattern. In a
// path pattern "**" between slashes crosses folders; elsewhere it is "*". Not
// ok: the glob is broken (a set without end, a lone backslash) and matches
// nothing.
func parseGlob(s string, path bool) (g glob, ok bool) {
	for i := 0; i < len(s); {
		t, n := token{op: opByte, b: s[i]}, 1
		switch s[i] {
		case '\\':
			if i+1 == len(s) {
				return nil, false
			}
			t.b, n = s[i+1], 2
		case '?':
			t.op = opAny
		case '*':
			t.op, n = parseStars(s, i, path)
		case '[':
			if t.set, n = parseSet(s[i:]); t.set == nil {
				return nil, false
			}
			t.op = opSet
		}
		g, i = append(g, t), i+n
	}
	return g, true
}

// parseStars reads the run of stars at s[i] and tells its length.
func parseStars(s string, i int, path bool) (op, int) {
	rest := strings.TrimLeft(s[i:], "*")
	n := len(s) - i - len(rest)
	begins := i == 0 || s[i-1] == '/'
	switch {
	case !path || n == 1 || !begins:
		return opStar, n
	case strings.HasPrefix(rest, "/"):
		return opDirs, n + 1
	case rest == "" || strings.HasPrefix(rest, `\/`):
		return opDeep, n
	}
	return opStar, n
}

// least is the number of bytes the shortest match has.
func (g glob) least() int { return len(g) - g.stars() }

// stars is the number of tokens that may stand for more or fewer bytes.
func (g glob) stars() int {
	n := 0
	for _, t := range g {
		if t.op > opSet {
			n++
		}
	}
	return n
}

// one reports whether the single-byte token t stands for b.
func (t *token) one(b byte) bool {
	switch t.op {
	case opByte:
		return b == t.b
	case opAny:
		return b != '/'
	case opSet:
		return t.set.has(b)
	}
	return false
}

// match reports whether g stands for the whole of s. Of the tokens that may
// stand for more or less, only the last star of a path component and the last
// "**" are tried again: what an earlier one could take, a later one can take as
// well. So the time is bounded by len(g) * len(s) for each component of s.
func (g glob) match(s string) bool {
	p, i := 0, 0
	star, starAt := -1, 0 // the token behind the last star, and where it began
	deep, deepAt := -1, 0 // the same of "**"
	for {
		if p == len(g) {
			if i == len(s) {
				return true
			}
		} else if t := &g[p]; t.op == opStar {
			p++
			star, starAt = p, i
			continue
		} else if t.op > opStar {
			p++
			deep, deepAt, star = p, i, -1
			continue
		} else if i < len(s) && t.one(s[i]) {
			if s[i] == '/' {
				star = -1 // the component is done with
			}
			p, i = p+1, i+1
			continue
		}
		switch {
		case star >= 0 && starAt < len(s) && s[starAt] != '/':
			starAt++
			p, i = star, starAt
		case deep >= 0 && further(g[deep-1].op, s, &deepAt):
			p, i, star = deep, deepAt, -1
		default:
			return false
		}
	}
}

// further lets a "**" that ends at *at end at the next place it may end.
func further(o op, s string, at *int) bool {
	step := 1
	if o == opDirs {
		step = strings.IndexByte(s[*at:], '/') + 1
	}
	if step == 0 || *at == len(s) {
		return false
	}
	*at += step
	return true
}
