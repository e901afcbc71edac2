package words

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/textproto"
	"strings"

	"golang.org/x/text/encoding/htmlindex"

	"github.com/stardrive/stardrive/internal/media"
)

// Bounds of mail.
const (
	maxMessage = 32 << 20 // bytes of one message that are looked at
	maxPartsIn = 500      // parts of one message
	maxNested  = 10       // parts within parts
)

// mail reads one message: who, what about, the text, and the names of what is
// attached.
func mail(d *doc, src media.Source) error {
	b, err := d.head(src, maxMessage)
	if err != nil {
		return err
	}
	d.cut = src.Size > int64(len(b))
	if len(b) > 0 && b[0] >= '0' && b[0] <= '9' { // Apple's emlx begins with the length
		if i := bytes.IndexByte(b, '\n'); i > 0 && i < 20 {
			b = b[i+1:]
		}
	}
	if bytes.HasPrefix(b, []byte("From ")) { // out of a mailbox
		b = b[bytes.IndexByte(b, '\n')+1:]
	}
	h, err := d.message(b)
	d.facts.Title = h.Get("Subject")
	d.facts.Author = h.Get("From")
	return err
}

// message adds the text of a message and returns its headers, decoded.
func (d *doc) message(b []byte) (textproto.MIMEHeader, error) {
	r := bufio.NewReader(bytes.NewReader(b))
	h, _ := headers(r)
	if len(h) == 0 { // text that is named so
		return h, d.add(decodeAny(string(b)))
	}
	for _, name := range []string{"Subject", "From", "To", "Cc", "Date"} {
		if v := h.Get(name); v != "" {
			if err := d.add(name + ": " + oneLine(v) + "\n"); err != nil {
				return h, err
			}
		}
	}
	if err := d.add("\n"); err != nil {
		return h, err
	}
	m := parts{d: d}
	return h, m.part(h, r, 0)
}

// headers reads the head of a message or part, decoded; a bad line ends it.
func headers(r *bufio.Reader) (textproto.MIMEHeader, error) {
	h, err := textproto.NewReader(r).ReadMIMEHeader()
	dec := mime.WordDecoder{CharsetReader: charsetReader}
	for _, values := range h {
		for i, v := range values {
			if text, err := dec.DecodeHeader(v); err == nil {
				v = text
			}
			values[i] = decodeAny(v)
		}
	}
	return h, err
}

// decodeAny makes UTF-8 of what may be in another encoding.
func decodeAny(s string) string {
	if text, name := decode([]byte(s), false); name != "" {
		return text
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

func charsetReader(label string, in io.Reader) (io.Reader, error) {
	e, err := htmlindex.Get(strings.Trim(label, `"' `))
	if err != nil {
		return nil, err
	}
	return e.NewDecoder().Reader(in), nil
}

// parts is the state within one message.
type parts struct {
	d *doc
	n int
}

// part adds the text of one part, or of the parts in it.
func (m *parts) part(h textproto.MIMEHeader, body io.Reader, depth int) error {
	if m.n++; m.n > maxPartsIn || depth > maxNested {
		m.d.cut = true
		return nil
	}
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil && kind == "" {
		kind = "text/plain"
	}
	name, attached := attachment(h, params)
	body = transferred(h, body)
	switch {
	case strings.HasPrefix(kind, "multipart/") && params["boundary"] != "":
		return m.several(kind, multipart.NewReader(body, params["boundary"]), depth)
	case kind == "message/rfc822" && !attached:
		r := bufio.NewReader(body)
		inner, err := headers(r)
		if len(inner) == 0 {
			return err
		}
		return m.part(inner, r, depth+1)
	case attached || !strings.HasPrefix(kind, "text/"):
		m.d.facts.Members++
		if name == "" {
			return nil
		}
		return m.d.add("\n" + oneLine(name) + "\n")
	}
	return m.text(kind, params["charset"], body)
}

// attachment tells the name of a part, and whether it is there to be saved.
func attachment(h textproto.MIMEHeader, params map[string]string) (name string, attached bool) {
	dec := mime.WordDecoder{CharsetReader: charsetReader}
	disposition, more, err := mime.ParseMediaType(h.Get("Content-Disposition"))
	if name = more["filename"]; name == "" {
		name = params["name"]
	}
	if text, err := dec.DecodeHeader(name); err == nil {
		name = text
	}
	return decodeAny(name), err == nil && strings.EqualFold(disposition, "attachment")
}

// transferred undoes the encoding for the way.
func transferred(h textproto.MIMEHeader, r io.Reader) io.Reader {
	switch strings.ToLower(strings.TrimSpace(h.Get("Content-Transfer-Encoding"))) {
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, r) // which passes over line breaks
	case "quoted-printable":
		return quotedprintable.NewReader(r)
	}
	return r
}

// several goes through the parts; of alternatives the first with text is taken.
func (m *parts) several(kind string, r *multipart.Reader, depth int) error {
	for {
		p, err := r.NextRawPart()
		if err != nil { // the end, or a message that was cut off
			return m.d.ctx.Err()
		}
		h := textproto.MIMEHeader{}
		for k, values := range p.Header {
			for _, v := range values {
				h.Add(k, decodeAny(v))
			}
		}
		before := m.d.text.Len()
		if err := m.part(h, p, depth+1); err != nil {
			return err
		}
		if kind == "multipart/alternative" && m.d.text.Len() > before {
			return nil
		}
	}
}

func (m *parts) text(kind, label string, r io.Reader) error {
	b, err := io.ReadAll(io.LimitReader(r, maxPlain))
	if err != nil && len(b) == 0 {
		return nil // a damaged part does not spoil the others
	}
	var s string
	if e, err := htmlindex.Get(label); err == nil && label != "" {
		if out, err := e.NewDecoder().Bytes(b); err == nil {
			s = string(out)
		}
	}
	if s == "" {
		s = decodeAny(string(b))
	}
	if kind == "text/html" {
		title := m.d.facts.Title
		err := m.d.html(s)
		m.d.facts.Title = title
		return err
	}
	if err := m.d.add(strings.TrimSpace(s)); err != nil {
		return err
	}
	return m.d.add("\n")
}

// mailbox reads the messages of an mbox, as many as there is room for, and counts
// the others.
func mailbox(d *doc, src media.Source) error {
	r := bufio.NewReaderSize(io.NewSectionReader(src, 0, src.Size), 64<<10)
	var now []byte
	blank, full, messages := true, false, 0
	end := func() error {
		if messages == 0 || full {
			return nil
		}
		if err := d.breakPage(); err != nil {
			return err
		}
		_, err := d.message(now)
		if errors.Is(err, errFull) {
			full, d.cut = true, true
			return nil
		}
		return d.ctx.Err() // what is wrong with one message is no matter to the others
	}
	for {
		line, err := r.ReadSlice('\n')
		if blank && bytes.HasPrefix(line, []byte("From ")) {
			if err := end(); err != nil {
				return err
			}
			messages++
			now = now[:0]
			line = nil
		}
		if !full && len(now) < maxMessage {
			if bytes.HasPrefix(line, []byte(">From ")) { // as it is written within a message
				line = line[1:]
			}
			now = append(now, line...)
		}
		blank = len(bytes.TrimRight(line, "\r\n")) == 0
		switch {
		case errors.Is(err, io.EOF):
			err := end()
			d.facts.Members = messages
			return err
		case err != nil && !errors.Is(err, bufio.ErrBufferFull):
			return err
		}
		if err := d.ctx.Err(); err != nil {
			d.facts.Members = 0 // it was not counted to the end
			return err
		}
	}
}
