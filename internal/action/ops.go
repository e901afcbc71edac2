package action

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"

	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/op"
	"github.com/stardrive/stardrive/internal/store"
)

type (
	opRef struct {
		Plan ident.PlanID `json:"plan" cli:"1" jsonschema:"id of the plan"`
	}
	opListIn struct {
		State  []State `json:"state,omitempty" jsonschema:"only plans in these states"`
		Cursor cursor  `json:"cursor,omitempty" jsonschema:"next of the page before"`
		Limit  int     `json:"limit,omitempty" jsonschema:"most plans to return (default 100)" min:"1" max:"1000"`
	}
	opHistoryIn struct {
		Cursor cursor `json:"cursor,omitempty" jsonschema:"next of the page before"`
		Limit  int    `json:"limit,omitempty" jsonschema:"most plans to return (default 100)" min:"1" max:"1000"`
	}
	opListOut struct {
		Items []Plan `json:"items" jsonschema:"newest first"`
		Next  cursor `json:"next" jsonschema:"cursor of the next page; empty on the last"`
	}
	opItemsIn struct {
		Plan      ident.PlanID `json:"plan" cli:"1" jsonschema:"id of the plan"`
		Conflicts bool         `json:"conflicts,omitempty" jsonschema:"only items with a conflict"`
		Cursor    cursor       `json:"cursor,omitempty" jsonschema:"next of the page before"`
		Limit     int          `json:"limit,omitempty" jsonschema:"most items to return (default 100)" min:"1" max:"1000"`
	}
	opItemsOut struct {
		Items []Item `json:"items" jsonschema:"in the order in which they are done"`
		Next  cursor `json:"next" jsonschema:"cursor of the next page; empty on the last"`
	}
	opFailuresIn struct {
		Plan   ident.PlanID `json:"plan" cli:"1" jsonschema:"id of the plan"`
		Cursor cursor       `json:"cursor,omitempty" jsonschema:"next of the page before"`
		Limit  int          `json:"limit,omitempty" jsonschema:"most failures to return (default 100)" min:"1" max:"1000"`
	}
	opFailuresOut struct {
		Items []Failure `json:"items" jsonschema:"what was not changed, and why; the first 10,000 are kept"`
		Next  cursor    `json:"next" jsonschema:"cursor of the next page; empty on the last"`
	}
	opChooseIn struct {
		Plan   ident.PlanID `json:"plan" cli:"1" jsonschema:"id of the plan"`
		Choice string       `json:"choice" cli:"2" jsonschema:"one of those that the items offer: skip, keep-both, replace ..."`
		Items  []int64      `json:"items,omitempty" jsonschema:"numbers of the items; default: all that are not decided"`
	}
	opSkipIn struct {
		Plan    ident.PlanID `json:"plan" cli:"1" jsonschema:"id of the plan"`
		Current string       `json:"current,omitempty" jsonschema:"only if it is still this one: its name, as the progress of its job shows it, or the SdPath where it comes; default: whatever it is"`
	}
	opCommitIn struct {
		Plan    ident.PlanID `json:"plan" cli:"1" jsonschema:"id of the plan"`
		Confirm string       `json:"confirm,omitempty" jsonschema:"the phrase that the plan wants typed"`
		Wait    float64      `json:"wait,omitempty" jsonschema:"seconds to wait for its end; default: none" min:"0" max:"3600"`
	}
	opUndoIn struct {
		Plan ident.PlanID `json:"plan,omitempty" cli:"1" jsonschema:"id of the plan to take back; default: the one committed last"`
	}
)

const opPage = 100

// User is the actor of what a person asks for.
const User = "user"

