package embed

import (
	"math"
	"math/bits"
)

// turned returns v turned in space, in a way that looks random and is always the
// same: the numbers of the result have each something of all of v's. Which way is
// part of the format of index files.
func turned(v []float32) []float32 {
	out := append([]float32(nil), v...)
	half := 1 << (bits.Len(uint(len(v))) - 1) // the largest power of two that fits
	state := uint64(0x9e3779b97f4a7c15)
	for range 2 {
		for i := range out {
			state ^= state << 13 // xorshift
			state ^= state >> 7
			state ^= state << 17
			if state>>63 != 0 {
				out[i] = -out[i]
			}
		}
		hadamard(out[:half])
		if half < len(out) {
			hadamard(out[len(out)-half:])
		}
	}
	return out
}

// hadamard multiplies v, of which there is a power of two, by a Hadamard matrix of
// length one, which mixes all of its numbers and keeps its length.
func hadamard(v []float32) {
	for step := 1; step < len(v); step *= 2 {
		for from := 0; from < len(v); from += 2 * step {
			a, b := v[from:from+step], v[from+step:from+2*step]
			for i, x := range a {
				a[i], b[i] = x+b[i], x-b[i]
			}
		}
	}
	length := float32(1 / math.Sqrt(float64(len(v))))
	for i := range v {
		v[i] *= length
	}
}
