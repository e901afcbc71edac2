package fileops

import (
	"context"
	"slices"
	"sync"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/sdpath"
)

// locks keeps plans apart that touch the same places, in the order in which they
// came. A place is a folder or file with all that is below it. A plan takes all
// its places at once, so that none can wait for one that waits for it.
type locks struct {
	mu    sync.Mutex
	queue []*held
}

type held struct {
	claims []claim
	ready  chan struct{}
	open   bool
}

type claim struct {
	at    catalog.Spot
	write bool
}

// maxClaims bounds the places of a plan; of one with more, whole volumes count.
const maxClaims = 100

// take returns when nobody who came before holds a place that overlaps; the
// result lets go.
func (l *locks) take(ctx context.Context, claims []claim) (func(), error) {
	if len(claims) > maxClaims {
		claims = coarse(claims)
	}
	h := &held{claims: claims, ready: make(chan struct{})}
	l.mu.Lock()
	l.queue = append(l.queue, h)
	l.wake()
	l.mu.Unlock()
	drop := func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.queue = slices.DeleteFunc(l.queue, func(o *held) bool { return o == h })
		l.wake()
	}
	select {
	case <-h.ready:
		return drop, nil
	case <-ctx.Done():
		drop()
		return nil, ctx.Err()
	}
}

// wake lets all go whom nobody before them keeps.
func (l *locks) wake() {
	for i, h := range l.queue {
		if h.open || slices.ContainsFunc(l.queue[:i], func(o *held) bool { return overlap(o.claims, h.claims) }) {
			continue
		}
		h.open = true
		close(h.ready)
	}
}

func overlap(a, b []claim) bool {
	for i := range a {
		for j := range b {
			x, y := &a[i], &b[j]
			if (x.write || y.write) && x.at.Volume == y.at.Volume && (sdpath.Within(x.at.Path, y.at.Path) || sdpath.Within(y.at.Path, x.at.Path)) {
				return true
			}
		}
	}
	return false
}

func coarse(claims []claim) (out []claim) {
	write := map[string]bool{}
	for _, c := range claims {
		write[c.at.Volume] = write[c.at.Volume] || c.write
	}
	for v, w := range write {
		out = append(out, claim{catalog.Spot{Volume: v}, w})
	}
	return out
}
