package op

import (
	"fmt"

	"github.com/stardrive/stardrive/internal/errs"
)

// ErrorBody is an error on the wire, the same on every face.
type ErrorBody struct {
	Kind    errs.Kind `json:"kind" jsonschema:"class of the error"`
	Message string    `json:"message" jsonschema:"what went wrong, for people"`
	Path    string    `json:"path,omitempty" jsonschema:"the file, entry or request field it failed on"`
	Op      string    `json:"op,omitempty" jsonschema:"the operation"`
	Remedy  string    `json:"remedy,omitempty" jsonschema:"what the user can do about it"`
}

// ErrorBodyOf takes err apart: the operation and the path stand in their own
// fields and not in the message. err must not be nil.
func ErrorBodyOf(err error) ErrorBody {
	b := ErrorBody{Kind: errs.KindOf(err), Remedy: errs.RemedyOf(err)}
	for {
		e, ok := err.(*errs.Error) //nolint:errorlint // layer by layer: a text around a layer must stay
		if !ok {
			break
		}
		if b.Op == "" {
			b.Op = e.Op
		}
		if b.Path == "" {
			b.Path = e.Path
		}
		if e.Err == nil {
			err = &errs.Error{Kind: b.Kind}
			break
		}
		err = e.Err
	}
	b.Message = err.Error()
	return b
}

// Err makes an error of b again, for clients.
func (b ErrorBody) Err() error {
	e := &errs.Error{Op: b.Op, Path: b.Path, Kind: b.Kind, Remedy: b.Remedy}
	if b.Message != "" {
		e.Err = fmt.Errorf("%s", b.Message)
	}
	return e
}
