package words

import (
	"errors"
	"io"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/net/html/charset"

	"github.com/stardrive/stardrive/internal/media"
)

// webPage reads HTML: the words one sees, and the title.
func webPage(d *doc, src media.Source) error {
	b, err := d.head(src, maxPlain)
	if err != nil {
		return err
	}
	d.cut = src.Size > int64(len(b))
	s, name := decodeHTML(b, d.cut)
	if name == "" {
		return nil
	}
	d.facts.Encoding = name
	if !d.cut {
		d.facts.Lines = lines(s)
	}
	return d.html(s)
}

// decodeHTML decodes what says its own encoding, if it does.
func decodeHTML(b []byte, cut bool) (text, name string) {
	if _, name, _ := charset.DetermineEncoding(b, ""); name != "utf-8" && name != fallback && !isBinary(b) { // those two are said of what is in neither
		return decodeAs(b, name), name
	}
	return decode(b, cut)
}

// html adds the words of a page or of a part of one. A title is taken where there
// is none yet.
func (d *doc) html(s string) error {
	z := html.NewTokenizer(strings.NewReader(s))
	z.SetMaxBuf(1 << 20)
	h := page{d: d, z: z}
	for n := 0; ; n++ {
		if n%256 == 0 {
			if err := d.ctx.Err(); err != nil {
				return err
			}
		}
		var err error
		switch z.Next() {
		case html.ErrorToken:
			if err := z.Err(); !errors.Is(err, io.EOF) {
				return damaged(err)
			}
			return d.breakLine()
		case html.TextToken:
			err = h.text()
		case html.StartTagToken, html.SelfClosingTagToken:
			err = h.open()
		case html.EndTagToken:
			err = h.close()
		}
		if err != nil {
			return err
		}
	}
}

// page is the state within a page.
type page struct {
	d      *doc
	z      *html.Tokenizer
	hidden atom.Atom // the element whose text is not shown
	title  bool
	pre    int
}

func (h *page) text() error {
	if h.hidden != 0 {
		return nil
	}
	if h.title {
		h.d.facts.Title += string(h.z.Text())
		return nil
	}
	text := string(h.z.Text())
	if h.pre > 0 {
		return h.d.add(text)
	}
	return h.d.flow(text)
}

func (h *page) open() error {
	name, attrs := h.z.TagName()
	a := atom.Lookup(name)
	if h.hidden != 0 {
		return nil
	}
	switch a {
	case atom.Script, atom.Style, atom.Template, atom.Noscript, atom.Svg, atom.Iframe, atom.Object:
		h.hidden = a
	case atom.Title:
		h.title = h.d.facts.Title == ""
		if !h.title {
			h.hidden = a
		}
	case atom.Html, atom.Meta:
		h.about(a, attrs)
	case atom.Pre, atom.Textarea:
		h.pre++
		return h.d.breakLine()
	case atom.Td, atom.Th:
		if !h.d.atStart() {
			h.d.space = false
			return h.d.add("\t")
		}
	default:
		if block(a) {
			return h.d.breakLine()
		}
	}
	return nil
}

func (h *page) close() error {
	name, _ := h.z.TagName()
	a := atom.Lookup(name)
	switch {
	case h.hidden != 0:
		if a == h.hidden {
			h.hidden = 0
		}
	case a == atom.Title:
		h.title = false
	case a == atom.Pre || a == atom.Textarea:
		h.pre = max(0, h.pre-1)
		return h.d.breakLine()
	case block(a):
		return h.d.breakLine()
	}
	return nil
}

// about reads what a page says of itself.
func (h *page) about(a atom.Atom, attrs bool) {
	got := map[string]string{}
	for attrs && len(got) < 16 {
		var k, v []byte
		k, v, attrs = h.z.TagAttr()
		got[string(k)] = string(v)
	}
	switch {
	case a == atom.Html && h.d.lang == "":
		h.d.lang = got["lang"]
	case a == atom.Meta && strings.EqualFold(got["name"], "author") && h.d.facts.Author == "":
		h.d.facts.Author = got["content"]
	}
}

// block tells whether an element begins and ends a line.
func block(a atom.Atom) bool {
	switch a {
	case atom.Address, atom.Article, atom.Aside, atom.Blockquote, atom.Body, atom.Br, atom.Dd, atom.Div, atom.Dl, atom.Dt, atom.Figcaption, atom.Figure, atom.Footer,
		atom.Form, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Head, atom.Header, atom.Hr, atom.Li, atom.Main, atom.Nav, atom.Ol, atom.Option, atom.P,
		atom.Section, atom.Table, atom.Tbody, atom.Tfoot, atom.Thead, atom.Tr, atom.Ul:
		return true
	}
	return false
}
