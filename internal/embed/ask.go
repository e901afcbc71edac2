package embed

import (
	"context"
	"sync"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
)

// asker is an Embedder that treats what people search for in another way than the
// texts that are found.
type asker interface {
	ask(ctx context.Context, text string) ([]float32, error)
}

// Ask returns the vector of what somebody searches for; nil: the embedder knows
// too little of it to tell what it is near to. For an endpoint it waits for no more
// than a moment, even if that hangs. Errors: as of Embed; errs.Unavailable also if
// an endpoint did not answer in that moment, or not lately.
func Ask(ctx context.Context, e Embedder, text string) ([]float32, error) {
	if a, ok := e.(asker); ok {
		return a.ask(ctx, text)
	}
	return askAsText(ctx, e, text)
}

func askAsText(ctx context.Context, e Embedder, text string) ([]float32, error) {
	vs, err := e.Embed(ctx, []string{text})
	if err != nil || !nonZero(vs[0]) {
		return nil, err
	}
	return vs[0], nil
}

const (
	// askWait is how long a search waits for an endpoint.
	askWait = 150 * time.Millisecond
	// askTime is how long an endpoint has until it counts as failed; the answer is
	// kept for who asks the same again.
	askTime = 10 * time.Second
	// maxVain is how many searches in a row wait in vain until none waits any more,
	// and how many requests fail until none is made for a while.
	maxVain = 3
	// The pause grows from the first to the last, and ends with one request, for which
	// nobody waits.
	firstPause, lastPause = 5 * time.Second, 5 * time.Minute
	// maxFlights bounds the requests under way for searches, maxAnswers those kept.
	maxFlights, maxAnswers = 2, 64
)

// asked is what a Remote knows of its answers to searches.
type asked struct {
	mu      sync.Mutex
	stop    context.CancelFunc // of flights; nil: there were none since Close
	life    context.Context    //nolint:containedctx // of flights, which outlive who asks; stop ends it
	running sync.WaitGroup
	flights map[string]*flight // by text
	answers map[string][]float32
	recent  []string // whose answers are kept, the oldest first
	vain    int      // searches in a row that waited in vain
	failed  int      // requests in a row
	pause   time.Duration
	until   time.Time // of the pause
	why     error     // of the last failure
}

// flight is a request under way.
type flight struct {
	done chan struct{} // closed when the rest is known
	v    []float32
	err  error
	left bool // somebody waited in vain
}

func (r *Remote) ask(ctx context.Context, text string) ([]float32, error) {
	a := &r.asked
	a.mu.Lock()
	if v, known := a.answers[text]; known {
		a.mu.Unlock()
		return v, nil
	}
	if time.Now().Before(a.until) {
		defer a.mu.Unlock()
		return nil, r.resting()
	}
	f, wait := a.flights[text], askWait
	trial := a.failed >= maxVain
	if trial || a.vain >= maxVain {
		wait = 0
	}
	if f == nil && (len(a.flights) >= maxFlights || trial && len(a.flights) > 0) {
		a.mu.Unlock()
		return nil, r.late()
	}
	if f == nil {
		f = r.start(text)
	}
	f.left = f.left || wait == 0
	a.mu.Unlock()
	if wait == 0 {
		return nil, r.late()
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-f.done:
		return f.v, f.err
	case <-ctx.Done():
		return nil, errs.In("embed", ctx.Err())
	case <-timer.C:
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.vain++
	f.left = true
	return nil, r.late()
}

// start makes a request that goes on when nobody waits any more. The caller holds
// asked.mu.
func (r *Remote) start(text string) *flight {
	a := &r.asked
	if a.stop == nil {
		a.life, a.stop = context.WithCancel(context.Background())
		a.flights, a.answers, a.recent = map[string]*flight{}, map[string][]float32{}, nil
	}
	f := &flight{done: make(chan struct{})}
	a.flights[text] = f
	life := a.life
	a.running.Go(func() {
		ctx, stop := context.WithTimeout(life, askTime)
		defer stop()
		began := time.Now()
		f.v, f.err = askAsText(ctx, r, text)
		a.mu.Lock()
		delete(a.flights, text)
		if life.Err() == nil {
			r.note(text, f, time.Since(began))
		}
		tell := f.left && f.err == nil && r.to.Late != nil && life.Err() == nil
		close(f.done)
		a.mu.Unlock()
		if tell {
			r.to.Late()
		}
	})
	return f
}

// note learns of how a request went. The caller holds asked.mu.
func (r *Remote) note(text string, f *flight, took time.Duration) {
	a := &r.asked
	if a.why = f.err; f.err != nil {
		if a.failed++; a.failed >= maxVain {
			a.pause = min(max(firstPause, 2*a.pause), lastPause)
			a.until = time.Now().Add(a.pause)
		}
		return
	}
	a.failed, a.pause, a.until = 0, 0, time.Time{}
	if took < askWait {
		a.vain = 0
	}
	a.answers[text] = f.v
	if a.recent = append(a.recent, text); len(a.recent) > maxAnswers {
		delete(a.answers, a.recent[0])
		a.recent = a.recent[1:]
	}
}

func (r *Remote) late() error {
	return errs.In("embed", errs.New(errs.Unavailable, "the endpoint did not answer within %v", askWait).At(r.url).Try("Search again in a moment, or see: stardrive doctor"))
}

// resting is the error while no request is made. The caller holds asked.mu.
func (r *Remote) resting() error {
	left := time.Until(r.asked.until).Round(time.Second)
	return errs.In("embed", errs.New(errs.Unavailable, "the endpoint failed %d times, and is asked again in %v: %w", r.asked.failed, left, r.asked.why).
		At(r.url).Try("Check that it runs and can be reached, with: stardrive doctor"))
}

// Check asks the endpoint for one vector, and returns how long that took. Searches
// ask it again at once where it answers. Errors: as of Embed.
func (r *Remote) Check(ctx context.Context) (took time.Duration, err error) {
	began := time.Now()
	if _, err = r.Embed(ctx, []string{"word"}); err != nil {
		return 0, err
	}
	took = time.Since(began)
	a := &r.asked
	a.mu.Lock()
	defer a.mu.Unlock()
	a.failed, a.vain, a.pause, a.until = 0, 0, 0, time.Time{}
	return took, nil
}

// end ends what is under way for searches, and waits for it.
func (a *asked) end() {
	a.mu.Lock()
	if a.stop != nil {
		a.stop()
		a.stop = nil
	}
	a.mu.Unlock()
	a.running.Wait()
}
