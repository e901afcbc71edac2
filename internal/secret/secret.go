// Package secret holds text that must not be seen: keys and passwords on their
// way to where they are used. It knows nothing of what they open, and stores
// nothing.
package secret

import (
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
)

// Hidden stands where a Text would be seen.
const Hidden = "•••"

// Text is text that must not be seen: it prints as ••• in every format of fmt,
// in JSON and in slog, also inside other values. Only Reveal shows it. The zero
// value is an empty secret.
type Text struct {
	// A function and not the text, because fmt prints unexported fields of other
	// structs by reflection, without asking their methods.
	reveal func() string
}

// New returns s as a Text.
func New(s string) Text { return Text{func() string { return s }} }

// Reveal returns the text.
func (s Text) Reveal() string {
	if s.reveal == nil {
		return ""
	}
	return s.reveal()
}

// Equal compares in a time that does not depend on where the two differ.
func (s Text) Equal(other Text) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(other.Reveal())) == 1
}

// Format prints ••• whatever the verb.
func (s Text) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, Hidden) }

// String returns •••.
func (s Text) String() string { return Hidden }

// GoString returns •••.
func (s Text) GoString() string { return Hidden }

// MarshalText returns •••, which serves JSON and its kin.
func (s Text) MarshalText() ([]byte, error) { return []byte(Hidden), nil }

// LogValue returns •••.
func (s Text) LogValue() slog.Value { return slog.StringValue(Hidden) }
