package words

import (
	"encoding/binary"
	"errors"
	"strings"

	"github.com/stardrive/stardrive/internal/media"
)

// wordDocument reads documents of Word 97 to 2003, piece by piece.
func wordDocument(d *doc, src media.Source) error {
	c, err := openCompound(src)
	if err != nil {
		return err
	}
	le := binary.LittleEndian
	main := c.stream(0, "WordDocument")
	if len(main) < 0x1AA || le.Uint16(main) != 0xA5EC {
		return errors.New("it is a document of a Word older than 97, or damaged")
	}
	flags := le.Uint16(main[0x0A:])
	if flags&0x0100 != 0 {
		return errEncrypted
	}
	c.about(d)
	name := "0Table"
	if flags&0x0200 != 0 {
		name = "1Table"
	}
	table := c.stream(0, name)
	from, size := int64(le.Uint32(main[0x1A2:])), int64(le.Uint32(main[0x1A6:]))
	if from+size > int64(len(table)) {
		return errNoCompound
	}
	clx := table[from : from+size]
	for len(clx) >= 3 && clx[0] == 1 { // how things look
		clx = clx[min(3+int(le.Uint16(clx[1:])), len(clx)):]
	}
	if len(clx) < 5 || clx[0] != 2 {
		return errNoCompound
	}
	clx = clx[5:min(5+int64(le.Uint32(clx[1:])), int64(len(clx)))]
	pieces := (len(clx) - 4) / 12
	t := wordText{d: d}
	for i := range pieces {
		chars := int64(le.Uint32(clx[4*i+4:])) - int64(le.Uint32(clx[4*i:]))
		at := le.Uint32(clx[4*(pieces+1)+8*i+2:])
		encoding, start, length := "utf-16le", int64(at), 2*chars
		if at&0x40000000 != 0 {
			encoding, start, length = fallback, int64(at&0x3FFFFFFF)/2, chars
		}
		if chars <= 0 || start > int64(len(main)) {
			continue
		}
		if err := t.add(decodeAs(main[start:min(start+length, int64(len(main)))], encoding)); err != nil {
			return err
		}
	}
	return nil
}

// wordText turns Word's signs into text.
type wordText struct {
	d     *doc
	field int // how deep in what stands for something else
}

func (t *wordText) add(s string) error {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == 0x13:
			t.field++
		case r == 0x14 || r == 0x15 && t.field > 0: // what it stands for is shown, or there is nothing
			t.field = max(0, t.field-1)
		case t.field > 0:
		case r == '\r' || r == 0x0B:
			b.WriteByte('\n')
		case r == 0x07:
			b.WriteByte('\t')
		case r >= ' ' || r == '\t' || r == '\f':
			b.WriteRune(r)
		}
	}
	return t.d.add(b.String())
}

// masterSlide is what says "Click to edit".
const masterSlide = 1016

// oldSlides reads presentations of PowerPoint 97 to 2003.
func oldSlides(d *doc, src media.Source) error {
	c, err := openCompound(src)
	if err != nil {
		return err
	}
	c.about(d)
	b := c.stream(0, "PowerPoint Document")
	if b == nil {
		return errNoCompound
	}
	le := binary.LittleEndian
	for len(b) >= 8 {
		container := b[0]&0x0F == 0x0F
		kind, size := le.Uint16(b[2:]), int64(le.Uint32(b[4:]))
		b = b[8:]
		if container && kind != masterSlide { // what is in it follows
			continue
		}
		body := b[:min(size, int64(len(b)))]
		b = b[len(body):]
		text := ""
		switch kind {
		case 4000:
			text = decodeAs(body, "utf-16le")
		case 4008:
			text = decodeAs(body, "iso-8859-1")
		default:
			continue
		}
		if err := d.add(strings.NewReplacer("\r", "\n", "\v", "\n").Replace(text) + "\n"); err != nil {
			return err
		}
	}
	return nil
}

// oldSheet reads the words of workbooks of Excel 97 to 2003, and the names of sheets.
func oldSheet(d *doc, src media.Source) error {
	c, err := openCompound(src)
	if err != nil {
		return err
	}
	b := c.stream(0, "Workbook")
	if b == nil {
		return errors.New("it is a workbook of an Excel older than 97, or damaged")
	}
	le := binary.LittleEndian
	var shared [][]byte // the table of texts, as it is cut
	last := uint16(0)
	for len(b) >= 4 {
		kind, size := le.Uint16(b), int(le.Uint16(b[2:]))
		b = b[4:]
		body := b[:min(size, len(b))]
		b = b[len(body):]
		switch {
		case kind == 0x2F:
			return errEncrypted
		case kind == 0x85 && len(body) > 8: // a sheet
			text := &sheetText{pieces: [][]byte{body[7:]}}
			if err := d.add(text.chars(int(body[6])) + "\n"); err != nil {
				return err
			}
		case kind == 0xFC && len(body) > 8:
			shared = [][]byte{body[8:]}
		case kind == 0x3C && last == 0xFC:
			shared = append(shared, body)
			continue
		}
		last = kind
	}
	c.about(d)
	text := &sheetText{pieces: shared}
	for len(text.pieces) > 0 {
		if err := d.add(text.next() + "\n"); err != nil {
			return err
		}
	}
	return nil
}

