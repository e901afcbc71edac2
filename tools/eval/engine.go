package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/stardrive/stardrive/internal/embed"
	"github.com/stardrive/stardrive/internal/search/fulltext"
)

// withTexts calls fn with an index of the texts of the corpus, whose ids are the
// places of docs and one.
func withTexts(ctx context.Context, corpus string, docs []document, fn func(*fulltext.Index) error) error {
	dir, err := os.MkdirTemp("", "eval")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	x, err := fulltext.New(fulltext.Options{Path: filepath.Join(dir, "text.db"), Folder: filepath.Join(dir, "texts"), Vectors: filepath.Join(dir, "meaning.vec"), FindTime: time.Minute, Patience: time.Minute})
	if err != nil {
		return err
	}
	defer x.Close()
	served, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = x.Serve(served) // it ends as it is stopped
	}()
	defer func() {
		stop()
		<-ended
	}()
	var some []fulltext.Document
	for i := range docs {
		text, err := os.ReadFile(filepath.Join(corpus, docs[i].name+".txt"))
		if err != nil {
			return err
		}
		some = append(some, fulltext.Document{ID: int64(i + 1), Hash: fulltext.Hash{byte(i), byte(i >> 8), 1}, Body: string(text), Place: strings.ReplaceAll(docs[i].name, "/", " ")})
		if len(some) == 100 || i == len(docs)-1 {
			if err := x.Put(ctx, some); err != nil {
				return err
			}
			some = nil
		}
	}
	return fn(x)
}

// reportKeywords asks for pages that hold all words, and prints how they are
// ordered with and without meaning.
func reportKeywords(ctx context.Context, corpus string, docs []document, pairs []pair, m embed.Embedder, show bool) error {
	return withTexts(ctx, corpus, docs, func(x *fulltext.Index) error {
		var sums [2][3]tally
		for _, p := range pairs {
			var all fulltext.And
			for w := range strings.FieldsSeq(p.query) {
				all = append(all, fulltext.Phrase{Text: w, Open: strings.HasSuffix(p.query, w)})
			}
			found, err := x.Find(ctx, all, func(int64) bool { return true })
			if err != nil {
				return err
			}
			q, err := embed.Ask(ctx, m, p.query)
			if err != nil {
				return err
			}
			var best []int
			words := make([]float64, len(docs))
			for _, h := range found.Hits {
				best = append(best, int(h.ID-1))
				words[h.ID-1] = h.Score
			}
			ranks := [2]int{rank(docs, best, p.right), rank(docs, best, p.right)}
			if q != nil {
				ranks[1] = rank(docs, rerank(best, words, meaning(docs, q)), p.right)
			}
			for i, r := range ranks {
				sums[i][0].add(r)
				sums[i][1+truth(p.fresh)].add(r)
			}
			if show {
				fmt.Printf("%5d %5d %s\n", ranks[0], ranks[1], p.query)
			}
		}
		fmt.Printf("\n%-30s %16s %19s %19s\n", fmt.Sprintf("%d keywords", len(pairs)), "all", "chosen by", "held out")
		for i, name := range []string{"all words", "all words, re-ranked"} {
			fmt.Printf("%-30s %s    %s    %s\n", name, &sums[i][0], &sums[i][1], &sums[i][2])
		}
		return nil
	})
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

// reportNothing prints for how many questions something is shown as similar: of
// those that the corpus answers, and of what no page is about.
func reportNothing(ctx context.Context, docs []document, pairs, nothing []pair, m embed.Embedder, show bool) error {
	type class struct {
		kind string
		held bool
	}
	shown, all := map[class]int{}, map[class]int{}
	kinds := []string{"questions", "nonsense", "other language", "other subject"}
	ask := func(kind, query string, held bool) error {
		q, err := embed.Ask(ctx, m, query)
		if err != nil {
			return err
		}
		all[class{kind, held}]++
		if q == nil {
			return nil
		}
		near := meaning(docs, q)
		if best := near[order(near)[0]]; best >= float64(embed.CutOf(m).Nearest) {
			shown[class{kind, held}]++
			if show && kind != kinds[0] {
				fmt.Printf("%.3f %s\n", best, query)
			}
		}
		return nil
	}
	for _, p := range pairs {
		if err := ask(kinds[0], p.query, p.fresh); err != nil {
			return err
		}
	}
	for _, p := range nothing {
		if err := ask(p.query, strings.Join(p.right, " "), p.fresh); err != nil {
			return err
		}
	}
	fmt.Printf("\n%-30s %16s %19s\n", "something similar is shown", "chosen by", "held out")
	for _, k := range kinds {
		fmt.Printf("%-30s %9d of %3d %12d of %3d\n", k, shown[class{k, false}], all[class{k, false}], shown[class{k, true}], all[class{k, true}])
	}
	return nil
}
