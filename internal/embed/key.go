package embed

import (
	"fmt"
	"io"
	"log/slog"
)

const hidden = "•••"

// Key is an endpoint's key, which must not be seen: it prints as ••• in every
// format of fmt, in JSON and in slog, also inside other values. The zero value is
// no key.
type Key struct {
	// A function and not the text, because fmt prints unexported fields of other
	// structs by reflection, without asking their methods.
	reveal func() string
}

// NewKey returns s as a Key.
func NewKey(s string) Key { return Key{func() string { return s }} }

func (k Key) text() string {
	if k.reveal == nil {
		return ""
	}
	return k.reveal()
}

// Format prints ••• whatever the verb.
func (k Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// String returns •••.
func (k Key) String() string { return hidden }

// GoString returns •••.
func (k Key) GoString() string { return hidden }

// MarshalText returns •••, which serves JSON and its kin.
func (k Key) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// LogValue returns •••.
func (k Key) LogValue() slog.Value { return slog.StringValue(hidden) }
