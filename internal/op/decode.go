package op

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/jsonschema-go/jsonschema"
	"github.com/stardrive/stardrive/internal/errs"
)

// Limits of a request. Faces may read MaxInput+1 bytes and leave the refusal to Call.
const (
	MaxInput = 1 << 20 // bytes
	MaxDepth = 32      // nested objects and lists
)

// decode reads exactly one JSON object into the struct behind into. It is
// strict, because a request that two readers understand differently is a hole:
// exact case, no unknown and no repeated fields, valid UTF-8, one value, and
// everything the schema demands. Errors are errs.Invalid whose Path is the
// field's path, such as "items[2].name".
func decode(in []byte, s *jsonschema.Schema, into any) error {
	if len(in) > MaxInput {
		return errs.New(errs.Invalid, "the request is larger than %d bytes", MaxInput)
	}
	if len(bytes.TrimSpace(in)) == 0 {
		in = []byte("{}")
	}
	c := checker{dec: jsontext.NewDecoder(bytes.NewReader(in))}
	if err := c.value(s); err != nil {
		return explain(err)
	}
	if _, err := c.dec.ReadToken(); !errors.Is(err, io.EOF) {
		return errs.New(errs.Invalid, "something follows the JSON value")
	}
	if err := json.Unmarshal(in, into, json.RejectUnknownMembers(true)); err != nil {
		return explain(err)
	}
	return nil
}

// Decoder returns the strict decoding that operations use, for a request that is
// none. It panics when T cannot be described.
func Decoder[T any]() func(in []byte) (T, error) {
	s := mustInfer(reflect.TypeFor[T]())
	return func(in []byte) (v T, err error) {
		err = decode(in, s, &v)
		return v, err
	}
}

// explain turns an error of the JSON library into one for people.
func explain(err error) error {
	if e, ok := errors.AsType[*errs.Error](err); ok {
		return e
	}
	if e, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		switch {
		case errors.Is(e, jsontext.ErrDuplicateName):
			return errs.New(errs.Invalid, "this field is given twice").At(fieldPath(e.JSONPointer))
		case errors.Is(e.Err, io.ErrUnexpectedEOF):
			return errs.New(errs.Invalid, "the JSON ends too early")
		}
		return errs.New(errs.Invalid, "not valid JSON at byte %d: %w", e.ByteOffset, e.Err)
	}
	if e, ok := errors.AsType[*json.SemanticError](err); ok {
		cause := e.Err
		if cause == nil {
			cause = fmt.Errorf("cannot hold %s", e.JSONValue)
		}
		return (&errs.Error{Kind: errs.Invalid, Err: cause}).At(fieldPath(e.JSONPointer))
	}
	return errs.New(errs.Invalid, "not valid JSON: %w", err)
}

// fieldPath writes a JSON pointer as people write it: /items/2/name is items[2].name.
func fieldPath(p jsontext.Pointer) string {
	var b strings.Builder
	for tok := range p.Tokens() {
		if _, err := strconv.Atoi(tok); err == nil {
			b.WriteString("[" + tok + "]")
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(tok)
	}
	return b.String()
}

// checker walks a JSON text beside its schema. The library's decoder refuses
// repeated names and invalid UTF-8 by itself.
type checker struct{ dec *jsontext.Decoder }

func (c *checker) fail(format string, args ...any) error {
	return errs.New(errs.Invalid, format, args...).At(fieldPath(c.dec.StackPointer()))
}

// value consumes one value and checks it.
func (c *checker) value(s *jsonschema.Schema) error {
	if c.dec.StackDepth() > MaxDepth {
		return c.fail("nested deeper than %d levels", MaxDepth)
	}
	switch kind := c.dec.PeekKind(); {
	case kind == '{' && accepts(s, "object"):
		return c.object(s)
	case kind == '[' && accepts(s, "array"):
		return c.array(s)
	default:
		tok, err := c.dec.ReadToken()
		if err != nil {
			return err
		}
		return c.scalar(s, tok)
	}
}

func accepts(s *jsonschema.Schema, typ string) bool {
	t := typeOf(s)
	return t == typ || t == ""
}

func (c *checker) object(s *jsonschema.Schema) error {
	if _, err := c.dec.ReadToken(); err != nil {
		return err
	}
	given := map[string]bool{}
	for c.dec.PeekKind() != '}' {
		tok, err := c.dec.ReadToken()
		if err != nil {
			return err
		}
		name := tok.String()
		given[name] = true
		p := s.Properties[name]
		if p == nil {
			p = s.AdditionalProperties
		}
		switch {
		case p == nil:
			p = &jsonschema.Schema{}
		case p.Not != nil: // the schema that accepts nothing
			return c.fail("there is no such field%s", suggest(name, s.PropertyOrder))
		}
		if err := c.value(p); err != nil {
			return err
		}
	}
	if _, err := c.dec.ReadToken(); err != nil {
		return err
	}
	for _, name := range s.Required {
		if !given[name] {
			at := fieldPath(c.dec.StackPointer().AppendToken(name))
			return errs.New(errs.Invalid, "this field is required").At(at)
		}
	}
	return nil
}

// suggest names the field that was probably meant.
func suggest(name string, known []string) string {
	plain := func(s string) string { return strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(s)) }
	if i := slices.IndexFunc(known, func(k string) bool { return plain(k) == plain(name) }); i >= 0 {
		return fmt.Sprintf("; did you mean %q?", known[i])
	}
	if len(known) == 0 {
		return ""
	}
	return "; known are " + strings.Join(known, ", ")
}

