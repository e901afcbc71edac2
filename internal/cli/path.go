package cli

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/op"
	"github.com/stardrive/stardrive/internal/sdpath"
)

// Fields that hold paths, and fields that may hold the path, the name or the id of a
// thing, by their names: the words of the wire mean the same in every operation.
var (
	pathFields = []string{"path", "paths", "folder", "source", "sources", "destination", "target", "file", "reference"}
	refFields  = []string{"location", "in"}
)

// pathArg makes of what the user typed what is sent to the daemon, which has
// another working folder: an sd:// address stays, an OS path becomes absolute.
// Names are bytes, JSON is not: a path that is not printable UTF-8 throughout
// travels as an sd://local/ address.
func pathArg(arg string) (string, error) {
	if len(arg) >= len(sdpath.Scheme) && strings.EqualFold(arg[:len(sdpath.Scheme)], sdpath.Scheme) {
		return arg, nil
	}
	if arg == "" {
		return "", errs.New(errs.Invalid, "an empty path names nothing")
	}
	abs, err := absolute(arg)
	if err != nil {
		return "", err
	}
	if utf8.ValidString(abs) && sdpath.Display(abs) == strings.ReplaceAll(abs, `\`, `\\`) {
		return abs, nil
	}
	p, err := sdpath.ParseAny(abs, "", "")
	if err != nil {
		return "", err
	}
	return p.String(), nil
}

// absolute resolves arg against the working folder. A ".." that follows a name
// is resolved as the OS would do it: the name may be a symlink.
func absolute(arg string) (string, error) {
	abs := arg
	if !filepath.IsAbs(arg) {
		cwd, err := os.Getwd()
		if err != nil {
			return "", errs.New(errs.Invalid, "the working folder does not exist any more: %w", err).At(arg).
				Try("Use an absolute path.")
		}
		if runtime.GOOS == "windows" { // `\x` and `C:x` are relative too, in ways of their own
			return filepath.Abs(arg)
		}
		abs = cwd + "/" + arg
	}
	dots := -1 // where the last ".." ends
	for i, start := 0, 0; i <= len(abs); i++ {
		if i == len(abs) || os.IsPathSeparator(abs[i]) {
			if abs[start:i] == ".." {
				dots = i
			}
			start = i + 1
		}
	}
	if dots >= 0 {
		if folder, err := filepath.EvalSymlinks(abs[:dots]); err == nil {
			return filepath.Join(folder, abs[dots:]), nil
		}
	}
	return filepath.Clean(abs), nil
}

// argument prepares one text for the field f of an operation.
func argument(f op.Field, arg string) (string, error) {
	switch {
	case slices.Contains(pathFields, f.Name), slices.Contains(refFields, f.Name) && looksLikePath(arg):
		return pathArg(arg)
	case !utf8.ValidString(arg):
		return "", errs.New(errs.Invalid, "the value of %s is not valid UTF-8", f.Flag).At(sdpath.Display(arg))
	}
	return arg, nil
}

// looksLikePath tells "./Photos", "/data" and ".." from the name "Photos".
func looksLikePath(arg string) bool {
	return arg == "." || arg == ".." || strings.ContainsAny(arg, "/"+string(filepath.Separator))
}
