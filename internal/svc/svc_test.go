package svc_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/svc"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start runs g in the background.
func start(t *testing.T, g *svc.Group) (cancel func(), ended chan error) {
	ctx, stop := context.WithCancel(t.Context())
	ended = make(chan error, 1)
	go func() { ended <- g.Serve(ctx) }()
	return stop, ended
}

func until(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }

func states(g *svc.Group) (out []svc.State) {
	for _, r := range g.Reports() {
		out = append(out, r.State)
	}
	return out
}

func TestServicesRunUntilTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := svc.NewGroup(svc.Options{})
		g.Add("forever", svc.Func(until))
		g.Add("short", svc.Func(func(context.Context) error { return nil }))
		g.Add("slow to stop", svc.Func(func(ctx context.Context) error { <-ctx.Done(); time.Sleep(5 * time.Second); return nil }))
		if got := states(g); !slices.Equal(got, []svc.State{svc.Waiting, svc.Waiting, svc.Waiting}) {
			t.Errorf("before: %v", got)
		}
		cancel, ended := start(t, g)
		synctest.Wait()
		if got := states(g); !slices.Equal(got, []svc.State{svc.Running, svc.Ended, svc.Running}) {
			t.Errorf("during: %v", got)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if got := states(g); !slices.Equal(got, []svc.State{svc.Stopped, svc.Ended, svc.Stopped}) {
			t.Errorf("after: %v", got)
		}
	})
}

func TestFailingServiceIsRestartedWithBackOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := svc.NewGroup(svc.Options{FirstPause: time.Second, LastPause: 10 * time.Second})
		var starts []time.Duration
		begin := time.Now()
		g.Add("flaky", svc.Func(func(ctx context.Context) error {
			starts = append(starts, time.Since(begin))
			if len(starts) == 7 { // healthy for a while: the pause begins anew
				time.Sleep(time.Minute)
			}
			if len(starts) == 9 {
				return until(ctx)
			}
			return errors.New("flaky")
		}))
		cancel, ended := start(t, g)
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		want := []time.Duration{0, 1, 3, 7, 15, 25, 35, 96, 98}
		for i := range want {
			want[i] *= time.Second
		}
		if !slices.Equal(starts, want) {
			t.Errorf("started at %v, want %v", starts, want)
		}
		r := g.Reports()[0]
		if r.State != svc.Running || r.Restarts != 8 || r.Error == nil {
			t.Errorf("report %+v", r)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// TestFault_F7_PanicInAService: it fails alone, and its stack goes to the log.
func TestFault_F7_PanicInAService(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		g := svc.NewGroup(svc.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
		g.Add("bad", svc.Func(func(context.Context) error { panic("ouch") }))
		g.Add("good", svc.Func(until))
		cancel, ended := start(t, g)
		synctest.Wait()
		r := g.Reports()
		if r[0].State != svc.Failing || !errs.Is(r[0].Error, errs.Internal) || !strings.Contains(r[0].Error.Error(), "ouch") ||
			strings.Contains(r[0].Error.Error(), "goroutine") || r[1].State != svc.Running {
			t.Errorf("%+v", r)
		}
		cancel() // during the back-off
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if !strings.Contains(log.String(), "svc_test.go") {
			t.Error("no stack in the log")
		}
	})
}

func TestStuckServiceIsNamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := svc.NewGroup(svc.Options{StopWithin: 3 * time.Second})
		release := make(chan struct{})
		g.Add("stuck", svc.Func(func(context.Context) error { <-release; return nil }))
		g.Add("fine", svc.Func(until))
		cancel, ended := start(t, g)
		synctest.Wait()
		cancel()
		from := time.Now()
		err := <-ended
		if !errs.Is(err, errs.Unavailable) || !strings.Contains(err.Error(), "[stuck]") || time.Since(from) != 3*time.Second {
			t.Errorf("%v after %v", err, time.Since(from))
		}
		close(release)
	})
}

func TestServiceThatEndsItsGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := svc.NewGroup(svc.Options{})
		g.Add("quits", svc.Func(func(context.Context) error { runtime.Goexit(); return nil }))
		cancel, ended := start(t, g)
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if r := g.Reports()[0]; r.State != svc.Ended || r.Error == nil {
			t.Errorf("%+v", r)
		}
		cancel()
	})
}

func TestAddTwicePanics(t *testing.T) {
	g := svc.NewGroup(svc.Options{})
	g.Add("x", svc.Func(until))
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	g.Add("x", svc.Func(until))
}
