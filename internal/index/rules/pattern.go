package rules

import "strings"

// pattern is one line in the syntax of gitignore: text begins with prefix, ends
// with tail, and glob stands for what is between.
type pattern struct {
	text    string // as it was written
	at      int    // its line in a .gitignore, or the place of its rule in the list
	include bool   // "!": takes back what earlier patterns excluded
	folder  bool   // "/" at the end: stands for folders only
	whole   bool   // "/" elsewhere: compared with the path, not with the name
	prefix  string
	glob    glob // nil: prefix is all
	tail    string
	least   int // bytes of the shortest match
}

// parsePattern reads one line without its end, comment and trailing spaces. Not
// ok: the pattern can never match.
func parsePattern(line string, at int) (p pattern, ok bool) {
	p.text, p.at = line, at
	line, p.include = strings.CutPrefix(line, "!")
	line, p.folder = strings.CutSuffix(line, "/")
	p.whole = strings.Contains(line, "/")
	line = strings.TrimPrefix(line, "/")
	special := strings.IndexAny(line, `*?[\`)
	if special < 0 {
		p.prefix, p.least = line, len(line)
		return p, line != ""
	}
	p.prefix = line[:special]
	if p.glob, ok = parseGlob(line[special:], p.whole); !ok {
		return p, false
	}
	p.cutTail()
	p.least = len(p.prefix) + p.glob.least() + len(p.tail)
	return p, true
}

// cutTail takes the literal end off the glob: comparing it first is what makes
// most patterns cheap.
func (p *pattern) cutTail() {
	n := len(p.glob)
	for n > 0 && p.glob[n-1].op == opByte {
		n--
	}
	tail := make([]byte, 0, len(p.glob)-n)
	for _, t := range p.glob[n:] {
		tail = append(tail, t.b)
	}
	if n == 0 { // nothing but escaped bytes
		p.prefix, p.glob = p.prefix+string(tail), nil
		return
	}
	p.glob, p.tail = p.glob[:n:n], string(tail)
}

// matches reports whether p stands for the entry. The path is relative to the
// folder p belongs to, and name is its last component.
func (p *pattern) matches(path, name string) bool {
	s := name
	if p.whole {
		s = path
	}
	if len(s) < p.least || !strings.HasPrefix(s, p.prefix) || !strings.HasSuffix(s, p.tail) {
		return false
	}
	if p.glob == nil {
		return len(s) == len(p.prefix)
	}
	return p.glob.match(s[len(p.prefix) : len(s)-len(p.tail)])
}

// name returns the only name that entries matched by p can have, if there is
// but one.
func (p *pattern) name() (string, bool) {
	if p.glob == nil {
		return p.prefix[strings.LastIndexByte(p.prefix, '/')+1:], true
	}
	if i := strings.LastIndexByte(p.tail, '/'); i >= 0 {
		return p.tail[i+1:], true
	}
	n := len(p.glob)
	// The first "**/" may also follow something that is no folder: in git
	// "a**/b" stands for "ab".
	folder := n > 1 || p.prefix == "" || strings.HasSuffix(p.prefix, "/")
	return p.tail, p.glob[n-1].op == opDirs && folder
}

// extension returns the only extension, from the last dot on, that names of
// entries matched by p can have, if there is but one.
func (p *pattern) extension() (string, bool) {
	i := strings.LastIndexByte(p.tail, '.')
	if i < 0 {
		return "", false
	}
	return p.tail[i:], true
}

// trimSpaces takes spaces off the end, but not one behind a backslash.
func trimSpaces(line string) string {
	end := len(strings.TrimRight(line, " "))
	if end == len(line) {
		return line
	}
	slashes := 0
	for slashes < end && line[end-1-slashes] == '\\' {
		slashes++
	}
	return line[:end+slashes%2]
}
