package words

import (
	"context"
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/stardrive/stardrive/internal/media"
)

// maxText is how much text is taken of a file, in bytes.
const maxText = 4 << 20

// errFull: there is as much text as is taken. It ends the reading, and is no
// failure.
var errFull = errors.New("enough text")

// doc is what has been found so far.
type doc struct {
	ctx   context.Context
	text  strings.Builder
	cut   bool // there is more
	facts media.Facts
	lang  string // of the words, as the document says
	names bool   // the text is names, in no language
	space bool   // for words: a space is due before the next letter
}

func newDoc(ctx context.Context) *doc { return &doc{ctx: ctx} }

// empty tells whether nothing was found that is worth having.
func (d *doc) empty() bool { return d.text.Len() == 0 && d.facts.Title == "" && d.facts.Members == 0 }

// add appends text, made valid and without control characters. It returns
// errFull when there is no more room, and the context's error when time is up.
func (d *doc) add(s string) error {
	if err := d.ctx.Err(); err != nil {
		return err
	}
	room := maxText - d.text.Len()
	full := len(s) > room
	if full {
		for room > 0 && !utf8.RuneStart(s[room]) {
			room--
		}
		s = s[:room]
	}
	clean(&d.text, s)
	if full {
		d.cut = true
		return errFull
	}
	return nil
}

// flow appends running text: runs of white space become one space, none at the
// beginning of a line.
func (d *doc) flow(s string) error {
	if s == "" {
		return nil
	}
	fields := strings.Fields(s)
	if len(fields) == 0 {
		d.space = true
		return nil
	}
	first, _ := utf8.DecodeRuneInString(s)
	if (d.space || unicode.IsSpace(first)) && !d.atStart() && !strings.HasSuffix(d.text.String(), "\t") {
		if err := d.add(" "); err != nil {
			return err
		}
	}
	last, _ := utf8.DecodeLastRuneInString(s)
	d.space = unicode.IsSpace(last)
	return d.add(strings.Join(fields, " "))
}

// atStart tells whether nothing stands on the line yet.
func (d *doc) atStart() bool {
	s := d.text.String()
	return s == "" || s[len(s)-1] == '\n' || s[len(s)-1] == '\f'
}

// breakLine ends the line, if anything stands on it.
func (d *doc) breakLine() error {
	d.space = false
	if d.atStart() {
		return nil
	}
	return d.add("\n")
}

// breakPage begins a page, if anything stands before.
func (d *doc) breakPage() error {
	if err := d.breakLine(); err != nil || d.text.Len() == 0 {
		return err
	}
	return d.add("\f")
}

// clean writes s without what is not text: broken UTF-8, marks of byte order, and
// control characters but line breaks, tabs and form feeds.
func clean(b *strings.Builder, s string) {
	from := 0
	for i, r := range s {
		size := utf8.RuneLen(r)
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD"):
			size = 1
		case r == '\n', r == '\t', r == '\f', r != '\uFEFF' && !unicode.IsControl(r):
			continue
		}
		b.WriteString(s[from:i])
		if r == '\r' && !strings.HasPrefix(s[i+1:], "\n") {
			b.WriteByte('\n')
		}
		from = i + size
	}
	b.WriteString(s[from:])
}

// answer makes the answer of what was found.
func (d *doc) answer() media.Answer {
	body := strings.TrimSpace(d.text.String())
	f := &d.facts
	f.Title, f.Author, f.Subject = oneLine(f.Title), oneLine(f.Author), oneLine(f.Subject)
	if f.Words == 0 && !d.cut && !d.names {
		f.Words = count(body)
	}
	if d.lang == "" && !d.names && f.Language == "" {
		d.lang = LanguageOf(body)
	}
	d.lang = tagOf(d.lang)
	if f.Language == "" {
		f.Language = d.lang
	}
	a := media.Answer{Facts: f}
	if body != "" || f.Title != "" {
		a.Text = &media.Text{Title: f.Title, Body: body, Language: d.lang, Cut: d.cut}
	}
	return a
}

// oneLine joins the lines of s and takes at most 300 bytes of it.
func oneLine(s string) string {
	var b strings.Builder
	clean(&b, strings.ReplaceAll(s, "\r", " "))
	s = strings.Join(strings.Fields(b.String()), " ")
	if len(s) > 300 {
		n := 300
		for !utf8.RuneStart(s[n]) {
			n--
		}
		s = s[:n]
	}
	return s
}

// count counts words: runs of what is no space; in scripts without spaces every
// letter stands for one.
func count(s string) int {
	n, in := 0, false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			in = false
		case r >= 0x0E00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai):
			n++
			in = false
		case !in && (unicode.IsLetter(r) || unicode.IsNumber(r)):
			n++
			in = true
		}
	}
	return n
}
