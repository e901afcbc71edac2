package device

import (
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
)

const hidden = "•••"

// Secret is text that must not be seen: it prints as ••• in every format of fmt,
// in JSON and in slog, also inside other values. Only Reveal shows it. The zero
// value is an empty secret.
type Secret struct {
	// A function and not the text, because fmt prints unexported fields of other
	// structs by reflection, without asking their methods.
	reveal func() string
}

// NewSecret returns s as a Secret.
func NewSecret(s string) Secret { return Secret{func() string { return s }} }

// Reveal returns the text.
func (s Secret) Reveal() string {
	if s.reveal == nil {
		return ""
	}
	return s.reveal()
}

// Equal compares in a time that does not depend on where the two differ.
func (s Secret) Equal(other Secret) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(other.Reveal())) == 1
}

// Format prints ••• whatever the verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// String returns •••.
func (s Secret) String() string { return hidden }

// GoString returns •••.
func (s Secret) GoString() string { return hidden }

// MarshalText returns •••, which serves JSON and its kin.
func (s Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// LogValue returns •••.
func (s Secret) LogValue() slog.Value { return slog.StringValue(hidden) }
