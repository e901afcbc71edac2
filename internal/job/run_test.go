package job_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/store"
)

func TestRunToTheEnd(t *testing.T) {
	w := newWorld(t, job.Options{}, count)
	id := w.enqueue("count", countArgs{10}, job.Enqueue{})
	if s, err := w.Get(t.Context(), id); err != nil || s.State != job.Queued || s.Created.IsZero() || !s.Started.IsZero() {
		t.Errorf("before: %+v, %v", s, err)
	}
	w.serve()
	s := w.wait(id, job.Done)
	if s.Kind != "count" || s.Title != "Count" || s.Step != "up" || s.Done != 10 || s.Total != 10 || s.Bytes != 100 || s.Warnings != 3 ||
		s.Started.Before(s.Created) || s.Finished.Before(s.Started) || s.Seconds <= 0 || s.Rate <= 0 || s.Error != "" {
		t.Errorf("after: %+v", s)
	}
	ws, err := w.Warnings(t.Context(), id, 1, 1)
	if err != nil || len(ws) != 1 || ws[0] != (job.Warning{N: 1, Path: "three", Kind: errs.Denied, Message: "6 is a multiple of three"}) {
		t.Errorf("warnings: %+v, %v", ws, err)
	}
	w.stop() // all is told by now
	if got := w.states(id); !slices.Equal(got, []job.State{job.Queued, job.Running, job.Done}) {
		t.Errorf("told of %v", got)
	}
}

// TestFault_F6_ShutdownKeepsJobsResumable: each checkpoint's work is done once, whatever
// the number of engines it takes, and warnings come once.
func TestFault_F6_ShutdownKeepsJobsResumable(t *testing.T) {
	block := make(chan bool, 1)
	slow := job.New("count", "Count", job.Do("up",
		func(ctx context.Context, r job.Run, a countArgs, from int, checkpoint job.Checkpoint[int]) error {
			return countTo(ctx, r, a, from, func(c int, p job.Progress, work func(*store.Tx) error) error {
				err := checkpoint(c, p, work)
				if c%4 == 0 && err == nil { // wait here to be stopped
					block <- true
					<-ctx.Done()
					return ctx.Err()
				}
				return err
			})
		}))
	w := newWorld(t, job.Options{}, slow)
	id := w.enqueue("count", countArgs{10}, job.Enqueue{})
	w.serve()
	for _, at := range []int{4, 8} {
		<-block
		w.stop()
		s, err := w.Get(t.Context(), id)
		if err != nil || s.State != job.Queued || s.Done != int64(at) || w.rows() != at {
			t.Fatalf("stopped: %+v, %v, %d rows", s, err, w.rows())
		}
		w.restart(slow)
	}
	if s := w.wait(id, job.Done); s.Done != 10 || s.Warnings != 3 || w.rows() != 10 {
		t.Errorf("%+v, %d rows", s, w.rows())
	}
}

func TestStepsRunInOrderAndGoOnWhereTheyWere(t *testing.T) {
	var trace []string
	var stopAt string
	reached := make(chan struct{})
	step := func(name string) job.Step[string] {
		return job.Do(name, func(ctx context.Context, _ job.Run, args string, from int, checkpoint job.Checkpoint[int]) error {
			for i := from; i < 2; i++ {
				at := name + string(rune('0'+i))
				if at == stopAt {
					stopAt = ""
					close(reached)
					<-ctx.Done()
					return ctx.Err()
				}
				trace = append(trace, args+at)
				if err := checkpoint(i+1, job.Progress{}, nil); err != nil {
					return err
				}
			}
			return nil
		})
	}
	def := job.New("steps", "Steps", step("a"), step("b"), step("c"))
	for _, stopAt = range []string{"a0", "a1", "b0", "b1", "c0", "c1"} {
		trace, reached = nil, make(chan struct{})
		w := newWorld(t, job.Options{}, def)
		w.serve()
		id := w.enqueue("steps", "x", job.Enqueue{})
		<-reached
		w.restart(def)
		w.wait(id, job.Done)
		if want := []string{"xa0", "xa1", "xb0", "xb1", "xc0", "xc1"}; !slices.Equal(trace, want) {
			t.Errorf("did %q", trace)
		}
	}
}

