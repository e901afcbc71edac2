// Package library keeps the libraries of a data folder: it creates them, opens
// each for one process at a time, lists, renames and removes them. A library is
// one self-contained folder NAME.sdlibrary; the folder's name is the library's
// name, so that a renamed or copied folder just works. What lives inside an open
// library (catalogue, jobs, index, search) the package must not know: whoever
// makes the Manager attaches it.
package library

import (
	"context"
	"io"
	"sync"
	"time"

	"github.com/stardrive/stardrive/internal/durable"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/store"
)

const (
	// Suffix ends the name of every library's folder.
	Suffix = ".sdlibrary"

	infoFile     = "library.json"
	databaseFile = "library.db"
	lockFile     = "lock"
)

// Library is an open library. It belongs to the Manager, which closes it. The
// values never change: a renamed library is closed and opened anew.
type Library struct {
	ID      ident.LibraryID
	Name    string
	Path    string // of its folder
	Created time.Time
	DB      *store.DB

	// Runtime is what Options.Attach made of it.
	Runtime io.Closer

	lock    *durable.Lock
	copying sync.Mutex // held by who makes a copy of the database
}

// State tells whether a library can be used.
type State string

// The states of a library.
const (
	Open   State = "open"
	Closed State = "closed" // not opened yet
	Broken State = "broken" // cannot be opened as it is
)

// Enum lists the states, for schemas.
func (State) Enum() []string { return []string{string(Open), string(Closed), string(Broken)} }

// TypeName is what clients call the type.
func (State) TypeName() string { return "LibraryState" }

// Info is what is known of a library without opening it.
type Info struct {
	ID      ident.LibraryID // "" if broken so that it cannot be told
	Name    string
	Path    string
	Created time.Time
	State   State
	Default bool  // used where none is named
	Err     error // why it is broken, with a remedy
}

// Counts are the sums over a library.
type Counts struct {
	Files       int64 `json:"files" jsonschema:"files"`
	Folders     int64 `json:"folders" jsonschema:"folders"`
	Bytes       int64 `json:"bytes" jsonschema:"sum of the sizes of all files"`
	Contents    int64 `json:"contents" jsonschema:"different contents, as far as they are known"`
	UniqueBytes int64 `json:"unique_bytes" jsonschema:"sum of the sizes of all different contents"`
	Devices     int64 `json:"devices" jsonschema:"devices that take part"`
	Volumes     int64 `json:"volumes" jsonschema:"volumes with files of the library"`
	Locations   int64 `json:"locations" jsonschema:"indexed folders"`
}

func (l *Library) info() Info {
	return Info{ID: l.ID, Name: l.Name, Path: l.Path, Created: l.Created, State: Open}
}

// close ends everything that opening began, in reverse order; the first error is
// returned, but all of it is done.
func (l *Library) close() error {
	var err error
	keep := func(e error) {
		if err == nil {
			err = e
		}
	}
	if l.Runtime != nil {
		keep(l.Runtime.Close())
	}
	if l.DB != nil {
		keep(l.DB.Close())
	}
	keep(l.lock.Release())
	if err != nil {
		return errs.New(errs.KindOf(err), "close the library: %w", err).At(l.Path)
	}
	return nil
}

// Attach makes what lives in an open library: its services. ctx ends when the
// opening is given up, not when the library closes. The Closer is closed before
// the database, and must wait until nothing uses that any more. It may be nil.
type Attach func(ctx context.Context, l *Library) (io.Closer, error)

// Memory keeps which library was used last, across restarts.
type Memory interface {
	LastLibrary() ident.LibraryID // "" if none
	SetLastLibrary(id ident.LibraryID) error
}
