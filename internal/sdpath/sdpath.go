// Package sdpath parses, prints and joins SdPaths, the one address of anything
// in Stardrive:
//
//	sd://DEVICE/abs/path     a file of a device (its slug or id)
//	sd://local/abs/path      a file of this device
//	sd://VOLUME-NAME/path    a file of a cloud or another named volume
//	sd://content/HASH        the bytes with that BLAKE3 hash, wherever they are
//
// Names are bytes. The printed form is a readable URL: bytes that a person
// could not see or that would not survive a text field are percent-encoded, all
// other Unicode stays as it is. Text is decoded exactly once, at [Parse].
//
// The package knows no device, volume or catalogue and never touches a disk.
package sdpath

import (
	"strings"

	"github.com/stardrive/stardrive/internal/errs"
)

const (
	// Scheme begins every printed path.
	Scheme = "sd://"
	// Local is the authority of the device that reads the path.
	Local = "local"
	// Content is the authority of paths that name bytes instead of a place.
	Content = "content"
	// MaxLen is the longest text that is read, and the longest that is printed.
	MaxLen = 1 << 20
	// HashLen is the length of the hash in a content path: hex of 256 bits.
	HashLen = 64
)

// Path is a parsed SdPath. Both fields hold raw bytes, nothing encoded. The
// zero value is no path. Paths are comparable: equal paths are equal values.
type Path struct {
	Authority string // device slug or id, volume name, [Local] or [Content]
	Rel       string // components joined by '/', no leading slash; "" is the root
}

// Check returns an errs.Invalid error unless p can be printed and parsed again:
// every path that came from this package's functions can.
func (p Path) Check() error {
	if err := p.check(); err != nil {
		return invalid(p.Authority+"/"+p.Rel, err)
	}
	return nil
}

func (p Path) check() error {
	if p.Authority == "" {
		return errNoAuthority
	}
	if err := checkName(p.Authority); err != nil {
		return err
	}
	if p.Authority == Content {
		return checkHash(p.Rel)
	}
	if err := checkRel(p.Rel); err != nil {
		return err
	}
	// Encoding can make three bytes of one: most paths need no second look.
	if 3*(len(p.Authority)+len(p.Rel))+len(Scheme) >= MaxLen && len(p.String()) > MaxLen {
		return errTooLong
	}
	return nil
}

// IsContent reports whether p names bytes (sd://content/HASH), not a place.
func (p Path) IsContent() bool { return p.Authority == Content }

// IsLocal reports whether p was written with the authority "local".
func (p Path) IsLocal() bool { return p.Authority == Local }

// IsRoot reports whether p is the top of its device or volume.
func (p Path) IsRoot() bool { return p.Rel == "" }

// Join returns the child of p called name. A name that is no single component
// (empty, ".", "..", with a slash or NUL) is errs.Invalid, and so is any child
// of a content path.
func (p Path) Join(name string) (Path, error) {
	if err := checkName(name); err != nil {
		return Path{}, invalid(name, err)
	}
	child := Path{p.Authority, name}
	if p.Rel != "" {
		child.Rel = p.Rel + "/" + name
	}
	if err := child.Check(); err != nil {
		return Path{}, err
	}
	return child, nil
}

// Parent returns the folder that holds p; the root is its own parent.
func (p Path) Parent() Path {
	i := max(strings.LastIndexByte(p.Rel, '/'), 0)
	return Path{p.Authority, p.Rel[:i]}
}

// Base returns the last component of p, "" for the root.
func (p Path) Base() string { return p.Rel[strings.LastIndexByte(p.Rel, '/')+1:] }

// In reports whether p is root or stands below it.
func (p Path) In(root Path) bool {
	return p.Authority == root.Authority && Within(root.Rel, p.Rel)
}

// MarshalText prints p. It refuses a path that could not be parsed again.
func (p Path) MarshalText() ([]byte, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	return []byte(p.String()), nil
}

