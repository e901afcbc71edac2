// Package soak kills the daemon over and over while it indexes, and holds the
// result against a run that nobody disturbed and against the disk itself.
package soak

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stardrive/stardrive/test/bench/treegen"
	"github.com/stardrive/stardrive/test/daemon"
)

// Sizes for the ordinary test run; `make soak` raises them.
const (
	entries = 30_000
	kills   = 20
)

// TestSoak_P10_KillWhileIndexing: kill -9 at random moments of the first scan.
// Every restart must answer and go on by itself; at the end the catalogue is
// the one of an undisturbed run, entry for entry, and that of a naive walk.
func TestSoak_P10_KillWhileIndexing(t *testing.T) {
	n, rounds := setting(t, "SOAK_N", entries), setting(t, "SOAK_KILLS", kills)
	seed := uint64(setting(t, "SOAK_SEED", int(time.Now().UnixNano()&0xffffff)))
	t.Logf("%d entries, %d kills, SOAK_SEED=%d", n, rounds, seed)
	ctx := t.Context()
	dir := shortTemp(t)
	bin, err := daemon.Build(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	tree := filepath.Join(dir, "tree")
	if err := os.Mkdir(tree, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := treegen.Write(tree, treegen.Options{Entries: n, Seed: seed}); err != nil {
		t.Fatal(err)
	}
	want, err := walkDisk(tree)
	if err != nil {
		t.Fatal(err)
	}

	calm, took := undisturbed(ctx, t, bin, filepath.Join(dir, "calm"), tree)
	compare(t, "undisturbed run", calm, want)
	wild := disturbed(ctx, t, bin, filepath.Join(dir, "wild"), tree, plan{n, rounds, seed, took})
	compare(t, "killed run", wild, want)
	compare(t, "killed run against the undisturbed one", wild, calm)
}

// undisturbed indexes tree in one go and tells how long that took.
func undisturbed(ctx context.Context, t *testing.T, bin, data, tree string) (catalogue, time.Duration) {
	d := start(ctx, t, bin, data)
	defer d.Kill()
	began := time.Now()
	add(ctx, t, d, tree)
	l, err := d.Indexed(ctx, tree)
	if err != nil {
		t.Fatal(err)
	}
	took := time.Since(began)
	t.Logf("undisturbed scan: %v", took.Round(time.Millisecond))
	c := dump(ctx, t, d, l)
	if err := d.Stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
	return c, took
}

// plan says how often to kill, and how long a scan would take.
type plan struct {
	entries, kills int
	seed           uint64
	scan           time.Duration
}

// reach waits until the scan has come so far that the kills spread over all of
// it, but not longer than two undisturbed scans would take.
func (p plan) reach(ctx context.Context, t *testing.T, d *daemon.Daemon, kill int) {
	t.Helper()
	want := int64(p.entries) * int64(kill) / int64(p.kills)
	for began := time.Now(); time.Since(began) < 2*p.scan; pause(ctx, t, time.Millisecond) {
		if job, _ := scan(ctx, t, d); job.Done >= want || job.State == "done" {
			return
		}
	}
}

// disturbed indexes tree while the daemon is killed again and again: first
// while the location is being added, then during the scan.
func disturbed(ctx context.Context, t *testing.T, bin, data, tree string, p plan) catalogue {
	r := rand.New(rand.NewPCG(p.seed, 2))
	during, slowest := 0, time.Duration(0)
	var done []int64 // of the scan, at each start
	for i := range p.kills {
		d := start(ctx, t, bin, data)
		slowest = max(slowest, d.Started)
		job, known := scan(ctx, t, d)
		if known {
			done = append(done, job.Done)
		}
		if known && job.State != "done" {
			during++
		}
		var adding sync.WaitGroup
		if !known {
			adding.Go(func() { _ = d.Call(ctx, "location.add", map[string]any{"path": tree, "mode": "shallow"}, nil) }) // the kill may cut it off
		}
		if known && i%2 == 1 {
			p.reach(ctx, t, d, i)
		}
		pause(ctx, t, time.Duration(r.Int64N(int64(p.scan)/8+1)))
		d.Kill()
		adding.Wait()
	}
	t.Logf("%d of %d kills hit a scan that had been cut off before; slowest start %v", during, p.kills, slowest.Round(time.Millisecond))
	t.Logf("entries done at each start: %v", done)
	d := start(ctx, t, bin, data)
	defer d.Kill()
	if _, known := scan(ctx, t, d); !known {
		add(ctx, t, d, tree)
	}
	l, err := d.Indexed(ctx, tree)
	if err != nil {
		t.Fatal(err)
	}
	c := dump(ctx, t, d, l)
	if err := d.Stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
	return c
}

// scan tells how the scan of the one location stands, if that is known already.
// It must never have failed, nor wait for anyone.
func scan(ctx context.Context, t *testing.T, d *daemon.Daemon) (job daemon.Job, known bool) {
	t.Helper()
	var list struct{ Items []daemon.Location }
	if err := d.Call(ctx, "location.list", struct{}{}, &list); err != nil {
		t.Fatal(err)
	}
	if len(list.Items) > 1 {
		t.Fatalf("%d locations instead of one: %+v", len(list.Items), list.Items)
	}
	if len(list.Items) == 0 {
		return job, false
	}
	if list.Items[0].Job == nil {
		t.Fatalf("a location without a scan: %+v", list.Items[0])
	}
	job = *list.Items[0].Job
	if job.State != "queued" && job.State != "running" && job.State != "done" {
		t.Fatalf("after a kill the scan is %s: %s", job.State, job.Error)
	}
	return job, true
}

func add(ctx context.Context, t *testing.T, d *daemon.Daemon, tree string) {
	t.Helper()
	if err := d.Call(ctx, "location.add", map[string]any{"path": tree, "mode": "shallow"}, nil); err != nil {
		t.Fatal(err)
	}
}

func start(ctx context.Context, t *testing.T, bin, data string) *daemon.Daemon {
	t.Helper()
	d, err := daemon.Start(ctx, bin, data)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		d.Kill()
		if log, err := os.ReadFile(data + ".log"); t.Failed() && err == nil {
			t.Logf("log of the daemon on %s ends with:\n%s", filepath.Base(data), log[max(0, len(log)-4000):])
		}
	})
	return d
}

func pause(ctx context.Context, t *testing.T, d time.Duration) {
	t.Helper()
	select {
	case <-ctx.Done():
		t.Fatal(ctx.Err())
	case <-time.After(d):
	}
}

func setting(t *testing.T, name string, or int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return or
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// shortTemp is a folder whose sockets have paths that fit.
func shortTemp(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "sd-soak-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}
