package job_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/store"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// jobTables is what the library's schema says of jobs.
const jobTables = `
CREATE TABLE job (id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, key TEXT NOT NULL, lane TEXT NOT NULL, priority INTEGER NOT NULL,
  args BLOB NOT NULL, step TEXT NOT NULL, cursor BLOB NOT NULL, state TEXT NOT NULL, want TEXT NOT NULL, progress BLOB NOT NULL,
  error TEXT NOT NULL, kind_of_error TEXT NOT NULL, created_ns INTEGER NOT NULL, started_ns INTEGER NOT NULL, finished_ns INTEGER NOT NULL) STRICT;
CREATE INDEX job_open ON job (state) WHERE state IN ('queued', 'running', 'paused');
CREATE TABLE job_warning (job_id INTEGER NOT NULL, n INTEGER NOT NULL, path BLOB NOT NULL, kind TEXT NOT NULL, message TEXT NOT NULL,
  PRIMARY KEY (job_id, n)) STRICT, WITHOUT ROWID;
CREATE TABLE counted (n INTEGER PRIMARY KEY) STRICT;`

type countArgs struct{ To int }

func countTo(ctx context.Context, r job.Run, a countArgs, from int, checkpoint job.Checkpoint[int]) error {
	for n := from + 1; n <= a.To; n++ {
		err := checkpoint(n, job.Progress{Done: int64(n), Total: int64(a.To)}, func(tx *store.Tx) error {
			_, err := tx.Exec("INSERT INTO counted (n) VALUES (?)", n)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func openDB(t *testing.T) *store.DB {
	t.Helper()
	db, err := store.Open(context.Background(), store.Options{Path: filepath.Join(t.TempDir(), "test.db"), ApplicationID: 1,
		Migrations: []store.Migration{{Name: "first", SQL: jobTables}}})
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

// serve runs e until the test ends or the returned function is called.
func serve(t *testing.T, e *job.Engine) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- e.Serve(ctx) }()
	stopped := false
	stop = func() {
		if !stopped {
			stopped = true
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	}
	t.Cleanup(stop)
	return stop
}

func TestJobRuns(t *testing.T) {
	db := openDB(t)
	e := job.NewEngine(db, []job.Def{job.New("count", "Count", job.Do("up", countTo))}, job.Options{})
	serve(t, e)
	id, err := e.Enqueue(t.Context(), "count", countArgs{To: 10}, job.Enqueue{})
	if err != nil {
		t.Fatal(err)
	}
	snap, err := e.Wait(t.Context(), id)
	if err != nil || snap.State != job.Done || snap.Done != 10 {
		t.Errorf("%+v, %v", snap, err)
	}
}
