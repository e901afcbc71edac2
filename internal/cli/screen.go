package cli

import (
	"io"
	"os"

	"golang.org/x/term"
)

// screen tells what the user sees: whether the streams are terminals, and
// whether colour is welcome.
type screen struct {
	in, out, err bool // stdin, stdout, stderr is a terminal
	colour       bool // on stdout
	errFile      *os.File
}

func screenOf(stdin io.Reader, stdout, stderr io.Writer, env func(string) string) screen {
	var s screen
	if f, ok := stdin.(*os.File); ok {
		s.in = term.IsTerminal(int(f.Fd()))
	}
	if f, ok := stdout.(*os.File); ok {
		s.out = term.IsTerminal(int(f.Fd()))
	}
	if f, ok := stderr.(*os.File); ok {
		s.err, s.errFile = term.IsTerminal(int(f.Fd())), f
	}
	s.colour = s.out && env("NO_COLOR") == "" && env("TERM") != "dumb"
	return s
}

// width is the number of columns of the terminal behind stderr.
func (s screen) width() int {
	if s.errFile != nil {
		if w, _, err := term.GetSize(int(s.errFile.Fd())); err == nil && w > 20 {
			return w
		}
	}
	return 80
}

// The few colours we use, by meaning.
const (
	bold   = "1"
	dim    = "2"
	red    = "31"
	green  = "32"
	yellow = "33"
	blue   = "1;34"
	cyan   = "36"
)

// paint colours text that is not empty, if colours are welcome.
func (s screen) paint(colour, text string) string {
	if !s.colour || colour == "" || text == "" {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}
