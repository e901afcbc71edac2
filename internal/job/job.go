// Package job runs work that outlives a process. A job's typed arguments and
// its typed cursor are stored in the library database; a checkpoint moves the
// cursor in the same transaction as the work it covers, so after a crash the
// job goes on from its last checkpoint and nothing is done twice or left out.
// The package knows no kind of job.
package job

import (
	"strings"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/store"
)

// State is where a job stands. Only the engine changes it.
type State string

// The states of a job. Done, failed and cancelled are final.
const (
	Queued    State = "queued"
	Running   State = "running" // found so at start-up, its process died: it is queued again
	Paused    State = "paused"
	Done      State = "done"
	Failed    State = "failed"
	Cancelled State = "cancelled"
)

// Enum lists the states.
func (State) Enum() []string {
	return []string{string(Queued), string(Running), string(Paused), string(Done), string(Failed), string(Cancelled)}
}

// TypeName is what clients call the type.
func (State) TypeName() string { return "JobState" }

// Final reports whether a job in this state has ended.
func (s State) Final() bool { return s == Done || s == Failed || s == Cancelled }

// Progress is how far a job has come, in items of its own kind.
type Progress struct {
	Done, Total, Bytes int64  // Total 0: unknown
	Current            string // what is being worked on, for people
	// Left is how long it will take, for those who know better than that all items
	// take the same time; 0: nobody does. It is shown, and not stored.
	Left time.Duration
}

// Checkpoint says that all before cursor is done: work, cursor and progress are
// committed in one transaction. work may be nil. It returns work's error, in
// which case nothing is committed, and the context's error after the commit
// when the job must stop (pause, cancel, shutdown); the step must return either.
type Checkpoint[C any] func(cursor C, p Progress, work func(tx *store.Tx) error) error

// Run is a running job, as its steps see it.
type Run interface {
	JobID() ident.JobID
	// Warn notes that one item could not be done, and why; the job goes on. It
	// is stored with the next checkpoint. Beyond 10,000 warnings of a job are
	// only counted.
	Warn(path string, err error)
	// Progress shows p until the next checkpoint, and is not stored.
	Progress(p Progress)
}

// Snapshot is a job at one moment.
type Snapshot struct {
	ID        ident.JobID `json:"id" jsonschema:"number"`
	Kind      string      `json:"kind" jsonschema:"what sort of work it is"`
	Title     string      `json:"title" jsonschema:"what it does, for people"`
	State     State       `json:"state" jsonschema:"where it stands"`
	Step      string      `json:"step" jsonschema:"the part of the work under way"`
	Done      int64       `json:"done" jsonschema:"items done"`
	Total     int64       `json:"total" jsonschema:"items in all, 0 if unknown"`
	Bytes     int64       `json:"bytes" jsonschema:"bytes done"`
	Rate      float64     `json:"rate" jsonschema:"items per second"`
	ETA       float64     `json:"eta" jsonschema:"seconds to go, 0 if unknown"`
	Current   string      `json:"current" jsonschema:"the item being worked on"`
	Warnings  int64       `json:"warnings" jsonschema:"items that could not be done"`
	Error     string      `json:"error,omitempty" jsonschema:"why it failed"`
	ErrorKind errs.Kind   `json:"error_kind,omitempty" jsonschema:"class of the error"`
	Created   time.Time   `json:"created" jsonschema:"when it was asked for"`
	Started   time.Time   `json:"started,omitzero" jsonschema:"when it began"`
	Finished  time.Time   `json:"finished,omitzero" jsonschema:"when it ended"`
	Seconds   float64     `json:"seconds" jsonschema:"time spent running, without pauses"`
}

// TypeName is what clients call the type.
func (Snapshot) TypeName() string { return "Job" }

// Warning is one item that a job could not do.
type Warning struct {
	N       int64 // its place among the job's warnings, from 0
	Path    string
	Kind    errs.Kind
	Message string
}

// printable makes text of bytes from a file system fit for JSON.
func printable(s string) string { return strings.ToValidUTF8(s, "�") }
