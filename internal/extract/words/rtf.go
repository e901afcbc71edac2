package words

import (
	"strconv"
	"strings"

	"golang.org/x/text/encoding/htmlindex"

	"github.com/stardrive/stardrive/internal/media"
)

// maxGroups bounds groups within groups.
const maxGroups = 1000

// rtf reads the Rich Text Format.
func rtf(d *doc, src media.Source) error {
	b, err := d.head(src, maxMember)
	if err != nil {
		return err
	}
	d.cut = src.Size > int64(len(b))
	if !strings.HasPrefix(string(b[:min(len(b), 5)]), `{\rtf`) {
		return d.add(decodeAny(string(b))) // many a text is named so
	}
	p := rtfParser{d: d, b: b, codepage: fallback}
	return p.parse()
}

// rtfGroup is what holds within braces.
type rtfGroup struct {
	into  *string // what the text is for, if not the body
	skip  bool
	uskip int // letters that stand for a Unicode one, for old programs
}

type rtfParser struct {
	d        *doc
	b        []byte
	i        int
	g        rtfGroup
	stack    []rtfGroup
	codepage string
	bytes    []byte // letters in the code page, not decoded yet
	ignore   int    // letters still to be left out
	high     rune   // the first half of a pair
}

func (p *rtfParser) parse() error {
	p.g.uskip = 1
	for n := 0; p.i < len(p.b); n++ {
		if n%4096 == 0 {
			if err := p.d.ctx.Err(); err != nil {
				return err
			}
		}
		c := p.b[p.i]
		p.i++
		var err error
		switch c {
		case '{':
			if err = p.flush(); err == nil && len(p.stack) < maxGroups {
				p.stack = append(p.stack, p.g)
			}
		case '}':
			if err = p.flush(); err == nil && len(p.stack) > 0 {
				p.g, p.stack = p.stack[len(p.stack)-1], p.stack[:len(p.stack)-1]
			}
		case '\\':
			err = p.control()
		case '\r', '\n':
		default:
			p.letter(c)
		}
		if err != nil {
			return err
		}
	}
	return p.flush()
}

// letter takes one byte of text.
func (p *rtfParser) letter(c byte) {
	if p.ignore > 0 {
		p.ignore--
		return
	}
	if !p.g.skip {
		p.bytes = append(p.bytes, c)
	}
}

// flush adds the letters that wait.
func (p *rtfParser) flush() error {
	if len(p.bytes) == 0 {
		return nil
	}
	s := string(p.bytes)
	for _, c := range p.bytes {
		if c >= 0x80 {
			s = decodeAs(p.bytes, p.codepage)
			break
		}
	}
	p.bytes = p.bytes[:0]
	return p.emit(s)
}

func (p *rtfParser) emit(s string) error {
	switch {
	case p.g.skip:
		return nil
	case p.g.into != nil:
		if len(*p.g.into) < 4096 {
			*p.g.into += s
		}
		return nil
	}
	return p.d.add(s)
}

// control reads what follows a backslash.
func (p *rtfParser) control() error {
	if p.i >= len(p.b) {
		return nil
	}
	c := p.b[p.i]
	if c < 'A' || c > 'z' || c > 'Z' && c < 'a' {
		p.i++
		return p.symbol(c)
	}
	from := p.i
	for p.i < len(p.b) && p.i-from < 32 && (p.b[p.i]|0x20 >= 'a' && p.b[p.i]|0x20 <= 'z') {
		p.i++
	}
	word := string(p.b[from:p.i])
	from = p.i
	if p.i < len(p.b) && p.b[p.i] == '-' {
		p.i++
	}
	for p.i < len(p.b) && p.i-from < 11 && p.b[p.i] >= '0' && p.b[p.i] <= '9' {
		p.i++
	}
	n, err := strconv.Atoi(string(p.b[from:p.i]))
	has := err == nil
	if p.i < len(p.b) && p.b[p.i] == ' ' {
		p.i++
	}
	if word == "bin" {
		p.i = min(len(p.b), p.i+max(0, n))
		return nil
	}
	if p.ignore > 0 && word != "u" {
		p.ignore--
		return nil
	}
	return p.word(word, n, has)
}

func (p *rtfParser) symbol(c byte) error {
	switch c {
	case '\'':
		if p.i+2 <= len(p.b) {
			if v, err := strconv.ParseUint(string(p.b[p.i:p.i+2]), 16, 8); err == nil {
				p.letter(byte(v))
			}
			p.i += 2
		}
	case '*':
		p.g.skip = true // a group that who does not know it leaves out
	case '~':
		p.letter(' ')
	case '_':
		p.letter('-')
	case '\\', '{', '}':
		p.letter(c)
	case '\r', '\n':
		return p.text("\n")
	}
	return nil
}

// text adds what stands for text.
func (p *rtfParser) text(s string) error {
	if err := p.flush(); err != nil {
		return err
	}
	return p.emit(s)
}

func (p *rtfParser) word(word string, n int, has bool) error {
	switch word {
	case "par", "line", "sect", "row":
		return p.text("\n")
	case "page":
		return p.text("\f")
	case "tab", "cell":
		return p.text("\t")
	case "u":
		return p.unicode(rune(uint16(n)))
	case "uc":
		p.g.uskip = min(max(n, 0), 16)
	case "ansicpg":
		if has {
			p.setCodepage(n)
		}
	case "emdash":
		return p.text("—")
	case "endash":
		return p.text("–")
	case "lquote":
		return p.text("‘")
	case "rquote":
		return p.text("’")
	case "ldblquote":
		return p.text("“")
	case "rdblquote":
		return p.text("”")
	case "bullet":
		return p.text("•")
	case "fonttbl", "colortbl", "stylesheet", "pict", "object", "info", "themedata", "listtable", "revtbl", "xmlnstbl", "fldinst", "datastore":
		p.g.skip = true
	case "title", "author", "subject":
		p.g.skip = false // within info
		p.g.into = map[string]*string{"title": &p.d.facts.Title, "author": &p.d.facts.Author, "subject": &p.d.facts.Subject}[word]
	case "nofpages":
		p.d.facts.Pages = number(strconv.Itoa(n))
	case "nofwords":
		p.d.facts.Words = number(strconv.Itoa(n))
	}
	return nil
}

// unicode adds a letter, and leaves out those that stand for it. Letters beyond
// the first plane come as pairs.
func (p *rtfParser) unicode(r rune) error {
	p.ignore = p.g.uskip
	high := p.high
	p.high = 0
	switch {
	case r >= 0xD800 && r < 0xDC00:
		p.high = r
		return nil
	case r >= 0xDC00 && r < 0xE000 && high != 0:
		r = (high-0xD800)<<10 | (r - 0xDC00) + 0x10000
	}
	return p.text(string(r))
}

func (p *rtfParser) setCodepage(n int) {
	name := "windows-" + strconv.Itoa(n)
	switch n {
	case 932:
		name = "shift_jis"
	case 936:
		name = "gbk"
	case 949:
		name = "euc-kr"
	case 950:
		name = "big5"
	case 10000:
		name = "macintosh"
	case 65001:
		name = "utf-8"
	}
	if _, err := htmlindex.Get(name); err == nil || name == "utf-8" {
		p.codepage = name
	}
}
