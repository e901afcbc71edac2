// Package errs defines the one error type that crosses every boundary of
// Stardrive: what failed, on which path, of which class, and what the user can
// do about it. It knows nothing of HTTP or the shell; the faces map a Kind to
// a status or an exit code.
package errs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
)

// Kind classifies an error for programs. Its string is the wire code and never
// changes its meaning.
type Kind string

// The closed list of kinds.
const (
	Internal       Kind = "internal"        // a bug or an unforeseen failure
	Invalid        Kind = "invalid"         // the request itself is wrong
	NotFound       Kind = "not_found"       // what was named does not exist
	Conflict       Kind = "conflict"        // the world moved on, or a name is taken
	Denied         Kind = "denied"          // not allowed
	Unavailable    Kind = "unavailable"     // volume, device or daemon cannot be reached now
	Unsupported    Kind = "unsupported"     // this volume or build cannot do it
	ApprovalNeeded Kind = "approval_needed" // a plan was made and waits for a yes
	Cancelled      Kind = "cancelled"       // stopped on request
)

// Kinds lists every kind, in the order of their declaration.
func Kinds() []Kind {
	return []Kind{Internal, Invalid, NotFound, Conflict, Denied, Unavailable, Unsupported, ApprovalNeeded, Cancelled}
}

// Error carries what failed (Op, Path), its class, what the user can do about
// it (Remedy), and the cause. Empty fields are left out of the message.
type Error struct {
	Op     string // the operation, such as "location.add"
	Path   string // the file, entry or thing it failed on
	Kind   Kind
	Remedy string // one sentence, imperative: "Mount the drive and try again."
	Err    error
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Error joins operation, path and cause: "entry.list: /x: no such entry".
func (e *Error) Error() string {
	var parts []string
	for _, s := range []string{e.Op, e.Path} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	if e.Err != nil {
		parts = append(parts, e.Err.Error())
	} else if e.Kind != "" {
		parts = append(parts, strings.ReplaceAll(string(e.Kind), "_", " "))
	}
	return strings.Join(parts, ": ")
}

// New returns an error of kind with a formatted message; %w wraps a cause.
func New(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Err: fmt.Errorf(format, args...)}
}

// At returns a copy of e that names the path it failed on.
func (e *Error) At(path string) *Error { c := *e; c.Path = path; return &c }

// Try returns a copy of e that tells the user what to do about it.
func (e *Error) Try(remedy string) *Error { c := *e; c.Remedy = remedy; return &c }

// In wraps err with the operation it happened in; nil stays nil. The kind is
// that of err.
func In(op string, err error) error {
	if err == nil {
		return nil
	}
	return &Error{Op: op, Kind: KindOf(err), Remedy: RemedyOf(err), Err: err}
}

// KindOf reports the outermost known kind of err. Errors of the standard
// library are classified; everything else is Internal. KindOf(nil) is "".
func KindOf(err error) Kind {
	if err == nil {
		return ""
	}
	for e := (*Error)(nil); errors.As(err, &e); err = e.Err {
		if e.Kind != "" {
			return e.Kind
		}
	}
	switch {
	case errors.Is(err, context.Canceled):
		return Cancelled
	case errors.Is(err, context.DeadlineExceeded):
		return Unavailable
	case errors.Is(err, fs.ErrNotExist):
		return NotFound
	case errors.Is(err, fs.ErrPermission):
		return Denied
	case errors.Is(err, fs.ErrExist):
		return Conflict
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), errors.Is(err, errDiskFull):
		return Unavailable // until there is room again
	case errors.Is(err, syscall.EROFS):
		return Denied
	case errors.Is(err, syscall.ENAMETOOLONG):
		return Invalid
	}
	return Internal
}

// RemedyOf reports the outermost remedy in err's chain, or "".
func RemedyOf(err error) string {
	for e := (*Error)(nil); errors.As(err, &e); err = e.Err {
		if e.Remedy != "" {
			return e.Remedy
		}
	}
	return ""
}

// Is reports whether err is of kind.
func Is(err error, kind Kind) bool { return err != nil && KindOf(err) == kind }
