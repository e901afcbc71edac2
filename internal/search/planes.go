package search

import "slices"

// A segment keeps bitmaps of what its names hold, a bit a row, so that a pass
// over a million names looks at few of them: one bitmap for each letter and
// digit, which is exact, and one for each of 64 sets of pairs of neighbouring
// bytes. A name that holds a word has its bit in all bitmaps of the word. Each
// bitmap stands for itself: a query reads only those it needs, 64 rows a step.
const (
	letterPlanes = 26 + 10
	pairPlanes   = 64
	listedPlane  = letterPlanes + pairPlanes // rows that may be found
	numPlanes    = listedPlane + 1
)

// letterPlane returns the bitmap of a letter or digit, -1 for other bytes.
func letterPlane(c byte) int {
	switch {
	case 'a' <= c && c <= 'z':
		return int(c - 'a')
	case '0' <= c && c <= '9':
		return 26 + int(c-'0')
	}
	return -1
}

func pairPlane(a, b byte) int {
	pair := uint32(a)<<8 | uint32(b)
	return letterPlanes + int(pair*0x9E3779B1>>26) // the top six bits of a hash
}

// note marks what the folded name of a row holds.
func (g *growing) note(row int, name string) {
	word, bit := row>>6, uint64(1)<<(row&63)
	for i := range len(name) {
		if p := letterPlane(name[i]); p >= 0 {
			g.planes[p*g.stride+word] |= bit
		}
		if i > 0 {
			g.planes[pairPlane(name[i-1], name[i])*g.stride+word] |= bit
		}
	}
}

// planesOf returns the bitmaps in which every name is that holds text, which is
// folded, and whether no other name is.
func planesOf(text []byte) (planes []int, exact bool) {
	for i, c := range text {
		if p := letterPlane(c); p >= 0 {
			planes = append(planes, p)
		}
		if i > 0 {
			planes = append(planes, pairPlane(text[i-1], c))
		}
	}
	slices.Sort(planes)
	planes = slices.Compact(planes)
	return planes, len(text) == 1 && len(planes) == 1
}

// narrow drops rows whose names cannot hold what the planes stand for.
func (s *segment) narrow(planes []int, rows bitmap) {
	for _, p := range planes {
		rows.and(s.plane(p)[:len(rows)])
	}
}
