package embed

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
)

// slow is an endpoint that takes its time, or does not answer at all.
type slow struct {
	takes    atomic.Int64 // nanoseconds; below 0: for ever
	broken   atomic.Bool
	requests atomic.Int64
}

func (s *slow) RoundTrip(r *http.Request) (*http.Response, error) {
	s.requests.Add(1)
	var done <-chan time.Time
	if d := time.Duration(s.takes.Load()); d >= 0 {
		done = time.After(d)
	}
	select {
	case <-done:
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	if s.broken.Load() {
		return nil, errors.New("connection refused")
	}
	return &http.Response{StatusCode: http.StatusOK, Request: r, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{"data":[{"embedding":[3,4]}]}`))}, nil
}

// asking asks by itself, and tells how long it waited.
type asking struct {
	t    *testing.T
	r    *Remote
	from *slow
	late atomic.Int64
}

func newAsking(t *testing.T) *asking {
	a := &asking{t: t, from: &slow{}}
	r, err := HTTP(Endpoint{Base: "http://localhost/v1", Model: "m", Dim: 2, Transport: a.from, Late: func() { a.late.Add(1) }})
	if err != nil {
		t.Fatal(err)
	}
	a.r = r
	return a
}

func (a *asking) ask(text string, wait time.Duration, ok bool) {
	a.t.Helper()
	began := time.Now()
	v, err := Ask(a.t.Context(), a.r, text)
	if ok != (err == nil) || ok && (len(v) != 2 || v[0] != 0.6) || !ok && (!errs.Is(err, errs.Unavailable) || errs.RemedyOf(err) == "") {
		a.t.Errorf("%q: %v, %v, want one: %v", text, v, err, ok)
	}
	if took := time.Since(began); took != wait {
		a.t.Errorf("%q: it waited %v, want %v", text, took, wait)
	}
}

// TestHangingEndpointHoldsNoSearch: searches wait a moment three times, and then no
// more; the endpoint is left alone longer and longer, tried again for which nobody
// waits, and asked as ever once it answers.
func TestHangingEndpointHoldsNoSearch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAsking(t)
		defer a.r.Close()
		a.from.takes.Store(int64(20 * time.Millisecond))
		a.ask("first", 20*time.Millisecond, true)
		a.ask("first", 0, true) // as it is known
		a.from.takes.Store(-1)
		a.ask("a", askWait, false)
		a.ask("b", askWait, false)
		a.ask("a", askWait, false) // the request is under way
		for i := range 100 {
			a.ask(fmt.Sprint("more ", i), 0, false)
		}
		if n := a.from.requests.Load(); n != 3 {
			t.Errorf("%d requests, want no more than two under way", n)
		}
		time.Sleep(askTime)
		synctest.Wait()
		a.ask("d", 0, false) // the third that fails
		time.Sleep(askTime)
		synctest.Wait()
		requests := a.from.requests.Load()
		for range 100 {
			a.ask("e", 0, false)
		}
		if a.from.requests.Load() != requests {
			t.Error("it is asked while it is left alone")
		}
		for pause := firstPause; pause < lastPause; pause *= 2 { // of each pause's end, one trial
			time.Sleep(pause)
			for i := range 10 {
				a.ask(fmt.Sprint("trial ", i), 0, false)
			}
			synctest.Wait()
			if n := a.from.requests.Load(); n != requests+1 {
				t.Fatalf("%d trials after %v", n-requests, pause)
			}
			requests++
			time.Sleep(askTime)
			synctest.Wait()
		}
		a.from.takes.Store(int64(20 * time.Millisecond))
		time.Sleep(lastPause)
		a.ask("back", 0, false)
		time.Sleep(time.Second)
		a.ask("back", 0, true)
		a.ask("again", 20*time.Millisecond, true)
		if a.late.Load() != 1 {
			t.Errorf("%d answers came late, want one", a.late.Load())
		}
	})
}

// TestSlowEndpointAnswersLater: what a search could not wait for is there when it is
// made again, and who searches hears of it.
func TestSlowEndpointAnswersLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAsking(t)
		defer a.r.Close()
		a.from.takes.Store(int64(400 * time.Millisecond))
		for i := range 5 {
			wait := askWait
			if i >= maxVain {
				wait = 0
			}
			text := fmt.Sprint("q", i)
			a.ask(text, wait, false)
			time.Sleep(time.Second)
			a.ask(text, 0, true)
		}
		if a.late.Load() != 5 {
			t.Errorf("%d answers came late, want 5", a.late.Load())
		}
	})
}

// TestBrokenEndpointIsTold: a failure is told as it is, then with the pause; a check
// that succeeds ends that.
func TestBrokenEndpointIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAsking(t)
		a.from.broken.Store(true)
		for i := range 3 {
			a.ask(fmt.Sprint(i), 0, false)
		}
		if _, err := Ask(t.Context(), a.r, "x"); err == nil || !strings.Contains(err.Error(), "connection refused") || !strings.Contains(err.Error(), "5s") {
			t.Error(err)
		}
		if _, err := a.r.Check(t.Context()); !errs.Is(err, errs.Unavailable) {
			t.Error(err)
		}
		a.from.broken.Store(false)
		a.from.takes.Store(int64(time.Millisecond))
		if took, err := a.r.Check(t.Context()); err != nil || took != time.Millisecond {
			t.Error(took, err)
		}
		a.ask("x", time.Millisecond, true)
		a.from.takes.Store(-1)
		a.ask("under way", askWait, false)
		a.r.Close() // which ends it
		if d := a.from.requests.Load(); d < 5 {
			t.Errorf("%d requests", d)
		}
		a.from.takes.Store(0)
		a.ask("after", 0, true)
		a.r.Close()
	})
}
