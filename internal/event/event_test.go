package event_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/stardrive/stardrive/internal/event"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type progress struct {
	Job  string `json:"job"`
	Done int    `json:"done"`
}

var changed = event.Topic[progress]{Name: "job.changed", Key: func(p progress) string { return p.Job }}

func TestEventIsOneFlatObject(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)
	for want, e := range map[string]event.Event{
		`{"seq":7,"time":"2026-01-02T03:04:05.000000006Z","type":"job.changed","job":"a","done":3}`: {Seq: 7, Time: at, Type: "job.changed", Data: progress{"a", 3}},
		`{"seq":0,"time":"2026-01-02T03:04:05.000000006Z","type":"lagged"}`:                         {Time: at, Type: "lagged"},
		`{"seq":1,"time":"2026-01-02T03:04:05.000000006Z","type":"x"}`:                              {Seq: 1, Time: at, Type: "x", Data: struct{}{}},
	} {
		if got, err := json.Marshal(e); err != nil || string(got) != want {
			t.Errorf("got %s, %v\nwant %s", got, err, want)
		}
	}
	if _, err := json.Marshal(event.Event{Data: 3}); err == nil {
		t.Error("a number as data must fail")
	}
}

func TestNewestNewsOfAKeyWins(t *testing.T) {
	b := event.NewBus()
	s := b.Subscribe()
	defer s.Close()
	for i := range 1000 {
		event.Publish(b, changed, progress{"a", i})
	}
	event.Publish(b, changed, progress{"b", 1})
	news, lagged := s.Take()
	if len(news) != 2 || lagged || news[0].Data != (progress{"a", 999}) {
		t.Fatalf("%v %v", news, lagged)
	}
}

func TestSlowSubscriberIsTold(t *testing.T) {
	b := event.NewBus()
	s := b.Subscribe()
	defer s.Close()
	for i := range 1000 {
		event.Publish(b, changed, progress{fmt.Sprint(i), i})
	}
	news, lagged := s.Take()
	if len(news) >= 1000 || !lagged {
		t.Fatalf("%d events, lagged %v", len(news), lagged)
	}
	if news, lagged = s.Take(); len(news) != 0 || lagged {
		t.Fatal("the mark must be told once")
	}
}

// feed is a durable feed with an event for each number up to n.
type feed struct {
	mu sync.Mutex
	n  int64
}

func (f *feed) Since(_ context.Context, seq int64, limit int) (es []event.Event, next int64, _ error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for seq < f.n && len(es) < limit {
		seq++
		es = append(es, event.Event{Seq: seq, Type: "entry.changed"})
	}
	return es, seq, nil
}

func TestFollowMissesNothing(t *testing.T) {
	b, f := event.NewBus(), &feed{n: 2500}
	done := errors.New("done")
	var writer sync.WaitGroup
	write := func() {
		for range 500 {
			f.mu.Lock()
			f.n++
			n := f.n
			f.mu.Unlock()
			b.Reached(n)
			event.Publish(b, changed, progress{"a", int(n)})
		}
	}
	seen, news := int64(100), 0
	var begin sync.Once
	err := event.Follow(t.Context(), b, f, seen, func(es []event.Event) error {
		begin.Do(func() { writer.Go(write) })
		for _, e := range es {
			if e.Type == "job.changed" {
				news++
				continue
			}
			if e.Seq != seen+1 {
				t.Errorf("%d after %d", e.Seq, seen)
			}
			seen = e.Seq
		}
		if seen == 3000 && news > 0 {
			return done
		}
		return nil
	})
	writer.Wait()
	if err != done {
		t.Fatal(err)
	}
}

func TestFollowEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	err := event.Follow(ctx, event.NewBus(), &feed{}, 0, func([]event.Event) error { return nil })
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
}
