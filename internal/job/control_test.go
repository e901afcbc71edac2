package job_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/store"
)

func TestSameKeyIsOneJob(t *testing.T) {
	g := newGate()
	w := newWorld(t, job.Options{}, g.def("wait"), g.def("other"))
	w.serve()
	one := w.enqueue("wait", struct{}{}, job.Enqueue{Key: "k"})
	<-g.running
	if id := w.enqueue("wait", struct{}{}, job.Enqueue{Key: "k"}); id != one {
		t.Errorf("while it runs: %d, want %d", id, one)
	}
	for _, o := range []struct {
		kind, key string
	}{{"wait", "other"}, {"other", "k"}, {"wait", ""}} {
		if id := w.enqueue(o.kind, struct{}{}, job.Enqueue{Key: o.key}); id == one {
			t.Errorf("%+v is the same job", o)
		}
	}
	close(g.open)
	w.wait(one, job.Done)
	if id := w.enqueue("wait", struct{}{}, job.Enqueue{Key: "k"}); id == one {
		t.Error("a finished job was returned")
	} else {
		w.wait(id, job.Done)
	}
}

func TestEnqueueInATransaction(t *testing.T) {
	w := newWorld(t, job.Options{}, count)
	w.serve()
	no := errors.New("no")
	var id ident.JobID
	for _, end := range []error{no, nil} {
		err := w.db.Write(t.Context(), func(tx *store.Tx) (err error) {
			if id, err = w.EnqueueIn(tx, "count", countArgs{2}, job.Enqueue{}); err != nil {
				return err
			}
			return end
		})
		if !errors.Is(err, end) {
			t.Fatal(err)
		}
	}
	w.wait(id, job.Done)
	if all, err := w.List(t.Context(), job.Filter{}); err != nil || len(all) != 1 {
		t.Errorf("%+v, %v", all, err)
	}
}

func TestLanesPrioritiesAndRoom(t *testing.T) {
	g := newGate()
	w := newWorld(t, job.Options{MaxRunning: 2}, g.def("wait"))
	var ids []ident.JobID
	for _, o := range []job.Enqueue{{Lane: "a"}, {Lane: "a", Priority: 5}, {Lane: "b"}, {}, {Priority: 1}} {
		ids = append(ids, w.enqueue("wait", struct{}{}, o))
	}
	w.serve()
	started := []ident.JobID{<-g.running, <-g.running}
	slices.Sort(started)
	if want := []ident.JobID{ids[1], ids[4]}; !slices.Equal(started, want) { // the two of highest priority
		t.Errorf("started %v, want %v", started, want)
	}
	g.open <- struct{}{} // either ends; lane a may still be taken
	third := <-g.running
	if s, err := w.Get(t.Context(), ids[1]); err != nil || third != ids[0] && s.State.Final() || third == ids[0] && !s.State.Final() {
		t.Errorf("%d began while the first of lane a was %s, %v", third, s.State, err)
	}
	close(g.open)
	for _, id := range ids {
		w.wait(id, job.Done)
	}
}

func TestPauseAndCancelQueued(t *testing.T) {
	w := newWorld(t, job.Options{}, count)
	paused, cancelled := w.enqueue("count", countArgs{1}, job.Enqueue{}), w.enqueue("count", countArgs{2}, job.Enqueue{})
	for range 2 { // twice is as good as once
		if err := errors.Join(w.Pause(t.Context(), paused), w.Cancel(t.Context(), cancelled)); err != nil {
			t.Fatal(err)
		}
	}
	w.kind(w.Resume(t.Context(), cancelled), errs.Conflict)
	w.kind(w.Pause(t.Context(), cancelled), errs.Conflict)
	w.kind(w.Pause(t.Context(), 999), errs.NotFound)
	w.serve()
	w.wait(cancelled, job.Cancelled)
	last := w.enqueue("count", countArgs{0}, job.Enqueue{Priority: -1})
	w.wait(last, job.Done)
	if s, err := w.Get(t.Context(), paused); err != nil || s.State != job.Paused {
		t.Errorf("%+v, %v", s, err)
	}
	for range 2 {
		if err := w.Resume(t.Context(), paused); err != nil && !errs.Is(err, errs.Conflict) {
			t.Fatal(err)
		}
	}
	w.wait(paused, job.Done)
	w.kind(w.Cancel(t.Context(), paused), errs.Conflict)
	_, err := w.Get(t.Context(), 999)
	w.kind(err, errs.NotFound)
	_, err = w.Wait(t.Context(), 999)
	w.kind(err, errs.NotFound)
}