func (c *checker) array(s *jsonschema.Schema) error {
	if _, err := c.dec.ReadToken(); err != nil {
		return err
	}
	items := s.Items
	if items == nil {
		items = &jsonschema.Schema{}
	}
	n := 0
	for ; c.dec.PeekKind() != ']'; n++ {
		if err := c.value(items); err != nil {
			return err
		}
	}
	if _, err := c.dec.ReadToken(); err != nil {
		return err
	}
	return c.size(n, s.MinItems, s.MaxItems, "items")
}

func (c *checker) size(n int, lo, hi *int, unit string) error {
	switch {
	case lo != nil && n < *lo && *lo == 1:
		return c.fail("must not be empty")
	case lo != nil && n < *lo:
		return c.fail("must have at least %d %s, has %d", *lo, unit, n)
	case hi != nil && n > *hi:
		return c.fail("must have at most %d %s, has %d", *hi, unit, n)
	}
	return nil
}

func (c *checker) scalar(s *jsonschema.Schema, tok jsontext.Token) error {
	typ, kind := typeOf(s), tok.Kind()
	switch {
	case kind == 'n' && nullable(s), typ == "":
		return nil
	case kind == '"' && typ == "string":
		return c.text(s, tok.String())
	case kind == '0' && (typ == "integer" || typ == "number"):
		return c.number(s, tok.String(), typ)
	case (kind == 't' || kind == 'f') && typ == "boolean":
		return nil
	}
	return c.fail("must be %s, not %s", article(typ), jsonKinds[kind])
}

var jsonKinds = map[jsontext.Kind]string{
	'n': "null", '"': "a text", '0': "a number", 't': "true", 'f': "false", '{': "an object", '[': "a list",
}

func article(typ string) string {
	switch typ {
	case "string":
		return "a text"
	case "integer":
		return "a whole number"
	case "number":
		return "a number"
	case "boolean":
		return "true or false"
	case "array":
		return "a list"
	}
	return "an object"
}

func (c *checker) text(s *jsonschema.Schema, v string) error {
	if len(s.Enum) > 0 && !slices.Contains(s.Enum, any(v)) {
		words := make([]string, len(s.Enum))
		for i, w := range s.Enum {
			words[i] = fmt.Sprint(w)
		}
		return c.fail("%q is not one of %s", v, strings.Join(words, ", "))
	}
	if s.Format == "date-time" {
		if _, err := time.Parse(time.RFC3339Nano, v); err != nil {
			return c.fail("%q is not a time such as 2006-01-02T15:04:05Z", v)
		}
	}
	if s.ContentEncoding == "base64" {
		if _, err := base64.StdEncoding.DecodeString(v); err != nil {
			return c.fail("is not base64")
		}
	}
	return c.size(utf8.RuneCountInString(v), s.MinLength, s.MaxLength, "characters")
}

func (c *checker) number(s *jsonschema.Schema, v, typ string) error {
	if typ == "integer" {
		if strings.ContainsAny(v, ".eE") {
			return c.fail("must be a whole number, not %s", v)
		}
		if _, err := strconv.ParseInt(v, 10, 64); err != nil {
			if _, err := strconv.ParseUint(v, 10, 64); err != nil {
				return c.fail("%s is too large", v)
			}
		}
	}
	f, err := strconv.ParseFloat(v, 64)
	switch {
	case err != nil:
		return c.fail("%s is too large", v)
	case s.Minimum != nil && f < *s.Minimum:
		return c.fail("must be at least %v, is %s", *s.Minimum, v)
	case s.Maximum != nil && f > *s.Maximum:
		return c.fail("must be at most %v, is %s", *s.Maximum, v)
	}
	return nil
}
