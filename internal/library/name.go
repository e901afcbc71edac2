package library

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/stardrive/stardrive/internal/errs"
)

const maxName = 100 // bytes

// checkName returns name as it is kept (composed Unicode), if a folder can bear
// it on every system: a library may be copied anywhere.
func checkName(name string) (string, error) {
	bad := func(why string, args ...any) (string, error) {
		return "", errs.New(errs.Invalid, "not a name for a library: %s", fmt.Sprintf(why, args...)).
			Try("Use letters, digits, spaces, '-', '_' and the like.")
	}
	if !utf8.ValidString(name) {
		return bad("it is no text")
	}
	name = norm.NFC.String(name)
	switch {
	case name == "":
		return bad("it is empty")
	case len(name) > maxName:
		return bad("it has more than %d bytes", maxName)
	case strings.TrimSpace(name) != name:
		return bad("it begins or ends with a space")
	case strings.HasPrefix(name, ".") || strings.HasSuffix(name, "."):
		return bad("it begins or ends with a dot")
	case strings.HasPrefix(name, "-"):
		return bad("it begins with a dash, like an option")
	case strings.HasSuffix(fold(name), Suffix):
		return bad("%s is added by itself", Suffix)
	case looksLikeID(name):
		return bad("it looks like a library's id")
	case reserved(name):
		return bad("Windows reserves it")
	}
	for _, r := range name {
		if strings.ContainsRune(`/\:*?"<>|`, r) || !unicode.IsPrint(r) {
			return bad("it holds %q", r)
		}
	}
	return name, nil
}

// fold maps names that some file system takes for the same to one text.
func fold(name string) string { return cases.Fold().String(norm.NFKC.String(name)) }

// looksLikeID reports whether name could be mistaken for a UUID.
func looksLikeID(name string) bool {
	return len(name) == 36 && strings.Count(name, "-") == 4 && strings.Trim(strings.ToLower(name), "0123456789abcdef-") == ""
}

// reserved reports whether Windows takes name for a device, with any extension.
func reserved(name string) bool {
	base, _, _ := strings.Cut(strings.ToLower(name), ".")
	switch base = strings.TrimSpace(base); base {
	case "con", "prn", "aux", "nul", "conin$", "conout$":
		return true
	}
	digits := strings.TrimPrefix(strings.TrimPrefix(base, "com"), "lpt")
	return digits != base && len([]rune(digits)) == 1 && strings.Contains("0123456789¹²³", digits)
}