// stepper is a job that does one checkpoint at each token, and tells of it.
func stepper(tokens chan struct{}, did chan int) job.Def {
	return job.New("step", "Step", job.Do("x",
		func(ctx context.Context, _ job.Run, _ struct{}, from int, checkpoint job.Checkpoint[int]) error {
			for n := from + 1; n <= 5; n++ {
				select {
				case <-tokens:
				case <-ctx.Done():
					return ctx.Err()
				}
				err := checkpoint(n, job.Progress{Done: int64(n)}, func(tx *store.Tx) error {
					_, err := tx.Exec("INSERT INTO counted (n) VALUES (?)", n)
					return err
				})
				did <- n
				if err != nil {
					return err
				}
			}
			return nil
		}))
}

func TestPauseResumeCancelRunning(t *testing.T) {
	tokens, did := make(chan struct{}), make(chan int, 100)
	w := newWorld(t, job.Options{}, stepper(tokens, did))
	w.serve()
	id := w.enqueue("step", struct{}{}, job.Enqueue{Key: "k"})
	tokens <- struct{}{}
	<-did
	if err := w.Pause(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	w.until(id, job.Paused)
	w.restart(stepper(tokens, did)) // it stays paused
	if s, err := w.Get(t.Context(), id); err != nil || s.State != job.Paused || s.Done != 1 || s.Seconds <= 0 {
		t.Fatalf("%+v, %v", s, err)
	}
	if err := w.Resume(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	tokens <- struct{}{}
	if n := <-did; n != 2 {
		t.Errorf("went on with %d", n)
	}
	if err := w.Cancel(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	w.kind(w.Pause(t.Context(), 999), errs.NotFound)
	s := w.wait(id, job.Cancelled)
	if s.Done != 2 || s.Finished.IsZero() || w.rows() != 2 {
		t.Errorf("%+v, %d rows", s, w.rows())
	}
	w.stop()
	if got, want := w.states(id), []job.State{job.Queued, job.Running, job.Paused, job.Queued, job.Running, job.Cancelled}; !slices.Equal(got, want) {
		t.Errorf("told of %v, want %v", got, want)
	}
}

// TestFault_F6_RequestsSurviveACrash: what was asked of a running job holds although the
// process died before the job could stop.
func TestFault_F6_RequestsSurviveACrash(t *testing.T) {
	for want, ask := range map[job.State]func(*job.Engine, context.Context, ident.JobID) error{
		job.Paused: (*job.Engine).Pause, job.Cancelled: (*job.Engine).Cancel,
	} {
		g := newGate()
		w := newWorld(t, job.Options{}, g.def("wait"))
		w.serve()
		id := w.enqueue("wait", struct{}{}, job.Enqueue{})
		<-g.running
		// As the process that dies left it: running, and asked to stop.
		w.stop()
		err := w.db.Write(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec("UPDATE job SET state = 'running'")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := ask(w.Engine, t.Context(), id); err != nil {
			t.Fatal(err)
		}
		w.restart(g.def("wait"))
		w.until(id, want)
	}
}

func TestFinishedJobsArePruned(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	var mu sync.Mutex
	clock := func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		now = now.Add(time.Second)
		return now
	}
	w := newWorld(t, job.Options{Now: clock}, count)
	err := w.db.Write(t.Context(), func(tx *store.Tx) error {
		for i := range 1500 {
			_, err := tx.Exec(`INSERT INTO job (kind, key, lane, title, priority, args, step, cursor, state, want, progress, error, kind_of_error,
				created_ns, started_ns, finished_ns) VALUES ('count', '', '', '', 0, x'', '', x'', 'done', '', x'', '', '', 1, 1, ?)`, i+1)
			if err != nil {
				return err
			}
		}
		_, err := tx.Exec("INSERT INTO job_warning (job_id, n, path, kind, message) SELECT id, 0, x'', '', '' FROM job")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	w.serve()
	id := w.enqueue("count", countArgs{1}, job.Enqueue{})
	w.wait(id, job.Done)
	var jobs, warnings, oldest int
	err = w.db.Read(t.Context(), func(tx *store.Tx) error {
		return tx.QueryRow("SELECT count(*), min(id), (SELECT count(*) FROM job_warning) FROM job").Scan(&jobs, &oldest, &warnings)
	})
	if err != nil || jobs != 1000 || warnings != 999 || oldest != 502 {
		t.Errorf("%d jobs from %d, %d warnings, %v", jobs, oldest, warnings, err)
	}
	// A clock that went back must not make a job vanish before it can be seen.
	mu.Lock()
	now = time.Unix(0, 0)
	mu.Unlock()
	w.wait(w.enqueue("count", countArgs{0}, job.Enqueue{}), job.Done)
}

func TestList(t *testing.T) {
	g := newGate()
	w := newWorld(t, job.Options{MaxRunning: 1}, count, g.def("wait"))
	w.serve()
	done := w.enqueue("count", countArgs{0}, job.Enqueue{})
	w.wait(done, job.Done)
	running := w.enqueue("wait", struct{}{}, job.Enqueue{})
	<-g.running
	queued := w.enqueue("count", countArgs{0}, job.Enqueue{})
	for name, tc := range map[string]struct {
		f    job.Filter
		want []ident.JobID
	}{
		"all":      {job.Filter{}, []ident.JobID{queued, running, done}},
		"states":   {job.Filter{States: []job.State{job.Done, job.Running}}, []ident.JobID{running, done}},
		"kind":     {job.Filter{Kind: "count"}, []ident.JobID{queued, done}},
		"page":     {job.Filter{Limit: 1, Before: queued}, []ident.JobID{running}},
		"no state": {job.Filter{States: []job.State{"unqueued"}}, nil},
	} {
		all, err := w.List(t.Context(), tc.f)
		var got []ident.JobID
		for _, s := range all {
			got = append(got, s.ID)
		}
		if err != nil || !slices.Equal(got, tc.want) {
			t.Errorf("%s: %v, %v; want %v", name, got, err, tc.want)
		}
	}
	close(g.open)
	w.wait(queued, job.Done)
}

func TestWaitEndsWithItsContext(t *testing.T) {
	w := newWorld(t, job.Options{}, count)
	id := w.enqueue("count", countArgs{1}, job.Enqueue{})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	_, err := w.Wait(ctx, id)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}

func TestServeTwiceIsRefused(t *testing.T) {
	g := newGate()
	w := newWorld(t, job.Options{}, g.def("wait"))
	w.serve()
	w.enqueue("wait", struct{}{}, job.Enqueue{})
	<-g.running
	w.kind(w.Serve(t.Context()), errs.Conflict)
}

// TestFault_F8_EndIsStoredLater: when the database takes it again, as after a
// full disk.
func TestFault_F8_EndIsStoredLater(t *testing.T) {
	w := newWorld(t, job.Options{}, count)
	exec := func(sql string) {
		if err := w.db.Write(t.Context(), func(tx *store.Tx) error { _, err := tx.Exec(sql); return err }); err != nil {
			t.Fatal(err)
		}
	}
	exec("CREATE TRIGGER full BEFORE UPDATE ON job WHEN NEW.state = 'done' BEGIN SELECT RAISE(ABORT, 'full'); END")
	w.serve()
	id := w.enqueue("count", countArgs{1}, job.Enqueue{})
	for w.rows() == 0 {
		time.Sleep(time.Millisecond)
	}
	exec("DROP TRIGGER full")
	w.wait(id, job.Done)
	// And a stop does not wait for it.
	exec("CREATE TRIGGER full BEFORE UPDATE ON job WHEN NEW.state = 'queued' BEGIN SELECT RAISE(ABORT, 'full'); END; DELETE FROM counted")
	g := newGate()
	w.restart(g.def("wait"))
	id = w.enqueue("wait", struct{}{}, job.Enqueue{})
	<-g.running
	w.stop()
	exec("DROP TRIGGER full")
	close(g.open)
	w.restart(g.def("wait"))
	w.wait(id, job.Done)
}
