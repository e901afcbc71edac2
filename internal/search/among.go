package search

import "context"

// among fits rows whose entry or content is one of some. Which ones is found out
// when the query is run.
type among struct {
	coarse
	some   set
	entry  bool // it holds entries, not contents
	fill   func(ctx context.Context, of *among) (whole bool, err error)
	filled bool
	whole  bool
	read   bool // by what stands in files, which may not be read yet
}

// maxContents is how many contents a part of a query may find.
const maxContents = 1_000_000

func (n *among) keep(w *worker, rows bitmap) {
	s := w.seg
	if n.entry {
		rows.keep(func(row int) bool { return n.some.has(int64(s.ids[row])) })
		return
	}
	rows.keep(func(row int) bool { return s.contents[row] != 0 && n.some.has(int64(s.contents[row])) })
}

// among is the node of a text in the query, one for all places where it stands.
func (p *parser) among(text string, fill func(ctx context.Context, of *among) (bool, error)) *among {
	n := p.known[text]
	if n == nil {
		n = &among{fill: fill}
		if p.known != nil {
			p.known[text] = n
		}
	}
	p.lazy = append(p.lazy, n)
	return n
}

// reads has a node fit by what stands in files.
func (n *among) reads() *among {
	n.read = true
	return n
}

// ready fills what of the query is found out now; whole: all of it was found.
func (q *query) ready(ctx context.Context) (whole bool, err error) {
	whole = true
	for _, n := range q.lazy {
		if !n.filled {
			if n.whole, err = n.fill(ctx, n); err != nil {
				return false, err
			}
			n.filled = true
		}
		whole = whole && n.whole
	}
	return whole, nil
}
