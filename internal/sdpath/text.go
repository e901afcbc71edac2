package sdpath

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Parse reads the sd:// form, decoding percent-escapes exactly once. It
// refuses with errs.Invalid: anything that is no sd:// address, an empty
// authority, empty, "." and ".." components (encoded or not), a NUL byte, an
// encoded slash, bad escapes, a bare '?' or '#', a content path without a
// hash, and more than [MaxLen] bytes.
func Parse(s string) (Path, error) {
	p, err := parse(s)
	if err != nil {
		return Path{}, invalid(s, err)
	}
	return p, nil
}

func parse(s string) (p Path, err error) {
	if len(s) > MaxLen {
		return p, errTooLong
	}
	if !hasScheme(s) {
		return p, errNotSD
	}
	authority, rel, _ := strings.Cut(s[len(Scheme):], "/")
	if authority == "" {
		return p, errNoAuthority
	}
	if p.Authority, err = decodeName(authority); err != nil {
		return p, err
	}
	if p.Rel, err = decodeRel(rel); err != nil {
		return p, err
	}
	return p, p.check()
}

// hasScheme reports whether s begins with sd://, in any case as URLs may.
func hasScheme(s string) bool {
	return len(s) >= len(Scheme) && strings.EqualFold(s[:len(Scheme)], Scheme)
}

func decodeRel(rel string) (string, error) {
	if strings.IndexByte(rel, '%') < 0 && !strings.ContainsAny(rel, "?#") {
		return rel, nil // the caller checks the components
	}
	var b strings.Builder
	for i := 0; rel != ""; i++ {
		var raw string
		var more bool
		raw, rel, more = strings.Cut(rel, "/")
		name, err := decodeName(raw)
		if err != nil {
			return "", err
		}
		if i > 0 {
			b.WriteByte('/')
		}
		b.WriteString(name)
		if more && rel == "" {
			return "", errEmpty
		}
	}
	return b.String(), nil
}

// decodeName decodes one component. It must be checked here, before it is
// joined to others: afterwards an encoded slash would look like a real one.
func decodeName(raw string) (string, error) {
	if strings.ContainsAny(raw, "?#") {
		return "", errReserved
	}
	name := raw
	if strings.IndexByte(raw, '%') >= 0 {
		b := make([]byte, 0, len(raw))
		for i := 0; i < len(raw); i++ {
			c := raw[i]
			if c == '%' {
				if i+2 >= len(raw) || unhex(raw[i+1]) < 0 || unhex(raw[i+2]) < 0 {
					return "", errEscape
				}
				c = byte(unhex(raw[i+1])<<4 | unhex(raw[i+2]))
				i += 2
			}
			b = append(b, c)
		}
		name = string(b)
	}
	return name, checkName(name)
}

func unhex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c - 'a' + 10)
	case 'A' <= c && c <= 'F':
		return int(c - 'A' + 10)
	}
	return -1
}

// String prints p in its one canonical form. '%', '?' and '#', control bytes,
// characters nobody can see (bidi controls, zero-width and the like) and bytes
// that are not UTF-8 are percent-encoded. Parse(p.String()) is p.
func (p Path) String() string {
	b := make([]byte, 0, len(Scheme)+len(p.Authority)+1+len(p.Rel))
	b = append(b, Scheme...)
	b = appendEncoded(b, p.Authority)
	b = append(b, '/')
	return string(appendEncoded(b, p.Rel))
}

const upperHex = "0123456789ABCDEF"

func appendEncoded(b []byte, s string) []byte {
	for s != "" {
		n, plain := next(s)
		if plain && s[0] != '%' && s[0] != '?' && s[0] != '#' {
			b = append(b, s[:n]...)
		} else {
			for _, c := range []byte(s[:n]) {
				b = append(b, '%', upperHex[c>>4], upperHex[c&15])
			}
		}
		s = s[n:]
	}
	return b
}

// next returns the length of the first character of s, and whether it can be
// shown as it is: valid UTF-8 that leaves a mark or a space and moves no other.
func next(s string) (size int, plain bool) {
	if c := s[0]; c < utf8.RuneSelf {
		return 1, c >= ' ' && c != 0x7f
	}
	r, size := utf8.DecodeRuneInString(s)
	if r == utf8.RuneError && size == 1 {
		return 1, false
	}
	return size, !unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point)
}
