package rules

import (
	"bytes"
	"strings"
)

// MaxIgnore is the size in bytes of the largest .gitignore that is honoured. A
// caller need not read more than one byte beyond.
const MaxIgnore = 256 << 10

// maxCost bounds what the .gitignore files above one entry cost in time and
// memory: one for each file, each KiB, each star, and each pattern that has to
// be tried on every entry.
const maxCost = 2048

// Ignore holds the .gitignore files that speak of the entries in one folder:
// its own and those of the folders above. It never changes, and any number of
// goroutines may use it. A nil Ignore holds none.
type Ignore struct {
	up    *Ignore
	dir   string
	file  string // path of the .gitignore
	table table
	cost  int
	hash  [16]byte
}

// ParseIgnore adds the .gitignore of the folder dir (relative to the location's
// root, which is "") to those of the folders above, and returns both. data is
// its content; it is copied. The file itself need not be indexed.
//
// It is read as git reads it, except that a file which is larger than
// MaxIgnore, or would make the files together too costly, is not honoured at
// all: then more is indexed, not less. As nothing is added by such a file, nor
// by one without patterns, the result may be up itself.
func ParseIgnore(up *Ignore, dir string, data []byte) *Ignore {
	if len(data) > MaxIgnore {
		return up
	}
	patterns := parseLines(data)
	if len(patterns) == 0 {
		return up
	}
	i := &Ignore{up: up, dir: dir, file: ".gitignore", table: newTable(patterns)}
	i.cost = 1 + len(data)>>10 + i.table.cost()
	h := hasher{}
	if dir != "" {
		i.file = dir + "/.gitignore"
	}
	if up != nil {
		i.cost += up.cost
		h.add(string(up.hash[:]))
	}
	if i.cost > maxCost {
		return up
	}
	h.add(dir)
	for _, p := range patterns {
		h.add(p.text)
	}
	i.hash = h.sum()
	return i
}

// parseLines reads the patterns of a .gitignore that can match. As in git, a
// line ends at a NUL, and a carriage return before its end is none of it.
func parseLines(data []byte) []pattern {
	text := string(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))
	var patterns []pattern
	for n := 1; text != ""; n++ {
		var line string
		line, text, _ = strings.Cut(text, "\n")
		line = strings.TrimSuffix(line, "\r")
		line, _, _ = strings.Cut(line, "\x00")
		if strings.HasPrefix(line, "#") {
			continue
		}
		if p, ok := parsePattern(trimSpaces(line), n); ok {
			patterns = append(patterns, p)
		}
	}
	return patterns
}

// Hash is the same for chains with the same patterns in the same folders; where
// it is the same, the files decide the same. Zero for nil.
func (i *Ignore) Hash() [16]byte {
	if i == nil {
		return [16]byte{}
	}
	return i.hash
}

// last returns the pattern that decides about rel, and the file it is from: the
// last that matches in the file nearest to it.
func (i *Ignore) last(rel, name string, folder bool) (*pattern, *Ignore) {
	for ; i != nil; i = i.up {
		if path, ok := below(rel, i.dir); ok {
			if p := i.table.last(path, name, folder); p != nil {
				return p, i
			}
		}
	}
	return nil, nil
}
