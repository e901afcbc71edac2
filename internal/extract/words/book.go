package words

import (
	"errors"
	"io"
	"net/url"
	"path"
	"strings"

	"github.com/stardrive/stardrive/internal/media"
)

// maxChapters bounds the parts of a book that are read.
const maxChapters = 10_000

// epub reads a book in the order of its pages.
func epub(d *doc, src media.Source) error {
	c, err := openContainer(src)
	if err != nil {
		return err
	}
	if c.parts["META-INF/rights.xml"] != nil {
		return errEncrypted
	}
	root := ""
	err = c.walk(d, "META-INF/container.xml", markup{open: func(name string, attr func(string) string) error {
		if name == "rootfile" && root == "" {
			root = attr("full-path")
		}
		return nil
	}})
	if err != nil {
		return err
	}
	chapters, err := c.spine(d, root)
	if err != nil {
		return err
	}
	for _, name := range chapters {
		if err := d.breakPage(); err != nil {
			return err
		}
		if err := c.chapter(d, name); err != nil && !errors.Is(err, errNoPart) {
			return err
		}
	}
	return nil
}

// spine reads the root of a book: what it says of itself, and the order of its
// chapters.
func (c *container) spine(d *doc, root string) (chapters []string, err error) {
	hrefs := map[string]string{}
	into := (*string)(nil)
	want := map[string]*string{"title": &d.facts.Title, "creator": &d.facts.Author, "language": &d.lang, "subject": &d.facts.Subject}
	err = c.walk(d, root, markup{
		open: func(name string, attr func(string) string) error {
			if into = want[name]; into != nil && *into != "" {
				into = nil
			}
			switch {
			case name == "item" && len(hrefs) < maxChapters:
				hrefs[attr("id")] = attr("href")
			case name == "itemref" && len(chapters) < maxChapters:
				href, err := url.PathUnescape(hrefs[attr("idref")])
				if err == nil && href != "" {
					chapters = append(chapters, path.Join(path.Dir(root), href))
				}
			}
			return nil
		},
		text: func(s string) error {
			if into != nil && len(*into) < 4096 {
				*into += s
			}
			return nil
		},
		close: func(string) error { into = nil; return nil },
	})
	return chapters, err
}

func (c *container) chapter(d *doc, name string) error {
	r, err := c.open(name)
	if err != nil {
		return err
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, maxPlain))
	if err != nil {
		return err
	}
	s, _ := decodeHTML(b, len(b) == maxPlain)
	title := d.facts.Title
	if title == "" {
		d.facts.Title = " " // the book has none: a chapter's is not its own
	}
	err = d.html(s)
	d.facts.Title = title
	return err
}

// fictionBook reads FB2.
func fictionBook(d *doc, src media.Source) error {
	var into *string
	var first, last string
	about, body := false, false
	err := d.walk(io.LimitReader(io.NewSectionReader(src, 0, src.Size), maxMember), markup{
		open: func(name string, _ func(string) string) error {
			switch name {
			case "title-info":
				about = true
			case "body":
				body = true
			case "binary":
				return errSkip
			}
			if into = nil; about {
				into = map[string]*string{"book-title": &d.facts.Title, "first-name": &first, "last-name": &last, "lang": &d.lang}[name]
			}
			return nil
		},
		text: func(s string) error {
			switch {
			case into != nil && len(*into) < 4096:
				*into += s
			case body:
				return d.flow(s)
			}
			return nil
		},
		close: func(name string) error {
			into = nil
			switch name {
			case "title-info":
				about = false
			case "p", "v", "title", "subtitle":
				if body {
					return d.breakLine()
				}
			}
			return nil
		},
	})
	d.facts.Author = strings.TrimSpace(first + " " + last)
	return err
}
