// Package mirror writes what users added to files beside the files themselves, in the
// forms of package marks, and reads it from there: only when it is told to, and by
// plans, which are looked at first and can be taken back. It changes no byte of a file:
// attributes of it, or a sidecar of its own. It does not know how tags are kept.
package mirror

import (
	"context"
	"log/slog"
	"runtime"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/op"
	"github.com/stardrive/stardrive/internal/organize"
	"github.com/stardrive/stardrive/internal/organize/marks"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Form is where marks stand beside the library.
type Form string

// The forms.
const (
	Xattr  Form = "xattr"
	XMP    Form = "xmp"
	Finder Form = "finder"
)

// Enum lists the forms, for schemas.
func (Form) Enum() []string { return []string{string(Xattr), string(XMP), string(Finder)} }

// TypeName is what clients call the type.
func (Form) TypeName() string { return "MarkForm" }

// Added is what users added to files.
type Added interface {
	// Marked returns what users added to what is selected.
	Marked(ctx context.Context, in organize.Selection) ([]organize.Marked, error)
	// Adopt adds what files say of themselves, where users said nothing.
	Adopt(ctx context.Context, all []organize.Marked) (organize.Done, error)
}

// Options of a Service.
type Options struct {
	// Driver gives access to a volume; errs.Unavailable while it is offline.
	Driver func(ctx context.Context, identity string) (vfs.Driver, error)
	// Ground tells how what stands on a volume is addressed.
	Ground func(ctx context.Context, identity string) catalog.Ground
	// Look has folders listed again, in which something was changed.
	Look func(ctx context.Context, folders []catalog.Spot) error
	Log  *slog.Logger
}

// Service plans and does what is written beside files. Its methods are safe for
// concurrent use once it was started.
type Service struct {
	Options
	added  Added
	plans  *action.Service
	jobs   *job.Engine
	finder marks.Finder
}

// New returns a Service.
func New(o Options) *Service { return &Service{Options: o, finder: marks.FinderOn(runtime.GOOS)} }

// Start gives the service what it needs beside; it is called before the first use.
func (s *Service) Start(added Added, plans *action.Service, jobs *job.Engine) {
	s.added, s.plans, s.jobs = added, plans, jobs
}

// In says what is to be written, and where.
type In struct {
	To    Form `json:"to" jsonschema:"xattr: attributes of freedesktop.org and KDE; xmp: a sidecar, NAME.xmp; finder: tags of the macOS Finder"`
	Exact bool `json:"exact,omitempty" jsonschema:"what stands there and not in the library goes; without it, it stays beside what is added"`
	organize.Selection
}

// AdoptIn says what is to be read, and from where.
type AdoptIn struct {
	From Form `json:"from" jsonschema:"xattr: attributes of freedesktop.org and KDE; xmp: a sidecar, NAME.xmp; finder: tags of the macOS Finder"`
	organize.Selection
}

// AdoptOut names the job that reads.
type AdoptOut struct {
	Job string `json:"job" jsonschema:"the job that reads"`
}

const (
	writeAction = "organize.mirror"
	undoAction  = "organize.mirror_undo"
	adoptJob    = "organize.adopt"
)

// Kinds are the kinds of plans of this package.
func (s *Service) Kinds() []action.Kind {
	undo := func(_ context.Context, p action.Plan) (action.Request, error) {
		return action.Request{Action: undoAction, Args: undoArgs{p.ID, p.Title}}, nil
	}
	return []action.Kind{action.Define(writeAction, s.plan, s.run, undo), action.Define(undoAction, s.planUndo, s.run, undo)}
}

// JobDefs are the kinds of jobs of this package.
func (s *Service) JobDefs() []job.Def {
	return []job.Def{job.New(adoptJob, "Read what files say of themselves", job.Do("read", s.adopt))}
}

// Ops is this package's table of operations.
func (s *Service) Ops() []op.Def {
	return []op.Def{
		op.NewAction(writeAction, "Plan to write tags, ratings and notes beside files, where other programs find them", func(ctx context.Context, in In) (action.Plan, error) {
			return s.plans.Propose(ctx, action.Request{Action: writeAction, Args: in}, action.User)
		}, op.Example("stardrive organize mirror --to xmp ~/Photos/beach.jpg")),
		op.NewCommand(adoptJob, "Take over tags, ratings and notes that other programs wrote beside files", func(ctx context.Context, in AdoptIn) (out AdoptOut, err error) {
			if in.From == "" {
				return out, errs.New(errs.Invalid, "say where they stand: xattr, xmp or finder")
			}
			id, err := s.jobs.Enqueue(ctx, adoptJob, in, job.Enqueue{})
			text, _ := id.MarshalText()
			return AdoptOut{string(text)}, err
		}, op.Example("stardrive organize adopt --from xmp --query 'in:~/Photos kind:image'")),
	}
}
