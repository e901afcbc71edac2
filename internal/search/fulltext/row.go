package fulltext

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxBody bounds what is kept of a text, and maxNames what of a title or place, in
// bytes.
const (
	maxBody  = 8 << 20
	maxNames = 64 << 10
)

// row is a document as it is stored.
type row struct {
	id                  int64
	hash                Hash
	titleWords, allText string
	vector              bool // its vectors are there already
}

// rowOf makes of a document what is found by; its text is plain.
func rowOf(d *Document) row {
	return row{id: d.ID, hash: d.Hash, titleWords: prepared(d.Title), allText: prepared(d.Body)}
}

// plainly makes the texts of a document plain, and bounds them.
func (d *Document) plainly() Document {
	return Document{ID: d.ID, Hash: d.Hash, Title: clip(plain(d.Title), maxNames), Body: clip(plain(clip(d.Body, maxBody)), maxBody), Place: clip(plain(d.Place), maxNames)}
}

// clip is the beginning of a text: at most n bytes, and no half character more
// than there were.
func clip(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}

// plain is text that SQLite and people can read: valid UTF-8 without NUL, letters
// and their marks composed where they can be.
func plain(text string) string {
	return norm.NFC.String(strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", " "))
}
