package action

import (
	"context"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/job"
)

// Kind is one kind of plans with its types erased. Build one with [Define].
type Kind struct {
	Action string // "files.copy"; stable for ever, it is stored

	plan func(ctx context.Context, args any, d *Draft) error
	run  func(ctx context.Context, r *Run) error
	undo func(ctx context.Context, p Plan) (Request, error)
}

// Define makes a kind of plans, made of arguments of type A.
//
// plan looks, changes nothing, and tells d what is to be done. run does it; it is
// called again after a crash, a pause, and when a plan that failed in parts is
// committed again, and must find out from the journal what is done: see [Run].
// undo names the plan that takes p back; nil: there is no way back.
func Define[A any](action string, plan func(ctx context.Context, args A, d *Draft) error, run func(ctx context.Context, r *Run) error,
	undo func(ctx context.Context, p Plan) (Request, error)) Kind {
	return Kind{
		Action: action, run: run, undo: undo,
		plan: func(ctx context.Context, args any, d *Draft) error {
			a, ok := args.(A)
			if !ok {
				return errs.New(errs.Internal, "a plan of kind %s takes %T, not %T", action, a, args)
			}
			return plan(ctx, a, d)
		},
	}
}

// Request asks for a plan.
type Request struct {
	Action string
	Args   any // of the type its kind was defined with
}

// Draft is a plan that is being made. It belongs to one goroutine.
type Draft struct {
	Title    string
	Summary  Summary
	Warnings []string
	Confirm  string // the phrase to be typed; "": none
	Data     any    // what run needs beside the items; see Run.Data

	add  func(ctx context.Context, it stored) (int64, error)
	keep func(ctx context.Context, data []byte) error
}

// stored is an item as it is kept.
type stored struct {
	Item
	Data jsontext.Value `json:"data,omitempty"`
}

// Add appends an item with what run needs to know of it, and returns its number.
// Its N is ignored. An item with a Conflict and no Choice must be decided before
// the plan is committed.
func (d *Draft) Add(ctx context.Context, it Item, data any) (int64, error) {
	b, err := job.Encode(data)
	if err != nil {
		return 0, errs.New(errs.Internal, "an item cannot be stored: %w", err)
	}
	return d.add(ctx, stored{it, b})
}

// Warn appends a warning, but no more than a hundred.
func (d *Draft) Warn(text string) {
	if len(d.Warnings) < 100 {
		d.Warnings = append(d.Warnings, text)
	}
}

// Keep stores bytes beside the plan, to be read by Run.Kept in this order.
func (d *Draft) Keep(ctx context.Context, data []byte) error { return d.keep(ctx, data) }