// sheetText reads texts that are cut into pieces.
type sheetText struct{ pieces [][]byte }

func (t *sheetText) take(n int) (out []byte) {
	for n > 0 && len(t.pieces) > 0 {
		k := min(n, len(t.pieces[0]))
		out = append(out, t.pieces[0][:k]...)
		t.pieces[0] = t.pieces[0][k:]
		if n -= k; len(t.pieces[0]) == 0 {
			t.pieces = t.pieces[1:]
		}
	}
	return out
}

// next reads one text of the table.
func (t *sheetText) next() string {
	head := t.take(2)
	if len(head) < 2 {
		t.pieces = nil
		return ""
	}
	n := int(binary.LittleEndian.Uint16(head))
	flags := t.take(1)
	if len(flags) == 0 {
		return ""
	}
	runs, more := 0, 0
	if flags[0]&8 != 0 {
		if b := t.take(2); len(b) == 2 {
			runs = int(binary.LittleEndian.Uint16(b))
		}
	}
	if flags[0]&4 != 0 {
		if b := t.take(4); len(b) == 4 {
			more = int(min(binary.LittleEndian.Uint32(b), maxStream))
		}
	}
	s := t.run(n, flags[0])
	t.take(4*runs + more) // how it looks, and how it is read out
	return s
}

// chars reads n letters behind a byte that tells how wide they are.
func (t *sheetText) chars(n int) string {
	flags := t.take(1)
	if len(flags) == 0 {
		return ""
	}
	return t.run(n, flags[0])
}

// run reads n letters. Where a piece ends among them, the next begins with how wide
// they are from there on.
func (t *sheetText) run(n int, flags byte) string {
	var b strings.Builder
	for n > 0 && len(t.pieces) > 0 {
		width, encoding := 1, "iso-8859-1"
		if flags&1 != 0 {
			width, encoding = 2, "utf-16le"
		}
		here := min(n, len(t.pieces[0])/width)
		cut := here < n
		if here > 0 {
			b.WriteString(decodeAs(t.take(here*width), encoding))
			n -= here
		}
		if !cut {
			break
		}
		if here == 0 && len(t.pieces) > 0 && len(t.pieces[0]) > 0 { // half a letter: damage
			t.pieces = t.pieces[1:]
		}
		next := t.take(1)
		if len(next) == 0 {
			break
		}
		flags = next[0]
	}
	return b.String()
}

// outlook reads a message that Outlook has stored in a file of its own.
func outlook(d *doc, src media.Source) error {
	c, err := openCompound(src)
	if err != nil {
		return err
	}
	text := func(folder int, tag string) string {
		if b := c.stream(folder, "__substg1.0_"+tag+"001F"); b != nil {
			return decodeAs(b, "utf-16le")
		}
		return decodeAny(string(c.stream(folder, "__substg1.0_"+tag+"001E")))
	}
	d.facts.Title, d.facts.Author = text(0, "0037"), text(0, "0C1A")
	if address := text(0, "0C1F"); strings.Contains(address, "@") && !strings.Contains(d.facts.Author, address) {
		d.facts.Author = strings.TrimSpace(d.facts.Author + " <" + address + ">")
	}
	for _, line := range [][2]string{{"Subject", d.facts.Title}, {"From", d.facts.Author}, {"To", text(0, "0E04")}, {"Cc", text(0, "0E03")}} {
		if v := oneLine(line[1]); v != "" {
			if err := d.add(line[0] + ": " + v + "\n"); err != nil {
				return err
			}
		}
	}
	body := text(0, "1000")
	if body == "" && d.facts.Title == "" && d.facts.Author == "" {
		return errors.New("there is no message in it")
	}
	if err := d.add("\n" + body + "\n"); err != nil {
		return err
	}
	for _, id := range c.in(0) {
		if s := &c.stored[id]; s.kind == 1 && strings.HasPrefix(s.name, "__attach") {
			name := text(id, "3707")
			if name == "" {
				name = text(id, "3704")
			}
			if name = oneLine(name); name != "" {
				if err := d.add(name + "\n"); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
