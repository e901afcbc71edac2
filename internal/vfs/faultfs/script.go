package faultfs

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
)

// Parse reads rules, one a line:
//
//	# op path  when …            what …
//	list photos     after=100    error=EIO
//	stat photos/**  call=3       error=not_found
//	read big.bin    after=65536  error=ESTALE times=1
//	open **                      hang
//	list .                       delay=50ms
//	change **       call=17      kill
//	sync **         from=2       error=EIO
//	rename a/*                   error=EIO late
//	copyfrom big    times=1      short=0
//	clone **                     flip
//
// Op is one of the operations. Path is a pattern as in [Match], in Go quotes if
// it holds a space. An error is a kind of errs or the name of an errno, whose
// kind is the one drivers give it.
func Parse(script string) ([]Rule, error) {
	var rules []Rule
	n := 0
	for line := range strings.Lines(script) {
		n++
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		r, err := parseRule(line)
		if err != nil {
			return nil, errs.New(errs.Invalid, "line %d: %s: %w", n, line, err)
		}
		rules = append(rules, r)
	}
	return rules, nil
}

// Must is Parse for scripts written into a test: it panics on an error.
func Must(script string) []Rule {
	rules, err := Parse(script)
	if err != nil {
		panic(err)
	}
	return rules
}

func parseRule(line string) (r Rule, err error) {
	op, rest, _ := strings.Cut(line, " ")
	if r.Op = Op(op); r.Op != Any && r.Op != Change && !slices.Contains(looks, r.Op) && !slices.Contains(changes, r.Op) {
		return r, fmt.Errorf("no operation %q", op)
	}
	rest = strings.TrimSpace(rest)
	if r.Path, rest, err = firstWord(rest); err != nil {
		return r, err
	}
	if _, err := path.Match(r.Path, ""); err != nil || r.Path == "" {
		return r, fmt.Errorf("bad pattern %q", r.Path)
	}
	for word := range strings.FieldsSeq(rest) {
		if err := r.set(word); err != nil {
			return r, err
		}
	}
	if !r.Hang && r.Delay == 0 && r.cause() == nil && !r.Kill && !r.Short && !r.Flip && !r.Zeros {
		return r, fmt.Errorf("nothing happens: give error=, delay=, hang, kill, short=, flip or zeros")
	}
	return r, nil
}

// firstWord cuts a word off, which may stand in Go quotes.
func firstWord(s string) (word, rest string, err error) {
	if !strings.HasPrefix(s, `"`) {
		word, rest, _ = strings.Cut(s, " ")
		return word, rest, nil
	}
	quoted, err := strconv.QuotedPrefix(s)
	if err != nil {
		return "", "", fmt.Errorf("a quote is not closed")
	}
	word, err = strconv.Unquote(quoted)
	return word, s[len(quoted):], err
}

func (r *Rule) set(word string) (err error) {
	key, value, _ := strings.Cut(word, "=")
	switch key {
	case "call":
		r.Call, err = strconv.Atoi(value)
	case "from":
		r.From, err = strconv.Atoi(value)
	case "after":
		r.After, err = strconv.ParseInt(value, 10, 64)
	case "times":
		r.Times, err = strconv.Atoi(value)
	case "delay":
		r.Delay, err = time.ParseDuration(value)
	case "hang":
		r.Hang = true
	case "kill":
		r.Kill = true
	case "late":
		r.Late = true
	case "flip":
		r.Flip = true
	case "zeros":
		r.Zeros = true
	case "short":
		r.Short = true
		r.Most, err = strconv.ParseInt(value, 10, 64)
	case "error":
		for _, known := range errnos {
			if known.name == value {
				r.Errno = known.errno
				return nil
			}
		}
		if r.Kind = errs.Kind(value); !slices.Contains(errs.Kinds(), r.Kind) {
			err = fmt.Errorf("no error %q", value)
		}
	default:
		err = fmt.Errorf("what is %q?", word)
	}
	return err
}

