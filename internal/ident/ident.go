// Package ident defines the ids of Stardrive's nouns as distinct types, so
// that the compiler refuses a volume id where an entry id is wanted. On the
// wire every id is a string; programs must not compute with it.
package ident

import (
	"fmt"
	"strconv"

	"github.com/gofrs/uuid/v5"
)

// Row ids, unique within one library and never reused.
type (
	// EntryID names a file, folder, symlink or special file.
	EntryID int64
	// VolumeID names a volume's row in a library.
	VolumeID int64
	// LocationID names an indexed folder.
	LocationID int64
	// ContentID names a content identity's row in a library.
	ContentID int64
	// JobID names a job.
	JobID int64
	// PlanID names a plan of changes to files.
	PlanID int64
)

// LibraryID is a library's UUIDv7 in text form.
type LibraryID string

// DeviceID is a device's Ed25519 public key in lower-case base32.
type DeviceID string

// NewLibraryID returns a fresh, time-ordered id.
func NewLibraryID() LibraryID {
	return LibraryID(uuid.Must(uuid.NewV7()).String())
}

func format(n int64) ([]byte, error) { return strconv.AppendInt(nil, n, 10), nil }

func parse[T ~int64](to *T, noun string, b []byte) error {
	n, err := strconv.ParseInt(string(b), 10, 64)
	if err != nil || n < 0 {
		return fmt.Errorf("%q is not a valid %s id", b, noun)
	}
	*to = T(n)
	return nil
}

// MarshalText writes the id as decimal digits.
func (id EntryID) MarshalText() ([]byte, error) { return format(int64(id)) }

// UnmarshalText reads decimal digits.
func (id *EntryID) UnmarshalText(b []byte) error { return parse(id, "entry", b) }

// MarshalText writes the id as decimal digits.
func (id VolumeID) MarshalText() ([]byte, error) { return format(int64(id)) }

// UnmarshalText reads decimal digits.
func (id *VolumeID) UnmarshalText(b []byte) error { return parse(id, "volume", b) }

// MarshalText writes the id as decimal digits.
func (id LocationID) MarshalText() ([]byte, error) { return format(int64(id)) }

// UnmarshalText reads decimal digits.
func (id *LocationID) UnmarshalText(b []byte) error { return parse(id, "location", b) }

// MarshalText writes the id as decimal digits.
func (id ContentID) MarshalText() ([]byte, error) { return format(int64(id)) }

// UnmarshalText reads decimal digits.
func (id *ContentID) UnmarshalText(b []byte) error { return parse(id, "content", b) }

// MarshalText writes the id as decimal digits.
func (id JobID) MarshalText() ([]byte, error) { return format(int64(id)) }

// UnmarshalText reads decimal digits.
func (id *JobID) UnmarshalText(b []byte) error { return parse(id, "job", b) }

// MarshalText writes the id as decimal digits.
func (id PlanID) MarshalText() ([]byte, error) { return format(int64(id)) }

// UnmarshalText reads decimal digits.
func (id *PlanID) UnmarshalText(b []byte) error { return parse(id, "plan", b) }
