package svc_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
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

func TestFault_F7_AFailingServiceHarmsNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		var panics, fails, quits atomic.Int64
		steady := make(chan struct{})
		g := &svc.Group{Log: slog.New(slog.NewTextHandler(&log, nil))}
		g.Add("panics", svc.Func(func(context.Context) error { panics.Add(1); panic("boom") }))
		g.Add("fails", svc.Func(func(context.Context) error { fails.Add(1); return errors.New("no") }))
		g.Add("quits", svc.Func(func(context.Context) error { quits.Add(1); runtime.Goexit(); return nil }))
		g.Add("steady", svc.Func(func(ctx context.Context) error { <-ctx.Done(); close(steady); return nil }))
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		if err := g.Serve(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		<-steady
		// 0.1 + 0.2 + 0.4 + … doubles: about seven starts in ten seconds.
		if n := fails.Load(); n < 5 || n > 10 || panics.Load() != n || quits.Load() != n {
			t.Errorf("%d, %d and %d starts", n, panics.Load(), quits.Load())
		}
		for _, s := range g.States() {
			if s.Running || (s.Name == "steady") != (s.Failed == 0) {
				t.Errorf("%+v", s)
			}
			if s.Name == "panics" && (!errs.Is(s.Err, errs.Internal) || s.Err.Error() != "panic: boom") {
				t.Errorf("a stack belongs into the log: %v", s.Err)
			}
		}
		if !strings.Contains(log.String(), "svc_test.go") {
			t.Error("no stack in the log")
		}
	})
}

func TestBackOffBeginsAnewAfterGoodTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &svc.Group{Backoff: time.Second}
		var starts []time.Duration
		begin := time.Now()
		g.Add("flaky", svc.Func(func(ctx context.Context) error {
			starts = append(starts, time.Since(begin))
			if len(starts) == 4 {
				time.Sleep(time.Minute)
			}
			if len(starts) == 7 {
				return until(ctx)
			}
			return errors.New("flaky")
		}))
		cancel, ended := start(t, g)
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		want := []time.Duration{0, 1, 3, 7, 68, 70, 74}
		for i := range want {
			want[i] *= time.Second
		}
		if !slices.Equal(starts, want) {
			t.Errorf("started at %v, want %v", starts, want)
		}
		s := g.States()[0]
		if !s.Running || s.Failed != 6 || s.Err == nil || s.Since.Sub(begin) != 74*time.Second {
			t.Errorf("%+v", s)
		}
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}

func TestStopDuringBackOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &svc.Group{Backoff: time.Hour}
		g.Add("fails", svc.Func(func(context.Context) error { return errors.New("no") }))
		cancel, ended := start(t, g)
		synctest.Wait()
		from := time.Now()
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) || time.Since(from) != 0 {
			t.Errorf("%v after %v", err, time.Since(from))
		}
	})
}

// TestFault_F6_StuckServiceIsNamed: the end is not held up for ever.
func TestFault_F6_StuckServiceIsNamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &svc.Group{StopWithin: 3 * time.Second}
		release := make(chan struct{})
		g.Add("stuck", svc.Func(func(context.Context) error { <-release; return nil }))
		g.Add("fine", svc.Func(until))
		g.Add("slow", svc.Func(func(ctx context.Context) error { <-ctx.Done(); time.Sleep(time.Second); return nil }))
		cancel, ended := start(t, g)
		synctest.Wait()
		cancel()
		from := time.Now()
		err := <-ended
		if !errs.Is(err, errs.Unavailable) || !strings.HasSuffix(err.Error(), ": stuck") || time.Since(from) != 3*time.Second {
			t.Errorf("%v after %v", err, time.Since(from))
		}
		close(release)
	})
}
