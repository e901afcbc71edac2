package watch

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

// scale is how much larger than usual the tests are: `make soak` says.
func scale(t *testing.T) int {
	if os.Getenv("SOAK_N") == "" {
		return 1
	}
	t.Log("ten times as large, for make soak")
	return 10
}

// folders makes n folders of a hundred each, with a file in every one.
func folders(t *testing.T, top string, n int) (all []string) {
	t.Helper()
	for i := range n {
		dir := filepath.Join(top, strconv.Itoa(i/100))
		if i%100 == 0 {
			must(t, os.Mkdir(dir, 0o700))
		}
		dir = filepath.Join(dir, strconv.Itoa(i))
		must(t, os.Mkdir(dir, 0o700))
		must(t, os.WriteFile(filepath.Join(dir, "file"), []byte("first"), 0o600))
		all = append(all, dir)
	}
	return all
}

// TestFault_E13_WatchLimit: ten times as many folders as may be watched. What is
// watched is told as it is, and the next scan sees every change.
func TestFault_E13_WatchLimit(t *testing.T) {
	t.Parallel()
	var all []string
	w := newWorld(t, limited, func(top string) { all = folders(t, top, 10_000*scale(t)) })
	honest := func(when string) {
		t.Helper()
		l := w.info()
		watches, marks := w.kernel()
		if marks != 0 || watches != watchLimit {
			t.Fatalf("%s the kernel watches %d folders and %d file systems, not %d folders", when, watches, marks, watchLimit)
		}
		if want := int64(len(all) + len(all)/100 + 1); l.Watch.Folders != want || l.Folders != want && l.Folders != want-1 {
			t.Errorf("%s there are %d folders, not %+v", when, want, l.Watch)
		}
		if l.Watch.Watched != watches || l.Watch.Share != float64(watches)/float64(l.Watch.Folders) {
			t.Errorf("%s %d folders are watched, not %+v", when, watches, l.Watch)
		}
		var s struct {
			Watch    coverage
			Problems []struct{ Kind, Text, Remedy string }
		}
		must(t, w.d.Call(w.ctx, "daemon.status", struct{}{}, &s))
		if s.Watch != l.Watch {
			t.Errorf("%s the status says %+v, the location %+v", when, s.Watch, l.Watch)
		}
		told := false
		for _, p := range s.Problems {
			told = told || p.Kind == "unavailable" && p.Remedy != ""
		}
		if !told {
			t.Errorf("%s nobody is told what to do: %+v", when, s.Problems)
		}
	}
	honest("after the first scan")

	r := rand.New(rand.NewPCG(1, 2))
	for i, dir := range all {
		switch r.IntN(20) {
		case 0:
			must(t, os.WriteFile(filepath.Join(dir, "new"), nil, 0o600))
		case 1:
			must(t, os.WriteFile(filepath.Join(dir, "file"), []byte("another"), 0o600))
		case 2:
			must(t, os.Rename(filepath.Join(dir, "file"), filepath.Join(dir, "renamed")))
		case 3:
			if i%5 == 0 { // few: if a tenth is gone, the scan asks first
				must(t, os.Remove(filepath.Join(dir, "file")))
			}
		case 4:
			must(t, os.Mkdir(filepath.Join(dir, "sub"), 0o700))
			must(t, os.Remove(filepath.Join(dir, "sub")))
		case 5:
			must(t, os.Rename(filepath.Join(dir, "file"), filepath.Join(filepath.Dir(dir), fmt.Sprint("moved", i))))
		}
	}
	w.rescan()
	w.agrees()
	honest("after a scan")
}

