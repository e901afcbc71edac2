package local

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/stardrive/stardrive/internal/vfs"
)

const benchTree = "/usr/share"

// walkParallel lists everything below the root with some workers.
func walkParallel(ctx context.Context, d vfs.Driver, workers int) (int64, error) {
	var (
		entries atomic.Int64
		mu      sync.Mutex
		more    = sync.NewCond(&mu)
		todo    = []string{""}
		busy    int
		failed  error
		wg      sync.WaitGroup
	)
	for range workers {
		wg.Go(func() {
			mu.Lock()
			defer mu.Unlock()
			for {
				for len(todo) == 0 && busy > 0 {
					more.Wait()
				}
				if len(todo) == 0 {
					return
				}
				dir := todo[len(todo)-1]
				todo = todo[:len(todo)-1]
				busy++
				mu.Unlock()
				var found []string
				err := d.List(ctx, dir, func(batch []vfs.Entry) error {
					entries.Add(int64(len(batch)))
					for i := range batch {
						if batch[i].Kind == vfs.Folder && !batch[i].Mount {
							found = append(found, vfs.Join(dir, batch[i].Name))
						}
					}
					return nil
				})
				mu.Lock()
				busy--
				todo = append(todo, found...)
				if err != nil && failed == nil {
					failed = err
				}
				more.Broadcast()
			}
		})
	}
	wg.Wait()
	return entries.Load(), failed
}

func BenchmarkWalk(b *testing.B) {
	if _, err := os.Stat(benchTree); err != nil {
		b.Skip(err)
	}
	for _, c := range []struct {
		name    string
		workers int
		steps   bool
	}{{"Driver/workers=1", 1, false}, {"Driver/workers=2", 2, false}, {"Driver/steps/workers=2", 2, true}} {
		b.Run(c.name, func(b *testing.B) {
			d, err := New(benchTree, Options{})
			must(b, err)
			defer func() { _ = d.Close() }()
			d.steps = d.steps || c.steps
			b.ReportAllocs()
			var entries int64
			before := cpu(b)
			for b.Loop() {
				n, err := walkParallel(b.Context(), d, c.workers)
				must(b, err)
				entries += n
			}
			report(b, entries, before)
		})
	}
	b.Run("filepath.WalkDir", func(b *testing.B) {
		b.ReportAllocs()
		var entries int64
		before := cpu(b)
		for b.Loop() {
			must(b, filepath.WalkDir(benchTree, func(_ string, e fs.DirEntry, err error) error {
				if err == nil {
					_, err = e.Info() // size and times, as the driver tells them
				}
				entries++
				return err
			}))
		}
		report(b, entries, before)
	})
}

// report tells speed, and processor time too: that one stays true on a machine
// that has other things to do.
func report(b *testing.B, entries int64, before time.Duration) {
	b.ReportMetric(float64(entries)/b.Elapsed().Seconds(), "entries/s")
	b.ReportMetric(float64(cpu(b)-before)/float64(entries), "cpu-ns/entry")
}

func cpu(b *testing.B) time.Duration {
	var u unix.Rusage
	must(b, unix.Getrusage(unix.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
