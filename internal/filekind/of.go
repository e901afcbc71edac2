package filekind

import (
	"strings"

	"github.com/gabriel-vasile/mimetype"
)

// noType is that of bytes that tell nothing, text of those that tell no more
// than that they are text.
const (
	noType = "application/octet-stream"
	text   = "text/plain"
)

// carriers hold files of many types, which they do not tell.
var carriers = []string{
	"application/zip", "application/x-ole-storage", "application/gzip", "application/x-xz", "application/x-archive", "application/x-xar", "application/pdf",
	"application/postscript", "application/ogg", "application/x-elf", "application/vnd.microsoft.portable-executable", "image/tiff", "video/mp4",
	"video/x-matroska", "video/webm", "video/x-ms-asf", text, "text/xml", "application/json", "text/csv", "text/tab-separated-values",
}

// Of is as the function. The bytes decide; the name decides only what they leave
// open: which sort of text it is, and what a carrier such as ZIP holds.
func (t *Table) Of(name string, head []byte) Type {
	head = head[:min(len(head), HeadSize)]
	at, named := t.named(name)
	if len(head) == 0 {
		return t.ByName(name)
	}
	if named && t.rows[at].bears(head) {
		return t.at(at, ByItsBytes)
	}
	found := mimetype.Detect(head)
	for _, i := range t.magic {
		if r := &t.rows[i]; (r.strong() || found.Is(noType)) && r.bears(head) {
			return t.at(i, ByItsBytes)
		}
	}
	switch {
	case found.Is(noType):
		if named && t.rows[at].textual() {
			return Type{Other, noType, ByItsBytes} // no text, whatever its name
		}
		return t.ByName(name)
	case named && t.agree(at, found):
		return t.at(at, ByItsBytes)
	}
	return t.found(found)
}

func (t *Table) at(i int, c Confidence) Type { return Type{t.rows[i].kind, t.rows[i].mime, c} }

// textual reports whether files of this type are text and nothing else.
func (r *row) textual() bool {
	switch r.kind {
	case Text, Code, Config, Subtitle:
		return r.mime != "application/x-plist"
	}
	return strings.HasPrefix(r.mime, "text/") || strings.HasSuffix(r.mime, "+xml") || strings.HasSuffix(r.mime, "+json")
}

// agree reports whether what was found in the bytes leaves the type at i possible.
func (t *Table) agree(i int, found *mimetype.MIME) bool {
	r := &t.rows[i]
	if j, ok := t.rowOf(found); ok && j == i {
		return true
	}
	for up := found; up != nil; up = up.Parent() {
		if up.Is(r.mime) || up.Is(text) && r.textual() {
			return true
		}
	}
	known := mimetype.Lookup(r.mime)
	for up := known; up != nil; up = up.Parent() {
		if found.Is(up.String()) {
			return true // such as a document of which it saw only that it is a ZIP file
		}
	}
	if known != nil {
		return false // it would have been found
	}
	for _, c := range carriers {
		if found.Is(c) {
			return true
		}
	}
	return false
}

// rowOf returns the row of what was found.
func (t *Table) rowOf(found *mimetype.MIME) (i int, ok bool) {
	m, _, _ := strings.Cut(found.String(), ";")
	if i, ok = t.mime[m]; ok {
		return i, true
	}
	i, ok = t.ext[strings.TrimPrefix(found.Extension(), ".")]
	return i, ok && found.Is(t.rows[i].mime)
}

// found is the type of what was found in the bytes alone.
func (t *Table) found(found *mimetype.MIME) Type {
	if i, ok := t.rowOf(found); ok {
		return t.at(i, ByItsBytes)
	}
	m, _, _ := strings.Cut(found.String(), ";")
	major, _, _ := strings.Cut(m, "/")
	kind := Other
	if k, ok := Parse(major); ok { // image, video, audio, text, font, model
		kind = k
	}
	return Type{kind, m, ByItsBytes}
}
