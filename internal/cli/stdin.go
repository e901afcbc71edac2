package cli

import (
	"encoding/json"
	"io"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/op"
)

// readJSON takes a request from the command line, or from stdin if arg is "-".
func (s *shell) readJSON(arg string) (json.RawMessage, error) {
	in := []byte(arg)
	if arg == "-" {
		var err error
		if in, err = io.ReadAll(io.LimitReader(s.stdin, op.MaxInput+1)); err != nil {
			return nil, errs.New(errs.Invalid, "cannot read stdin: %w", err)
		}
	}
	if len(in) > op.MaxInput {
		return nil, errs.New(errs.Invalid, "the request is larger than %d bytes", op.MaxInput)
	}
	return in, nil
}
