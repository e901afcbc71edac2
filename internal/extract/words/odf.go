package words

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/stardrive/stardrive/internal/media"
)

// odf reads texts, spreadsheets, slides and drawings of OpenDocument, packed or
// flat.
func odf(d *doc, src media.Source) error {
	head, err := d.head(src, 256)
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(head, []byte("PK")) {
		return d.walk(io.LimitReader(io.NewSectionReader(src, 0, src.Size), maxMember), d.odfMarkup(true))
	}
	c, err := openContainer(src)
	if err != nil {
		return err
	}
	if c.parts["META-INF/manifest.xml"] != nil && c.encrypted(d) {
		return errEncrypted
	}
	if err := c.walk(d, "meta.xml", d.odfMeta()); err != nil && !errors.Is(err, errNoPart) {
		return err
	}
	return c.walk(d, "content.xml", d.odfMarkup(false))
}

// encrypted tells whether the text is encrypted.
func (c *container) encrypted(d *doc) (yes bool) {
	part := ""
	_ = c.walk(d, "META-INF/manifest.xml", markup{open: func(name string, attr func(string) string) error {
		switch name {
		case "file-entry":
			part = attr("full-path")
		case "encryption-data":
			yes = yes || part == "content.xml"
		}
		return nil
	}})
	return yes
}

// odfMeta reads what the document says of itself.
func (d *doc) odfMeta() markup {
	var into *string
	want := map[string]*string{"title": &d.facts.Title, "initial-creator": &d.facts.Author, "creator": &d.facts.Author, "subject": &d.facts.Subject, "language": &d.lang}
	return markup{
		open: func(name string, attr func(string) string) error {
			if into = want[name]; into != nil && *into != "" {
				into = nil
			}
			if name == "document-statistic" {
				d.facts.Pages, d.facts.Words = number(attr("page-count")), number(attr("word-count"))
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
	}
}

// odfMarkup is that of the text. flat documents have what they say of themselves
// in the same file.
func (d *doc) odfMarkup(flat bool) markup {
	meta, inMeta, depth, rows := d.odfMeta(), false, 0, 0 // depth of paragraphs, and of table rows
	return markup{
		open: func(name string, attr func(string) string) error {
			if name == "meta" && flat {
				inMeta = true
			}
			if inMeta {
				return meta.open(name, attr)
			}
			switch name {
			case "p", "h":
				depth++
			case "tab":
				return d.add("\t")
			case "line-break":
				return d.add("\n")
			case "s":
				return d.add(strings.Repeat(" ", min(max(number(attr("c")), 1), 100)))
			case "page": // of a presentation or drawing
				d.facts.Pages++
				return d.breakPage()
			case "table-row":
				rows++
			case "table-cell":
				if !d.atStart() {
					return d.add("\t")
				}
			case "tracked-changes", "binary-data", "scripts":
				return errSkip
			}
			return nil
		},
		text: func(s string) error {
			if inMeta {
				return meta.text(s)
			}
			if depth > 0 {
				return d.add(strings.NewReplacer("\n", " ", "\r", "").Replace(s))
			}
			return nil
		},
		close: func(name string) error {
			if inMeta {
				inMeta = name != "meta"
				return meta.close(name)
			}
			switch name {
			case "p", "h":
				if depth = max(0, depth-1); rows > 0 {
					return d.add(" ")
				}
				return d.add("\n")
			case "table-row":
				rows = max(0, rows-1)
				return d.breakLine()
			}
			return nil
		},
	}
}
