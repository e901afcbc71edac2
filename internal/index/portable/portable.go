// Package portable reads and writes the file in which the index of one location
// travels from library to library; docs/formats.md describes it. It streams, so a
// million entries need no more memory than the folders that are still to come.
// It knows neither the catalogue nor where such files lie, and it believes
// nothing that it reads.
package portable

import (
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

const (
	format  = "stardrive-location"
	version = 1
)

// Header is what a file says of the location as a whole.
type Header struct {
	Volume   Volume   `json:"volume"`
	Location Location `json:"location"`
	// Path are the folders from the root of the volume (which has no name) down to
	// that of the location.
	Path []Entry `json:"path"`
}

// Volume is the storage that the location is on.
type Volume struct {
	Identity string          `json:"identity"`
	Name     string          `json:"name"`
	Facts    json.RawMessage `json:"facts,omitzero"` // an object, in the words of who knows volumes
	Seen     time.Time       `json:"seen,omitzero"`  // when it was last online
}

// Location is the folder that was asked to be indexed.
type Location struct {
	Name     string          `json:"name"`
	Mode     string          `json:"mode"`
	State    string          `json:"state"`
	Skipped  int64           `json:"skipped,omitempty"`
	Errors   int64           `json:"errors,omitempty"`
	Missing  int64           `json:"missing,omitempty"`
	Indexed  time.Time       `json:"indexed,omitzero"`
	Settings json.RawMessage `json:"settings,omitzero"` // an object: rules and policy
}

// State is how an entry stands.
type State string

// The states of an entry.
const (
	Present  State = ""         // seen by the last look at its folder
	Known    State = "known"    // a folder on the way to what is indexed
	Absent   State = "absent"   // gone
	Excluded State = "excluded" // left out by the rules
)

// there reports whether an entry of this state bears its name.
func (s State) there() bool { return s == Present || s == Known }

// Entry is a file, folder, symlink or special file.
type Entry struct {
	Name     string // raw bytes
	Kind     vfs.Kind
	State    State
	Size     int64
	Modified int64 // nanoseconds since 1970, like Changed and Created
	Changed  int64
	Created  int64
	Inode    uint64
	Mode     uint32
	Links    uint32
}

// Limits of what is read.
const (
	maxHead  = 16 << 20 // bytes of the first line: rules may be many
	maxLine  = 64 << 10
	maxName  = 8 << 10
	maxText  = 1024
	maxFacts = 64 << 10
	maxDepth = 1 << 15
	maxBytes = int64(1) << 60 // of all files together
)

func damaged(format string, args ...any) error {
	return errs.New(errs.Invalid, format, args...).Try("Export the location again, or take another copy of the file. Nothing was imported.")
}

// check refuses a header that no Writer writes.
func (h *Header) check() error {
	switch {
	case !isText(h.Volume.Identity) || !isText(h.Volume.Name) || !isText(h.Location.Name):
		return damaged("the names of volume and location are not as they should be")
	case len(h.Volume.Facts) > maxFacts || !isObject(h.Volume.Facts) || !isObject(h.Location.Settings):
		return damaged("the facts of the volume or the settings of the location are not as they should be")
	case min(h.Location.Skipped, h.Location.Errors, h.Location.Missing) < 0:
		return damaged("a count is negative")
	case len(h.Path) == 0 || len(h.Path) > maxDepth || h.Path[0].Name != "":
		return damaged("the location has no place on its volume")
	}
	for i := range h.Path {
		e := &h.Path[i]
		if e.Kind != vfs.Folder || !e.State.there() || i > 0 && !isName(e.Name) || e.Size < 0 {
			return damaged("the location has no proper place on its volume")
		}
	}
	return nil
}

// check refuses an entry that cannot stand in a folder of this state.
func (e *Entry) check(above State) error {
	switch {
	case !isName(e.Name):
		return damaged("%q is no name", e.Name)
	case e.Size < 0 || e.Size > maxBytes:
		return damaged("%q has an impossible size", e.Name)
	case e.State == Known && e.Kind != vfs.Folder:
		return damaged("%q leads nowhere", e.Name)
	case e.State.there() && !above.there():
		return damaged("%q is there, in a folder that is not", e.Name)
	}
	return nil
}

func isName(s string) bool {
	return s != "" && s != "." && s != ".." && len(s) <= maxName && !strings.ContainsAny(s, "/\x00")
}

// isText reports whether s may be shown to people, and is short.
func isText(s string) bool {
	return s != "" && len(s) <= maxText && utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}

// isObject reports whether b is nothing, or a JSON object.
func isObject(b json.RawMessage) bool {
	return len(b) == 0 || b[0] == '{' && json.Valid(b)
}
