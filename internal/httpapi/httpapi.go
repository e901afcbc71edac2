// Package httpapi serves the operation table, events and bytes over HTTP: on a
// unix socket for the command line, on loopback TCP for the web interface, and
// previews of user files on a second TCP port, which is another origin.
//
// It assumes that every page in the user's browser and every other user of the
// machine is hostile. A request passes, in this order: the Host allow-list, the
// origin rules, the limits of its route, and the credentials its route demands.
// A route cannot exist without a [Policy].
//
// The package knows no domain. What it needs of libraries it asks through
// [Library], which package app fits.
package httpapi

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/op"
)

// Library is what one open library offers to HTTP.
type Library interface {
	// ID is the library's id, which content links carry.
	ID() ident.LibraryID

	// Ops is the table of the library's operations.
	Ops() *op.Set

	// Events is where the library's news comes from.
	Events() Events

	// OpenContent opens a file's bytes. Errors: NotFound (no such entry),
	// Unsupported (not a regular file), Unavailable (its volume is away), Denied.
	// The caller closes the Content.
	OpenContent(ctx context.Context, which FileRef) (Content, error)

	// OpenSidecar opens a picture of a file, which may be made first; it blocks
	// for some seconds at most. Its MIME is image/jpeg or image/png. Errors:
	// NotFound (no such entry, or it has no such picture: the error says why),
	// Unsupported (no such kind of picture), Unavailable (not now: ask again). The
	// caller closes the Content.
	OpenSidecar(ctx context.Context, id ident.EntryID, kind string) (Content, error)

	// Receive takes a piece of an upload and returns how many bytes of its file are
	// there now. Errors: NotFound, Invalid, Conflict (it is not the piece that is
	// wanted next, or its sum is another), Unavailable.
	Receive(ctx context.Context, p Piece, body io.Reader) (got int64, err error)

	// OpenZip returns the archive that was prepared under an id; NotFound: there is
	// none any more.
	OpenZip(ctx context.Context, id string) (Zip, error)
}

// FileRef names a file: by entry id, or, where that is zero, by SdPath or OS path.
type FileRef struct {
	ID     ident.EntryID
	Path   string
	Member string // a file in it, where it is an archive; "": the file itself
}

// Content is an open file.
type Content struct {
	io.ReadSeekCloser
	Name     string    // the base name's bytes
	MIME     string    // "" when unknown
	Modified time.Time // zero when unknown
	ETag     string    // changes whenever the bytes may have changed; "" for none
}

// Zip is an archive that is made while it is written.
type Zip struct {
	Name string // of the file it is saved as
	// Write blocks until all is written or ctx ends; after an error what was written
	// is worth nothing.
	Write func(ctx context.Context, w io.Writer) error
}

// Options are what a Server is made of. Daemon, Libraries, Token and Log are
// required.
type Options struct {
	Version string

	// Daemon holds the operations that need no library.
	Daemon *op.Set

	// Definitions holds all operations, of the daemon and of libraries, for the
	// description at /v1/openapi.json. Operations that are not in it do not exist.
	Definitions *op.Set

	// Libraries finds an open library by name or id; "" is the default one.
	Libraries func(ctx context.Context, ref string) (Library, error)

	// Token is the bearer token, at least 32 characters of randomness.
	Token string

	// UI serves the web interface below /, for GET and HEAD; it answers paths
	// that are no file with the index. Nil: no interface.
	UI http.Handler

	Log *slog.Logger

	// Now is the clock of tokens, sessions and tickets; nil is time.Now.
	Now func() time.Time
}

func (o *Options) check() error {
	switch {
	case o.Daemon == nil || o.Definitions == nil || o.Libraries == nil || o.Log == nil:
		return errs.New(errs.Internal, "httpapi: incomplete options")
	case len(o.Token) < 32:
		return errs.New(errs.Invalid, "the access token is too short").Try("Delete the token file and start again.")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return nil
}
