package content

import (
	"context"
	"sync"

	"github.com/stardrive/stardrive/internal/ident"
)

// turns has whoever reads whole files of a volume do so one after another: a
// disk that two read from at once is slower for both, and for the user. Who reads
// because somebody asked has another turn, and does not wait for long reads of others.
type turns struct {
	mu   sync.Mutex
	each map[turn]chan struct{} // holds a token while somebody reads
}

type turn struct {
	volume ident.VolumeID
	haste  haste
}

// haste is who waits for a read.
type haste uint8

const (
	nobody    haste = iota // a job that reads what there is
	sometime               // somebody who comes back later
	impatient              // somebody who waits
)

// begin waits for the own turn; done ends it.
func (t *turns) begin(ctx context.Context, volume ident.VolumeID) (done func(), err error) {
	return t.take(ctx, turn{volume, nobody})
}

func (t *turns) take(ctx context.Context, which turn) (done func(), err error) {
	t.mu.Lock()
	free, ok := t.each[which]
	if !ok {
		if t.each == nil {
			t.each = map[turn]chan struct{}{}
		}
		free = make(chan struct{}, 1)
		t.each[which] = free
	}
	t.mu.Unlock()
	select {
	case free <- struct{}{}:
		return func() { <-free }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
