package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/op"
)

// exitCodes is the contract with scripts; kinds that are not listed exit 1.
var exitCodes = map[errs.Kind]int{
	errs.Invalid:        2,
	errs.NotFound:       3,
	errs.Conflict:       4,
	errs.Denied:         5,
	errs.Unavailable:    6,
	errs.ApprovalNeeded: 7,
	errs.Cancelled:      130,
}

// exitCode maps an error to the process's exit status.
func exitCode(err error) int {
	if err == nil {
		return 0
	}
	if code, ok := exitCodes[errs.KindOf(err)]; ok {
		return code
	}
	return 1
}

// kindOfExit is the inverse of exitCode, for daemons that ended at once.
func kindOfExit(code int) errs.Kind {
	for kind, c := range exitCodes {
		if c == code {
			return kind
		}
	}
	return errs.Internal
}

// errSilent ends a command with exit status 1 after it has said what failed.
var errSilent = errors.New("failed")

// fail prints err to stderr in the form the user asked for.
func (s *shell) fail(err error) {
	if err == nil || errors.Is(err, errSilent) {
		return
	}
	w := op.ErrorBodyOf(err)
	if s.json {
		b, _ := json.Marshal(map[string]op.ErrorBody{"error": w})
		fmt.Fprintf(s.stderr, "%s\n", b)
		return
	}
	message := cleanLines(w.Message)
	if w.Path != "" && !strings.Contains(w.Message, w.Path) {
		message = clean(w.Path) + ": " + message
	}
	fmt.Fprintf(s.stderr, "stardrive: %s\n", message)
	if w.Remedy != "" {
		fmt.Fprintf(s.stderr, "  %s\n", clean(w.Remedy))
	}
}

// warn tells something the user should know without failing the command.
func (s *shell) warn(message, remedy string) {
	switch {
	case s.quiet:
	case s.json:
		b, _ := json.Marshal(map[string]any{"warning": map[string]string{"message": message, "remedy": remedy}})
		fmt.Fprintf(s.stderr, "%s\n", b)
	default:
		fmt.Fprintf(s.stderr, "stardrive: %s\n  %s\n", clean(message), clean(remedy))
	}
}

// note prints one line of progress talk; --quiet and --json silence it.
func (s *shell) note(format string, args ...any) {
	if !s.quiet && !s.json {
		_ = s.stdout.Flush() // what the note is about comes first; an error comes again at the end
		fmt.Fprintln(s.stderr, clean(fmt.Sprintf(format, args...)))
	}
}
