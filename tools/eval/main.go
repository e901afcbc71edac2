// Command eval tells how well words and meaning find documents: it asks about a
// corpus that corpus.sh makes, by the index of texts and by the rules of package
// search, and prints how often a right page was among the first ten and how far up
// it stood: for the questions of pairs.txt, which avoid the words of the pages, for
// keywords.txt, whose words the pages hold; and of how much of nothing.txt, which
// no page is about, something is shown as similar.
//
//	sh tools/eval/corpus.sh /tmp/corpus
//	go run ./tools/eval -corpus /tmp/corpus
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/stardrive/stardrive/internal/embed"
)

// document is one page of the corpus.
type document struct {
	name   string // package/page
	words  []string
	chunks [][]float32
}

// pair is a question and the pages any of which answers it.
type pair struct {
	query string
	right []string
	fresh bool // held out: written, or looked at, after all settings were fixed
}

func main() {
	corpus := flag.String("corpus", "", "the folder that corpus.sh made")
	questions := flag.String("questions", "tools/eval", "the folder of pairs.txt, keywords.txt and nothing.txt")
	var m choice
	flag.StringVar(&m.folder, "model", "", "the folder of a sentence transformer, instead of the built-in model (slow)")
	flag.StringVar(&m.base, "endpoint", "", "the address of an endpoint instead of the built-in model, such as http://localhost:11434/v1")
	flag.StringVar(&m.name, "endpoint-model", "", "the endpoint's name of its model")
	show := flag.Bool("v", false, "tell each question's ranks")
	flag.Parse()
	if err := run(context.Background(), *corpus, *questions, m, *show); err != nil {
		fmt.Fprintln(os.Stderr, "eval:", err)
		os.Exit(1)
	}
}

// choice is what makes the vectors: the built-in model if nothing is named.
type choice struct{ folder, base, name string }

func (c choice) open(ctx context.Context) (embed.Embedder, error) {
	switch {
	case c.folder != "":
		return embed.Transformer(c.folder)
	case c.base != "":
		e := embed.Endpoint{Base: c.base, Model: c.name, Timeout: 5 * time.Minute}
		var err error
		if e.Dim, err = embed.Probe(ctx, e); err != nil {
			return nil, err
		}
		return embed.HTTP(e)
	}
	return embed.Static(), nil
}

func run(ctx context.Context, corpus, questions string, model choice, show bool) error {
	m, err := model.open(ctx)
	if err != nil {
		return err
	}
	var sets [3][]pair
	for i, name := range []string{"pairs.txt", "keywords.txt", "nothing.txt"} {
		if sets[i], err = readPairs(filepath.Join(questions, name)); err != nil {
			return err
		}
	}
	pairs, keywords, nothing := sets[0], sets[1], sets[2]
	began := time.Now()
	docs, err := readCorpus(ctx, corpus, m)
	if err != nil {
		return err
	}
	if err := known(docs, append(slices.Clone(pairs), keywords...)); err != nil {
		return err
	}
	fmt.Printf("%d pages, %s (%.1f s)\n", len(docs), m.Name(), time.Since(began).Seconds())
	if err := report(ctx, docs, pairs, m, show); err != nil {
		return err
	}
	if err := reportKeywords(ctx, corpus, docs, keywords, m, show); err != nil {
		return err
	}
	if err := reportQuestions(ctx, corpus, docs, "questions", pairs, m, show); err != nil {
		return err
	}
	if err := reportQuestions(ctx, corpus, docs, "keywords", keywords, m, show); err != nil {
		return err
	}
	return reportNothing(ctx, docs, pairs, nothing, m, show)
}

// readCorpus reads and embeds all pages.
func readCorpus(ctx context.Context, root string, m embed.Embedder) ([]document, error) {
	files, err := filepath.Glob(filepath.Join(root, "*", "*.txt"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("no corpus in %q: make it with tools/eval/corpus.sh: %w", root, err)
	}
	slices.Sort(files)
	docs := make([]document, len(files))
	for i, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		folder, page := filepath.Base(filepath.Dir(f)), strings.TrimSuffix(filepath.Base(f), ".txt")
		d := &docs[i]
		d.name = folder + "/" + page
		d.words = terms(folder + " " + page + " " + string(text))
		// A page begins with a line of its name and section, and so does its file's name.
		if d.chunks, err = m.Embed(ctx, embed.Chunks(page, []string{folder}, string(text))); err != nil {
			return nil, err
		}
	}
	return docs, nil
}

// readPairs reads "question | page page …" lines (of nothing.txt: "kind |
// question"). Those below a line that begins
// with ## are fresh.
func readPairs(file string) ([]pair, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var out []pair
	fresh := false
	for line := range strings.Lines(string(text)) {
		fresh = fresh || strings.HasPrefix(line, "##")
		query, pages, ok := strings.Cut(line, "|")
		if ok && !strings.HasPrefix(line, "#") {
			out = append(out, pair{strings.TrimSpace(query), strings.Fields(pages), fresh})
		}
	}
	return out, nil
}

// known makes sure that every page of the pairs is in the corpus.
func known(docs []document, pairs []pair) error {
	for _, p := range pairs {
		for _, r := range p.right {
			if !slices.ContainsFunc(docs, func(d document) bool { return d.name == r }) {
				return fmt.Errorf("the corpus has no %s", r)
			}
		}
	}
	return nil
}
