package index

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/store"
)

// TestForgettingGivesWay: who waits for the volume has his turn long before all
// of a removed location is forgotten.
func TestForgettingGivesWay(t *testing.T) {
	w := newWorld(t, t.TempDir())
	grow(t, w.FS)
	w.start(scansOnly)
	id, err := w.svc.add(t.Context(), mountA+"/top", "", "")
	must(t, err)
	w.idle()
	loc := w.location(id)
	must(t, w.svc.Catalog.Write(t.Context(), func(tx *catalog.Tx) error { return tx.RemoveLocation(id) }))
	w.svc.Batch = 1

	var had atomic.Bool
	ended := make(chan struct{})
	steps, before := 0, 0
	err = w.svc.forget(t.Context(), nil, forgetArgs{loc.Volume, loc.Entry}, forgetCursor{}, func(_ forgetCursor, _ job.Progress, do func(*store.Tx) error) error {
		if steps++; steps == 1 {
			go func() {
				defer close(ended)
				if unlock, err := w.svc.lock(t.Context(), loc.Volume); err == nil {
					had.Store(true)
					unlock()
				}
			}()
		}
		if had.Load() {
			before++
		} else {
			time.Sleep(5 * time.Millisecond) // for the other to come to wait
		}
		if do == nil {
			return nil
		}
		return w.svc.Catalog.Write(t.Context(), func(tx *catalog.Tx) error { return do(tx.Store()) })
	})
	must(t, err)
	<-ended
	if before == 0 || steps < 5 {
		t.Errorf("the other had its turn before %d of %d steps", before, steps)
	}
	if rows := w.rows(); len(rows) != 1 {
		t.Errorf("%d rows are left", len(rows))
	}
}
