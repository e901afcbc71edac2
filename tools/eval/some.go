package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/stardrive/stardrive/internal/embed"
	"github.com/stardrive/stardrive/internal/search/fulltext"
)

// reportQuestions asks whole questions as searches do: for pages that hold all words,
// and where these are few, for such as hold some of them.
func reportQuestions(ctx context.Context, corpus string, docs []document, name string, pairs []pair, m embed.Embedder, show bool) error {
	return withTexts(ctx, corpus, docs, func(x *fulltext.Index) error {
		var sums [3][3]tally
		for _, p := range pairs {
			var all fulltext.And
			for w := range strings.FieldsSeq(p.query) {
				all = append(all, fulltext.Phrase{Text: w, Open: strings.HasSuffix(p.query, w)})
			}
			q, err := embed.Ask(ctx, m, p.query)
			if err != nil {
				return err
			}
			first, err := ordered(ctx, x, all, docs, nil, nil)
			if err != nil {
				return err
			}
			more := [2][]int{first, first}
			if len(first) < few {
				some, err := x.Some(ctx, all)
				if err != nil {
					return err
				}
				if some != nil {
					for i, by := range [][]float32{nil, q} {
						if more[i], err = ordered(ctx, x, some, docs, by, first); err != nil {
							return err
						}
					}
				}
			}
			ranks := [3]int{rank(docs, first, p.right), rank(docs, more[0], p.right), rank(docs, more[1], p.right)}
			for i, r := range ranks {
				sums[i][0].add(r)
				sums[i][1+truth(p.fresh)].add(r)
			}
			if show {
				fmt.Printf("%5d %5d %5d %s\n", ranks[0], ranks[1], ranks[2], p.query)
			}
		}
		fmt.Printf("\n%-30s %16s %19s %19s\n", fmt.Sprintf("%d %s", len(pairs), name), "all", "chosen by", "held out")
		for i, name := range []string{"all words", "then some words", "then some words, re-ranked"} {
			fmt.Printf("%-30s %s    %s    %s\n", name, &sums[i][0], &sums[i][1], &sums[i][2])
		}
		return nil
	})
}

// few is below how many texts some words do, in searches too.
const few = 5

// ordered are the pages that e finds, behind those that were found before.
func ordered(ctx context.Context, x *fulltext.Index, e fulltext.Expr, docs []document, q []float32, before []int) ([]int, error) {
	found, err := x.Find(ctx, e, func(id int64) bool {
		for _, b := range before {
			if int64(b) == id-1 {
				return false
			}
		}
		return true
	})
	if err != nil {
		return nil, err
	}
	var best []int
	words := make([]float64, len(docs))
	for _, h := range found.Hits {
		best = append(best, int(h.ID-1))
		words[h.ID-1] = h.Score
	}
	if q != nil {
		best = rerank(best, words, meaning(docs, q))
	}
	return append(before[:len(before):len(before)], best...), nil
}
