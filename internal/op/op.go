// Package op turns one typed function into an operation that every face (HTTP,
// command line, TypeScript client, extensions) can list, describe and call. It
// knows no face and no domain: it holds the table, the schemas, the strict
// decoding of requests and the encoding of results.
//
// An operation is a function from one flat struct to another. The struct's tags
// say all the faces need to know:
//
//	json:"name,omitempty"        the field's name; optional if omitempty or omitzero
//	jsonschema:"words"           its help, for CLI flags, OpenAPI and TypeScript alike
//	min:"1" max:"500"            limits of a number, a string's length or a list's length
//	cli:"1", cli:"2"             first, second positional argument of the command
//	cli:"rest"                   all remaining arguments, for a []string
//	cli:"-"                      no flag for this field
//
// A type whose values are a closed list says so with a method Enum() []string.
// Types that marshal themselves as text (ids, for example) are strings on the
// wire, times are RFC 3339 in UTC, []byte is base64.
package op

import (
	"context"
	"fmt"
	"reflect"
	"sync"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/stardrive/stardrive/internal/errs"
)

// Kind says what an operation may do; faces and permissions key on it.
type Kind string

// The kinds of operations.
const (
	Query   Kind = "query"   // reads only; safe to repeat
	Command Kind = "command" // changes Stardrive's own state at once
	Action  Kind = "action"  // changes the user's files, by preview and commit
)

// Def is an operation with its types erased. Build one with [NewQuery],
// [NewCommand] or [NewAction]; the zero value is not usable.
type Def struct {
	Name    string // "location.add": area, dot, verb; stable for ever
	Title   string // one line, imperative, no period
	Kind    Kind
	Example string // a command line that shows its use
	Hidden  bool   // reachable on every face, but not a generated CLI command

	In, Out reflect.Type

	fields []Field
	shape  func() *jsonschema.Schema // of In, made when it is needed first
	call   func(ctx context.Context, in []byte) (any, error)
}

// Call decodes in, runs the operation and encodes its result. A request that
// breaks the schema is refused with errs.Invalid and the path of the offending
// field before the operation runs; an empty request means {}. Other errors keep
// their kind and gain the operation's name.
func (d Def) Call(ctx context.Context, in []byte) ([]byte, error) {
	out, err := d.call(ctx, in)
	if err != nil {
		return nil, named(d.Name, err)
	}
	b, err := encode(out)
	if err != nil {
		return nil, &errs.Error{Op: d.Name, Kind: errs.Internal, Err: fmt.Errorf("encode the result: %w", err)}
	}
	return b, nil
}

// InSchema describes In. It is shared, and must not be changed.
func (d Def) InSchema() *jsonschema.Schema { return d.shape() }

// OutSchema describes Out, anew at each call.
func (d Def) OutSchema() *jsonschema.Schema { return mustInfer(d.Out) }

// named puts the operation's name on err, once.
func named(name string, err error) error {
	if e, ok := err.(*errs.Error); ok && e.Op == name { //nolint:errorlint // only the outermost layer counts
		return err
	}
	return errs.In(name, err)
}

// Option changes a definition while it is made.
type Option func(*Def)

// Example sets the command line that help and the reference show.
func Example(line string) Option { return func(d *Def) { d.Example = line } }

// Hidden keeps the operation out of the generated CLI commands.
func Hidden() Option { return func(d *Def) { d.Hidden = true } }

// NewQuery defines an operation that only reads. It panics, like all makers of
// this package, when the types cannot be described: that is a mistake in the
// program, found at its start.
func NewQuery[In, Out any](name, title string, run func(context.Context, In) (Out, error), opts ...Option) Def {
	return define(name, title, Query, run, opts)
}

// NewCommand defines an operation that changes Stardrive's own state.
func NewCommand[In, Out any](name, title string, run func(context.Context, In) (Out, error), opts ...Option) Def {
	return define(name, title, Command, run, opts)
}

// NewAction defines an operation that plans a change of the user's files and
// changes nothing: what it returns is the stored plan, to be committed by its id.
func NewAction[In, Out any](name, title string, run func(context.Context, In) (Out, error), opts ...Option) Def {
	return define(name, title, Action, run, opts)
}

func define[In, Out any](name, title string, k Kind, run func(context.Context, In) (Out, error), opts []Option) Def {
	d := Def{
		Name: name, Title: title, Kind: k,
		In: reflect.TypeFor[In](), Out: reflect.TypeFor[Out](),
	}
	// The schemas are looked at and let go: those of all operations take 15 MB, and a
	// process needs few of them.
	in, err := inferSchema(d.In)
	if err != nil {
		panic(fmt.Sprintf("op %s: input: %v", name, err))
	}
	if d.fields, err = fieldsOf(d.In, in); err != nil {
		panic(fmt.Sprintf("op %s: input: %v", name, err))
	}
	if _, err = inferSchema(d.Out); err != nil {
		panic(fmt.Sprintf("op %s: output: %v", name, err))
	}
	d.shape = sync.OnceValue(func() *jsonschema.Schema { return mustInfer(d.In) })
	for _, o := range opts {
		o(&d)
	}
	d.call = func(ctx context.Context, raw []byte) (any, error) {
		var in In
		if err := decode(raw, d.shape(), &in); err != nil {
			return nil, err
		}
		return run(ctx, in)
	}
	return d
}

type libraryKey struct{}

// WithLibrary notes which library the caller named, by name or id; "" is the
// default one. Operations of the daemon that speak about "this library" ask
// [Library]; those of a library need not, they stand in its own table.
func WithLibrary(ctx context.Context, ref string) context.Context {
	return context.WithValue(ctx, libraryKey{}, ref)
}

// Library returns what [WithLibrary] noted, "" for the default library.
func Library(ctx context.Context) string {
	ref, _ := ctx.Value(libraryKey{}).(string)
	return ref
}
