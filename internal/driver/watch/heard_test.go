package watch

import (
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/stardrive/stardrive/internal/ident"
)

type ids = []ident.EntryID

// heard collects what a Notifier tells.
type heard struct {
	mu       sync.Mutex
	changed  ids
	dropped  ids
	overflow int
	news     chan struct{}
}

func newHeard() *heard { return &heard{news: make(chan struct{}, 1)} }

func (h *heard) told() Told {
	note := func(fn func()) {
		h.mu.Lock()
		fn()
		h.mu.Unlock()
		select {
		case h.news <- struct{}{}:
		default:
		}
	}
	return Told{
		Changed:  func(id ident.EntryID) { note(func() { h.changed = append(h.changed, id) }) },
		Dropped:  func(id ident.EntryID) { note(func() { h.dropped = append(h.dropped, id) }) },
		Overflow: func() { note(func() { h.overflow++ }) },
	}
}

// patience is how long a hint may take before the test gives up.
const patience = 30 * time.Second

// until waits for something to be heard.
func (h *heard) until(t *testing.T, what string, fn func() bool) {
	t.Helper()
	late := time.After(patience)
	for {
		h.mu.Lock()
		ok := fn()
		h.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-h.news:
		case <-late:
			h.mu.Lock()
			defer h.mu.Unlock()
			t.Fatalf("never heard: %s (changed %v, dropped %v, %d overflows)", what, h.changed, h.dropped, h.overflow)
		}
	}
}

// take returns what was heard since the last take, each folder once.
func (h *heard) take() (changed, dropped ids, overflow int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	changed, dropped, overflow = h.changed, h.dropped, h.overflow
	h.changed, h.dropped, h.overflow = nil, nil, 0
	slices.Sort(changed)
	slices.Sort(dropped)
	return slices.Compact(changed), dropped, overflow
}

func (h *heard) want(t *testing.T, what string, changed, dropped ids, overflow int) {
	t.Helper()
	c, d, o := h.take()
	if !slices.Equal(c, changed) || !slices.Equal(d, dropped) || o != overflow {
		t.Errorf("%s: changed %v, dropped %v, %d overflows; want %v, %v, %d", what, c, d, o, changed, dropped, overflow)
	}
}

func must(t testing.TB, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// check holds that a register is of one mind with its sources.
func check(t *testing.T, r register, sources ...*source) {
	t.Helper()
	n := 0
	for _, s := range sources {
		n += len(s.ids)
		for p, id := range s.ids {
			if r[id] != (spot{s, p}) {
				t.Errorf("folder %d is at %v, and registered at %v", id, spot{s, p}, r[id])
			}
		}
	}
	if n != len(r) {
		t.Errorf("%d folders are registered, sources have %d", len(r), n)
	}
}

func TestMain(m *testing.M) {
	inChild()
	goleak.VerifyTestMain(m)
}
