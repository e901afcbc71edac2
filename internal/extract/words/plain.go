package words

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/gogs/chardet"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"

	"github.com/stardrive/stardrive/internal/media"
)

// maxPlain is how many bytes of a plain file are looked at: enough for maxText in
// an encoding with two bytes a letter.
const maxPlain = 2*maxText + 4

// fallback is what old files of unknown encoding are most likely in.
const fallback = "windows-1252"

// plain takes the whole file as text, if it is text.
func plain(d *doc, src media.Source) error {
	s, err := d.readText(src)
	if err != nil || s == "" {
		return err
	}
	return d.add(s)
}

// readText reads and decodes a text file, and counts its lines. "": it is none.
func (d *doc) readText(src media.Source) (string, error) {
	b, err := d.head(src, maxPlain)
	if err != nil {
		return "", err
	}
	d.cut = d.cut || src.Size > int64(len(b))
	s, name := decode(b, d.cut)
	if name == "" {
		return "", nil
	}
	d.facts.Encoding = name
	if !d.cut {
		d.facts.Lines = lines(s)
	}
	return s, nil
}

// head reads the first n bytes, or all there are.
func (d *doc) head(src media.Source, n int64) ([]byte, error) {
	if err := d.ctx.Err(); err != nil {
		return nil, err
	}
	b := make([]byte, min(n, src.Size))
	got, err := io.ReadFull(io.NewSectionReader(src, 0, src.Size), b)
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		err = nil
	}
	return b[:got], err
}

// lines counts lines of every kind of line end; a last one without an end counts.
func lines(s string) int {
	if s == "" {
		return 0
	}
	n := strings.Count(s, "\n") + strings.Count(s, "\r") - strings.Count(s, "\r\n")
	if last := s[len(s)-1]; last != '\n' && last != '\r' {
		n++
	}
	return n
}

// decode finds the encoding of text, and returns the text and the encoding's
// name as the web has it. The name is "" if b is no text. cut tells that b may
// end within a letter.
func decode(b []byte, cut bool) (text, name string) {
	for _, m := range []struct {
		mark, name string
	}{{"\xef\xbb\xbf", "utf-8"}, {"\xff\xfe", "utf-16le"}, {"\xfe\xff", "utf-16be"}} {
		if rest, ok := bytes.CutPrefix(b, []byte(m.mark)); ok {
			return decodeAs(rest, m.name), m.name
		}
	}
	if cut {
		b = wholeLetters(b)
	}
	if name := wide(b); name != "" {
		return decodeAs(b, name), name
	}
	if isBinary(b) {
		return "", ""
	}
	if utf8.Valid(b) && !bytes.Contains(b, []byte("\x1b$")) { // but ISO-2022, which is ASCII with escapes
		return string(b), "utf-8"
	}
	name = guess(b)
	return decodeAs(b, name), name
}

// wholeLetters takes off a UTF-8 letter that was cut.
func wholeLetters(b []byte) []byte {
	for i := 1; i < utf8.UTFMax && i <= len(b); i++ {
		if c := b[len(b)-i]; utf8.RuneStart(c) {
			if c >= utf8.RuneSelf && !utf8.FullRune(b[len(b)-i:]) {
				return b[:len(b)-i]
			}
			break
		}
	}
	return b
}

// wide recognises UTF-16 without a mark: in most languages every second byte is
// small, and often zero.
func wide(b []byte) string {
	b = b[:min(len(b), 4096)&^1]
	if len(b) < 4 {
		return ""
	}
	var zeros [2]int
	for i, c := range b {
		if c == 0 {
			zeros[i%2]++
		}
	}
	half := len(b) / 2
	switch {
	case zeros[1] > half*2/5 && zeros[0] == 0:
		return "utf-16le"
	case zeros[0] > half*2/5 && zeros[1] == 0:
		return "utf-16be"
	}
	return ""
}

// isBinary tells whether b is no text: it has bytes that no text has.
func isBinary(b []byte) bool {
	odd := 0
	for _, c := range b {
		if c == 0 {
			return true
		}
		if c < ' ' && c != '\n' && c != '\r' && c != '\t' && c != '\f' && c != '\v' && c != '\b' && c != 0x1b && c != 0x1a || c == 0x7f {
			odd++
		}
	}
	return odd > 1+len(b)/200
}

// guess finds the likely encoding of what is neither UTF-8 nor UTF-16.
func guess(b []byte) string {
	const enough, sure = 64 << 10, 20
	r, err := chardet.NewTextDetector().DetectBest(b[:min(len(b), enough)])
	if err != nil || r.Confidence < sure {
		return fallback
	}
	e, err := htmlindex.Get(r.Charset)
	if err != nil {
		return fallback
	}
	name, err := htmlindex.Name(e)
	if err != nil || strings.HasPrefix(name, "utf-") {
		return fallback
	}
	return name
}

// decodeAs decodes b; what is wrong in it becomes U+FFFD, or goes.
func decodeAs(b []byte, name string) string {
	var e encoding.Encoding
	switch name {
	case "utf-8":
		return strings.ToValidUTF8(string(b), "\uFFFD")
	case "utf-16le":
		e = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case "utf-16be":
		e = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	default:
		var err error
		if e, err = htmlindex.Get(name); err != nil {
			return strings.ToValidUTF8(string(b), "\uFFFD")
		}
	}
	out, err := e.NewDecoder().Bytes(b)
	if err != nil {
		return strings.ToValidUTF8(string(b), "\uFFFD")
	}
	return string(out)
}
