package search

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stardrive/stardrive/internal/collate"
	"github.com/stardrive/stardrive/internal/filekind"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/search/fulltext"
)

// Limits of a query; what is beyond is not read.
const (
	maxQuery = 4 << 10 // bytes
	maxTerms = 64
	maxDepth = 8 // of parentheses
)

// around is what a query is read against.
type around struct {
	kinds  *filekind.Table // nil: this program's own
	now    time.Time
	real   bool   // names with their case and accents
	home   string // the folder of the user
	folder func(path string) (ident.EntryID, error)
	// volumes, locations and devices return the folders of those whose name holds a
	// folded text.
	volumes, locations, devices func(folded string) []ident.EntryID
	offline                     func() []ident.EntryID
	disks                       bool            // folders that are not indexed can be searched, too
	texts                       *fulltext.Index // nil: there are none
	each                        func(ctx context.Context, query string, args []any, fn func(int64)) error
	added                       Added // nil: nothing is
	open                        bool  // what is private is not left out
	duplicated                  func(ctx context.Context, of *among) (whole bool, err error)
	known                       map[string]*among
	file                        func(path string) error                                                    // tells why there is no file at a path, or nothing known of what it is about
	meaning                     func(ctx context.Context, like string) ([]float32, ident.ContentID, error) // of words, or of the file at a path
}

// parser reads a query. It never fails.
type parser struct {
	around
	slip    bool // words may have slips
	loose   bool // some may indeed
	hints   []Hint
	words   []string // folded, that every hit holds
	said    []string // all words that are asked for, as typed
	like    []string // what hits are to be like, by similar:
	lazy    []*among
	terms   int
	end     int    // of the query, in characters
	minus   bool   // what is read is left out
	private bool   // what is private is asked for
	at      token  // the field that is read
	sole    bool   // what is read must fit, whatever else does
	live    string // a folder that is not indexed, below which all hits are
	// unread are pieces of the query that ask for what is known of indexed files alone;
	// liveAt is the one that names live.
	unread []token
	liveAt token
}

// token is a piece of a query between blanks.
type token struct {
	text string
	at   int // in characters
}

// parse reads a query; in, unless 0, is a folder below which all hits are. loose
// reports whether any of its words may have slips; with slip, they have.
func parse(text string, a around, in ident.EntryID, slip bool) (q *query, hints []Hint, loose bool) {
	if a.kinds == nil {
		a.kinds = filekind.Ours()
	}
	p := &parser{around: a, slip: slip, end: utf8.RuneCountInString(text)}
	if len(text) > maxQuery {
		text = strings.ToValidUTF8(text[:maxQuery], "")
		p.hint(token{text: text}, "the query is too long, and its end is not read")
	}
	n := p.any(tokens(text), 0, true)
	if in != 0 && (n.fits != nil || n.sense != nil) {
		n = both([]part{n, filterBy(inFolder(in))})
	}
	n = p.discreet(n)
	q = &query{
		fits: n.fits, sense: n.sense, said: strings.Join(p.said, " "), like: p.like, inText: n.texts, live: p.live, liveAt: p.liveAt, unread: p.unread, lazy: p.lazy,
		now: a.now.Truncate(time.Hour).UnixNano(), whole: []byte(strings.Join(p.words, " ")),
	}
	for _, w := range p.words {
		q.words = append(q.words, []byte(w))
	}
	slices.SortStableFunc(q.words, func(a, b []byte) int { return len(b) - len(a) })
	return q, p.hints, p.loose
}

// tokens cuts a query into pieces at its blanks, but for those between quotes.
func tokens(text string) (all []token) {
	for at := 0; len(text) > 0; {
		r, size := utf8.DecodeRuneInString(text)
		if unicode.IsSpace(r) {
			text, at = text[size:], at+1
			continue
		}
		n := tokenLength(text)
		all = append(all, token{text: text[:n], at: at})
		at += utf8.RuneCountInString(text[:n])
		text = text[n:]
	}
	return all
}

// tokenLength is the length of the piece that text begins with. A quote begins a
// phrase at the start of a piece, or behind the dash, parenthesis or field there,
// and only if it ends.
func tokenLength(text string) int {
	start := len(text) - len(strings.TrimLeft(text, "-("))
	if _, _, ok := cutField(text[start:]); ok {
		start += strings.IndexByte(text[start:], ':') + 1
	}
	if rest, ok := strings.CutPrefix(text[start:], `"`); ok {
		if end := strings.IndexByte(rest, '"'); end > 0 {
			start += end + 2
		}
	}
	if i := strings.IndexFunc(text[start:], unicode.IsSpace); i >= 0 {
		return start + i
	}
	return len(text)
}

// any reads alternatives with OR between them.
func (p *parser) any(ts []token, depth int, ranked bool) part {
	ranked = ranked && !slices.ContainsFunc(ts, isOr)
	var alternatives, terms []part
	for i := 0; i < len(ts); i++ {
		if isOr(ts[i]) && len(terms) > 0 && i < len(ts)-1 {
			alternatives, terms = append(alternatives, both(terms)), nil
			continue
		}
		p.look(ts, i)
		n, used := p.term(ts[i:], depth, ranked)
		if n.fits != nil || n.sense != nil {
			terms = append(terms, n)
		}
		i += used - 1
	}
	if len(terms) > 0 {
		alternatives = append(alternatives, both(terms))
	}
	return either(alternatives)
}

func isOr(t token) bool { return t.text == "OR" }

