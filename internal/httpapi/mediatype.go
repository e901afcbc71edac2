package httpapi

import (
	"bytes"
	"io"
	"mime"
	"strings"
	"unicode/utf8"

	"github.com/stardrive/stardrive/internal/errs"
)

const (
	binary    = "application/octet-stream"
	textLook  = 256 << 10 // bytes of a text that are looked at for its encoding
	binaryFor = 4 << 10   // bytes at its beginning in which a text holds no control characters
)

// typeOf is a file's media type. What its name says of texts, and where it says
// nothing, is compared with the file's beginning: a text has a charset, and what
// holds other things than text is binary, whatever its name. The file is left at
// its start.
func typeOf(c Content) (string, error) {
	named := plainType(c.MIME)
	kind, _, _ := strings.Cut(named, ";")
	if !isText(kind) && kind != binary && kind != "video/mp2t" { // .ts: a film, or TypeScript
		return named, nil
	}
	head, err := begin(c, textLook)
	if err != nil {
		return "", err
	}
	charset := charsetOf(head)
	switch {
	case charset == "" && isText(kind):
		return binary, nil
	case charset == "":
		return named, nil
	case !isText(kind):
		kind = "text/plain"
	}
	return kind + "; charset=" + charset, nil
}

// isText reports whether files of this type are texts.
func isText(kind string) bool {
	switch kind {
	case "application/json", "application/javascript", "application/xml", "application/xhtml+xml", "image/svg+xml":
		return true
	}
	return strings.HasPrefix(kind, "text/")
}

// begin reads up to n bytes from the start of f, and returns to it.
func begin(f io.ReadSeeker, n int64) ([]byte, error) {
	head, err := io.ReadAll(io.LimitReader(f, n))
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, errs.New(errs.KindOf(err), "%w", err)
	}
	return head, nil
}

// charsetOf tells the encoding of a text by its beginning, or "" if it is none.
// What is not UTF-8 is most likely of the time before it.
func charsetOf(head []byte) string {
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		return "utf-16le"
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		return "utf-16be"
	case bytes.ContainsFunc(head[:min(len(head), binaryFor)], control):
		return ""
	case utf8.Valid(head[:len(head)-cut(head)]):
		return "utf-8"
	}
	return "windows-1252"
}

// control reports characters that stand in no text; ESC colours logs.
func control(r rune) bool {
	return r < ' ' && !strings.ContainsRune("\t\n\r\f\b\x1b", r)
}

// cut is the length of the character at the end of b that reading on would
// make whole.
func cut(b []byte) int {
	if len(b) < textLook {
		return 0
	}
	for n := 1; n < utf8.UTFMax && n <= len(b); n++ {
		if c := b[len(b)-n]; utf8.RuneStart(c) {
			if c >= utf8.RuneSelf && !utf8.FullRune(b[len(b)-n:]) {
				return n
			}
			return 0
		}
	}
	return 0
}

// plainType is a well-formed media type, never a guess.
func plainType(t string) string {
	kind, params, err := mime.ParseMediaType(t)
	if err != nil || !strings.Contains(kind, "/") {
		return binary
	}
	if f := mime.FormatMediaType(kind, params); f != "" {
		return f
	}
	return kind
}

// shownType decides how a browser may show a type. Documents that can hold
// scripts are shown as plain text; a drawing (SVG) only as an image, where its
// scripts never run. What no browser shows is saved.
func shownType(t, dest string) (contentType, disposition string) {
	kind, _, _ := strings.Cut(t, ";")
	major, _, _ := strings.Cut(kind, "/")
	switch {
	case kind == "image/svg+xml" && dest == "image":
		return kind, "inline" // the drawing itself tells its encoding
	case isText(kind):
		_, params, err := mime.ParseMediaType(t)
		if err != nil || params["charset"] == "" {
			return "text/plain; charset=utf-8", "inline"
		}
		return "text/plain; charset=" + params["charset"], "inline"
	case major == "image" || major == "video" || major == "audio" || kind == "application/pdf":
		return t, "inline"
	}
	return t, "attachment"
}
