package extract

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/media"
	"github.com/stardrive/stardrive/internal/worker"
)

func TestTooMuch(t *testing.T) {
	const d = 20 * time.Second
	for _, c := range []struct {
		passed, computed time.Duration
		known, want      bool
	}{
		{d, d / 10, true, false},      // a busy machine
		{d / 2, d / 2, true, true},    // it computes and computes
		{d / 4, d / 2, true, false},   // on two cores: the parent does not kill yet
		{5 * d, d / 10, true, true},   // the parent would not wait any longer
		{d / 10, d / 10, true, false}, //
		{d * 6 / 10, 0, false, true},  // nothing else is known
		{d * 4 / 10, d, false, false}, //
	} {
		if got := tooMuch(d, c.passed, c.computed, c.known); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

type slow struct{ d time.Duration }

func (s slow) ReadAt([]byte, int64) (int, error) {
	time.Sleep(s.d)
	return 0, io.EOF
}

// TestWaitsForTheFileDoNotCount: a slow disk makes no file a bad one.
func TestWaitsForTheFileDoNotCount(t *testing.T) {
	read := &waits{ReaderAt: slow{1500 * time.Millisecond}}
	ctx, stop := within(t.Context(), 250*time.Millisecond, read)
	defer stop()
	if _, err := read.ReadAt(nil, 0); !errors.Is(err, io.EOF) || ctx.Err() != nil {
		t.Errorf("%v, and the time: %v", err, ctx.Err())
	}
}

// TestComputingCounts: what computes without an end is told to end, as by a
// deadline.
func TestComputingCounts(t *testing.T) {
	ctx, stop := within(t.Context(), 20*time.Millisecond, &waits{ReaderAt: strings.NewReader("")})
	defer stop()
	for ctx.Err() == nil {
	}
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		t.Error(ctx.Err())
	}
	<-ctx.Done()
}

// TestWhatWasMadeInTimeStays: the rest says why it is not there.
func TestWhatWasMadeInTimeStays(t *testing.T) {
	want := []media.Kind{media.FactsOf, media.TextOf, media.Thumb256, media.Thumb512}
	a := media.Answer{
		Facts: &media.Facts{Pages: 3}, Pictures: map[media.Kind]media.Picture{media.Thumb256: {MIME: "image/png", Bytes: []byte("x"), Width: 1, Height: 1}},
		Failed: map[media.Kind]string{media.TextOf: "stopped"},
	}
	tooLong(media.Ask{Want: want}, &a, nil)
	if a.Facts == nil || len(a.Pictures) != 1 || len(a.Failed) != 1 || a.Failed[media.TextOf] != media.TooLong {
		t.Errorf("%+v", a)
	}
	a = media.Answer{}
	if tooLong(media.Ask{Want: want}, &a, context.DeadlineExceeded); len(a.Failed) != 4 || a.Failed[media.Thumb512] != media.TooLong {
		t.Errorf("%+v", a)
	}
}

// TestLateIsTold: a child that was killed for its time says so in the words that
// package media knows.
func TestLateIsTold(t *testing.T) {
	var p *media.Poison
	if !errors.As(poison(&worker.Died{Reason: "it takes longer than 20s", Late: true}), &p) || p.Reason != media.TooLong {
		t.Error(p)
	}
	if !errors.As(poison(&worker.Died{Reason: "it crashed"}), &p) || p.Reason != "it crashed" {
		t.Error(p)
	}
}
