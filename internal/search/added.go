package search

import (
	"context"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/stardrive/stardrive/internal/ident"
)

// Added finds entries by what users added to them: tags, ratings, notes.
type Added interface {
	// Find reads the value of a field, which is tag, rating, note, collection, is, or field.
	// with the name of a custom field. find, which is
	// run with the search, calls content and entry with all rows that fit; of is: it is
	// nil for words that it does not know. private: what fits is asked for by a private
	// tag. With a problem nothing fits.
	Find(field, value string) (find func(ctx context.Context, content, entry func(int64)) error, private bool, problem string)
	// Hidden finds what is left out of searches that do not ask for it, and folders of
	// which all below is. find is nil where there is nothing.
	Hidden() (find func(ctx context.Context, content, entry func(int64)) error, folders []ident.EntryID)
	// Complete returns some values of a field that begin with a folded text, or hold it, as
	// they are written; of the field "field", the names of custom fields.
	Complete(field, folded string) []string
	// EachTag calls fn with every tag, as a query says it, and with the rows that have it
	// themselves.
	EachTag(fn func(tag string, contents, entries iter.Seq[int64]))
}

// addedField makes a field that asks for what users added.
func addedField(field string) func(p *parser, value string) (node, string) {
	return func(p *parser, value string) (node, string) {
		if p.added == nil {
			return nil, "nothing was added to these files"
		}
		find, private, problem := p.added.Find(field, value)
		if problem != "" {
			return nil, problem
		}
		p.private = p.private || private && !p.minus
		return p.found(field+":"+value, find), ""
	}
}

// addedIs reads the words of is: that ask for what users added; nil: it is none.
func (p *parser) addedIs(word string) node {
	if p.added == nil {
		return nil
	}
	if word == "untagged" {
		find, _, _ := p.added.Find("is", "tagged")
		return not{node: p.found("is:tagged", find)}
	}
	find, private, _ := p.added.Find("is", word)
	if find == nil {
		return nil
	}
	p.private = p.private || private && !p.minus
	return p.found("is:"+word, find)
}

// found is the node of rows that are found by their contents, or themselves.
func (p *parser) found(text string, find func(ctx context.Context, content, entry func(int64)) error) node {
	var entries *among
	contents := p.among(text, func(ctx context.Context, of *among) (bool, error) {
		return true, find(ctx, of.some.add, entries.some.add)
	})
	entries = p.among(text+"\x00entries", func(context.Context, *among) (bool, error) { return true, nil }) // filled by the other, which comes first
	entries.entry = true
	return or{contents, entries}
}

// discreet leaves out what is private, unless the query asked for such.
func (p *parser) discreet(n part) part {
	if p.added == nil || p.private || p.open || n.fits == nil && n.sense == nil {
		return n
	}
	find, folders := p.added.Hidden()
	if find == nil {
		return n
	}
	hidden := or{p.found("\x00hidden", find)}
	if len(folders) > 0 {
		hidden = append(hidden, inOrIs(folders))
	}
	return both([]part{n, filterBy(not{node: hidden})})
}

// addedWords are the words of is: that ask for what users added.
var addedWords = strings.Fields("favourite rated noted tagged untagged private")

// asking is what users added, and notes what is asked of it.
type asking struct {
	Added
	asked [][2]string
}

func (a *asking) Find(field, value string) (find func(ctx context.Context, content, entry func(int64)) error, private bool, problem string) {
	a.asked = append(a.asked, [2]string{field, value})
	return a.Added.Find(field, value)
}

// Asks tells which fields of what users added a query asks for, with their values.
// Errors: errs.Invalid (the query holds what cannot be read).
func (s *Service) Asks(ctx context.Context, query string) ([][2]string, error) {
	a, err := s.look(ctx, false)
	if err != nil {
		return nil, err
	}
	notes := &asking{Added: a.added}
	a.added, a.open = notes, true
	_, hints, _ := parse(query, a.around, 0, false)
	return notes.asked, unread(query, hints)
}

// Reads reports whether a query asks for what stands in files: their texts, what they are
// about, or what is known of pictures and the like. Errors: as of Asks.
func (s *Service) Reads(ctx context.Context, query string) (bool, error) {
	a, err := s.look(ctx, false)
	if err != nil {
		return false, err
	}
	q, hints, _ := parse(query, a.around, 0, false)
	return slices.ContainsFunc(q.lazy, func(n *among) bool { return n.read }), unread(query, hints)
}

// When reads a time of a query, such as 2024-03, <30d or today: from the first moment
// until before the other, in nanoseconds since 1970.
func When(text string, now time.Time) (from, to int64, ok bool) { return parseWhen(text, now) }
