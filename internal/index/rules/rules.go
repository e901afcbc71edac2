// Package rules decides which entries of a location are indexed. A location has
// one ordered list of rules; the last rule that matches an entry decides, as in
// gitignore, and what no rule matches is indexed. Nothing below an excluded
// folder is looked at, so no rule can bring it back.
//
// The package is pure: it reads no files, and knows neither the catalogue nor
// the walk that asks it. Paths are raw bytes, relative to the location's root,
// with components joined by '/', as in package vfs.
package rules

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/stardrive/stardrive/internal/errs"
)

// Kind tells how a rule recognises entries. Its string is stored and never
// changes its meaning.
type Kind string

// The closed list of kinds.
const (
	Pattern   Kind = "pattern"   // entries a pattern in the syntax of gitignore matches
	Preset    Kind = "preset"    // entries that one of Presets names
	Larger    Kind = "larger"    // files larger than a size
	Smaller   Kind = "smaller"   // files smaller than a size
	Gitignore Kind = "gitignore" // entries the .gitignore files above them speak of
)

// Kinds lists every kind, in the order of their declaration.
func Kinds() []Kind { return []Kind{Pattern, Preset, Larger, Smaller, Gitignore} }

// Enum tells the schema which kinds there are.
func (Kind) Enum() []string {
	var all []string
	for _, k := range Kinds() {
		all = append(all, string(k))
	}
	return all
}

// Rule excludes the entries it matches, or includes them again. It is stored as
// JSON with its location. New makes valid ones; List numbers them.
type Rule struct {
	ID      int    `json:"id" jsonschema:"number of the rule within its location; never used again"`
	Kind    Kind   `json:"kind" jsonschema:"how it recognises entries"`
	Value   string `json:"value,omitempty" jsonschema:"the pattern, the name of the preset, or the size, such as 100MB"`
	Include bool   `json:"include,omitempty" jsonschema:"index what it matches, although an earlier rule excludes it"`
}

// maxValue is the length of the longest value: no path is longer on most systems.
const maxValue = 4096

// New returns a rule without an id, its value in the spelling that is stored:
// New of that value gives the same rule. Errors are errs.Invalid.
//
//   - Pattern: one line in the syntax of gitignore, relative to the location's
//     root. A leading "!" is the same as include. A leading "#" begins a name.
//   - Preset: the name of a preset.
//   - Larger, Smaller: a size in bytes, or with a unit: kB, MB, GB, TB, PB are
//     powers of 1000 (as are k, M, G, T, P), KiB, MiB, GiB, TiB, PiB of 1024.
//   - Gitignore: no value; it cannot include, as the files say that themselves.
func New(kind Kind, value string, include bool) (Rule, error) {
	r := Rule{Kind: kind, Value: value, Include: include}
	if len(value) > maxValue {
		return Rule{}, invalid("the value of a rule is longer than %d bytes", maxValue).Try("Use a shorter pattern.")
	}
	switch kind {
	case Pattern:
		return newPatternRule(value, include)
	case Preset:
		if _, ok := findPreset(value); !ok {
			return Rule{}, invalid("there is no preset %q", value).Try("Use one of " + strings.Join(presetNames(), ", ") + ".")
		}
	case Larger, Smaller:
		n, canonical, err := parseSize(value)
		if err != nil {
			return Rule{}, err
		}
		if kind == Smaller && n == 0 {
			return Rule{}, invalid("no file is smaller than 0 bytes").Try("Use smaller 1 for empty files.")
		}
		r.Value = canonical
	case Gitignore:
		if value != "" {
			return Rule{}, invalid("a rule of kind gitignore has no value").Try("Leave the value out; the rule honours every .gitignore file.")
		}
		if include {
			return Rule{}, invalid("a rule of kind gitignore cannot include").Try(`Write lines that begin with "!" into the .gitignore files.`)
		}
	default:
		return Rule{}, invalid("there is no kind of rule %q", kind).Try("Use one of " + strings.Join(kind.Enum(), ", ") + ".")
	}
	return r, nil
}

func newPatternRule(value string, include bool) (Rule, error) {
	if strings.ContainsAny(value, "\n\x00") || !utf8.ValidString(value) {
		return Rule{}, invalid("pattern %q holds a line break, a NUL or bytes that are not UTF-8", value).
			Try(`Write "?" for each byte that is no text.`)
	}
	value, not := strings.CutPrefix(trimSpaces(value), "!")
	if strings.HasPrefix(value, "!") || strings.HasPrefix(value, "#") {
		value = `\` + value
	}
	p, ok := parsePattern(value, 0)
	if !ok || p.impossible() {
		return Rule{}, invalid("pattern %q can never match", value).
			Try(`Write it as in .gitignore, relative to the location: "*.tmp", "cache/", "/only/here"; close each "[" with "]".`)
	}
	return Rule{Kind: Pattern, Value: value, Include: include || not}, nil
}

// impossible reports whether p asks for a component that no path has.
func (p *pattern) impossible() bool {
	parts := strings.Split(p.prefix, "/")
	if p.glob != nil {
		parts = parts[:len(parts)-1] // the last one goes on
	}
	for _, part := range parts {
		if part == "" || part == "." || part == ".." {
			return true
		}
	}
	return false
}

// Words tells what r does, for people: `exclude files larger than 100MB`.
func (r Rule) Words() string {
	does := "exclude"
	if r.Include {
		does = "include"
	}
	switch r.Kind {
	case Pattern:
		return fmt.Sprintf("%s what matches %s", does, quote(r.Value))
	case Preset:
		p, _ := findPreset(r.Value)
		return fmt.Sprintf("%s %s (preset %s)", does, p.Words, r.Value)
	case Larger, Smaller:
		return fmt.Sprintf("%s files %s than %s", does, r.Kind, r.Value)
	}
	return "honour .gitignore files"
}

func invalid(format string, args ...any) *errs.Error { return errs.New(errs.Invalid, format, args...) }