// Ops is this package's table of operations.
func (s *Service) Ops() []op.Def {
	return []op.Def{
		op.NewQuery("plan.list", "List plans, newest first", s.opList, op.Example("stardrive plan list --state planned")),
		op.NewQuery("plan.show", "Show a plan", func(ctx context.Context, in opRef) (Plan, error) { return s.Get(ctx, in.Plan) }, op.Example("stardrive plan show 12")),
		op.NewQuery("plan.items", "List what a plan does", s.opItems, op.Example("stardrive plan items 12 --conflicts")),
		op.NewQuery("plan.failures", "List what a plan did not do, and why", s.opFailures, op.Example("stardrive plan failures 12")),
		op.NewCommand("plan.choose", "Decide conflicts of a plan", func(ctx context.Context, in opChooseIn) (Plan, error) {
			return s.Choose(ctx, in.Plan, in.Items, in.Choice)
		}, op.Example("stardrive plan choose 12 keep-both")),
		op.NewCommand("plan.commit", "Do what a plan says", s.opCommit, op.Example("stardrive plan commit 12")),
		op.NewCommand("plan.skip", "Leave out what a plan is copying at this moment", func(ctx context.Context, in opSkipIn) (Plan, error) {
			return s.Skip(ctx, in.Plan, in.Current)
		}, op.Example("stardrive plan skip 12")),
		op.NewCommand("plan.discard", "Give up a plan that is not committed", func(ctx context.Context, in opRef) (Plan, error) {
			return s.Discard(ctx, in.Plan)
		}, op.Example("stardrive plan discard 12")),
		op.NewQuery("plan.history", "List what was done, newest first", func(ctx context.Context, in opHistoryIn) (opListOut, error) {
			return s.opList(ctx, opListIn{State: []State{Committing, Done, Partial, Failed, Cancelled}, Cursor: in.Cursor, Limit: in.Limit})
		}, op.Example("stardrive plan history")),
		op.NewAction("plan.undo", "Plan to take back what a plan did", func(ctx context.Context, in opUndoIn) (Plan, error) {
			return s.Undo(ctx, in.Plan, User)
		}, op.Example("stardrive plan undo 12")),
	}
}

func (s *Service) opList(ctx context.Context, in opListIn) (out opListOut, err error) {
	limit := cmp.Or(in.Limit, opPage)
	want := map[State]bool{}
	for _, st := range in.State {
		want[st] = true
	}
	out.Items = []Plan{}
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		// States that time or a job has changed are told from the row, so they are sifted here.
		rows, err := tx.Query("SELECT "+planColumns+planTables+"WHERE plan.state <> 'planning' AND (?1 = 0 OR plan.id < ?1) ORDER BY plan.id DESC", int64(in.Cursor))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			p, err := scanPlan(rows)
			if err != nil {
				return err
			}
			if p = s.aged(p); len(want) > 0 && !want[p.State] {
				continue
			}
			if len(out.Items) == limit {
				out.Next = cursor(out.Items[limit-1].ID)
				return nil
			}
			out.Items = append(out.Items, p)
		}
		return rows.Err()
	})
	return out, err
}

func (s *Service) opItems(ctx context.Context, in opItemsIn) (out opItemsOut, err error) {
	if _, err := s.Get(ctx, in.Plan); err != nil {
		return out, err
	}
	limit := cmp.Or(in.Limit, opPage)
	out.Items = []Item{}
	err = s.items(ctx, in.Plan, max(int64(in.Cursor), 1), func(it *stored) (bool, error) {
		if in.Conflicts && it.Conflict == "" {
			return true, nil
		}
		if len(out.Items) == limit {
			out.Next = cursor(it.N)
			return false, nil
		}
		out.Items = append(out.Items, it.Item)
		return true, nil
	})
	return out, err
}

func (s *Service) opFailures(ctx context.Context, in opFailuresIn) (out opFailuresOut, err error) {
	if _, err := s.Get(ctx, in.Plan); err != nil {
		return out, err
	}
	limit := cmp.Or(in.Limit, opPage)
	out.Items = []Failure{}
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.Query("SELECT n, item, path, skipped, kind, message FROM plan_failure WHERE plan_id = ? AND n >= ? ORDER BY n LIMIT ?", int64(in.Plan), int64(in.Cursor), limit+1)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var n int64
			var f Failure
			var path []byte
			if err := rows.Scan(&n, &f.Item, &path, &f.Skipped, &f.Kind, &f.Message); err != nil {
				return err
			}
			f.Path = strings.ToValidUTF8(string(path), "�")
			if len(out.Items) == limit {
				out.Next = cursor(n)
				return nil
			}
			out.Items = append(out.Items, f)
		}
		return rows.Err()
	})
	return out, err
}

func (s *Service) opCommit(ctx context.Context, in opCommitIn) (Plan, error) {
	p, err := s.Commit(ctx, in.Plan, in.Confirm)
	if err != nil || in.Wait <= 0 {
		return p, err
	}
	waiting, stop := context.WithTimeout(ctx, time.Duration(in.Wait*float64(time.Second)))
	defer stop()
	p, err = s.Wait(waiting, in.Plan)
	if err != nil && ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		return s.Get(ctx, in.Plan)
	}
	return p, err
}