// term reads one term or group, and tells of how many tokens.
func (p *parser) term(ts []token, depth int, ranked bool) (n part, used int) {
	t := ts[0]
	if p.terms++; p.terms > maxTerms {
		if p.terms == maxTerms+1 {
			p.hint(t, "the query has too many terms, and its end is not read")
		}
		return n, 1
	}
	minus := len(t.text) > 1 && t.text[0] == '-' && t.text[1] != '-'
	if minus {
		t.text, t.at = t.text[1:], t.at+1
	}
	p.minus = p.minus != minus
	if inside, ok := group(t, ts[1:]); ok && depth < maxDepth {
		n, used = p.any(inside, depth+1, false), len(inside)
	} else {
		n, used = p.single(t, ranked && !minus), 1
	}
	if p.minus = p.minus != minus; minus {
		n = n.negated()
	}
	return n, used
}

// group returns what stands between the parenthesis that t begins with and the
// one that ends it. They are part of a name, as in "C++ (notes)", unless there is
// an OR between them.
func group(t token, rest []token) (inside []token, ok bool) {
	if !strings.HasPrefix(t.text, "(") {
		return nil, false
	}
	depth := 0
	for _, u := range append([]token{t}, rest...) {
		depth += opened(u.text)
		closed := len(u.text) - len(strings.TrimRight(u.text, ")"))
		ends := closed >= depth
		if ends {
			u.text = u.text[:len(u.text)-1-(closed-depth)]
		}
		inside, depth, ok = append(inside, u), depth-closed, ok || isOr(u)
		if ends {
			inside[0].text, inside[0].at = inside[0].text[1:], inside[0].at+1
			return inside, ok
		}
	}
	return nil, false
}

// opened is how many parentheses a piece begins with, each behind a dash or not.
func opened(text string) (n int) {
	for {
		rest, ok := strings.CutPrefix(strings.TrimPrefix(text, "-"), "(")
		if !ok {
			return n
		}
		text, n = rest, n+1
	}
}

// single reads a word, phrase, pattern, path or field.
func (p *parser) single(t token, ranked bool) part {
	if name, value, ok := cutField(t.text); ok {
		value = unquote(value)
		p.sole, p.at = ranked, t
		n, problem := fieldNamed(name)(p, value)
		if slices.Contains(derived, name) || strings.HasPrefix(name, customField) || name == "is" && strings.EqualFold(value, "duplicate") {
			p.unread = append(p.unread, t)
		}
		if problem != "" {
			p.hint(t, problem)
		}
		if problem == "" || n.fits != nil {
			return n
		}
		return p.wordsOf(t, t.text, ranked)
	}
	if text := unquote(t.text); text != t.text {
		return p.wordsOf(t, text, ranked)
	}
	switch text := p.fold(t.text); {
	case isGlob(text):
		return filterBy(p.glob(t, text))
	case strings.Contains(text, "/"):
		if n, ok := newPath(collate.Fold(text)); ok {
			return filterBy(n)
		}
		p.hint(t, "a path may have 12 parts here")
	}
	return p.wordsOf(t, t.text, ranked)
}

// wordsOf looks for a text in names, and in texts. The last word of a query may go
// on in texts, unless a blank or quotes end it.
func (p *parser) wordsOf(t token, text string, ranked bool) part {
	n := p.word(text, ranked)
	if collate.Fold(text) == "" {
		return part{fits: n}
	}
	p.say(text)
	return part{fits: n, sense: &sense{words: &fulltext.Phrase{Text: text, Open: t.at+utf8.RuneCountInString(t.text) == p.end && !strings.HasSuffix(t.text, `"`)}}}
}

// say notes words that are meant, for finding by meaning.
func (p *parser) say(text string) {
	if !p.minus {
		p.said = append(p.said, text)
	}
}

// unquote takes the quotes off a phrase.
func unquote(text string) string {
	if len(text) > 2 && text[0] == '"' && text[len(text)-1] == '"' {
		return text[1 : len(text)-1]
	}
	return text
}

// quoted writes a value so that it is read as one.
func quoted(value string) string {
	if strings.ContainsFunc(value, unicode.IsSpace) && !strings.Contains(value, `"`) {
		return `"` + value + `"`
	}
	return value
}

func (p *parser) fold(text string) string {
	if p.real {
		return text
	}
	return collate.Fold(text)
}

// word looks for a text in names. Text that folds to nothing asks for nothing.
func (p *parser) word(text string, ranked bool) node {
	folded := collate.Fold(text)
	if p.real && text != "" {
		n := &real{text: []byte(text)}
		if isASCII(text) {
			n.planes, _ = planesOf([]byte(folded))
		}
		if ranked && folded != "" {
			p.words = append(p.words, folded)
		}
		return n
	}
	if folded == "" {
		return nil
	}
	if ranked {
		p.words = append(p.words, folded)
		if slips(folded) > 0 {
			if p.loose = true; p.slip {
				return newFuzzy(folded)
			}
		}
	}
	return newWord(folded)
}

func isASCII(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}

// glob reads a pattern for whole names, below a folder if it has one.
func (p *parser) glob(t token, text string) node {
	folder, name := "", text
	if i := strings.LastIndexByte(text, '/'); i >= 0 {
		folder, name = strings.TrimPrefix(text[:i+1], "**/"), text[i+1:]
	}
	if isGlob(folder) {
		p.hint(t, "wildcards can stand in the name alone, not in its folders")
		return p.word(t.text, false)
	}
	n := newGlob(name, p.real)
	if folder == "" {
		return n
	}
	in, ok := newPath(collate.Fold(folder))
	if !ok {
		p.hint(t, "a path may have 12 parts here")
		return n
	}
	if name == "" {
		return in
	}
	return and{in, n}
}
