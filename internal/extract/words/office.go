package words

import (
	"errors"

	"github.com/stardrive/stardrive/internal/media"
)

// openOffice opens a document of Microsoft's formats and reads what it says of
// itself.
func openOffice(d *doc, src media.Source) (*container, error) {
	c, err := openContainer(src)
	if err != nil {
		return nil, err
	}
	err = c.values(d, "docProps/core.xml", map[string]*string{
		"title": &d.facts.Title, "creator": &d.facts.Author, "subject": &d.facts.Subject, "language": &d.lang,
	})
	return c, err
}

// docx reads a text document.
func docx(d *doc, src media.Source) error {
	c, err := openOffice(d, src)
	if err != nil {
		return err
	}
	var pages, words string
	if err := c.values(d, "docProps/app.xml", map[string]*string{"Pages": &pages, "Words": &words}); err != nil {
		return err
	}
	if err := c.walk(d, "word/document.xml", d.wordMarkup()); err != nil {
		return err
	}
	d.facts.Pages, d.facts.Words = number(pages), number(words)
	for _, beside := range []string{"word/footnotes.xml", "word/endnotes.xml", "word/comments.xml"} {
		if err := c.walk(d, beside, d.wordMarkup()); err != nil && !errors.Is(err, errNoPart) {
			return err
		}
	}
	for _, prefix := range []string{"word/header", "word/footer"} {
		for _, name := range c.numbered(prefix) {
			if err := c.walk(d, name, d.wordMarkup()); err != nil {
				return err
			}
		}
	}
	return nil
}

// wordMarkup is that of text, both of documents and of slides: paragraphs "p" of
// runs with text "t".
func (d *doc) wordMarkup() markup {
	in, cells := false, 0 // in so many table cells
	return markup{
		open: func(name string, _ func(string) string) error {
			switch name {
			case "t":
				in = true
			case "tc":
				cells++
			case "tab":
				return d.add("\t")
			case "br", "cr":
				return d.add("\n")
			case "Fallback": // the same once more, for old programs
				return errSkip
			}
			return nil
		},
		text: func(s string) error {
			if in {
				return d.add(s)
			}
			return nil
		},
		close: func(name string) error {
			switch name {
			case "t":
				in = false
			case "p":
				if cells == 0 {
					return d.breakLine()
				}
				return d.add(" ")
			case "tc":
				cells = max(0, cells-1)
				return d.add("\t")
			case "tr":
				return d.breakLine()
			}
			return nil
		},
	}
}

// pptx reads slides, and the notes to them.
func pptx(d *doc, src media.Source) error {
	c, err := openOffice(d, src)
	if err != nil {
		return err
	}
	slides := c.numbered("ppt/slides/slide")
	if len(slides) == 0 && c.parts["ppt/presentation.xml"] == nil {
		return errNoPart
	}
	d.facts.Pages = len(slides)
	for _, name := range slides {
		if err := d.breakPage(); err != nil {
			return err
		}
		if err := c.walk(d, name, d.wordMarkup()); err != nil {
			return err
		}
	}
	for _, name := range c.numbered("ppt/notesSlides/notesSlide") {
		if err := c.walk(d, name, d.wordMarkup()); err != nil {
			return err
		}
	}
	return nil
}

// maxStrings bounds the table of strings of a spreadsheet that is held.
const maxStrings = 32 << 20

// xlsx reads the cells of spreadsheets, row by row.
func xlsx(d *doc, src media.Source) error {
	c, err := openOffice(d, src)
	if err != nil {
		return err
	}
	shared, err := c.sharedStrings(d)
	if err != nil && !errors.Is(err, errNoPart) {
		return err
	}
	var names []string
	err = c.walk(d, "xl/workbook.xml", markup{open: func(name string, attr func(string) string) error {
		if name == "sheet" && len(names) < 1000 {
			names = append(names, attr("name"))
		}
		return nil
	}})
	if err != nil {
		return err
	}
	sheets := c.numbered("xl/worksheets/sheet")
	for i, part := range sheets {
		if err := d.breakPage(); err != nil {
			return err
		}
		if i < len(names) {
			if err := d.add(names[i] + "\n"); err != nil {
				return err
			}
		}
		if err := c.walk(d, part, d.sheetMarkup(shared)); err != nil {
			return err
		}
	}
	return nil
}

// sharedStrings reads the table of strings that cells refer to.
func (c *container) sharedStrings(d *doc) (table []string, err error) {
	in, size, now := false, 0, ""
	err = c.walk(d, "xl/sharedStrings.xml", markup{
		open: func(name string, _ func(string) string) error {
			switch name {
			case "t":
				in = true
			case "rPh": // how to pronounce it
				return errSkip
			}
			return nil
		},
		text: func(s string) error {
			if in {
				now += s
			}
			return nil
		},
		close: func(name string) error {
			switch name {
			case "t":
				in = false
			case "si":
				table = append(table, now)
				if size += len(now) + 16; size > maxStrings {
					return errFull
				}
				now = ""
			}
			return nil
		},
	})
	if errors.Is(err, errFull) {
		d.cut, err = true, nil
	}
	return table, err
}

// sheetMarkup is that of one sheet: rows of cells "c" with a value "v" or text.
func (d *doc) sheetMarkup(shared []string) markup {
	kind, value, in := "", "", false
	return markup{
		open: func(name string, attr func(string) string) error {
			switch name {
			case "c":
				kind, value = attr("t"), ""
			case "v", "t":
				in = true
			case "f", "rPh":
				return errSkip
			}
			return nil
		},
		text: func(s string) error {
			if in && len(value) < 1<<20 {
				value += s
			}
			return nil
		},
		close: func(name string) error {
			switch name {
			case "v", "t":
				in = false
			case "c":
				if kind == "s" {
					n := number(value)
					if value = ""; n < len(shared) {
						value = shared[n]
					}
				}
				if value == "" {
					return nil
				}
				if !d.atStart() {
					value = "\t" + value
				}
				return d.add(value)
			case "row":
				return d.breakLine()
			}
			return nil
		},
	}
}
