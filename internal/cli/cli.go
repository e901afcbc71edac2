// Package cli is the command line of Stardrive: a thin client of the daemon's
// operations. Commands, flags and help come from the operation table; a small
// table of friendly verbs (ls, search, status …) stands on top. It reaches the
// daemon over the socket in the data folder and starts one in the background
// when none runs.
//
// It knows the words of the wire (operation names, field names), never the
// domains behind them: it opens no library and reads no user file.
package cli

import (
	"bufio"
	"context"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/op"
)

// Deps is what the composition root hands to the command line. Ops and Serve
// are required; a nil stream or function stands for the process's own.
type Deps struct {
	// Version is this program's version, compared with the daemon's.
	Version string
	// Ops is every operation of the program, of both scopes: the commands are made from it.
	Ops *op.Set
	// Serve runs the daemon until ctx ends.
	Serve func(ctx context.Context, o ServeOptions) error

	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	Env    func(name string) string
}

// Main runs one command line (without the program's name) and returns the exit
// status: see exitCodes. It prints errors itself.
func Main(ctx context.Context, args []string, d Deps) int {
	s := newShell(d)
	root := s.root()
	root.SetArgs(queryLast(root, args))
	cmd, err := root.ExecuteContextC(ctx)
	if err != nil && !s.ran { // cobra refused the words before a command could run
		s.json = s.json || wantsJSON(args)
		err = usageError(cmd, err)
	}
	if flushed := s.stdout.Flush(); err == nil && flushed != nil {
		err = errs.New(errs.Internal, "cannot write the output: %w", flushed)
	}
	if err == nil {
		return 0
	}
	s.fail(err)
	return exitCode(err)
}

// usageError makes an invalid request of what cobra said.
func usageError(cmd *cobra.Command, err error) error {
	return &errs.Error{
		Kind: errs.Invalid, Err: err,
		Remedy: "Run '" + cmd.CommandPath() + " --help' to see how it is used.",
	}
}

// wantsJSON finds --json in a command line that could not be parsed.
func wantsJSON(args []string) bool {
	if i := slices.Index(args, "--"); i >= 0 {
		args = args[:i]
	}
	return slices.Contains(args, "--json") || slices.Contains(args, "--json=true")
}

// shell is one run of the command line: its streams and its global flags.
type shell struct {
	deps   Deps
	stdin  io.Reader
	stdout *bufio.Writer
	stderr io.Writer
	screen screen

	globals *pflag.FlagSet

	dataFlag, library         string
	json, quiet, noStart, yes bool
	answers                   *bufio.Reader // of stdin, once a question was asked
	ran                       bool          // a command has begun: errors are not about usage any more
}

func newShell(d Deps) *shell {
	if d.Stdin == nil {
		d.Stdin = os.Stdin
	}
	if d.Stdout == nil {
		d.Stdout = os.Stdout
	}
	if d.Stderr == nil {
		d.Stderr = os.Stderr
	}
	if d.Env == nil {
		d.Env = os.Getenv
	}
	return &shell{
		deps: d, stdin: d.Stdin, stdout: bufio.NewWriterSize(d.Stdout, 64<<10), stderr: d.Stderr,
		screen: screenOf(d.Stdin, d.Stdout, d.Stderr, d.Env),
	}
}
