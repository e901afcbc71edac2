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
	cut   bool
	facts media.Facts
	lang  string // of the words, as the document says
}

func newDoc(ctx context.Context) *doc { return &doc{ctx: ctx} }

// add appends text, made valid and without control characters. It returns
// errFull when there is no more room, and the context's error when time is up.
func (d *doc) add(s string) error {
	if err := d.ctx.Err(); err != nil {
		return err
	}
	room := maxText - d.text.Len()
	if len(s) > room {
		for room > 0 && !utf8.RuneStart(s[room]) {
			room--
		}
		s, d.cut = s[:room], true
	}
	clean(&d.text, s)
	if d.cut {
		return errFull
	}
	return nil
}

// clean writes s without what is not text: broken UTF-8, control characters but
// line breaks, tabs and form feeds.
func clean(b *strings.Builder, s string) {
	from := 0
	for i, r := range s {
		bad := r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD") || r == '\uFEFF' || r != '\n' && r != '\t' && r != '\f' && unicode.IsControl(r)
		if !bad {
			continue
		}
		b.WriteString(s[from:i])
		size := utf8.RuneLen(r)
		if r == utf8.RuneError {
			size = 1
		}
		if r == '\r' && !strings.HasPrefix(s[i+1:], "\n") {
			b.WriteByte('\n')
		}
		from = i + size
	}
	b.WriteString(s[from:])
}

// answer makes the answer of what was found.
func (d *doc) answer(ask media.Ask) media.Answer {
	body := strings.TrimSpace(d.text.String())
	d.facts.Title = oneLine(d.facts.Title)
	d.facts.Author = oneLine(d.facts.Author)
	if d.facts.Words == 0 {
		d.facts.Words = count(body)
	}
	a := media.Answer{Facts: &d.facts}
	if body != "" || d.facts.Title != "" {
		a.Text = &media.Text{Title: d.facts.Title, Body: body, Language: d.lang, Cut: d.cut}
	}
	return a
}

// oneLine joins the lines of s and takes at most 300 bytes of it.
func oneLine(s string) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "")), " ")
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
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai):
			n++
			in = false
		case !in && (unicode.IsLetter(r) || unicode.IsNumber(r)):
			n++
			in = true
		}
	}
	return n
}
