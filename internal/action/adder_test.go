package action_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/schema"
	"github.com/stardrive/stardrive/internal/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The world of these tests is a table of numbers beside the plans: it stands for
// disks, so it is written outside of the journal's transactions.
const worldTable = "CREATE TABLE world (n INTEGER PRIMARY KEY, value INTEGER NOT NULL) STRICT;"

func migrations() []store.Migration {
	return append(schema.Migrations(), store.Migration{Name: "world", SQL: worldTable})
}

// addArgs asks to add By to each of Numbers.
type addArgs struct {
	Numbers []int64
	By      int64
	Ask     bool
	Bad     int64 // this number cannot be changed
	Confirm string
	Undo    ident.PlanID
}

type addItem struct{ Number, By int64 }

// addStep is what is journalled of it: the value before and after.
type addStep struct{ Number, Old, New int64 }

type adder struct {
	db  *store.DB
	s   *action.Service
	bad int64

	breaks int64 // this number is changed, and nobody is told
}

func (a *adder) value(ctx context.Context, n int64) (v int64, err error) {
	err = a.db.Read(ctx, func(tx *store.Tx) error {
		return tx.QueryRow("SELECT coalesce((SELECT value FROM world WHERE n = ?), 0)", n).Scan(&v)
	})
	return v, err
}

func (a *adder) set(ctx context.Context, n, v int64) error {
	return a.db.Write(context.WithoutCancel(ctx), func(tx *store.Tx) error {
		_, err := tx.Exec("INSERT INTO world (n, value) VALUES (?, ?) ON CONFLICT (n) DO UPDATE SET value = excluded.value", n, v)
		return err
	})
}

func (a *adder) plan(ctx context.Context, in addArgs, d *action.Draft) error {
	d.Title, d.Confirm = fmt.Sprintf("Add %d", in.By), in.Confirm
	if in.Undo != 0 {
		return a.s.Journal(ctx, in.Undo, true, func(b action.Batch) error {
			var steps []addStep
			if err := b.Steps(&steps); err != nil {
				return err
			}
			for _, st := range steps {
				if _, err := d.Add(ctx, action.Item{Verb: "add"}, addItem{st.Number, st.Old - st.New}); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if in.By == 666 {
		return errs.New(errs.Invalid, "not this number")
	}
	for _, n := range in.Numbers {
		it := action.Item{Verb: "add", From: fmt.Sprint(n)}
		if in.Ask {
			it.Conflict, it.Choices = "sure?", []string{"yes", "skip"}
		}
		if _, err := d.Add(ctx, it, addItem{n, in.By}); err != nil {
			return err
		}
	}
	d.Warn("numbers \xff change")
	d.Data = in
	return d.Keep(ctx, []byte("kept"))
}

func (a *adder) run(ctx context.Context, r *action.Run) error {
	did := map[int64]bool{}
	err := r.Journal(ctx, func(b action.Batch) error {
		var steps, done []addStep
		if err := b.Steps(&steps); err != nil {
			return err
		}
		for _, st := range steps {
			now, err := a.value(ctx, st.Number)
			if err != nil {
				return err
			}
			if !b.Open || now == st.New {
				did[st.Number] = true
				done = append(done, st)
			}
		}
		if !b.Open {
			return nil
		}
		return r.Settle(b.N, done, len(done), job.Progress{Done: int64(len(did)), Total: r.Plan().Items}, nil)
	})
	if err != nil || r.OnlySettle {
		return err
	}
	return r.Items(ctx, func(it action.Item, decode func(any) error) error {
		var what addItem
		if err := decode(&what); err != nil {
			return err
		}
		switch {
		case did[what.Number]:
			return nil
		case it.Choice == "skip":
			r.Skip(it.N, it.From, "chosen")
			return nil
		case what.Number == a.bad:
			r.Fail(it.N, it.From, errs.New(errs.Denied, "stuck"))
			return nil
		}
		old, err := a.value(ctx, what.Number)
		if err != nil {
			return err
		}
		steps := []addStep{{what.Number, old, old + what.By}}
		n, err := r.Intend(ctx, steps, 1)
		if err != nil {
			return err
		}
		if err := a.set(ctx, what.Number, old+what.By); err != nil {
			return err
		}
		if what.Number == a.breaks {
			return errs.New(errs.Internal, "the disk does not answer")
		}
		did[what.Number] = true
		return r.Settle(n, steps, 1, job.Progress{Done: int64(len(did)), Total: r.Plan().Items}, nil)
	})
}

func (a *adder) undo(_ context.Context, p action.Plan) (action.Request, error) {
	return action.Request{Action: "test.add", Args: addArgs{Undo: p.ID}}, nil
}

// world is a service with its jobs on a database.
type world struct {
	t    *testing.T
	path string
	*action.Service
	adder *adder
	db    *store.DB
	jobs  *job.Engine
	stop  func()
	clock func() time.Time
}

func newAdder(db *store.DB, now func() time.Time) (*action.Service, *adder) {
	a := &adder{db: db, bad: -1}
	a.s = action.New(action.Options{DB: db, Now: now, Kinds: []action.Kind{
		action.Define("test.add", a.plan, a.run, a.undo),
		action.Define("test.forever", a.plan, a.run, nil),
	}})
	return a.s, a
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, path: filepath.Join(t.TempDir(), "test.db"), clock: time.Now}
	w.start()
	t.Cleanup(func() { w.stop() })
	return w
}

func (w *world) start() {
	w.t.Helper()
	db, err := store.Open(context.Background(), store.Options{Path: w.path, ApplicationID: 1, Migrations: migrations()})
	if err != nil {
		w.t.Fatal(err)
	}
	w.db = db
	w.Service, w.adder = newAdder(db, func() time.Time { return w.clock() })
	w.jobs = job.NewEngine(db, w.JobDefs(), job.Options{})
	if err := w.Start(w.t.Context(), w.jobs); err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := w.jobs.Serve(ctx); err != nil {
			w.t.Error(err)
		}
	})
	w.stop = sync.OnceFunc(func() {
		cancel()
		serving.Wait()
		if err := db.Close(); err != nil {
			w.t.Error(err)
		}
	})
}

func (w *world) propose(in addArgs) action.Plan {
	w.t.Helper()
	p, err := w.Propose(w.t.Context(), action.Request{Action: "test.add", Args: in}, action.User)
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

// do commits a plan and waits for its end, which must be in the state.
func (w *world) do(id ident.PlanID, want action.State) action.Plan {
	w.t.Helper()
	if _, err := w.Commit(w.t.Context(), id, ""); err != nil {
		w.t.Fatal(err)
	}
	p, err := w.Wait(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	if p.State != want {
		w.t.Fatalf("plan %d is %s (%s), want %s", id, p.State, p.Error, want)
	}
	return p
}

func (w *world) undo(id ident.PlanID) action.Plan {
	w.t.Helper()
	p, err := w.Undo(w.t.Context(), id, action.User)
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

func (w *world) values(ns ...int64) string {
	w.t.Helper()
	var b strings.Builder
	for _, n := range ns {
		v, err := w.adder.value(w.t.Context(), n)
		if err != nil {
			w.t.Fatal(err)
		}
		fmt.Fprintf(&b, "%d ", v)
	}
	return strings.TrimSpace(b.String())
}

func wantKind(t *testing.T, err error, kind errs.Kind) {
	t.Helper()
	if !errs.Is(err, kind) {
		t.Errorf("error is %v (%s), want %s", err, errs.KindOf(err), kind)
	}
}