func TestFailure(t *testing.T) {
	boom := job.New("boom", "Boom", job.Do("x",
		func(_ context.Context, r job.Run, _ struct{}, _ int, checkpoint job.Checkpoint[int]) error {
			if err := checkpoint(1, job.Progress{Done: 1}, nil); err != nil {
				return err
			}
			r.Warn("a\xffb", os.ErrPermission)
			return errs.New(errs.Unavailable, "the disk \xff is gone")
		}))
	w := newWorld(t, job.Options{}, boom)
	w.serve()
	id := w.enqueue("boom", struct{}{}, job.Enqueue{})
	s := w.wait(id, job.Failed)
	if s.Error != "the disk � is gone" || s.ErrorKind != errs.Unavailable || s.Done != 1 || s.Warnings != 1 {
		t.Errorf("%+v", s)
	}
	ws, err := w.Warnings(t.Context(), id, 0, 0)
	if err != nil || len(ws) != 1 || ws[0].Path != "a\xffb" || ws[0].Kind != errs.Denied {
		t.Errorf("%+v, %v", ws, err)
	}
}

func TestFailedWorkIsNotStored(t *testing.T) {
	def := job.New("x", "X", job.Do("x", func(_ context.Context, _ job.Run, _ struct{}, _ int, checkpoint job.Checkpoint[int]) error {
		return checkpoint(1, job.Progress{Done: 1}, func(tx *store.Tx) error {
			if _, err := tx.Exec("INSERT INTO counted (n) VALUES (1)"); err != nil {
				return err
			}
			return errors.New("no")
		})
	}))
	w := newWorld(t, job.Options{}, def)
	w.serve()
	if s := w.wait(w.enqueue("x", struct{}{}, job.Enqueue{}), job.Failed); s.Done != 0 || s.Error != "no" || w.rows() != 0 {
		t.Errorf("%+v, %d rows", s, w.rows())
	}
}

// TestFault_F7_Panic: only the job fails, and the stack is in the log alone.
func TestFault_F7_Panic(t *testing.T) {
	do := func(kind string, f func(job.Checkpoint[int]) error) job.Def {
		return job.New(kind, "X", job.Do("x", func(_ context.Context, _ job.Run, _ struct{}, _ int, c job.Checkpoint[int]) error { return f(c) }))
	}
	var log bytes.Buffer
	w := newWorld(t, job.Options{Log: slog.New(slog.NewTextHandler(&log, nil))}, count,
		do("panics", func(job.Checkpoint[int]) error { panic("ouch") }),
		do("exits", func(job.Checkpoint[int]) error { runtime.Goexit(); return nil }),
		do("in work", func(c job.Checkpoint[int]) error {
			return c(1, job.Progress{}, func(*store.Tx) error { panic("ouch") })
		}))
	w.serve()
	for _, kind := range []string{"panics", "exits", "in work"} {
		s := w.wait(w.enqueue(kind, struct{}{}, job.Enqueue{}), job.Failed)
		if s.ErrorKind != errs.Internal || strings.Contains(s.Error, "goroutine ") || strings.Contains(s.Error, ".go:") {
			t.Errorf("%s: %+v", kind, s)
		}
	}
	w.wait(w.enqueue("count", countArgs{1}, job.Enqueue{}), job.Done)
	w.stop()
	if !strings.Contains(log.String(), "run_test.go") {
		t.Error("no stack in the log")
	}
}

func TestUnknownKindsAndSteps(t *testing.T) {
	g := newGate()
	w := newWorld(t, job.Options{}, g.def("old"), count)
	_, err := w.Enqueue(t.Context(), "nonsense", 1, job.Enqueue{})
	w.kind(err, errs.Unsupported)
	_, err = w.Enqueue(t.Context(), "count", "not its arguments", job.Enqueue{})
	w.kind(err, errs.Internal)
	w.serve()
	running := w.enqueue("old", struct{}{}, job.Enqueue{Lane: "x"})
	<-g.running
	queued := w.enqueue("old", struct{}{}, job.Enqueue{Lane: "x"})
	paused := w.enqueue("old", struct{}{}, job.Enqueue{Lane: "x"})
	if err := w.Pause(t.Context(), paused); err != nil {
		t.Fatal(err)
	}
	w.restart(count)
	for _, id := range []ident.JobID{running, queued, paused} {
		if s := w.wait(id, job.Failed); s.ErrorKind != errs.Unsupported || !strings.Contains(s.Error, `"old"`) {
			t.Errorf("%+v", s)
		}
	}

	stop := job.New("steps", "Steps", job.Do("gone", func(ctx context.Context, r job.Run, _ struct{}, _ int, c job.Checkpoint[int]) error {
		if err := c(1, job.Progress{}, nil); err != nil {
			return err
		}
		g.running <- r.JobID()
		<-ctx.Done()
		return ctx.Err()
	}))
	w.restart(stop)
	id := w.enqueue("steps", struct{}{}, job.Enqueue{})
	<-g.running
	w.restart(job.New("steps", "Steps", job.Do("new", func(context.Context, job.Run, struct{}, int, job.Checkpoint[int]) error { return nil })))
	if s := w.wait(id, job.Failed); !strings.Contains(s.Error, `"gone"`) {
		t.Errorf("%+v", s)
	}
}

