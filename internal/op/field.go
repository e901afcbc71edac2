package op

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"
)

// Field is one field of an operation's input, as a command line sees it.
type Field struct {
	Name     string   // JSON name: "last_seen"
	Flag     string   // flag without dashes: "last-seen"
	Help     string   // the words of the jsonschema tag
	Type     string   // string, integer, number, boolean, array, object
	Items    string   // type of a list's items
	Format   string   // "date-time" for times, "base64" for bytes
	Enum     []string // the closed list of values, also of a list's items
	Required bool
	Position int  // 1 for the first positional argument, 0 for a flag
	Rest     bool // takes all remaining arguments
	Hidden   bool // not on the command line
}

// Fields returns the input's fields in the order of their declaration.
func (d Def) Fields() []Field { return slices.Clone(d.fields) }

// Positional returns the fields given by position, in order; a field that takes
// the rest comes last.
func (d Def) Positional() []Field {
	var fs []Field
	for _, f := range d.fields {
		if !f.Hidden && (f.Position > 0 || f.Rest) {
			fs = append(fs, f)
		}
	}
	slices.SortStableFunc(fs, func(a, b Field) int { return place(a) - place(b) })
	return fs
}

func place(f Field) int {
	if f.Rest {
		return 1 << 20
	}
	return f.Position
}

// Flags returns the fields given as flags.
func (d Def) Flags() []Field {
	var fs []Field
	for _, f := range d.fields {
		if !f.Hidden && f.Position == 0 && !f.Rest {
			fs = append(fs, f)
		}
	}
	return fs
}

// Command returns the words of the generated command: "location.add" is
// "location add", "daemon.login_link" is "daemon login-link".
func (d Def) Command() string { return kebab(strings.ReplaceAll(d.Name, ".", " ")) }

// Usage returns the command with its arguments: "location add PATH [--name NAME]".
func (d Def) Usage() string {
	words := []string{d.Command()}
	for _, f := range d.Positional() {
		w := strings.ToUpper(f.Flag)
		if f.Rest {
			w += "..."
		}
		words = append(words, optional(w, f))
	}
	for _, f := range d.Flags() {
		w := "--" + f.Flag
		if f.Type != "boolean" {
			w += " " + f.Placeholder()
		}
		words = append(words, optional(w, f))
	}
	return strings.Join(words, " ")
}

// Placeholder stands for the flag's value in help: the choices, or a word.
func (f Field) Placeholder() string {
	switch {
	case len(f.Enum) > 0:
		return strings.Join(f.Enum, "|")
	case f.Type == "integer" || f.Type == "number":
		return "N"
	case f.Format == "date-time":
		return "TIME"
	}
	return strings.ToUpper(f.Flag)
}

func optional(word string, f Field) string {
	if f.Required {
		return word
	}
	return "[" + word + "]"
}

func kebab(s string) string { return strings.ReplaceAll(s, "_", "-") }

// fieldsOf reads the CLI's view of the input type t.
func fieldsOf(t reflect.Type, s *jsonschema.Schema) ([]Field, error) {
	var fs []Field
	tags := cliTags(t)
	for _, name := range s.PropertyOrder {
		p := s.Properties[name]
		f := Field{
			Name: name, Flag: kebab(name), Help: p.Description,
			Type: typeOf(p), Format: format(p), Enum: enumOf(p),
			Required: slices.Contains(s.Required, name),
		}
		if p.Items != nil {
			f.Items, f.Enum = typeOf(p.Items), enumOf(p.Items)
		}
		if err := f.placed(tags[name]); err != nil {
			return nil, fmt.Errorf("field %s: %w", name, err)
		}
		fs = append(fs, f)
	}
	return fs, checkPositions(fs)
}

func (f *Field) placed(tag string) error {
	switch tag {
	case "":
	case "-":
		f.Hidden = true
	case "rest":
		if f.Rest = true; f.Type != "array" || f.Items != "string" {
			return fmt.Errorf("cli tag rest is for a list of strings")
		}
	default:
		n, err := strconv.Atoi(tag)
		if err != nil || n < 1 {
			return fmt.Errorf("bad cli tag %q", tag)
		}
		f.Position = n
	}
	return nil
}

// checkPositions demands positions 1, 2, 3 … without gap, one rest at most, and
// no required argument after an optional one.
func checkPositions(fs []Field) error {
	pos := Def{fields: fs}.Positional()
	for i, f := range pos {
		switch {
		case f.Rest && i != len(pos)-1:
			return fmt.Errorf("more than one field takes the rest")
		case !f.Rest && f.Position != i+1:
			return fmt.Errorf("field %s: no argument stands at position %d", f.Name, i+1)
		case i > 0 && f.Required && !pos[i-1].Required:
			return fmt.Errorf("field %s is required but follows an optional argument", f.Name)
		}
	}
	return nil
}

func cliTags(t reflect.Type) map[string]string {
	tags := map[string]string{}
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		tags[name] = f.Tag.Get("cli")
	}
	return tags
}

func format(s *jsonschema.Schema) string {
	if s.ContentEncoding != "" {
		return s.ContentEncoding
	}
	return s.Format
}

func enumOf(s *jsonschema.Schema) (words []string) {
	for _, v := range s.Enum {
		words = append(words, fmt.Sprint(v))
	}
	return words
}
