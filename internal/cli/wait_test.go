//go:build !windows

package cli

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
)

func TestWait(t *testing.T) {
	w, data := fake(t)
	w.jobs = map[string][]string{"7": {"queued", "running", "done"}}
	r := line(t, w, data, "location", "add", "/p", "--wait", "--json")
	var l struct {
		ID   string
		Path string
		Job  struct {
			ID, State string
			Seconds   float64
		}
	}
	if err := json.Unmarshal([]byte(r.out), &l); err != nil || r.code != 0 || r.stderr != "" {
		t.Fatalf("%v: %+v", err, r)
	}
	if l.ID != "3" || l.Job.ID != "7" || l.Job.State != "done" || l.Job.Seconds != 1.5 {
		t.Errorf("%s", r.out)
	}
	w.jobs["7"] = []string{"queued", "running", "done"}
	r = line(t, w, data, "location", "rescan", "Photos", "--wait")
	if r.code != 0 || !strings.HasPrefix(r.stderr, "Index Photos: queued\n") || !strings.HasSuffix(r.stderr, "Index Photos: 10 items, 5.0 kB in 1.5 s\n") ||
		!strings.Contains(r.out, "files:    1,234\n") {
		t.Errorf("%+v", r)
	}
	r = line(t, w, data, "location", "rescan", "Photos", "--wait", "--quiet")
	if r.code != 0 || r.stderr != "" || r.out != "" {
		t.Errorf("%+v", r)
	}
	if out := ok(t, w, data, "location", "rescan", "Photos"); !strings.Contains(out, "job:      7 (queued)\n") {
		t.Errorf("%q", out)
	}
}

func TestWaitForAJobThatDoesNotEndWell(t *testing.T) {
	w, data := fake(t)
	w.jobs = map[string][]string{"7": {"failed"}}
	r := line(t, w, data, "location", "add", "/p", "--wait", "--json")
	if r.code != 1 || !strings.Contains(r.stderr, "the disk is on fire") || !strings.Contains(r.out, `"state":"failed"`) {
		t.Errorf("%+v", r)
	}
	if r := line(t, w, data, "job", "watch", "7"); r.code != 1 || !strings.Contains(r.stderr, "job 7 failed: the disk is on fire") {
		t.Errorf("%+v", r)
	}
	w.jobs["7"] = []string{"cancelled"}
	if r := line(t, w, data, "location", "add", "/p", "--wait"); r.code != 130 {
		t.Errorf("%+v", r)
	}
	w.fail = map[string]error{"job.show": errs.New(errs.NotFound, "no such job")}
	if r := line(t, w, data, "job", "watch", "7"); r.code != 3 {
		t.Errorf("%+v", r)
	}
}

func TestWaitForALocationThatIsRemoved(t *testing.T) {
	w, data := fake(t)
	w.jobs = map[string][]string{"7": {"running", "cancelled"}}
	w.fail = map[string]error{"location.info": errs.New(errs.NotFound, `no location is named "3"`)}
	r := line(t, w, data, "location", "rescan", "Photos", "--wait")
	if r.code != 3 || !strings.Contains(r.stderr, "the location Photos was removed meanwhile") || strings.Contains(r.stderr, `named "3"`) {
		t.Errorf("%+v", r)
	}
}

// Ctrl-C detaches: the job goes on.
func TestWaitInterrupted(t *testing.T) {
	w, data := fake(t)
	w.jobs = map[string][]string{"7": {"running"}}
	ctx, cancel := context.WithCancel(context.Background())
	go func() { time.Sleep(150 * time.Millisecond); cancel() }()
	r := lineIn(t, ctx, w, data, "", "location", "add", "/p", "--wait")
	if r.code != 130 || !strings.Contains(r.stderr, "job 7 goes on in the background") || !strings.Contains(r.stderr, "stardrive job watch 7") {
		t.Errorf("%+v", r)
	}
	for _, c := range w.calls {
		if strings.HasPrefix(c, "job.cancel") {
			t.Error("the job was cancelled")
		}
	}
}

func TestJobWatch(t *testing.T) {
	w, data := fake(t)
	w.jobs = map[string][]string{"7": {"running", "done"}}
	if r := line(t, w, data, "job", "watch", "7", "--json"); r.code != 0 || !strings.HasPrefix(r.out, `{"id":"7",`) || r.stderr != "" {
		t.Errorf("%+v", r)
	}
}

func TestProgressLines(t *testing.T) {
	j := jobState{ID: "7", Title: "Index \x1b[2JPhotos", State: "running", Done: 1500, Total: 3000, Bytes: 2_000_000, Rate: 8512, ETA: 75, Current: "a\nb"}
	if got, want := plainLine(j), `Index \x1b[2JPhotos: 50 %, 1,500 of 3,000 items, 2.0 MB`; got != want {
		t.Errorf("%q", got)
	}
	want := `Index \x1b[2JPhotos  ██████████░░░░░░░░░░  50 %  1,500 of 3,000 items, 2.0 MB  8,512/s  1 min 15 s left  a\nb`
	if got := barLine(j, 200); got != want {
		t.Errorf("%q", got)
	}
	for width := 1; width < 150; width++ {
		if got := barLine(j, width); columns(got) > width || strings.ContainsAny(got, "\x1b\n") {
			t.Errorf("width %d: %q", width, got)
		}
	}
	if got := barLine(jobState{Kind: "index.scan", State: "paused"}, 80); got != "index.scan  paused" {
		t.Errorf("%q", got)
	}
}

func TestProgressOnATerminal(t *testing.T) {
	var stderr strings.Builder
	s := newShell(Deps{Stderr: &stderr, Env: func(string) string { return "" }})
	s.screen.err = true
	p := s.newProgress()
	p.show(jobState{Title: "Index", State: "running", Done: 1})
	p.end(jobState{Title: "Index", State: "done", Done: 2, Seconds: 1, Warnings: 2, ID: "7"})
	if got, want := stderr.String(), "\r\x1b[KIndex  1 item\r\x1b[KIndex: 2 items in 1.0 s, 2 warnings (stardrive job warnings 7)\n"; got != want {
		t.Errorf("%q", got)
	}
}
