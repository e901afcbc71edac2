package soak

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stardrive/stardrive/test/bench/treegen"
	"github.com/stardrive/stardrive/test/daemon"
)

// Sizes for the ordinary test run; `make soak` raises them.
const (
	churnEntries = 3_000
	churnKills   = 50
)

// TestSoak_P10_KillUnderLoad: kill -9 at random moments while files come, go and
// move, and the daemon scans, watches and looks again. At the end the catalogue
// is that of a naive walk.
func TestSoak_P10_KillUnderLoad(t *testing.T) {
	rounds := setting(t, "SOAK_KILLS", churnKills)
	seed := uint64(setting(t, "SOAK_SEED", int(time.Now().UnixNano()&0xffffff)))
	t.Logf("%d kills, SOAK_SEED=%d", rounds, seed)
	ctx := t.Context()
	dir := shortTemp(t)
	bin, err := daemon.Build(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	tree, data := filepath.Join(dir, "tree"), filepath.Join(dir, "data")
	if err := os.Mkdir(tree, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := treegen.Write(tree, treegen.Options{Entries: churnEntries, Seed: seed}); err != nil {
		t.Fatal(err)
	}
	d := start(ctx, t, bin, data)
	add(ctx, t, d, tree)
	if _, err := d.Indexed(ctx, tree); err != nil {
		t.Fatal(err)
	}

	churning, stop := context.WithCancel(ctx)
	var changes churn
	var working sync.WaitGroup
	working.Go(func() { changes.run(churning, tree, rand.New(rand.NewPCG(seed, 3))) })
	r := rand.New(rand.NewPCG(seed, 4))
	for i := range rounds {
		if i > 0 {
			d = start(ctx, t, bin, data)
		}
		if i%3 == 0 {
			_ = d.Call(ctx, "location.rescan", map[string]any{"location": "1"}, nil) // the kill may cut it off
		}
		pause(ctx, t, time.Duration(r.Int64N(int64(300*time.Millisecond))))
		d.Kill()
	}
	stop()
	working.Wait()
	if changes.done < rounds {
		t.Errorf("only %d changes were made: no load", changes.done)
	}
	d = start(ctx, t, bin, data)
	defer d.Kill()
	// So much may be gone that the first scan is held, as it should be; then it is
	// the user who says that it is meant to be.
	_, _ = d.Indexed(ctx, tree)
	if err := d.Call(ctx, "location.rescan", map[string]any{"location": "1", "accept_missing": 1_000_000}, nil); err != nil {
		t.Fatal(err)
	}
	l, err := d.Indexed(ctx, tree)
	if err != nil {
		t.Fatal(err)
	}
	want, err := walkDisk(tree)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "after the last kill", dump(ctx, t, d, l), want)
	t.Logf("%d changes, %d entries at the end", changes.done, len(want))
	if err := d.Stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
}

// churn changes a tree until its context ends: what cannot be done is not.
type churn struct{ done int }

func (c *churn) run(ctx context.Context, tree string, r *rand.Rand) {
	places := []string{tree}
	for i := range 20 {
		p := filepath.Join(tree, fmt.Sprintf("churn%d", i))
		if os.MkdirAll(p, 0o755) == nil {
			places = append(places, p)
		}
	}
	pick := func() string { return filepath.Join(places[r.IntN(len(places))], fmt.Sprintf("n%d", r.IntN(8))) }
	for ctx.Err() == nil {
		a, b := pick(), pick()
		var err error
		switch r.IntN(9) {
		case 0, 1:
			err = os.WriteFile(a, make([]byte, r.IntN(50)), 0o644)
		case 2:
			err = os.MkdirAll(filepath.Join(a, "in"), 0o755)
		case 3:
			err = os.RemoveAll(a)
		case 4:
			err = os.Rename(a, b)
		case 5:
			err = os.Rename(filepath.Dir(a), b)
		case 6:
			err = os.Rename(b, filepath.Dir(a))
		case 7:
			err = os.Link(a, b)
		case 8:
			between := a + ".between"
			err = errors.Join(os.Rename(a, between), os.Rename(b, a), os.Rename(between, b))
		}
		if err == nil {
			c.done++
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Duration(r.IntN(3)) * time.Millisecond):
		}
	}
}
