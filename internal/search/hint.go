package search

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Hint tells what of a query was not understood as it may have been meant. It is
// no error: what cannot be read is a word.
type Hint struct {
	At     int    `json:"at" jsonschema:"where in the query, in characters"`
	Length int    `json:"length" jsonschema:"how many characters"`
	Text   string `json:"text" jsonschema:"what is to be known of it"`
}

func (p *parser) hint(t token, text string) { p.hints = append(p.hints, hintAt(t, text)) }

func hintAt(t token, text string) Hint {
	return Hint{At: t.at, Length: utf8.RuneCountInString(t.text), Text: text}
}

// operators are what other programs have words for, and what to write here.
var operators = map[string]string{
	"AND": "this is looked for as a word; leave it out: all that stands side by side must fit",
	"&&":  "this is looked for as it stands; leave it out: all that stands side by side must fit",
	"NOT": "this is looked for as a word; write -word for what must not be there",
	"||":  "this is looked for as it stands; write OR",
	"|":   "this is looked for as it stands; write OR",
	"XOR": "this is looked for as a word; there are OR, -word and parentheses",
}

// likeFields are what other programs call fields, and what these are here.
var likeFields = map[string]string{
	"type": "kind:image", "filetype": "ext:pdf", "extension": "ext:pdf", "date": "modified:2024-03", "datemodified": "modified:2024-03", "changed": "modified:2024-03",
	"after": "modified:>2024-03", "before": "modified:<2024-03", "since": "modified:>=2024-03", "until": "modified:<=2024-03", "author": "artist:name", "from": "artist:name",
	"folder": "in:~/folder", "dir": "in:~/folder", "directory": "in:~/folder", "inside": "in:~/folder", "text": "content:word", "body": "content:word", "contains": "content:word",
	"file": "name:word", "filename": "name:word", "regex": "re:^word", "regexp": "re:^word", "drive": "volume:name", "disk": "volume:name", "like": "similar:word", "not": "-word",
}

// units are what a number may be parted from by mistake.
var units = map[string][]string{
	"size":     {"b", "k", "kb", "kib", "m", "mb", "mib", "g", "gb", "gib", "t", "tb", "tib", "bytes"},
	"duration": {"s", "sec", "m", "min", "h"},
}

// look hints at what of the piece at i was likely meant otherwise than it is read.
func (p *parser) look(ts []token, i int) {
	t := ts[i]
	between := i > 0 && i < len(ts)-1
	switch {
	case isOr(t) && !between:
		p.hint(t, "OR stands between two terms; here it is looked for as a word")
	case strings.EqualFold(t.text, "or") && !isOr(t) && between:
		p.hint(t, "this is looked for as a word; for one or the other, write OR in capitals")
	case operators[t.text] != "" && i < len(ts)-1:
		p.hint(t, operators[t.text])
	}
	start := len(t.text) - len(strings.TrimLeft(t.text, "-("))
	typed, value, ok := strings.Cut(t.text[start:], ":")
	if !ok {
		return
	}
	field := token{text: typed, at: t.at + utf8.RuneCountInString(t.text[:start])}
	name := strings.ToLower(typed)
	switch {
	case value == "" && fields[name] != nil && i < len(ts)-1:
		p.hint(field, "this is looked for as it stands; write "+name+":"+ts[i+1].text+", without a blank")
	case value == "":
	case name == "re" && typed != name:
		p.hint(field, "this is looked for as it stands; a regular expression begins with re: in small letters")
	case fields[name] != nil && typed != name:
		p.hint(field, "this is read as the filter "+name+":; write name:"+t.text[start:]+" to look for it as it stands")
	case likeFields[name] != "":
		p.hint(field, "there is no such filter, and this is looked for as it stands; what may be meant is written as "+likeFields[name])
	}
	if digit := value != "" && '0' <= value[len(value)-1] && value[len(value)-1] <= '9'; digit && i < len(ts)-1 && slices.Contains(units[name], strings.ToLower(ts[i+1].text)) {
		unit := ts[i+1]
		p.hint(unit, "this is looked for as a word; write "+name+":"+value+strings.TrimSuffix(strings.ToLower(unit.text), "ytes")+", without a blank")
	}
}

// nothing fits no row: what a filter asks for is not there.
type nothing struct{ coarse }

func (nothing) keep(_ *worker, rows bitmap) { clear(rows) }

// derived are the fields of what is known of indexed files alone.
var derived = []string{"content", "similar", "taken", "created", "camera", "artist", "title", "width", "height", "pages", "duration", "tag", "rating", "note", "collection"}

const (
	notDerived = "of a folder that is not indexed, names, sizes and times are known alone; index it with: stardrive location add FOLDER"
	noFolder   = "there is nothing below this folder: "
)
