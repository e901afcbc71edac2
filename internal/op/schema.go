package op

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/stardrive/stardrive/internal/errs"
)

// enumerated is a type whose values are a closed list.
type enumerated interface{ Enum() []string }

var (
	timeType        = reflect.TypeFor[time.Time]()
	durationType    = reflect.TypeFor[time.Duration]()
	bytesType       = reflect.TypeFor[[]byte]()
	rawType         = reflect.TypeFor[json.RawMessage]()
	kindType        = reflect.TypeFor[errs.Kind]()
	enumType        = reflect.TypeFor[enumerated]()
	textType        = reflect.TypeFor[encoding.TextMarshaler]()
	marshalerType   = reflect.TypeFor[json.Marshaler]()
	fieldNameRE     = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)
	describesItself = "has MarshalJSON, so its schema cannot be told from its fields; use MarshalText or a plain type"
)

// inferSchema describes the struct t, everything inlined.
func inferSchema(t reflect.Type) (*jsonschema.Schema, error) {
	if t.Kind() != reflect.Struct || t == timeType {
		return nil, fmt.Errorf("%s is not a struct", t)
	}
	known := map[reflect.Type]*jsonschema.Schema{}
	if err := leaves(t, known, map[reflect.Type]bool{}); err != nil {
		return nil, err
	}
	return build(t, known)
}

// mustInfer describes a type that could be described before.
func mustInfer(t reflect.Type) *jsonschema.Schema {
	s, err := inferSchema(t)
	if err != nil {
		panic(fmt.Sprintf("op: %v", err))
	}
	return s
}

// build runs the inference with the known types and puts our own rules on top.
func build(t reflect.Type, known map[reflect.Type]*jsonschema.Schema) (*jsonschema.Schema, error) {
	s, err := jsonschema.ForType(t, &jsonschema.ForOptions{TypeSchemas: known})
	if err != nil {
		return nil, err
	}
	tidy(s)
	return s, limits(t, s)
}

// leaves collects the schema of every type below t that is not described by its
// Go shape (times, ids, closed lists, bytes), and refuses types that have no
// honest description.
func leaves(t reflect.Type, known map[reflect.Type]*jsonschema.Schema, seen map[reflect.Type]bool) error {
	if seen[t] {
		return nil
	}
	seen[t] = true
	s, err := leaf(t)
	if err != nil {
		return fmt.Errorf("%s %w", t, err)
	}
	if s != nil {
		known[t] = s
		return nil
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return leaves(t.Elem(), known, seen)
	case reflect.Struct:
		for _, f := range reflect.VisibleFields(t) {
			if err := checkField(t, f); err != nil {
				return err
			}
			if f.IsExported() && f.Tag.Get("json") != "-" {
				if err := leaves(f.Type, known, seen); err != nil {
					return fmt.Errorf("%s.%s: %w", t, f.Name, err)
				}
			}
		}
	}
	return nil
}

// leaf returns the schema of a type that is not described by its Go shape, or nil.
func leaf(t reflect.Type) (*jsonschema.Schema, error) {
	ptr := reflect.PointerTo(t)
	switch {
	case t.Kind() == reflect.Pointer || t.Kind() == reflect.Interface:
		return nil, nil
	case t == timeType:
		return &jsonschema.Schema{Type: "string", Format: "date-time"}, nil
	case t == durationType:
		return nil, fmt.Errorf("has no wire form; use a number of seconds")
	case t == bytesType:
		return &jsonschema.Schema{Type: "string", ContentEncoding: "base64"}, nil
	case t == rawType:
		return &jsonschema.Schema{}, nil
	case t == kindType:
		s := &jsonschema.Schema{Type: "string"}
		for _, k := range errs.Kinds() {
			s.Enum = append(s.Enum, string(k))
		}
		return s, nil
	case ptr.Implements(enumType):
		if t.Kind() != reflect.String && !ptr.Implements(textType) {
			return nil, fmt.Errorf("lists its values but is not text")
		}
		s := &jsonschema.Schema{Type: "string"}
		for _, v := range reflect.New(t).Interface().(enumerated).Enum() {
			s.Enum = append(s.Enum, v)
		}
		return s, nil
	case ptr.Implements(textType):
		return &jsonschema.Schema{Type: "string"}, nil
	case ptr.Implements(marshalerType):
		return nil, fmt.Errorf("%s", describesItself)
	}
	return nil, nil
}