func TestWarningsAreBounded(t *testing.T) {
	const n = 10_500
	def := job.New("x", "X", job.Do("x", func(_ context.Context, r job.Run, _ struct{}, _ int, c job.Checkpoint[int]) error {
		for i := range n {
			r.Warn("", errors.New("x"))
			if i == n/2 {
				if err := c(1, job.Progress{}, nil); err != nil {
					return err
				}
			}
		}
		return nil
	}))
	w := newWorld(t, job.Options{}, def)
	w.serve()
	id := w.enqueue("x", struct{}{}, job.Enqueue{})
	if s := w.wait(id, job.Done); s.Warnings != n {
		t.Errorf("%d warnings", s.Warnings)
	}
	var got int64
	for {
		ws, err := w.Warnings(t.Context(), id, got, 0)
		if err != nil {
			t.Fatal(err)
		}
		if len(ws) == 0 {
			break
		}
		for _, x := range ws {
			if x.N != got {
				t.Fatalf("warning %d after %d", x.N, got-1)
			}
			got++
		}
	}
	if got != 10_000 {
		t.Errorf("%d stored", got)
	}
	_, err := w.Warnings(t.Context(), 999, 0, 0)
	w.kind(err, errs.NotFound)
}

// names is a cursor with all that a path may hold.
type names struct {
	Path string
	Left []string
	Map  map[string]string
	inner
}

type inner struct{ Name string }

func TestPromise_P6_StringsKeepTheirBytes(t *testing.T) {
	want := names{"a\xffb/\xc3\x28", []string{"", "ü", "\x00\xfe", `{"base64":"x"}`}, map[string]string{"k": "\x80"}, inner{"\xf0"}}
	var got, args names
	again := make(chan struct{}, 1)
	first := true
	def := job.New("x", "X", job.Do("x", func(ctx context.Context, _ job.Run, a, from names, c job.Checkpoint[names]) error {
		if first {
			first = false
			err := c(want, job.Progress{Current: want.Path}, nil)
			again <- struct{}{}
			<-ctx.Done()
			return errors.Join(err, ctx.Err())
		}
		args, got = a, from
		return nil
	}))
	w := newWorld(t, job.Options{}, def)
	w.serve()
	id := w.enqueue("x", want, job.Enqueue{})
	<-again
	w.restart(def)
	w.wait(id, job.Done)
	for _, n := range []names{got, args} {
		if n.Path != want.Path || !slices.Equal(n.Left, want.Left) || n.Map["k"] != want.Map["k"] || n.Name != want.Name {
			t.Errorf("got %q", n)
		}
	}
	_, err := w.Enqueue(t.Context(), "x", names{Map: map[string]string{"\xff": ""}}, job.Enqueue{})
	if err == nil {
		t.Error("a key that cannot be stored went through")
	}
}

// What a person waits for does not stand behind scans that take hours.
func TestReservedPlaces(t *testing.T) {
	hold := make(chan struct{})
	wait := func(ctx context.Context, _ job.Run, _ struct{}, _ int, _ job.Checkpoint[int]) error {
		select {
		case <-hold:
		case <-ctx.Done():
		}
		return ctx.Err()
	}
	quick := func(context.Context, job.Run, struct{}, int, job.Checkpoint[int]) error { return nil }
	w := newWorld(t, job.Options{MaxRunning: 1}, job.New("scan", "Scan", job.Do("one", wait)), job.New("copy", "Copy", job.Do("one", quick)).Reserved())
	w.serve()
	scan := w.enqueue("scan", struct{}{}, job.Enqueue{})
	w.until(scan, job.Running)
	second := w.enqueue("scan", struct{}{}, job.Enqueue{})
	w.wait(w.enqueue("copy", struct{}{}, job.Enqueue{}), job.Done)
	if snap, err := w.Get(t.Context(), second); err != nil || snap.State != job.Queued {
		t.Errorf("the second scan is %s, %v", snap.State, err)
	}
	close(hold)
	w.wait(scan, job.Done)
	w.wait(second, job.Done)
}
