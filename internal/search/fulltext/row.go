package fulltext

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// maxBody bounds what is kept of a text, in bytes.
const maxBody = 8 << 20

// row makes of a document what is stored of it.
func (x *Index) row(d *Document) row {
	body := d.Body
	if len(body) > maxBody {
		body = body[:maxBody]
	}
	body = plain(body)
	r := row{id: d.ID, title: plain(d.Title), place: plain(d.Place)}
	r.titleWords, r.allText = prepared(r.title), prepared(body)
	r.body = x.enc.EncodeAll([]byte(body), nil)
	return r
}

// plain is text that SQLite and people can read: valid UTF-8 without NUL, letters
// and their marks composed where they can be.
func plain(text string) string {
	return norm.NFC.String(strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", " "))
}

// body returns the text of a row.
func (x *Index) body(stored []byte) (string, error) {
	b, err := x.dec.DecodeAll(stored, nil)
	return string(b), err
}
