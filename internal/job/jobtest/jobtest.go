// Package jobtest holds the standard test of a kind of job: cut it off wherever
// it can be cut off, let it go on, and see that nothing tells the result from
// that of a run that was left alone. It knows no kind of job.
package jobtest

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/store"
)

// Scenario is one job and the world it works in. Every run gets a fresh one.
type Scenario struct {
	Migrations []store.Migration // of the database, the job tables among them
	// Prepare fills the database before the job is queued; may be nil.
	Prepare func(ctx context.Context, db *store.DB) error
	// Defs returns the kinds of jobs, for an engine on db. It is called once for
	// each engine, so twice in a run that is cut off; use t.Cleanup to close what
	// they need.
	Defs func(t *testing.T, db *store.DB) []job.Def
	Kind string
	Args any
	// State tells as text everything the job is there to bring about. What may
	// rightly differ between runs, such as times, does not belong in it.
	State func(ctx context.Context, db *store.DB) (string, error)
}

// cut is a way to end a run at a commit.
type cut int

const (
	killBefore cut = iota // the process dies just before the commit: it is lost
	killAfter             // it dies just after: nobody hears of the commit
	shutdown              // the engine is told to stop
	pauses                // the job is paused, and resumed
)

func (c cut) String() string {
	return [...]string{"killed before", "killed after", "shut down at", "paused at"}[c]
}

const patience = 2 * time.Minute // for one run

var errKilled = errors.New("killed")

// KillEverywhere runs the job once to its end, and then once for each commit of
// that run and each way to be cut off there: killed before the commit, killed
// after it, stopped, paused. Each time a new engine on what is left takes the
// job to its end, and its state, its warnings and what the scenario's State
// tells must equal those of the first run. Every write of the job is such a
// commit: its checkpoints, and whatever else it writes to the database.
func KillEverywhere(t *testing.T, scenario func(t *testing.T) Scenario) {
	t.Helper()
	var want string
	if !t.Run("uninterrupted", func(t *testing.T) {
		r := newRun(t, scenario(t), shutdown, 0)
		want = r.whole()
		t.Logf("%d commits, ending in\n%s", r.commits, want)
	}) {
		return
	}
	for c := killBefore; c <= pauses; c++ {
		for n, more := 1, true; more; n++ {
			ok := t.Run(fmt.Sprintf("%s commit %d", c, n), func(t *testing.T) {
				r := newRun(t, scenario(t), c, n)
				got := r.whole()
				more = r.cut
				if got != want {
					t.Errorf("ends in\n%s\nwithout the cut in\n%s", got, want)
				}
			})
			if !ok {
				break // the same mistake would show at every later commit
			}
		}
	}
}

// run is one run of a scenario on its own database.
type run struct {
	t    *testing.T
	s    Scenario
	how  cut
	at   int
	path string

	mu      sync.Mutex
	armed   bool
	commits int
	cut     bool
	onCut   func()
}

func newRun(t *testing.T, s Scenario, how cut, at int) *run {
	return &run{t: t, s: s, how: how, at: at, path: filepath.Join(t.TempDir(), "test.db")}
}

// fault counts the commits and strikes at the one it was made for.
func (r *run) fault(m store.Moment) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if m == store.BeforeCommit && r.armed {
		r.commits++
	}
	strikes := store.AfterCommit
	if r.how == killBefore {
		strikes = store.BeforeCommit
	}
	if !r.armed || r.cut || r.commits != r.at || m != strikes {
		return nil
	}
	r.cut = true
	r.onCut()
	if r.how == killBefore || r.how == killAfter {
		return errKilled
	}
	return nil
}

// whole takes the scenario from the start to the end of its job and returns how
// that ended.
func (r *run) whole() string {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	db := r.open(r.fault)
	if r.s.Prepare != nil {
		if err := r.s.Prepare(ctx, db); err != nil {
			r.t.Fatal("prepare: ", err)
		}
	}
	e := job.NewEngine(db, r.s.Defs(r.t, db), job.Options{})
	id, err := e.Enqueue(ctx, r.s.Kind, r.s.Args, job.Enqueue{})
	if err != nil {
		r.t.Fatal("enqueue: ", err)
	}
	first, stop := context.WithCancel(ctx)
	defer stop()
	paused := make(chan struct{}, 1)
	r.mu.Lock()
	r.armed = true
	r.onCut = stop
	if r.how == pauses {
		r.onCut = func() { paused <- struct{}{} }
	}
	r.mu.Unlock()
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := e.Serve(first); err != nil && !errors.Is(err, errKilled) {
			r.t.Error("serve: ", err)
		}
	})
	var pausing sync.WaitGroup
	pausing.Go(func() {
		select {
		case <-paused:
			_ = e.Pause(ctx, id) // it may have ended
			_ = e.Resume(ctx, id)
		case <-first.Done():
		}
	})
	_, err = e.Wait(first, id)
	stop()
	serving.Wait()
	pausing.Wait()
	if err != nil && first.Err() == nil {
		r.t.Fatal("wait: ", err)
	}
	if r.cut && r.how != pauses {
		if err := db.Close(); err != nil {
			r.t.Error("close: ", err)
		}
		return r.again(ctx)
	}
	return r.result(ctx, db, e)
}

// again goes on with a new engine on what is left.
func (r *run) again(ctx context.Context) string {
	db := r.open(nil)
	e := job.NewEngine(db, r.s.Defs(r.t, db), job.Options{})
	ctx, stop := context.WithCancel(ctx)
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := e.Serve(ctx); err != nil {
			r.t.Error("serve again: ", err)
		}
	})
	defer serving.Wait()
	defer stop()
	return r.result(ctx, db, e)
}

func (r *run) open(fault func(store.Moment) error) *store.DB {
	db, err := store.Open(context.Background(), store.Options{Path: r.path, ApplicationID: 1, Migrations: r.s.Migrations, Fault: fault})
	if err != nil {
		r.t.Fatal("open: ", err)
	}
	r.t.Cleanup(func() {
		if err := db.Close(); err != nil {
			r.t.Error("close: ", err)
		}
	})
	return db
}

// result waits for the jobs to end and tells how, with all that was to be
// brought about.
func (r *run) result(ctx context.Context, db *store.DB, e *job.Engine) string {
	var b strings.Builder
	all, err := e.List(ctx, job.Filter{})
	if err != nil {
		r.t.Fatal("list: ", err)
	}
	for _, s := range all {
		if s, err = e.Wait(ctx, s.ID); err != nil {
			r.t.Fatal("wait again: ", err)
		}
		fmt.Fprintf(&b, "job %d %s: %s, %d of %d, %d bytes, %d warnings, error %q\n", s.ID, s.Kind, s.State, s.Done, s.Total, s.Bytes, s.Warnings, s.Error)
		ws, err := e.Warnings(ctx, s.ID, 0, 0)
		if err != nil {
			r.t.Fatal("warnings: ", err)
		}
		for _, w := range ws {
			fmt.Fprintf(&b, "  %d %q %s %s\n", w.N, w.Path, w.Kind, w.Message)
		}
	}
	text, err := r.s.State(ctx, db)
	if err != nil {
		r.t.Fatal("state: ", err)
	}
	return b.String() + text
}
