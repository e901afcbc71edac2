// Package embed turns text into vectors whose angle tells how near two meanings
// are, and keeps such vectors so that the nearest ones are found quickly. There
// are three ways to make them: a small model built into the program, a sentence
// transformer from a folder of the user's, and an endpoint on the network that
// the user named. It knows texts, vectors and numbers of owners; not files,
// catalogues or searches.
package embed

import (
	"context"
	"math"
)

// Embedder makes vectors of texts.
type Embedder interface {
	// Dim is the length of every vector.
	Dim() int
	// Name tells the model and its version, in at most MaxName bytes. Vectors of
	// embedders with different names must never be compared.
	Name() string
	// Embed returns a vector of unit length for each text, in their order. A
	// text without a word the model knows has a vector of zeros, which is like
	// nothing. Invalid UTF-8 is passed over. Errors: errs.Cancelled;
	// errs.Unavailable, errs.Denied and errs.Invalid of an endpoint. It may be
	// called by many at once.
	Embed(ctx context.Context, texts []string) ([][]float32, error)
}

// MaxName bounds the name of an embedder, in bytes.
const MaxName = 255

// maxDim bounds the length of vectors.
const maxDim = 4096

// normalize makes v of unit length in place; zeros, and what is not finite or
// too small to tell its direction, become zeros.
func normalize(v []float32) {
	var sum float64
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	if math.IsInf(sum, 0) || math.IsNaN(sum) || sum < 1e-30 {
		clear(v)
		return
	}
	f := 1 / math.Sqrt(sum)
	for i, x := range v {
		v[i] = float32(float64(x) * f)
	}
}

// finite reports whether every number of v is one.
func finite(v []float32) bool {
	for _, x := range v {
		if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
			return false
		}
	}
	return true
}
