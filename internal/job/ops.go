package job

import (
	"context"
	"unicode/utf8"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/op"
)

type (
	opRef struct {
		Job ident.JobID `json:"job" cli:"1" jsonschema:"id of the job"`
	}
	opListIn struct {
		State  []State     `json:"state,omitempty" jsonschema:"only jobs in these states"`
		Kind   string      `json:"kind,omitempty" jsonschema:"only jobs of this kind"`
		Cursor ident.JobID `json:"cursor,omitempty" jsonschema:"next of the page before"`
		Limit  int         `json:"limit,omitempty" jsonschema:"most jobs to return (default 100)" min:"1" max:"1000"`
	}
	opListOut struct {
		Items []Snapshot  `json:"items" jsonschema:"newest first"`
		Next  ident.JobID `json:"next,omitempty" jsonschema:"cursor of the next page; absent on the last"`
	}
	opWarningsIn struct {
		Job    ident.JobID `json:"job" cli:"1" jsonschema:"id of the job"`
		Cursor int64       `json:"cursor,omitempty" jsonschema:"next of the page before" min:"0"`
		Limit  int         `json:"limit,omitempty" jsonschema:"most warnings to return (default 100)" min:"1" max:"1000"`
	}
	opWarningsOut struct {
		Items []opWarning `json:"items"`
		Total int64       `json:"total" jsonschema:"all warnings of the job; only the first 10,000 are kept"`
		Next  int64       `json:"next,omitempty" jsonschema:"cursor of the next page; absent on the last"`
	}
	opWarning struct {
		Number  int64     `json:"number" jsonschema:"its place among the warnings, from 1"`
		Path    string    `json:"path" jsonschema:"what could not be done"`
		RawPath []byte    `json:"raw_path,omitempty" jsonschema:"the path's bytes, where they are not valid UTF-8"`
		Kind    errs.Kind `json:"kind" jsonschema:"class of the error"`
		Message string    `json:"message" jsonschema:"why"`
	}
)

// TypeName is what clients call the type.
func (opWarning) TypeName() string { return "JobWarning" }

const opPage = 100

// Ops returns the operations on jobs.
func (e *Engine) Ops() []op.Def {
	return []op.Def{
		op.NewQuery("job.list", "List jobs, newest first", e.opList, op.Example("stardrive job list --state running,paused")),
		op.NewQuery("job.show", "Show a job", e.opShow, op.Example("stardrive job show 12")),
		op.NewQuery("job.warnings", "List what a job could not do", e.opWarnings, op.Example("stardrive job warnings 12")),
		op.NewCommand("job.pause", "Pause a job", e.opAsk(e.Pause), op.Example("stardrive job pause 12")),
		op.NewCommand("job.resume", "Go on with a paused job", e.opAsk(e.Resume), op.Example("stardrive job resume 12")),
		op.NewCommand("job.cancel", "Cancel a job", e.opAsk(e.Cancel), op.Example("stardrive job cancel 12")),
	}
}

func (e *Engine) opList(ctx context.Context, in opListIn) (out opListOut, err error) {
	limit := in.Limit
	if limit == 0 {
		limit = opPage
	}
	out.Items, err = e.List(ctx, Filter{States: in.State, Kind: in.Kind, Before: in.Cursor, Limit: limit})
	if len(out.Items) == limit {
		out.Next = out.Items[limit-1].ID
	}
	return out, err
}

func (e *Engine) opShow(ctx context.Context, in opRef) (Snapshot, error) { return e.Get(ctx, in.Job) }

// opAsk answers with the job as it is right after the request: a running one
// may need a moment to stop.
func (e *Engine) opAsk(ask func(context.Context, ident.JobID) error) func(context.Context, opRef) (Snapshot, error) {
	return func(ctx context.Context, in opRef) (Snapshot, error) {
		if err := ask(ctx, in.Job); err != nil {
			return Snapshot{}, err
		}
		return e.Get(ctx, in.Job)
	}
}

func (e *Engine) opWarnings(ctx context.Context, in opWarningsIn) (out opWarningsOut, err error) {
	limit := in.Limit
	if limit == 0 {
		limit = opPage
	}
	snap, err := e.Get(ctx, in.Job)
	if err != nil {
		return out, err
	}
	out.Total = snap.Warnings
	ws, err := e.Warnings(ctx, in.Job, in.Cursor, limit)
	for _, w := range ws {
		o := opWarning{Number: w.N + 1, Path: printable(w.Path), Kind: w.Kind, Message: w.Message}
		if !utf8.ValidString(w.Path) {
			o.RawPath = []byte(w.Path)
		}
		out.Items = append(out.Items, o)
	}
	if len(ws) == limit {
		out.Next = ws[limit-1].N + 1
	}
	return out, err
}
