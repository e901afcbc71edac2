package search

import "math/bits"

// bitmap holds one bit a row.
type bitmap []uint64

// wordsFor is how many words n bits take.
func wordsFor(n int) int { return (n + 63) / 64 }

func (b bitmap) has(i int) bool { return b[i>>6]>>(i&63)&1 != 0 }
func (b bitmap) set(i int)      { b[i>>6] |= 1 << (i & 63) }
func (b bitmap) clear(i int)    { b[i>>6] &^= 1 << (i & 63) }

func (b bitmap) and(o bitmap) {
	o = o[:len(b)]
	for i := range b {
		b[i] &= o[i]
	}
}

func (b bitmap) or(o bitmap) {
	o = o[:len(b)]
	for i := range b {
		b[i] |= o[i]
	}
}

func (b bitmap) empty() bool {
	for _, w := range b {
		if w != 0 {
			return false
		}
	}
	return true
}

func (b bitmap) andNot(o bitmap) {
	o = o[:len(b)]
	for i := range b {
		b[i] &^= o[i]
	}
}

func (b bitmap) count() (n int) {
	for _, w := range b {
		n += bits.OnesCount64(w)
	}
	return n
}

// each calls fn with every bit that is set, in order.
func (b bitmap) each(fn func(i int)) {
	for i, w := range b {
		for ; w != 0; w &= w - 1 {
			fn(i<<6 | bits.TrailingZeros64(w))
		}
	}
}

// keep clears the bits that fn does not want.
func (b bitmap) keep(fn func(i int) bool) {
	for i, w := range b {
		for rest := w; rest != 0; rest &= rest - 1 {
			if !fn(i<<6 | bits.TrailingZeros64(rest)) {
				w &^= rest & -rest
			}
		}
		b[i] = w
	}
}
