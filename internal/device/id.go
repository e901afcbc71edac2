package device

import (
	"crypto/ed25519"
	"encoding/base32"
	"strings"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
)

const (
	alphabet = "abcdefghijklmnopqrstuvwxyz234567"
	idLen    = 52 // characters of 32 bytes
	checked  = 13 // characters that share one check character
	group    = 7  // characters between two dashes
)

func encoding() *base32.Encoding {
	return base32.NewEncoding(alphabet).WithPadding(base32.NoPadding)
}

// ID returns the device id of a public key.
func ID(key ed25519.PublicKey) ident.DeviceID { return ident.DeviceID(encoding().EncodeToString(key)) }

// PublicKey returns the key that id was made of, or errs.Invalid.
func PublicKey(id ident.DeviceID) (ed25519.PublicKey, error) {
	b, err := encoding().DecodeString(string(id))
	// The last character holds unused bits: only one spelling of a key is its id.
	if err != nil || len(b) != ed25519.PublicKeySize || ID(b) != id {
		return nil, errs.New(errs.Invalid, "not a device id").At(string(id))
	}
	return b, nil
}

// Short returns the beginning of id, enough to tell apart the devices of one
// person in a list, never enough to trust one.
func Short(id ident.DeviceID) string { return string(id[:min(8, len(id))]) }

// Display writes id for people who compare or type it: eight groups of seven
// capital letters and digits, of which every fourteenth is a check character.
func Display(id ident.DeviceID) string {
	var all strings.Builder
	for s := string(id); s != ""; {
		n := min(checked, len(s))
		all.WriteString(s[:n])
		all.WriteByte(checkCharacter(s[:n]))
		s = s[n:]
	}
	var out strings.Builder
	for i, c := range strings.ToUpper(all.String()) {
		if i > 0 && i%group == 0 {
			out.WriteByte('-')
		}
		out.WriteRune(c)
	}
	return out.String()
}

// ParseID reads a device id as people type it: the display form, in any case,
// with any dashes and spaces, or the plain id. A mistyped character and
// nearly every swap of two neighbours are errs.Invalid.
func ParseID(text string) (ident.DeviceID, error) {
	s := strings.Map(func(r rune) rune {
		if r == '-' || r == ' ' {
			return -1
		}
		return r
	}, strings.ToLower(strings.TrimSpace(text)))
	// What is mistaken for a letter, which base32 leaves out for that reason.
	s = strings.NewReplacer("0", "o", "1", "l", "8", "b").Replace(s)
	if len(s) == idLen+idLen/checked {
		var plain strings.Builder
		for rest := s; rest != ""; {
			n := min(checked+1, len(rest))
			part := rest[:n-1]
			if checkCharacter(part) != rest[n-1] {
				return "", errs.New(errs.Invalid, "a character of this device id is mistyped").At(text).
					Try("Compare it with the id that the other device shows.")
			}
			plain.WriteString(part)
			rest = rest[n:]
		}
		s = plain.String()
	}
	if _, err := PublicKey(ident.DeviceID(s)); err != nil {
		return "", errs.New(errs.Invalid, "not a device id").At(text)
	}
	return ident.DeviceID(s), nil
}

// checkCharacter is that of the Luhn mod 32 scheme.
func checkCharacter(s string) byte {
	factor, sum := 1, 0
	for i := range len(s) {
		n := strings.IndexByte(alphabet, s[i])
		if n < 0 {
			return 0 // fits nothing
		}
		n *= factor
		sum += n/32 + n%32
		factor = 3 - factor
	}
	return alphabet[(32-sum%32)%32]
}
