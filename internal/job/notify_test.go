package job_test

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/store"
)

// TestProgressIsToldFourTimesASecond, with the newest each time, and the end of
// the job last of all.
func TestProgressIsToldFourTimesASecond(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	synctest.Test(t, func(t *testing.T) {
		type told struct {
			at time.Duration
			job.Snapshot
		}
		var mu sync.Mutex
		var all []told
		begin := time.Now()
		busy := job.New("busy", "Busy", job.Do("x",
			func(ctx context.Context, r job.Run, _ struct{}, _ int, checkpoint job.Checkpoint[int]) error {
				for i := range 1000 { // ten seconds
					time.Sleep(10 * time.Millisecond)
					p := job.Progress{Done: int64(i + 1), Total: 2000, Current: fmt.Sprint("item ", i)}
					if i%100 != 99 {
						r.Progress(p)
						continue
					}
					if err := checkpoint(i, p, nil); err != nil {
						return err
					}
				}
				return nil
			}))
		db, err := store.Open(t.Context(), store.Options{Path: path, ApplicationID: 1, Migrations: schema()})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		e := job.NewEngine(db, []job.Def{busy}, job.Options{Notify: func(s job.Snapshot) {
			mu.Lock()
			defer mu.Unlock()
			all = append(all, told{time.Since(begin), s})
		}})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- e.Serve(ctx) }()
		id, err := e.Enqueue(t.Context(), "busy", struct{}{}, job.Enqueue{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Wait(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		mu.Lock()
		defer mu.Unlock()
		var running []told
		for _, x := range all {
			if x.State == job.Running {
				running = append(running, x)
			}
		}
		if n := len(running); n < 35 || n > 42 {
			t.Errorf("told %d times in ten seconds", n)
		}
		for i, x := range running[2:] {
			before := running[i+1]
			if gap := x.at - before.at; gap < 240*time.Millisecond || gap > 300*time.Millisecond || x.Done <= before.Done {
				t.Errorf("%d after %v, %d before", x.Done, gap, before.Done)
			}
			if x.Rate != 0 && (math.Abs(x.Rate-100) > 5 || math.Abs(x.ETA-float64(2000-x.Done)/x.Rate) > 0.1) {
				t.Errorf("at %d: %v a second, %v to go", x.Done, x.Rate, x.ETA)
			}
		}
		if last := all[len(all)-1]; last.State != job.Done || last.Done != 1000 {
			t.Errorf("told last of %+v", last)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}
