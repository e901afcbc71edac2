package words

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"

	"golang.org/x/text/encoding/htmlindex"
)

// Bounds of XML.
const (
	maxDepth  = 1000
	maxMember = 64 << 20  // bytes of one member of a document, unpacked
	maxAll    = 256 << 20 // bytes of all of them
)

// markup tells what to do with a document's elements, which come by their local
// names. Any of them may be nil.
type markup struct {
	open  func(name string, attr func(name string) string) error // errSkip: leave it out with all in it
	text  func(s string) error
	close func(name string) error
}

var errSkip = errors.New("skip")

// walk goes through XML. References to entities and other documents are not
// followed, and what has no end is cut off: io.ErrUnexpectedEOF.
func (d *doc) walk(r io.Reader, m markup) error {
	dec := xml.NewDecoder(r)
	dec.Strict = false
	dec.Entity = xml.HTMLEntity
	dec.CharsetReader = func(label string, in io.Reader) (io.Reader, error) {
		e, err := htmlindex.Get(label)
		if err != nil {
			return nil, err
		}
		return e.NewDecoder().Reader(in), nil
	}
	depth, skip := 0, 0 // skip: the depth of the element that is left out
	for n := 0; ; n++ {
		if n%256 == 0 {
			if err := d.ctx.Err(); err != nil {
				return err
			}
		}
		t, err := dec.RawToken()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("it is damaged: %w", err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			if depth++; depth > maxDepth {
				return errors.New("its parts are too deep in each other")
			}
			if skip == 0 && m.open != nil {
				err = m.open(t.Name.Local, attributes(t.Attr))
			}
		case xml.CharData:
			if skip == 0 && m.text != nil {
				err = m.text(string(t))
			}
		case xml.EndElement:
			if skip == 0 && m.close != nil {
				err = m.close(t.Name.Local)
			}
			if depth == skip {
				skip = 0
			}
			depth = max(0, depth-1)
		}
		if errors.Is(err, errSkip) {
			skip, err = depth, nil
		}
		if err != nil {
			return err
		}
	}
}

func attributes(list []xml.Attr) func(string) string {
	return func(name string) string {
		for _, a := range list {
			if a.Name.Local == name {
				return a.Value
			}
		}
		return ""
	}
}

// values reads the text of the elements that want names, the first of each.
func (d *doc) values(r io.Reader, want map[string]*string) error {
	var into *string
	return d.walk(r, markup{
		open: func(name string, _ func(string) string) error {
			if p := want[name]; p != nil && *p == "" {
				into = p
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
}
