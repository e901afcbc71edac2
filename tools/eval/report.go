package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/stardrive/stardrive/internal/embed"
	"github.com/stardrive/stardrive/internal/search"
)

// candidates is how many of the best by words are ranked anew.
const candidates = 100

// method ranks the documents for one question, best first.
type method struct {
	name string
	rank func(words, meaning []float64) []int
}

func methods() []method {
	return []method{
		{"words (bm25)", func(w, _ []float64) []int { return order(w) }},
		{"meaning", func(_, m []float64) []int { return order(m) }},
		{"words, re-ranked by meaning", func(w, m []float64) []int { return rerank(order(w), w, m) }},
		{"words and meaning (fused)", func(w, m []float64) []int { return fuse(order(w), order(m)) }},
	}
}

// order returns the documents with a score, best first.
func order(scores []float64) []int {
	var out []int
	for i, s := range scores {
		if s > 0 {
			out = append(out, i)
		}
	}
	slices.SortStableFunc(out, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	return out
}

// rerank orders the best by words anew, as searches do.
func rerank(best []int, words, meaning []float64) []int {
	n := min(len(best), candidates)
	var a, b []float64
	for _, d := range best[:n] {
		a, b = append(a, words[d]), append(b, meaning[d])
	}
	out := make([]int, 0, len(best))
	for _, i := range search.Fuse(a, b) {
		out = append(out, best[i])
	}
	return append(out, best[n:]...)
}

// fuse is the reciprocal rank fusion of rankings.
func fuse(rankings ...[]int) []int {
	const k = 60
	scores := map[int]float64{}
	for _, r := range rankings {
		for place, d := range r {
			scores[d] += 1 / float64(k+place+1)
		}
	}
	out := make([]int, 0, len(scores))
	for d := range scores {
		out = append(out, d)
	}
	slices.SortFunc(out, func(a, b int) int { return cmp.Or(cmp.Compare(scores[b], scores[a]), cmp.Compare(a, b)) })
	return out
}

// tally sums up how one method did.
type tally struct{ n, found, reciprocal float64 }

func (t *tally) add(rank int) {
	t.n++
	if rank > 0 {
		t.reciprocal += 1 / float64(rank)
		if rank <= 10 {
			t.found++
		}
	}
}

func (t *tally) String() string {
	return fmt.Sprintf("%9.3f %6.3f", t.found/t.n, t.reciprocal/t.n)
}

// report prints the table: of all questions, of those that the model's settings
// were chosen by, and of those written afterwards.
func report(ctx context.Context, docs []document, pairs []pair, m embed.Embedder, show bool) error {
	words := newBM25(docs)
	all := methods()
	sums := make([][3]tally, len(all))
	for _, p := range pairs {
		part := 1
		if p.fresh {
			part = 2
		}
		q, err := m.Embed(ctx, []string{p.query})
		if err != nil {
			return err
		}
		w, near := words.scores(p.query), meaning(docs, q[0])
		var ranks []string
		for j, x := range all {
			r := rank(docs, x.rank(w, near), p.right)
			sums[j][0].add(r)
			sums[j][part].add(r)
			ranks = append(ranks, fmt.Sprintf("%5d", r))
		}
		if show {
			fmt.Println(strings.Join(ranks, " "), p.query)
		}
	}
	fmt.Printf("\n%-30s %16s %19s %19s\n", fmt.Sprintf("%d questions", len(pairs)), "all", "chosen by", "held out")
	fmt.Printf("%-30s %9s %6s    %9s %6s    %9s %6s\n", "", "recall@10", "MRR", "recall@10", "MRR", "recall@10", "MRR")
	for j, x := range all {
		fmt.Printf("%-30s %s    %s    %s\n", x.name, &sums[j][0], &sums[j][1], &sums[j][2])
	}
	return nil
}

// meaning returns how near each document's nearest chunk is to q.
func meaning(docs []document, q []float32) []float64 {
	out := make([]float64, len(docs))
	for i, d := range docs {
		for _, c := range d.chunks {
			var sum float64
			for j := range c {
				sum += float64(c[j]) * float64(q[j])
			}
			out[i] = max(out[i], sum)
		}
	}
	return out
}

// rank is the place of the first right document, from 1; 0: not found.
func rank(docs []document, ranking []int, right []string) int {
	return 1 + slices.IndexFunc(ranking, func(d int) bool { return slices.Contains(right, docs[d].name) })
}
