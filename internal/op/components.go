package op

import (
	"fmt"
	"maps"
	"path"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"github.com/google/jsonschema-go/jsonschema"
)

// Components describes every named type of a set once, so that documents and
// generated clients share one definition of each.
type Components struct {
	// Schemas holds a schema for each named struct, closed list and text type
	// by its public name. They refer to each other by [RefPrefix].
	Schemas map[string]*jsonschema.Schema

	refs map[reflect.Type]*jsonschema.Schema
}

// typeNamed is a type that chooses its public name, where the Go name says too
// little outside its package: job.Snapshot is Job to a client.
type typeNamed interface{ TypeName() string }

var namedType = reflect.TypeFor[typeNamed]()

// RefPrefix stands before a component's name in a reference.
const RefPrefix = "#/components/schemas/"

// Components names the types of the set's operations. A struct that is the
// input or output of one operation only is called after it (LocationAddIn);
// other types keep their Go name, with the package's name before it where two
// packages use the same, or choose one by a method TypeName() string. extra types are named along.
func (s *Set) Components(extra ...reflect.Type) (*Components, error) {
	n := namer{uses: map[reflect.Type]int{}, own: map[reflect.Type]string{}}
	known := map[reflect.Type]*jsonschema.Schema{}
	seen := map[reflect.Type]bool{}
	for d := range s.All() {
		for suffix, t := range map[string]reflect.Type{"In": d.In, "Out": d.Out} {
			if err := leaves(t, known, seen); err != nil {
				return nil, err
			}
			n.walk(t, map[reflect.Type]bool{})
			n.own[t] = camel(d.Name) + suffix
		}
	}
	for _, t := range extra {
		if err := leaves(t, known, seen); err != nil {
			return nil, err
		}
		n.walk(t, map[reflect.Type]bool{})
		n.uses[t]++
	}
	return n.describe(known)
}

// Schema refers to t's component, or describes t where it has no name.
func (c *Components) Schema(t reflect.Type) (*jsonschema.Schema, error) {
	if r := c.refs[t]; r != nil {
		return r.CloneSchemas(), nil
	}
	return build(t, c.refs)
}

// namer finds the public names of types.
type namer struct {
	uses map[reflect.Type]int    // how often a type is used
	own  map[reflect.Type]string // the name after the operation
}

// walk counts the uses of t and what is below it; within stops a type from
// being walked twice for one operation.
func (n *namer) walk(t reflect.Type, within map[reflect.Type]bool) {
	if s, err := leaf(t); s != nil || err != nil {
		n.uses[t]++
		return
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		n.walk(t.Elem(), within)
	case reflect.Struct:
		if n.uses[t]++; within[t] {
			return
		}
		within[t] = true
		for _, f := range reflect.VisibleFields(t) {
			if f.IsExported() && !f.Anonymous && f.Tag.Get("json") != "-" {
				n.walk(f.Type, within) // fields of embedded structs stand for themselves
			}
		}
	}
}

func (n *namer) describe(leafs map[reflect.Type]*jsonschema.Schema) (*Components, error) {
	c := &Components{Schemas: map[string]*jsonschema.Schema{}, refs: map[reflect.Type]*jsonschema.Schema{}}
	types := map[string]reflect.Type{}
	for t, name := range n.names() {
		if twin := types[name]; twin != nil {
			return nil, fmt.Errorf("types %s and %s would both be called %s", twin, t, name)
		}
		types[name] = t
		c.refs[t] = &jsonschema.Schema{Ref: RefPrefix + name}
	}
	for t, s := range leafs { // what has no name of its own: times, bytes
		if c.refs[t] == nil {
			c.refs[t] = s
		}
	}
	for name, t := range types {
		if s := leafs[t]; s != nil {
			c.Schemas[name] = s
			continue
		}
		known := maps.Clone(c.refs)
		expand(t, known)
		s, err := build(t, known)
		if err != nil {
			return nil, err
		}
		c.Schemas[name] = s
	}
	return c, nil
}

// expand forgets t and the structs embedded in it, whose fields become t's own.
func expand(t reflect.Type, known map[reflect.Type]*jsonschema.Schema) {
	delete(known, t)
	for f := range t.Fields() {
		if e := f.Type; f.Anonymous {
			if e.Kind() == reflect.Pointer {
				e = e.Elem()
			}
			expand(e, known)
		}
	}
}

// names gives each type that deserves one a public name.
func (n *namer) names() map[reflect.Type]string {
	names := map[reflect.Type]string{}
	taken := map[string]int{}
	for t, uses := range n.uses {
		if t.Name() == "" || t == timeType || t == rawType {
			continue
		}
		switch own := n.own[t]; {
		case t == kindType:
			names[t] = "ErrorKind"
		case reflect.PointerTo(t).Implements(namedType):
			names[t] = reflect.New(t).Interface().(typeNamed).TypeName()
		case own != "" && uses == 1:
			names[t] = own
		default:
			names[t] = goName(t)
		}
		taken[names[t]]++
	}
	for t, name := range names {
		if taken[name] > 1 {
			names[t] = title(path.Base(t.PkgPath())) + name
		}
	}
	return names
}

// goName is the type's name without packages: Page[x/y.Entry] is PageEntry.
func goName(t reflect.Type) string {
	parts := strings.FieldsFunc(t.Name(), func(r rune) bool { return strings.ContainsRune("[], ", r) })
	for i, p := range parts {
		p = path.Base(p)
		parts[i] = title(strings.Map(wordRune, p[strings.LastIndexByte(p, '.')+1:]))
	}
	return strings.Join(parts, "")
}

// wordRune drops what cannot stand in a name; types made inside functions have such.
func wordRune(r rune) rune {
	if unicode.IsLetter(r) || unicode.IsDigit(r) {
		return r
	}
	return -1
}

// camel makes LocationAdd of location.add.
func camel(s string) string {
	words := strings.FieldsFunc(s, func(r rune) bool { return r == '.' || r == '_' })
	for i, w := range words {
		words[i] = title(w)
	}
	return strings.Join(words, "")
}

func title(s string) string {
	r := []rune(s)
	if len(r) > 0 {
		r[0] = unicode.ToUpper(r[0])
	}
	return string(r)
}

// Names returns the names of the components, sorted.
func (c *Components) Names() []string { return slices.Sorted(maps.Keys(c.Schemas)) }
