package svc_test

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/stardrive/stardrive/internal/svc"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestFault_F7_AFailingServiceHarmsNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var panics, fails atomic.Int64
		steady := make(chan struct{})
		g := &svc.Group{Log: slog.New(slog.DiscardHandler)}
		g.Add("panics", svc.Func(func(context.Context) error { panics.Add(1); panic("boom") }))
		g.Add("fails", svc.Func(func(context.Context) error { fails.Add(1); return errors.New("no") }))
		g.Add("steady", svc.Func(func(ctx context.Context) error { <-ctx.Done(); close(steady); return nil }))
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		if err := g.Serve(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		<-steady
		// 0.1 + 0.2 + 0.4 + … doubles: about seven starts in ten seconds.
		if n := fails.Load(); n < 5 || n > 10 || panics.Load() != n {
			t.Errorf("%d and %d starts", n, panics.Load())
		}
		for _, s := range g.States() {
			if s.Running || (s.Name == "steady") != (s.Failed == 0) {
				t.Errorf("%+v", s)
			}
		}
	})
}