// errnos are those a driver meets, with the kind it gives them.
var errnos = []struct {
	name  string
	errno syscall.Errno
	kind  errs.Kind
}{
	{"EIO", syscall.EIO, errs.Internal},
	{"EMFILE", syscall.EMFILE, errs.Internal},
	{"ENOMEM", syscall.ENOMEM, errs.Internal},
	{"ENOENT", syscall.ENOENT, errs.NotFound},
	{"ENOTDIR", syscall.ENOTDIR, errs.NotFound},
	{"EACCES", syscall.EACCES, errs.Denied},
	{"EPERM", syscall.EPERM, errs.Denied},
	{"ELOOP", syscall.ELOOP, errs.Denied},
	{"EXDEV", syscall.EXDEV, errs.Unsupported},
	{"ENOSPC", syscall.ENOSPC, errs.Unavailable},
	{"EDQUOT", syscall.EDQUOT, errs.Unavailable},
	{"EROFS", syscall.EROFS, errs.Denied},
	{"EEXIST", syscall.EEXIST, errs.Conflict},
	{"ENOTEMPTY", syscall.ENOTEMPTY, errs.Conflict},
	{"EBUSY", syscall.EBUSY, errs.Conflict},
	{"ETXTBSY", syscall.ETXTBSY, errs.Conflict},
	{"EFBIG", syscall.EFBIG, errs.Unsupported},
	{"EMLINK", syscall.EMLINK, errs.Unsupported},
	{"EOPNOTSUPP", syscall.EOPNOTSUPP, errs.Unsupported},
	{"EINVAL", syscall.EINVAL, errs.Internal},
	{"EINTR", syscall.EINTR, errs.Internal},
	{"EAGAIN", syscall.EAGAIN, errs.Internal},
	{"ENAMETOOLONG", syscall.ENAMETOOLONG, errs.Invalid},
	{"ENODEV", syscall.ENODEV, errs.Unavailable},
	{"ENXIO", syscall.ENXIO, errs.Unavailable},
	{"ESTALE", syscall.ESTALE, errs.Unavailable},
	{"ENOTCONN", syscall.ENOTCONN, errs.Unavailable},
	{"ETIMEDOUT", syscall.ETIMEDOUT, errs.Unavailable},
}

// cause is the error the rule ends in, with its kind; nil if it only waits.
func (r Rule) cause() error {
	if r.Errno != 0 {
		kind := r.Kind
		for _, known := range errnos {
			if kind == "" && known.errno == r.Errno {
				kind = known.kind
			}
		}
		if kind == "" {
			kind = errs.Internal
		}
		return &errs.Error{Kind: kind, Err: r.Errno}
	}
	if r.Kind != "" {
		return errs.New(r.Kind, "a fault of kind %s", r.Kind)
	}
	return nil
}

// String writes the rule as a line of a script.
func (r Rule) String() string {
	pattern := r.Path
	if strings.ContainsAny(pattern, " \"\t\n") {
		pattern = strconv.Quote(pattern)
	}
	out := fmt.Sprintf("%s %s", r.Op, pattern)
	for _, f := range []struct {
		key   string
		value int64
	}{{"call", int64(r.Call)}, {"from", int64(r.From)}, {"after", r.After}, {"times", int64(r.Times)}} {
		if f.value != 0 {
			out += fmt.Sprintf(" %s=%d", f.key, f.value)
		}
	}
	if r.Delay != 0 {
		out += " delay=" + r.Delay.String()
	}
	if r.Short {
		out += fmt.Sprintf(" short=%d", r.Most)
	}
	for _, w := range []struct {
		word string
		on   bool
	}{{"hang", r.Hang}, {"kill", r.Kill}, {"late", r.Late}, {"flip", r.Flip}, {"zeros", r.Zeros}} {
		if w.on {
			out += " " + w.word
		}
	}
	return out + r.errorWord()
}

func (r Rule) errorWord() string {
	for _, known := range errnos {
		if r.Errno != 0 && known.errno == r.Errno {
			return " error=" + known.name
		}
	}
	if r.Kind != "" {
		return " error=" + string(r.Kind)
	}
	return ""
}

// Match reports whether a path of a driver fits pattern, component by
// component: "*", "?" and "[a-z]" are those of path.Match and end at a slash;
// a component "**" stands for any number of them, also none; "." is the root.
func Match(pattern, name string) bool {
	if pattern == "." {
		return name == ""
	}
	var parts []string
	if name != "" {
		parts = strings.Split(name, "/")
	}
	return matchParts(strings.Split(pattern, "/"), parts)
}

func matchParts(pattern, name []string) bool {
	for i, p := range pattern {
		if p == "**" {
			for skip := i; skip <= len(name); skip++ {
				if matchParts(pattern[i+1:], name[skip:]) {
					return true
				}
			}
			return false
		}
		if i >= len(name) {
			return false
		}
		if ok, err := path.Match(p, name[i]); !ok || err != nil {
			return false
		}
	}
	return len(name) == len(pattern)
}