// UnmarshalText parses the sd:// form.
func (p *Path) UnmarshalText(b []byte) error {
	q, err := Parse(string(b))
	if err == nil {
		*p = q
	}
	return err
}

// Within reports whether path is root or stands below it, component by
// component: "a/bc" is not within "a/b". Both are slash-joined and of the same
// form (both relative to one root, or both absolute). A path that is not clean
// (an empty, "." or ".." component) is within nothing.
func Within(root, path string) bool {
	_, ok := Cut(root, path)
	return ok
}

// Cut returns what follows root in path, "" if they are the same; ok tells
// whether path is within root, as in [Within].
func Cut(root, path string) (rest string, ok bool) {
	if isAbs := strings.HasPrefix(path, "/"); isAbs != strings.HasPrefix(root, "/") {
		return "", false
	} else if isAbs {
		root, path = root[1:], path[1:]
	}
	if checkRel(root) != nil || checkRel(path) != nil {
		return "", false
	}
	for root != "" {
		if path == "" {
			return "", false
		}
		var want, have string
		want, root, _ = strings.Cut(root, "/")
		have, path, _ = strings.Cut(path, "/")
		if want != have {
			return "", false
		}
	}
	return path, true
}

// ValidName reports whether name can be one component of a path.
func ValidName(name string) bool { return checkName(name) == nil }

// checkRel accepts "" and proper components joined by single slashes.
func checkRel(rel string) error {
	if rel == "" {
		return nil
	}
	for name := range strings.SplitSeq(rel, "/") {
		if err := checkName(name); err != nil {
			return err
		}
	}
	return nil
}

func checkName(name string) error {
	switch {
	case name == "":
		return errEmpty
	case name == "." || name == "..":
		return errDots
	case strings.IndexByte(name, 0) >= 0:
		return errNUL
	case strings.IndexByte(name, '/') >= 0:
		return errSlash
	}
	return nil
}

func checkHash(rel string) error {
	if len(rel) != HashLen || strings.Trim(rel, "0123456789abcdef") != "" {
		return errHash
	}
	return nil
}

var (
	errNotSD       = errs.New(errs.Invalid, "an address begins with %q", Scheme)
	errNoAuthority = errs.New(errs.Invalid, "no device or volume after %q", Scheme)
	errEmpty       = errs.New(errs.Invalid, "empty path component (a slash too many)")
	errDots        = errs.New(errs.Invalid, `"." and ".." have no place in an address`)
	errNUL         = errs.New(errs.Invalid, "NUL byte")
	errSlash       = errs.New(errs.Invalid, "a slash inside a name (%%2F is refused too)")
	errEscape      = errs.New(errs.Invalid, "%% is not followed by two hex digits (write %%25 for a percent sign)")
	errReserved    = errs.New(errs.Invalid, `"?" and "#" are reserved (write %%3F and %%23)`)
	errTooLong     = errs.New(errs.Invalid, "longer than %d bytes", MaxLen)
	errHash        = errs.New(errs.Invalid, "%s%s/ is followed by one hash of %d lower-case hex digits", Scheme, Content, HashLen)
	errNothing     = errs.New(errs.Invalid, "an empty path names nothing")
	errNotAbs      = errs.New(errs.Invalid, "not an absolute path")
	errDevice      = errs.New(errs.Invalid, "a Windows device path")
	errOutside     = errs.New(errs.Invalid, "not inside the mount point")
	errColon       = errs.New(errs.Invalid, "a name with a backslash or colon, which Windows cannot hold")
)

// invalid wraps why a text is no path. What was read is hostile until proven
// otherwise, so the message shows it escaped and short.
func invalid(text string, err error) error {
	const most = 200
	if len(text) > most {
		text = text[:most] + "…"
	}
	return &errs.Error{Op: "path", Path: Display(text), Kind: errs.Invalid, Err: err}
}
