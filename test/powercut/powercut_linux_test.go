package powercut

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/vfs"
	"github.com/stardrive/stardrive/internal/vfs/faultfs"
	"github.com/stardrive/stardrive/internal/vfs/vfstest"
)

// cuts in the ordinary test run, of all file systems together; `make soak` raises
// them by SOAK_CUTS.
const cuts = 100

func TestPromise_P1_PowerCut(t *testing.T) {
	n := setting(t, "SOAK_CUTS", cuts)
	if testing.Short() {
		n = 10
	}
	seed := uint64(setting(t, "SOAK_SEED", int(time.Now().UnixNano()&0xffffff)))
	t.Logf("%d cuts, SOAK_SEED=%d", n, seed)
	for _, c := range []struct {
		kind, options string
		cuts          int
	}{
		{"ext4", "", n * 6 / 10},
		{"ext4", "data=writeback,nodelalloc", n * 2 / 10},
		{"xfs", "", n * 2 / 10},
	} {
		t.Run(c.kind+" "+c.options, func(t *testing.T) {
			l := vfstest.NewLoop(t, c.kind, c.options)
			workers, dice := crew(seed)
			done := 0
			for round := range c.cuts {
				calls, err := cut(t, l, workers, dice, round, volume)
				if err != nil {
					t.Fatalf("round %d: %v", round, err)
				}
				done += calls
			}
			t.Logf("%d calls in %d cuts", done, c.cuts)
		})
	}
}

// The test is worth nothing if it does not find what it is there for: a program
// that syncs nothing loses what it said was done.
func TestPowerCutFindsMissingSyncs(t *testing.T) {
	for _, kind := range []string{"ext4", "xfs"} {
		t.Run(kind, func(t *testing.T) {
			l := vfstest.NewLoop(t, kind, "")
			workers, dice := crew(1)
			for round := range 30 {
				if _, err := cut(t, l, workers, dice, round, lazy); err != nil {
					t.Logf("found in round %d: %.200v", round, err)
					return
				}
			}
			t.Error("nothing was lost in 30 cuts without a sync")
		})
	}
}

func crew(seed uint64) ([]*worker, *rand.Rand) {
	workers := make([]*worker, 3)
	for i := range workers {
		workers[i] = &worker{folder: "w" + strconv.Itoa(i), dice: rand.New(rand.NewPCG(seed, uint64(i+2))), next: content(i * 1_000_000), is: map[string]content{}}
	}
	return workers, rand.New(rand.NewPCG(seed, 1))
}

// cut lets the workers change things until the power goes: at the n-th call, or
// in the middle of one. It returns how many calls there were, and what is not as
// it must be.
func cut(t *testing.T, l *vfstest.Loop, workers []*worker, dice *rand.Rand, round int, open func(root string) (vfs.Driver, error)) (int, error) {
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	base, err := open(l.Root)
	if err != nil {
		t.Fatal(err)
	}
	d := faultfs.New(base)
	for _, w := range workers {
		if err := w.begin(ctx, d); err != nil {
			t.Fatalf("%s: %v", w.folder, err)
		}
	}
	var calls atomic.Int64
	var once sync.Once
	power := func() { once.Do(func() { l.PowerCut(t) }) }
	if at := int64(1 + dice.IntN(400)); round%2 == 0 {
		d.Yield(func(faultfs.Op, string) {
			if calls.Add(1) == at {
				power()
			}
		})
	} else {
		d.Yield(func(faultfs.Op, string) { calls.Add(1) })
		timer := time.AfterFunc(time.Duration(dice.IntN(60_000))*time.Microsecond, power)
		defer timer.Stop()
	}
	var all sync.WaitGroup
	for _, w := range workers {
		all.Go(func() {
			for w.run(ctx, d, 1) == nil && ctx.Err() == nil {
				continue
			}
		})
	}
	all.Wait()
	power()
	d.Yield(nil)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	l.Unmount(t)
	l.Mount(t)
	after, err := volume(l.Root)
	if err != nil {
		t.Fatal(err)
	}
	defer after.Close()
	var wrong []error
	for _, w := range workers {
		open := w.open
		if err := w.recover(t.Context(), after); err != nil {
			wrong = append(wrong, fmt.Errorf("%s: under way was %+v: %w", w.folder, open, err))
		}
	}
	return int(calls.Load()), errors.Join(wrong...)
}

func setting(t *testing.T, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}
