package job_test

import (
	"context"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// jobTables is what the library's schema says of jobs, with a table to work on.
const jobTables = `
CREATE TABLE job (id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, key TEXT NOT NULL, lane TEXT NOT NULL, title TEXT NOT NULL, priority INTEGER NOT NULL,
  args BLOB NOT NULL, step TEXT NOT NULL, cursor BLOB NOT NULL, state TEXT NOT NULL, want TEXT NOT NULL, progress BLOB NOT NULL,
  error TEXT NOT NULL, kind_of_error TEXT NOT NULL, created_ns INTEGER NOT NULL, started_ns INTEGER NOT NULL, finished_ns INTEGER NOT NULL) STRICT;
CREATE INDEX job_open ON job (state) WHERE state IN ('queued', 'running', 'paused');
CREATE TABLE job_warning (job_id INTEGER NOT NULL, n INTEGER NOT NULL, path BLOB NOT NULL, kind TEXT NOT NULL, message TEXT NOT NULL,
  PRIMARY KEY (job_id, n)) STRICT, WITHOUT ROWID;
CREATE TABLE counted (n INTEGER PRIMARY KEY) STRICT;`

func schema() []store.Migration { return []store.Migration{{Name: "first", SQL: jobTables}} }

func openDB(t testing.TB, path string) *store.DB {
	t.Helper()
	db, err := store.Open(context.Background(), store.Options{Path: path, ApplicationID: 1, Migrations: schema()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// world is a database and an engine on it.
type world struct {
	t    testing.TB
	path string
	db   *store.DB
	*job.Engine
	o    job.Options
	defs []job.Def
	stop func()

	mu   sync.Mutex
	told []job.Snapshot
}

// newWorld opens a database; the engine does not serve yet.
func newWorld(t testing.TB, o job.Options, defs ...job.Def) *world {
	w := &world{t: t, path: filepath.Join(t.TempDir(), "test.db"), o: o, defs: defs, stop: func() {}}
	w.o.Notify = func(s job.Snapshot) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.told = append(w.told, s)
	}
	w.db = openDB(t, w.path)
	w.Engine = job.NewEngine(w.db, defs, w.o)
	return w
}

// serve runs the engine until stop is called or the test ends.
func (w *world) serve() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	e := w.Engine
	go func() { done <- e.Serve(ctx) }()
	w.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			w.t.Error(err)
		}
	})
	w.t.Cleanup(w.stop)
}

// restart puts a new engine with other definitions on the same database.
func (w *world) restart(defs ...job.Def) {
	w.stop()
	w.Engine = job.NewEngine(w.db, defs, w.o)
	w.serve()
}

func (w *world) enqueue(kind string, args any, o job.Enqueue) ident.JobID {
	w.t.Helper()
	id, err := w.Enqueue(context.Background(), kind, args, o)
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

// wait returns the job's end, which must be in state s.
func (w *world) wait(id ident.JobID, s job.State) job.Snapshot {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	snap, err := w.Wait(ctx, id)
	if err != nil {
		w.t.Fatal(err)
	}
	if snap.State != s {
		w.t.Fatalf("job %d is %s (%s), want %s", id, snap.State, snap.Error, s)
	}
	return snap
}

// until waits until the job is in state s.
func (w *world) until(id ident.JobID, s job.State) {
	w.t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		snap, err := w.Get(context.Background(), id)
		if err != nil {
			w.t.Fatal(err)
		}
		if snap.State == s {
			return
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("job %d is %s, and not %s after a minute", id, snap.State, s)
		}
	}
}

func (w *world) kind(err error, want errs.Kind) {
	w.t.Helper()
	if !errs.Is(err, want) {
		w.t.Errorf("got %v, want %s", err, want)
	}
}

// states returns the states told of a job, without repetitions.
func (w *world) states(id ident.JobID) (out []job.State) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.told {
		if s.ID == id && (len(out) == 0 || out[len(out)-1] != s.State) {
			out = append(out, s.State)
		}
	}
	return out
}

func (w *world) rows() (n int) {
	w.t.Helper()
	err := w.db.Read(context.Background(), func(tx *store.Tx) error {
		return tx.QueryRow("SELECT count(*) FROM counted").Scan(&n)
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

type countArgs struct{ To int }

// countTo writes the numbers from 1 to its argument, one a checkpoint.
func countTo(_ context.Context, r job.Run, a countArgs, from int, checkpoint job.Checkpoint[int]) error {
	for n := from + 1; n <= a.To; n++ {
		if n%3 == 0 {
			r.Warn("three", errs.New(errs.Denied, "%d is a multiple of three", n))
		}
		err := checkpoint(n, job.Progress{Done: int64(n), Total: int64(a.To), Bytes: int64(n * 10)}, func(tx *store.Tx) error {
			_, err := tx.Exec("INSERT INTO counted (n) VALUES (?)", n)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

var count = job.New("count", "Count", job.Do("up", countTo))

// gate is a job that says it is running, and goes on when told to.
type gate struct {
	running chan ident.JobID
	open    chan struct{}
}

func newGate() *gate { return &gate{make(chan ident.JobID, 100), make(chan struct{})} }

func (g *gate) def(kind string) job.Def {
	return job.New(kind, "Wait", job.Do("wait", func(ctx context.Context, r job.Run, _ struct{}, _ int, _ job.Checkpoint[int]) error {
		g.running <- r.JobID()
		select {
		case <-g.open:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}))
}
