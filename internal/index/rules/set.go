package rules

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/stardrive/stardrive/internal/vfs"
)

// Set is a list of rules, ready to decide. It never changes, and any number of
// goroutines may use it. A nil Set has no rules.
type Set struct {
	rules  []Rule
	table  table   // the patterns of all rules; pattern.at is the rule's place
	others []other // rules that are no patterns, in their order
	hash   [16]byte
}

// other is a rule without patterns.
type other struct {
	at    int // place in rules
	kind  Kind
	bytes int64 // of Larger and Smaller
}

// Decision is the answer for one entry.
type Decision struct {
	Excluded bool
	Rule     *Rule  // the rule that decided; belongs to the Set; nil: no rule matched
	Pattern  string // what of it matched: the pattern of a rule, of its preset or of a .gitignore
	File     string // path of the .gitignore that holds the pattern, relative to the location's root, or ""
	Line     int    // its line there, from 1
}

// Compile makes rules ready, in their order. It copies them. The error is
// errs.Invalid and names the rule: it is not valid, or its id is not positive
// or used twice.
func Compile(list []Rule) (*Set, error) {
	s := &Set{rules: slices.Clone(list)}
	var patterns []pattern
	ids := map[int]bool{}
	h := hasher{}
	for i, r := range s.rules {
		if r.ID <= 0 || ids[r.ID] {
			return nil, invalid("rule %d: its number is not positive or used twice", r.ID).Try("Remove the rule and add it again.")
		}
		ids[r.ID] = true
		valid, err := New(r.Kind, r.Value, r.Include)
		if err != nil {
			return nil, inRule(r.ID, err)
		}
		valid.ID = r.ID
		s.rules[i] = valid
		patterns = append(patterns, s.add(i, &h)...)
	}
	s.table = newTable(patterns)
	s.hash = h.sum()
	return s, nil
}

// add compiles the valid rule at place i, and returns its patterns.
func (s *Set) add(i int, h *hasher) []pattern {
	r := s.rules[i]
	o := other{at: i, kind: r.Kind}
	var texts []string
	switch r.Kind {
	case Pattern:
		texts = []string{r.Value}
	case Preset:
		p, _ := findPreset(r.Value)
		texts = p.Patterns
	case Larger, Smaller:
		o.bytes, _, _ = parseSize(r.Value)
	}
	if texts == nil {
		s.others = append(s.others, o)
		h.add(string(r.Kind), include(r.Include), string(binary.BigEndian.AppendUint64(nil, uint64(o.bytes))))
		return nil
	}
	var patterns []pattern
	h.add("patterns", include(r.Include))
	for _, text := range texts {
		if p, ok := parsePattern(text, i); ok { // always: New has looked
			p.include = r.Include
			patterns = append(patterns, p)
			h.add(text)
		}
	}
	return patterns
}

func include(yes bool) string {
	if yes {
		return "include"
	}
	return "exclude"
}

// Empty reports whether s has no rules, so that everything is indexed.
func (s *Set) Empty() bool { return s == nil || len(s.rules) == 0 }

// Gitignore reports whether .gitignore files matter: Decide needs an Ignore.
func (s *Set) Gitignore() bool {
	return s != nil && slices.ContainsFunc(s.others, func(o other) bool { return o.kind == Gitignore })
}

// Hash is the same for sets that decide the same by the same patterns and
// sizes in the same order, in all processes; it changes when a preset does. It
// does not cover .gitignore files: Ignore has its own. An empty set has zero.
func (s *Set) Hash() [16]byte {
	if s == nil {
		return [16]byte{}
	}
	return s.hash
}

// Decide tells whether the entry rel is indexed. Size counts for files only.
// Ignore holds the .gitignore files of the folders above rel; it may be nil.
// The location's root, "", is never excluded. The caller goes from the top
// down, and does not ask about what is below an excluded folder.
//
// Decide allocates nothing.
func (s *Set) Decide(rel string, kind vfs.Kind, size int64, ignore *Ignore) Decision {
	if s == nil || len(s.rules) == 0 || rel == "" {
		return Decision{}
	}
	name, folder := baseName(rel), kind == vfs.Folder
	at := -1
	p := s.table.last(rel, name, folder)
	if p != nil {
		at = p.at
	}
	for i := len(s.others) - 1; i >= 0 && s.others[i].at > at; i-- {
		o := &s.others[i]
		r := &s.rules[o.at]
		switch {
		case o.kind == Gitignore:
			if p, from := ignore.last(rel, name, folder); p != nil {
				return Decision{Excluded: !p.include, Rule: r, Pattern: p.text, File: from.file, Line: p.at}
			}
		case kind == vfs.File && (o.kind == Larger && size > o.bytes || o.kind == Smaller && size < o.bytes):
			return Decision{Excluded: !r.Include, Rule: r}
		}
	}
	if p == nil {
		return Decision{}
	}
	return Decision{Excluded: !p.include, Rule: &s.rules[at], Pattern: p.text}
}

// hasher sums up meaning: a list of texts, each with its length. The zero
// hasher sums up nothing, as zero.
type hasher struct{ buf []byte }

func (h *hasher) add(texts ...string) {
	for _, t := range texts {
		h.buf = binary.AppendUvarint(h.buf, uint64(len(t)))
		h.buf = append(h.buf, t...)
	}
}

func (h *hasher) sum() (sum [16]byte) {
	if len(h.buf) > 0 {
		full := sha256.Sum256(h.buf)
		copy(sum[:], full[:])
	}
	return sum
}

// below returns rel as seen from the folder dir; not ok: it is not below dir.
func below(rel, dir string) (string, bool) {
	if dir == "" {
		return rel, true
	}
	rest, ok := strings.CutPrefix(rel, dir)
	if !ok || rest == "" || rest[0] != '/' {
		return "", false
	}
	return rest[1:], true
}
