package job

import (
	"context"
	"fmt"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/store"
)

// Def is a kind of job with its types erased. Build one with [New].
type Def struct {
	Kind  string // "index.scan"; stable for ever, it is stored
	Title string // for people: "Index"; a job may bear its own

	reserved bool

	encode func(args any) ([]byte, error)
	run    func(s *session) error
}

// Reserved returns d with places of its own: its jobs never wait behind those of
// other kinds, which may take hours. It is for what a person waits for.
func (d Def) Reserved() Def { d.reserved = true; return d }

// Step is one named part of a job with arguments of type A. Build one with [Do].
type Step[A any] struct {
	name string
	run  func(s *session, args A) error
}

// New defines a kind of job. Its steps run in order; each must be safe to
// repeat from its last checkpoint. It panics on a definition that cannot work,
// which is a mistake in the program, found at its start.
func New[A any](kind, title string, steps ...Step[A]) Def {
	names := map[string]int{}
	for i, s := range steps {
		if _, twice := names[s.name]; twice || s.name == "" {
			panic(fmt.Sprintf("job %s: bad or repeated step %q", kind, s.name))
		}
		names[s.name] = i
	}
	if kind == "" || len(steps) == 0 {
		panic(fmt.Sprintf("job %q has no kind or no steps", kind))
	}
	return Def{
		Kind: kind, Title: title,
		encode: func(args any) ([]byte, error) {
			a, ok := args.(A)
			if !ok {
				return nil, errs.New(errs.Internal, "a job of kind %s takes %T, not %T", kind, a, args)
			}
			return Encode(a)
		},
		run: func(s *session) error {
			var args A
			if err := Decode(s.rec.args, &args); err != nil {
				return errs.New(errs.Internal, "the job's arguments cannot be read: %w", err)
			}
			first, known := names[s.rec.step]
			if s.rec.step != "" && !known {
				return errs.New(errs.Internal, "this version of Stardrive knows no step %q of jobs of kind %s", s.rec.step, kind)
			}
			for i := first; i < len(steps); i++ {
				if i > first {
					if err := s.next(steps[i].name); err != nil {
						return err
					}
				}
				if err := steps[i].run(s, args); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// Do is a step with a cursor of type C. f calls checkpoint after each piece of
// work, from one goroutine at a time; what it said last comes back as from
// after a stop or a crash, and the zero C at the first time. Arguments and cursors are stored as JSON, in which
// strings keep any bytes; fields may be added later, and removed.
func Do[A, C any](name string, f func(ctx context.Context, r Run, args A, from C, checkpoint Checkpoint[C]) error) Step[A] {
	return Step[A]{name, func(s *session, args A) error {
		var from C
		if len(s.rec.cursor) > 0 {
			if err := Decode(s.rec.cursor, &from); err != nil {
				return errs.New(errs.Internal, "the job's cursor cannot be read: %w", err)
			}
		}
		return f(s.ctx, s, args, from, func(cursor C, p Progress, work func(tx *store.Tx) error) error {
			b, err := Encode(cursor)
			if err != nil {
				return errs.New(errs.Internal, "the job's cursor cannot be stored: %w", err)
			}
			return s.checkpoint(name, b, p, work)
		})
	}}
}
