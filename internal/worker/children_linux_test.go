package worker

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

func pidOf(t *testing.T, p *Pool) int {
	t.Helper()
	n, err := strconv.Atoi(string(must(t, p, askOf("pid", nil))))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// killer kills the child when it reads.
type killer struct {
	io.ReaderAt
	mu    sync.Mutex
	times int
	kill  func()
}

func (k *killer) ReadAt(b []byte, off int64) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.times > 0 {
		k.times--
		k.kill()
	}
	return k.ReaderAt.ReadAt(b, off)
}

// TestKilledFromOutside: once may be an accident, twice is the file's doing.
func TestKilledFromOutside(t *testing.T) {
	src := noise(100)
	for times, want := range map[int]bool{1: true, 2: false} {
		p := newPool(t, Options{})
		a := askOf("sum", src)
		a.Source = &killer{ReaderAt: a.Source, times: times, kill: func() { killChildren(t) }}
		_, err := p.Do(t.Context(), a)
		var d *Died
		if (err == nil) != want || err != nil && !errors.As(err, &d) {
			t.Errorf("killed %d times: %v", times, err)
		}
		must(t, p, askOf("sum", src))
	}
}

// killChildren kills the child processes of this one that are at work.
func killChildren(t *testing.T) {
	out, err := exec.Command("ps", "-o", "pid=,args=", "--ppid", strconv.Itoa(os.Getpid())).Output()
	if err != nil {
		t.Skip("no ps here")
	}
	for line := range strings.Lines(string(out)) {
		f := strings.Fields(line)
		if len(f) > 2 && f[2] == Verb {
			pid, _ := strconv.Atoi(f[0])
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}

func TestChildrenAreKeptAndReplaced(t *testing.T) {
	p := newPool(t, Options{Asks: 3})
	first := pidOf(t, p)
	for range 2 {
		if pidOf(t, p) != first {
			t.Error("not kept")
		}
	}
	if pidOf(t, p) == first {
		t.Error("not replaced after three asks")
	}
}

// TestChildrenGetReady: only once somebody needs it, then all of them, each before
// it is closed in.
func TestChildrenGetReady(t *testing.T) {
	p := newPool(t, Options{Folder: t.TempDir(), Asks: 2})
	a := askOf("ready", nil)
	if got := string(must(t, p, a)); got != "not asked" {
		t.Errorf("before: %s", got)
	}
	for _, want := range []string{"nothing", "nothing", "a mark", "a mark"} {
		a.Ready = "mark"
		if got := string(must(t, p, a)); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	a.Ready = ""
	if got := string(must(t, p, a)); got != "a mark" {
		t.Errorf("after: %s", got)
	}
	a.Ready = "other"
	if got := string(must(t, p, a)); got != "nothing" {
		t.Errorf("another: %s", got)
	}
	none := newPool(t, Options{})
	if got := string(must(t, none, a)); got != "not asked" {
		t.Errorf("without a folder: %s", got)
	}
}

// TestParentsEnd: children do not outlive who started them, even one that is busy.
func TestParentsEnd(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = []string{"ONE_WALL=parent"}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	pid := 0
	if _, err := fmt.Fscan(out, &pid); err != nil || pid == 0 {
		t.Fatal(err)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	waitGone(t, pid)
}

func waitGone(t *testing.T, pid int) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); syscall.Kill(pid, 0) == nil; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("still there")
		}
	}
}

// TestCrashLoopsRest: children that die one after another are started more and
// more slowly, and an ask that works ends that.
func TestCrashLoopsRest(t *testing.T) {
	p := newPool(t, Options{})
	for range 4 {
		if _, err := p.Do(t.Context(), askOf("exit 7", nil)); err == nil {
			t.Error("it lives")
		}
	}
	p.mu.Lock()
	row, left := p.pause.row, p.pause.left()
	p.mu.Unlock()
	if row != 4 || left < firstPause {
		t.Errorf("after %d deaths the next start is in %s", row, left)
	}
	must(t, p, askOf("pid", nil))
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pause.row != 0 {
		t.Error("the row goes on")
	}
}

func TestIdleChildrenEnd(t *testing.T) {
	p := newPool(t, Options{Idle: 20 * time.Millisecond})
	waitGone(t, pidOf(t, p))
}

func TestPauseGrows(t *testing.T) {
	var p pause
	if p.left() > 0 {
		t.Error("a pause before anything failed")
	}
	last := time.Duration(0)
	for range 20 {
		p.failed()
		if d := time.Until(p.until); d < last-time.Second || d > longPause {
			t.Errorf("%s after %s", d, last)
		} else {
			last = d
		}
	}
	if last < longPause-time.Second {
		t.Errorf("only %s after twenty crashes", last)
	}
}