// checkField refuses fields whose name on the wire would be an accident.
func checkField(t reflect.Type, f reflect.StructField) error {
	tag, ok := f.Tag.Lookup("json")
	if f.Anonymous || !f.IsExported() || tag == "-" {
		return nil
	}
	name, _, _ := strings.Cut(tag, ",")
	if !ok || !fieldNameRE.MatchString(name) {
		return fmt.Errorf("%s.%s needs a json name in snake_case, has %q", t, f.Name, name)
	}
	return nil
}

// tidy takes out what the inference allows and we do not: null for a list, and
// null for an optional field, which is left out instead.
func tidy(s *jsonschema.Schema) {
	if s == nil {
		return
	}
	if slices.Equal(s.Types, []string{"null", "array"}) {
		s.Type, s.Types = "array", nil
	}
	if s.Ref != "" && len(s.Types) > 0 { // a pointer to a component: null beside a reference
		s.AnyOf = []*jsonschema.Schema{{Ref: s.Ref}, {Type: "null"}}
		s.Ref, s.Types = "", nil
	}
	slices.Sort(s.Required)
	s.Required = slices.Compact(s.Required)
	tidy(s.Items)
	tidy(s.AdditionalProperties)
	for name, p := range s.Properties {
		tidy(p)
		if !slices.Contains(s.Required, name) {
			notNull(p)
		}
	}
}

// notNull takes null out of s.
func notNull(s *jsonschema.Schema) {
	if len(s.AnyOf) == 2 && s.AnyOf[1].Type == "null" {
		s.Ref, s.AnyOf = s.AnyOf[0].Ref, nil
	}
	if t := typeOf(s); len(s.Types) == 2 && slices.Contains(s.Types, "null") {
		s.Type, s.Types = t, nil
	}
}

// limits writes the min and max tags of t's fields, at any depth, into s.
func limits(t reflect.Type, s *jsonschema.Schema) error {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.Slice, reflect.Array:
		if s.Items != nil {
			return limits(t.Elem(), s.Items)
		}
	case reflect.Map:
		if s.AdditionalProperties != nil {
			return limits(t.Elem(), s.AdditionalProperties)
		}
	case reflect.Struct:
		if s.Properties == nil {
			return nil
		}
		for _, f := range reflect.VisibleFields(t) {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			p := s.Properties[name]
			if f.Anonymous || p == nil {
				continue
			}
			if err := limit(f, p); err != nil {
				return fmt.Errorf("%s.%s: %w", t, f.Name, err)
			}
			if err := limits(f.Type, p); err != nil {
				return err
			}
		}
	}
	return nil
}

func limit(f reflect.StructField, p *jsonschema.Schema) error {
	for _, tag := range []string{"min", "max"} {
		text, ok := f.Tag.Lookup(tag)
		if !ok {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil {
			return fmt.Errorf("%s tag %q is not a whole number", tag, text)
		}
		float, lower := float64(n), tag == "min"
		switch typ := typeOf(p); {
		case (typ == "integer" || typ == "number") && lower:
			p.Minimum = &float
		case typ == "integer" || typ == "number":
			p.Maximum = &float
		case typ == "string" && lower:
			p.MinLength = &n
		case typ == "string":
			p.MaxLength = &n
		case typ == "array" && lower:
			p.MinItems = &n
		case typ == "array":
			p.MaxItems = &n
		default:
			return fmt.Errorf("%s tag on a field that has no size", tag)
		}
	}
	return nil
}

// typeOf is the schema's type, null aside; "" when any type will do.
func typeOf(s *jsonschema.Schema) string {
	for _, t := range s.Types {
		if t != "null" {
			return t
		}
	}
	return s.Type
}

// nullable reports whether null is a value of s.
func nullable(s *jsonschema.Schema) bool {
	return s.Type == "" && (len(s.Types) == 0 || slices.Contains(s.Types, "null"))
}
