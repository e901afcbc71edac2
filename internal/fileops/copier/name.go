package copier

import (
	"crypto/rand"
	"encoding/base32"
	"strings"
)

// Private names: the mark and 128 random bits. The dot hides them, and nothing
// in them is what any file system folds or forbids.
const (
	mark     = ".sd-"
	nonceLen = 26
	aside    = "o" // is added to a temp where two private names are needed
)

const alphabet = "abcdefghijklmnopqrstuvwxyz234567"

// TempName returns a new private name: a dot, our mark and 128 random bits, 30
// bytes in all, so that it fits wherever a name fits.
func TempName() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it never fails
	return mark + base32.NewEncoding(alphabet).WithPadding(base32.NoPadding).EncodeToString(b[:])
}

// IsTemp reports whether name has the form of a private name. A file that is
// called so may still be somebody else's: what we made we know by what was noted.
func IsTemp(name string) bool {
	rest, ok := strings.CutPrefix(name, mark)
	if len(rest) == nonceLen+len(aside) {
		rest = strings.TrimSuffix(rest, aside)
	}
	return ok && len(rest) == nonceLen && strings.Trim(rest, alphabet) == ""
}
