package sdpath

import (
	"errors"
	"runtime"
	"strings"
)

// An OS path of this device has a Rel too. On Unix it is the path without its
// first slash. On Windows `C:\Users` is "C:/Users" and `\\server\share\x` is
// "UNC/server/share/x". The rules of both are compiled everywhere, so that the
// tests of one system cover the other.
const onWindows = runtime.GOOS == "windows"

// ParseAny reads what a person may type: an sd:// address, or an OS path of
// this device: absolute, beginning with "~" (home), or relative to cwd. OS
// paths are cleaned lexically (no disk is asked, no symlink followed) and ".."
// stops at the root. Both cwd and home must be absolute OS paths when they are
// needed. Everything else is errs.Invalid, as in [Parse].
func ParseAny(s, cwd, home string) (Path, error) { return parseAny(s, cwd, home, onWindows) }

func parseAny(s, cwd, home string, windows bool) (Path, error) {
	if hasScheme(s) {
		return Parse(s)
	}
	rel, err := anyRel(s, cwd, home, windows)
	if err != nil {
		return Path{}, invalid(s, err)
	}
	p := Path{Local, rel}
	if err := p.check(); err != nil {
		return Path{}, invalid(s, err)
	}
	return p, nil
}

func anyRel(s, cwd, home string, windows bool) (string, error) {
	if s == "" {
		return "", errNothing
	}
	if len(s) > MaxLen || len(cwd) > MaxLen || len(home) > MaxLen {
		return "", errTooLong
	}
	s = slashed(s, windows)
	base := cwd
	switch rel, err := relOf(s, windows); {
	case !errors.Is(err, errNotAbs):
		return rel, err
	case s == "~" || strings.HasPrefix(s, "~/"):
		base, s = home, s[1:]
	case windows && strings.HasPrefix(s, "/"): // `\x` means the root of cwd's drive
		rel, err := relOf(cwd, windows)
		if err != nil {
			return "", err
		}
		base = osText(driveOf(rel), windows)
	case windows && len(s) > 1 && s[1] == ':':
		return "", errNotAbs // `C:x` depends on a hidden current folder
	}
	if _, err := relOf(base, windows); err != nil {
		return "", err
	}
	return relOf(base+"/"+s, windows)
}

// driveOf returns the drive, or the server and share, of a Windows Rel.
func driveOf(rel string) string {
	keep := 1
	if strings.HasPrefix(rel, "UNC/") {
		keep = 3
	}
	parts := strings.SplitN(rel, "/", keep+1)
	return strings.Join(parts[:min(keep, len(parts))], "/")
}

// relOf turns an absolute OS path into a clean Rel.
func relOf(abs string, windows bool) (string, error) {
	abs = slashed(abs, windows)
	if !windows {
		if !strings.HasPrefix(abs, "/") {
			return "", errNotAbs
		}
		return lexical(abs)
	}
	if unc, ok := strings.CutPrefix(abs, "//?/UNC/"); ok {
		abs = "//" + unc
	} else if drive, ok := strings.CutPrefix(abs, "//?/"); ok {
		abs = drive
		if len(abs) < 2 || abs[1] != ':' {
			return "", errDevice
		}
	} else if strings.HasPrefix(abs, "//./") {
		return "", errDevice
	}
	switch {
	case strings.HasPrefix(abs, "//"):
		return rooted("UNC/", abs[2:], 2)
	case len(abs) >= 2 && abs[1] == ':' && isLetter(abs[0]):
		if len(abs) > 2 && abs[2] != '/' {
			return "", errNotAbs
		}
		return rooted("", strings.ToUpper(abs[:1])+abs[1:], 1)
	}
	return "", errNotAbs
}

// rooted cleans path without letting ".." climb out of its first keep
// components (a drive, or a server and its share).
func rooted(prefix, path string, keep int) (string, error) {
	parts := strings.SplitN(path, "/", keep+1)
	if len(parts) < keep {
		return "", errEmpty
	}
	for _, p := range parts[:keep] {
		if err := checkName(p); err != nil {
			return "", err
		}
	}
	root := prefix + strings.Join(parts[:keep], "/")
	rest := ""
	if len(parts) > keep {
		var err error
		if rest, err = lexical(parts[keep]); err != nil {
			return "", err
		}
	}
	if strings.IndexByte(rest, ':') >= 0 {
		return "", errColon
	}
	if rest != "" {
		root += "/" + rest
	}
	return root, nil
}

// lexical resolves empty, "." and ".." components by their text; ".." at the
// top stays at the top.
func lexical(path string) (string, error) {
	var names []string
	for name := range strings.SplitSeq(path, "/") {
		switch name {
		case "", ".":
		case "..":
			names = names[:max(len(names)-1, 0)]
		default:
			if err := checkName(name); err != nil {
				return "", err
			}
			names = append(names, name)
		}
	}
	return strings.Join(names, "/"), nil
}

// FromOS returns the path, relative to the mount point root, of the absolute OS
// path abs. It is errs.Invalid when abs is not root or below it.
func FromOS(root, abs string) (rel string, err error) { return fromOS(root, abs, onWindows) }

func fromOS(root, abs string, windows bool) (string, error) {
	r, err := relOf(root, windows)
	if err != nil {
		return "", invalid(root, err)
	}
	a, err := relOf(abs, windows)
	if err != nil {
		return "", invalid(abs, err)
	}
	rel, ok := Cut(r, a)
	if !ok {
		return "", invalid(abs, errOutside)
	}
	return rel, nil
}

// ToOS returns the absolute OS path of rel below the mount point root. It is
// errs.Invalid when rel is not clean, or holds a name that this OS would read
// as something else (a backslash or colon on Windows). The result is for people
// and for other programs; Stardrive itself opens files through a driver.
func ToOS(root, rel string) (string, error) { return toOS(root, rel, onWindows) }

func toOS(root, rel string, windows bool) (string, error) {
	r, err := relOf(root, windows)
	if err != nil {
		return "", invalid(root, err)
	}
	if err := checkRel(rel); err != nil {
		return "", invalid(rel, err)
	}
	if windows && strings.ContainsAny(rel, `\:`) {
		return "", invalid(rel, errColon)
	}
	if r != "" && rel != "" {
		r += "/"
	}
	return osText(r+rel, windows), nil
}

// OSPath returns the absolute OS path of a local path; others are errs.Invalid.
func (p Path) OSPath() (string, error) { return p.osPath(onWindows) }

func (p Path) osPath(windows bool) (string, error) {
	if err := p.Check(); err != nil {
		return "", err
	}
	abs := osText(p.Rel, windows)
	if rel, err := relOf(abs, windows); !p.IsLocal() || err != nil || rel != p.Rel {
		return "", invalid(p.String(), errNotAbs)
	}
	return abs, nil
}

// osText writes a Rel the way this OS does.
func osText(rel string, windows bool) string {
	if !windows {
		return "/" + rel
	}
	if unc, ok := strings.CutPrefix(rel, "UNC/"); ok {
		return `\\` + strings.ReplaceAll(unc, "/", `\`)
	}
	if len(rel) == 2 && rel[1] == ':' {
		rel += "/"
	}
	return strings.ReplaceAll(rel, "/", `\`)
}

func slashed(s string, windows bool) string {
	if windows {
		return strings.ReplaceAll(s, `\`, "/")
	}
	return s
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