// TestFault_E13_QueueOverflow: the daemon is stopped while more happens than the
// kernel keeps. It finds all of it, unasked.
func TestFault_E13_QueueOverflow(t *testing.T) {
	t.Parallel()
	const queued = 16384 // events that the kernel keeps: fanotify one of a folder, inotify every one
	for _, c := range []struct {
		way            string
		folders, files int
	}{{asWeAre, queued + 1000, 1}, {confined, 1000, queued / 1000}} {
		t.Run(c.way, func(t *testing.T) {
			var all []string
			w := newWorld(t, c.way, func(top string) { all = folders(t, top, c.folders) })
			before := w.info()
			w.told(before)
			for round := range scale(t) {
				must(t, syscall.Kill(w.d.PID(), syscall.SIGSTOP))
				for i, dir := range all {
					churn(t, dir, round, i, c.files)
				}
				must(t, syscall.Kill(w.d.PID(), syscall.SIGCONT))
				w.until("a scan begins, since hints were lost", func() bool { return w.info().Job.ID != before.Job.ID })
				w.agrees()
				before = w.info()
			}
			must(t, os.WriteFile(filepath.Join(all[7], "after"), nil, 0o600))
			w.until("hints come again", func() bool { return w.info().Files == before.Files+1 })
			if after := w.info(); after.Job.ID != before.Job.ID {
				t.Errorf("one change needed a scan: %+v", after.Job)
			}
		})
	}
}

// churn changes something in the i-th folder.
func churn(t *testing.T, dir string, round, i, files int) {
	t.Helper()
	for f := range files {
		p := filepath.Join(dir, fmt.Sprint("new", round, "-", f))
		must(t, os.WriteFile(p, []byte(dir), 0o600))
		if (i+f)%20 == 0 {
			must(t, os.Rename(p, filepath.Join(dir, fmt.Sprint("moved", f))))
		}
	}
	switch {
	case i%20 == 1:
		must(t, os.WriteFile(filepath.Join(dir, "file"), []byte("another"), 0o600))
	case i%20 == 2 && round == 0: // few: if a tenth is gone, the scan asks first
		must(t, os.Remove(filepath.Join(dir, "file")))
	}
}

// told checks that all is watched, and logs how.
func (w *world) told(l location) {
	w.t.Helper()
	watches, marks := w.kernel()
	w.t.Logf("%d folders are watched, by %d inotify watches and %d marks on file systems", l.Watch.Watched, watches, marks)
	if l.Watch.Share != 1 || marks == 0 && watches < l.Watch.Watched {
		w.t.Skipf("not all folders can be watched here: %+v", l.Watch)
	}
}

// TestFault_E14_Storm: 50,000 files come and go in five seconds, in 200 folders
// among others that stay. Memory stays bounded, and the end is known.
func TestFault_E14_Storm(t *testing.T) {
	t.Parallel()
	for _, way := range []string{asWeAre, confined} {
		t.Run(way, func(t *testing.T) {
			const busy, steady = 200, 20_000
			w := newWorld(t, way, func(top string) {
				for i := range busy {
					dir := filepath.Join(top, strconv.Itoa(i))
					must(t, os.Mkdir(dir, 0o700))
					for j := range steady / busy {
						must(t, os.WriteFile(filepath.Join(dir, fmt.Sprint("steady", j)), nil, 0o600))
					}
				}
			})
			w.told(w.info())
			before := w.memory()
			changes, began := 50_000*scale(t), time.Now()
			// Of what a storm makes, little lives at a time: if a tenth of all were
			// gone at once, the scan would ask first.
			const alive = 500
			name := func(i int) string { return filepath.Join(w.top, strconv.Itoa(i%busy), fmt.Sprint("storm", i)) }
			var makers sync.WaitGroup
			for maker := range 2 {
				makers.Go(func() {
					for i := maker; i < changes/2; i += 2 {
						if err := os.WriteFile(name(i), nil, 0o600); err != nil {
							t.Error(err)
						}
						if i >= alive {
							if err := os.Remove(name(i - alive)); err != nil {
								t.Error(err)
							}
						}
						if ahead := time.Duration(i)*5*time.Second/25_000 - time.Since(began); ahead > 0 {
							time.Sleep(ahead)
						}
					}
				})
			}
			makers.Wait()
			took := time.Since(began)
			w.agrees()
			peak := w.memory()
			t.Logf("%d changes in %v, known %v after the last; memory %d MB before, %d MB at most",
				changes-alive, took.Round(time.Millisecond), (time.Since(began) - took).Round(time.Millisecond), before>>20, peak>>20)
			if peak > before+64<<20 {
				t.Errorf("the storm cost %d MB of memory", (peak-before)>>20)
			}
		})
	}
}
