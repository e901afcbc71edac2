package store

import (
	"errors"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/stardrive/stardrive/internal/errs"
)

var (
	errClosed     = errs.New(errs.Unavailable, "the library is closed")
	errNoDatabase = errors.New("the file is not a database, or its beginning is damaged")
)

// classify gives SQLite's errors a Kind and, where the user can do something,
// a remedy. Other errors are returned as they are.
func classify(op string, err error) error {
	var se *sqlite.Error
	var known *errs.Error
	if err == nil || errors.As(err, &known) || !errors.As(err, &se) {
		return err
	}
	e := &errs.Error{Op: op, Kind: errs.Internal, Err: err}
	switch se.Code() & 0xff {
	case sqlite3.SQLITE_FULL:
		e.Kind, e.Remedy = errs.Unavailable, "Free some space on the disk that holds the library."
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		e.Kind, e.Remedy = errs.Unavailable, "Close the other program that uses the library's database and try again."
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM:
		e.Kind, e.Remedy = errs.Denied, "Make the library's folder writable."
	case sqlite3.SQLITE_NOTADB:
		e.Kind, e.Err, e.Remedy = errs.Invalid, errNoDatabase, damagedRemedy
	case sqlite3.SQLITE_CORRUPT:
		e.Remedy = damagedRemedy
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN:
		e.Kind, e.Remedy = errs.Unavailable, "Check that the disk that holds the library works and is writable."
	case sqlite3.SQLITE_INTERRUPT:
		e.Kind = errs.Cancelled
	case sqlite3.SQLITE_CONSTRAINT:
		switch se.Code() {
		case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
			e.Kind = errs.Conflict
		}
	}
	return e
}

// locate wraps an error with the file it is about; nil stays nil.
func locate(op string, err error, path string) error {
	if err == nil {
		return nil
	}
	err = classify(op, err)
	return &errs.Error{Op: op, Path: path, Kind: errs.KindOf(err), Remedy: errs.RemedyOf(err), Err: err}
}

// code returns SQLite's primary result code of err, or 0.
func code(err error) int {
	var se *sqlite.Error
	if errors.As(err, &se) {
		return se.Code() & 0xff
	}
	return 0
}
