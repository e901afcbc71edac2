package watch

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	goruntime "runtime"
	"strconv"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/ident"
)

const benchFolders = 100_000

// forest makes 100,000 folders, 1,000 in each.
func forest(b *testing.B) (all []string) {
	b.Helper()
	top := b.TempDir()
	for i := range benchFolders / 1000 {
		mid := filepath.Join(top, strconv.Itoa(i))
		must(b, os.Mkdir(mid, 0o700))
		for j := range 1000 {
			p := filepath.Join(mid, strconv.Itoa(j))
			must(b, os.Mkdir(p, 0o700))
			all = append(all, p)
		}
	}
	return all
}

// slab is the memory of the kernel's small objects.
func slab(b *testing.B) (kb int) {
	b.Helper()
	text, err := os.ReadFile("/proc/meminfo")
	must(b, err)
	_, rest, _ := bytes.Cut(text, []byte("\nSlab:"))
	_, err = fmt.Sscan(string(rest), &kb)
	must(b, err)
	return kb
}

func benchWays(b *testing.B, fn func(b *testing.B, n *Notifier, h *heard)) {
	for _, how := range []string{byInotify, byFanotify} {
		b.Run(how, func(b *testing.B) {
			h := newHeard()
			var marks *fanotify
			if how == byFanotify {
				marks = newFanotify()
			}
			n, err := prepare(h.told(), marks)
			must(b, err)
			go n.serve()
			defer func() { must(b, n.Close()) }()
			if got := n.How(b.TempDir()); got != how {
				b.Skipf("watched by %q here", got)
			}
			fn(b, n, h)
		})
	}
}

// BenchmarkAdd watches 100,000 folders, and tells what that costs in memory.
func BenchmarkAdd(b *testing.B) {
	all := forest(b)
	benchWays(b, func(b *testing.B, n *Notifier, _ *heard) {
		heap := func() uint64 {
			var m goruntime.MemStats
			goruntime.GC()
			goruntime.ReadMemStats(&m)
			return m.HeapAlloc
		}
		before, kernel := heap(), slab(b)
		b.ReportAllocs()
		next, added := 0, 0
		for b.Loop() {
			if fresh, err := n.Add(all[next], ident.EntryID(1+next)); err != nil {
				b.Fatal(err)
			} else if fresh {
				added++
			}
			next = (next + 1) % len(all)
		}
		if added == len(all) {
			b.ReportMetric(float64(heap()-before)/float64(added), "B-heap/folder")
			b.ReportMetric(float64(slab(b)-kernel)*1024/float64(added), "B-kernel/folder")
		}
	})
}

// BenchmarkDrain reads what the kernel has kept of changes in 8,000 folders.
func BenchmarkDrain(b *testing.B) {
	const folders = 8000
	all := forest(b)[:folders]
	for _, how := range []string{byInotify, byFanotify} {
		b.Run(how, func(b *testing.B) {
			var marks *fanotify
			if how == byFanotify {
				marks = newFanotify()
			}
			h := newHeard()
			n, err := prepare(h.told(), marks)
			must(b, err)
			if got := n.How(b.TempDir()); got != how {
				b.Skipf("watched by %q here", got)
			}
			for i, p := range all {
				_, err := n.Add(p, ident.EntryID(1+i))
				must(b, err)
			}
			hear, fd := n.hearInotify, n.inotify.fd
			if marks != nil {
				hear, fd = n.hearMarks, marks.fd
			}
			buf := make([]byte, 64<<10)
			var took time.Duration
			for b.Loop() {
				for _, p := range all {
					must(b, os.Symlink("x", p+"/l"), os.Remove(p+"/l")) // two events, which fanotify makes one
				}
				h.take()
				began := time.Now()
				for n.read(fd, buf, hear) {
				}
				took += time.Since(began)
				if changed, _, lost := h.take(); len(changed) != folders || lost != 0 {
					b.Fatalf("%d folders were told, %d times some were lost", len(changed), lost)
				}
			}
			b.ReportMetric(float64(b.N*folders)/took.Seconds(), "folders/s")
			go n.serve()
			must(b, n.Close())
		})
	}
}
