package device

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/stardrive/stardrive/internal/errs"
)

const maxName = 100 // bytes

// checkName returns name as it is kept: without spaces around it, composed.
func checkName(name string) (string, error) {
	if !utf8.ValidString(name) {
		return "", errs.New(errs.Invalid, "a device name is text")
	}
	name = norm.NFC.String(strings.TrimSpace(name))
	switch {
	case name == "":
		return "", errs.New(errs.Invalid, "a device needs a name")
	case len(name) > maxName:
		return "", errs.New(errs.Invalid, "a device name has at most %d bytes", maxName)
	case strings.IndexFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) >= 0:
		return "", errs.New(errs.Invalid, "a device name holds only visible characters")
	}
	return name, nil
}

// Slug writes a name the way it stands in addresses: lower-case ASCII letters
// and digits, joined by dashes. "Jamie’s Laptop" is "jamies-laptop". Names that
// leave nothing are "device", and the words that addresses reserve get a tail.
func Slug(name string) string {
	var b strings.Builder
	dash := false
	for _, r := range norm.NFKD.String(name) {
		if r >= 'A' && r <= 'Z' {
			r += 'a' - 'A'
		}
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			if dash && b.Len() > 0 {
				b.WriteByte('-')
			}
			dash = false
			b.WriteRune(r)
		case r == '\'' || r == '’' || unicode.Is(unicode.Mn, r): // an accent, or within a word
		case r == 'ß':
			b.WriteString("ss")
		default:
			dash = true
		}
	}
	switch slug := b.String(); slug {
	case "":
		return "device"
	case "local", "content":
		return slug + "-device"
	default:
		return slug
	}
}
