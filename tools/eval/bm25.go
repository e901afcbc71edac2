package main

import (
	"math"
	"strings"
	"unicode"
)

// bm25 ranks documents by the words they share with a question, as SQLite's FTS5
// does: k1 = 1.2, b = 0.75, any of the words, no stemming.
type bm25 struct {
	postings map[string][]posting
	lengths  []float64
	average  float64
}

type posting struct {
	doc   int
	times float64
}

func newBM25(docs []document) *bm25 {
	x := &bm25{postings: map[string][]posting{}, lengths: make([]float64, len(docs))}
	for i, d := range docs {
		times := map[string]int{}
		for _, w := range d.words {
			times[w]++
		}
		for w, n := range times {
			x.postings[w] = append(x.postings[w], posting{i, float64(n)})
		}
		x.lengths[i] = float64(len(d.words))
		x.average += x.lengths[i] / float64(len(docs))
	}
	return x
}

// scores returns the score of every document; 0: it shares no word.
func (x *bm25) scores(query string) []float64 {
	const k1, b = 1.2, 0.75
	out := make([]float64, len(x.lengths))
	for _, w := range terms(query) {
		list := x.postings[w]
		n, in := float64(len(x.lengths)), float64(len(list))
		idf := max(math.Log((n-in+0.5)/(in+0.5)), 1e-6)
		for _, p := range list {
			out[p.doc] += idf * p.times * (k1 + 1) / (p.times + k1*(1-b+b*x.lengths[p.doc]/x.average))
		}
	}
	return out
}

// terms are the words of text in lower case.
func terms(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}
