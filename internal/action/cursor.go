package action

import (
	"strconv"

	"github.com/stardrive/stardrive/internal/errs"
)

// cursor is where a page of a list begins: text on the wire, "" for the first
// page, or for none that follows.
type cursor int64

// MarshalText writes c as it goes over the wire.
func (c cursor) MarshalText() ([]byte, error) {
	if c == 0 {
		return nil, nil
	}
	return strconv.AppendInt(nil, int64(c), 10), nil
}

// UnmarshalText reads what MarshalText wrote, and nothing else.
func (c *cursor) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*c = 0
		return nil
	}
	n, err := strconv.ParseInt(string(b), 10, 64)
	if err != nil || n < 1 {
		return errs.New(errs.Invalid, "that is no cursor of this list")
	}
	*c = cursor(n)
	return nil
}
