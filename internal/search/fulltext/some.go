package fulltext

import (
	"cmp"
	"context"
	"slices"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/store"
)

const (
	// leastWords is from how many words on a question may leave some of them out.
	leastWords = 3
	// mostTelling is how many of its words count then: the rarest.
	mostTelling = 6
	// rare is a word that so many texts hold at most: it is enough by itself.
	rare = 1000
)

// Some makes of a question in whole sentences, of which hardly a text holds all words,
// one for texts that hold a rare one of its telling words, or two of them: those that
// stand somewhere, and not in a quarter of all texts. What must stand side by side, and
// what must not be there, holds as before. nil: there is no such question. Errors: as
// of Find.
func (x *Index) Some(ctx context.Context, e And) (some Expr, err error) {
	var strict And
	var words []Phrase
	for _, part := range e {
		if p, ok := part.(Phrase); ok && len(p.cut().pieces) == 1 {
			words = append(words, p)
		} else {
			strict = append(strict, part)
		}
	}
	if len(words) < leastWords {
		return nil, nil
	}
	err = x.live(ctx, 0, func(l *life) error {
		telling, err := l.telling(ctx, words)
		if err != nil {
			return err
		}
		var ways Or
		telling = telling[:min(len(telling), mostTelling)]
		for i, a := range telling {
			if a.docs <= rare || len(telling) == 1 {
				ways = append(ways, a.Phrase)
			}
			for _, b := range telling[i+1:] {
				ways = append(ways, And{a.Phrase, b.Phrase})
			}
		}
		if len(ways) > 0 {
			some = append(strict, ways)
		}
		return nil
	})
	return some, errs.In("fulltext.some", err)
}

// tellingWord is one, and how many documents hold it.
type tellingWord struct {
	Phrase
	docs int
}

// telling are those of some words that tell texts from each other, the rarest first.
func (l *life) telling(ctx context.Context, words []Phrase) (all []tellingWord, err error) {
	most := max(l.docs.len()/4, leastWords)
	seen := map[string]bool{}
	err = l.db.Read(ctx, func(tx *store.Tx) error {
		for _, w := range words {
			piece := w.cut().pieces[0]
			if seen[piece] {
				continue
			}
			seen[piece] = true
			n, err := l.count(tx, piece)
			if err != nil {
				return err
			}
			if n > 0 && n <= most {
				all = append(all, tellingWord{w, n})
			}
		}
		return nil
	})
	slices.SortStableFunc(all, func(a, b tellingWord) int { return cmp.Compare(a.docs, b.docs) })
	return all, err
}
