package content

import (
	"context"
	"sync"

	"github.com/stardrive/stardrive/internal/ident"
)

// turns has whoever reads whole files of a volume do so one after another: a
// disk that two read from at once is slower for both, and for the user.
type turns struct {
	mu   sync.Mutex
	each map[ident.VolumeID]chan struct{} // holds a token while somebody reads
}

// begin waits for the own turn; done ends it.
func (t *turns) begin(ctx context.Context, volume ident.VolumeID) (done func(), err error) {
	t.mu.Lock()
	turn, ok := t.each[volume]
	if !ok {
		if t.each == nil {
			t.each = map[ident.VolumeID]chan struct{}{}
		}
		turn = make(chan struct{}, 1)
		t.each[volume] = turn
	}
	t.mu.Unlock()
	select {
	case turn <- struct{}{}:
		return func() { <-turn }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
