package sdpath

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Display returns name in a form that is safe on a terminal and in a log line:
// control characters, bidi and other invisible characters, and bytes that are
// not UTF-8 become Go escapes (\n, \x1b, \u202e, \xff), and a backslash is
// doubled, so that different names never look the same. The result is for
// people; programs use the bytes or the entry id.
func Display[S ~string | ~[]byte](name S) string {
	s := string(name)
	if plainText(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	for s != "" {
		n, plain := next(s)
		switch {
		case s[0] == '\\':
			b.WriteString(`\\`)
		case plain:
			b.WriteString(s[:n])
		default:
			writeEscape(&b, s[:n])
		}
		s = s[n:]
	}
	return b.String()
}

func plainText(s string) bool {
	for s != "" {
		n, plain := next(s)
		if !plain || s[0] == '\\' {
			return false
		}
		s = s[n:]
	}
	return true
}

func writeEscape(b *strings.Builder, char string) {
	switch char {
	case "\n":
		b.WriteString(`\n`)
		return
	case "\r":
		b.WriteString(`\r`)
		return
	case "\t":
		b.WriteString(`\t`)
		return
	}
	switch r, _ := utf8.DecodeRuneInString(char); {
	case len(char) == 1:
		fmt.Fprintf(b, `\x%02x`, char[0])
	case r < 0x10000:
		fmt.Fprintf(b, `\u%04x`, r)
	default:
		fmt.Fprintf(b, `\U%08x`, r)
	}
}
