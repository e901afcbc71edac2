//go:build !windows

package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/durable"
)

// killLeft ends the daemons that were started in data, whatever the test did.
func killLeft(t *testing.T, data string) {
	t.Cleanup(func() {
		for _, pid := range starts(data) {
			_ = syscall.Kill(pid, syscall.SIGKILL)
			var ws syscall.WaitStatus
			_, _ = syscall.Wait4(pid, &ws, 0, nil)
		}
	})
}

// starts lists the processes of the daemons that ran in data.
func starts(data string) (pids []int) {
	b, _ := os.ReadFile(filepath.Join(data, "starts"))
	for _, l := range strings.Fields(string(b)) {
		pid, _ := strconv.Atoi(l)
		pids = append(pids, pid)
	}
	return pids
}

func TestDaemonIsStartedOnce(t *testing.T) {
	data := dataDir(t)
	killLeft(t, data)
	t.Setenv("STARDRIVE_TEST_SERVE", "slow")
	w := &world{}
	if r := line(t, w, data, "status", "--no-start"); r.code != 6 || !strings.Contains(r.stderr, "no daemon is running") || !strings.Contains(r.stderr, "--no-start") {
		t.Fatalf("--no-start: %+v", r)
	}
	if r := line(t, w, data, "stop"); r.code != 0 || r.stderr != "no daemon was running\n" {
		t.Errorf("stop without a daemon: %+v", r)
	}
	if _, err := os.Stat(filepath.Join(data, "starts")); err == nil {
		t.Fatal("stop or --no-start started a daemon")
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if r := line(t, w, data, "location", "info", "x", "--json"); r.code != 0 {
				t.Errorf("%+v", r)
			}
		})
	}
	wg.Wait()
	if pids := starts(data); len(pids) != 1 {
		t.Errorf("daemons: %v", pids)
	}
	for _, f := range []string{"serve.log", "spawn.lock"} {
		if fi, err := os.Stat(filepath.Join(data, f)); err != nil || fi.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", f, fi.Mode(), err)
		}
	}
}

func TestStopWaitsForTheEnd(t *testing.T) {
	data := dataDir(t)
	killLeft(t, data)
	w := &world{}
	ok(t, w, data, "location", "info", "x")
	r := line(t, w, data, "stop")
	if r.code != 0 || r.stderr != "the daemon has stopped\n" || !unlocked(filepath.Join(data, "daemon.lock")) {
		t.Errorf("%+v", r)
	}
	if out := ok(t, w, data, "stop", "--json"); out != `{"stopped":false}`+"\n" {
		t.Errorf("%q", out)
	}
}

func TestKilledDaemonIsReplaced(t *testing.T) {
	data := dataDir(t)
	killLeft(t, data)
	w := &world{}
	ok(t, w, data, "location", "info", "x")
	if err := syscall.Kill(starts(data)[0], syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for !unlocked(filepath.Join(data, "daemon.lock")) {
		time.Sleep(time.Millisecond)
	}
	ok(t, w, data, "location", "info", "x")
	if pids := starts(data); len(pids) != 2 {
		t.Errorf("daemons: %v", pids)
	}
}

func TestDaemonThatCannotStartTellsWhy(t *testing.T) {
	data := dataDir(t)
	t.Setenv("STARDRIVE_TEST_SERVE", "fail")
	r := line(t, &world{}, data, "status")
	want := "stardrive: the daemon did not start: first line\nstardrive: the library is\nnewer than this program\n  Update it.\n  The whole log is "
	if r.code != 4 || !strings.HasPrefix(r.stderr, want) {
		t.Errorf("%+v", r)
	}
}

// A daemon that was started by hand at the same time is waited for.
func TestDaemonStartedByHand(t *testing.T) {
	data := dataDir(t)
	killLeft(t, data)
	lock, _, err := durable.TryLock(filepath.Join(data, "daemon.lock"))
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Release()
	w := &world{}
	closed := make(chan func())
	go func() {
		time.Sleep(500 * time.Millisecond)
		closeAll, err := w.listen(filepath.Join(data, "daemon.sock"))
		if err != nil {
			closeAll = func() { t.Error(err) }
		}
		closed <- closeAll
	}()
	r := line(t, w, data, "status")
	(<-closed)()
	if r.code != 0 || len(starts(data)) != 0 {
		t.Errorf("%+v", r)
	}
}

// A daemon that is ending is waited for, and followed by another.
func TestDaemonThatIsEnding(t *testing.T) {
	data := dataDir(t)
	killLeft(t, data)
	lock, _, err := durable.TryLock(filepath.Join(data, "daemon.lock"))
	if err != nil {
		t.Fatal(err)
	}
	released := make(chan error)
	go func() {
		time.Sleep(500 * time.Millisecond)
		released <- lock.Release()
	}()
	r := line(t, &world{}, data, "status")
	if err := <-released; err != nil {
		t.Fatal(err)
	}
	if r.code != 0 || len(starts(data)) != 1 {
		t.Errorf("%+v", r)
	}
}

// A daemon that goes between two requests is followed by another.
func TestDaemonThatWasEnding(t *testing.T) {
	w, data := fake(t)
	killLeft(t, data)
	s := newShell(Deps{Version: "1.0", Ops: w.ops(), Stderr: io.Discard})
	s.dataFlag = data
	c, err := s.connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	w.close()
	if _, err := c.call(t.Context(), "daemon.status", struct{}{}); err != nil || len(starts(data)) != 1 {
		t.Errorf("%v, %v", err, starts(data))
	}
}

// What holds the socket but does not speak our language is not replaced.
func TestStrangeSocket(t *testing.T) {
	data := dataDir(t)
	if err := os.WriteFile(filepath.Join(data, "daemon.sock"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("STARDRIVE_TEST_SERVE", "fail")
	if r := line(t, &world{}, data, "status", "--no-start"); r.code != 6 {
		t.Errorf("%+v", r)
	}
}

func TestServe(t *testing.T) {
	data := dataDir(t)
	w := &world{}
	ctx, cancel := context.WithCancel(context.Background())
	var out, stderr syncBuilder
	done := make(chan int)
	go func() {
		done <- Main(ctx, []string{"serve", "--json", "--data", data, "--index", "/photos", "--listen", "127.0.0.1:0"},
			Deps{Version: "1.0", Ops: w.ops(), Serve: fakeServe, Stdout: &out, Stderr: &stderr, Env: func(string) string { return "" }})
	}()
	for began := time.Now(); out.String() == "" && time.Since(began) < 10*time.Second; {
		time.Sleep(time.Millisecond)
	}
	r := line(t, w, data, "serve")
	if r.code != 4 {
		t.Errorf("a second daemon: %+v", r)
	}
	cancel()
	if code := <-done; code != 0 || stderr.String() != "" {
		t.Errorf("exit %d, %q", code, stderr.String())
	}
	var hello struct{ Version, Data, Address, URL string }
	if err := json.Unmarshal([]byte(out.String()), &hello); err != nil || hello.URL != "http://127.0.0.1:1/#login=abc" || hello.Data != data {
		t.Errorf("%v: %q", err, out.String())
	}
}

// P31: a daemon in the background writes no login link to its log.
func TestP31NoLoginLinkInTheLog(t *testing.T) {
	data := dataDir(t)
	killLeft(t, data)
	ok(t, &world{}, data, "status")
	ok(t, &world{}, data, "stop", "--quiet")
	b, err := os.ReadFile(filepath.Join(data, "serve.log"))
	if err != nil || strings.Contains(string(b), "login") {
		t.Errorf("%v: %q", err, b)
	}
}

func TestServeLogIsSetAside(t *testing.T) {
	path := filepath.Join(t.TempDir(), "serve.log")
	if err := os.WriteFile(path, make([]byte, maxLog+1), 0o644); err != nil {
		t.Fatal(err)
	}
	f, from, err := openLog(path)
	if err != nil || from != 0 {
		t.Fatal(err, from)
	}
	fmt.Fprint(f, "a\nb\nc\n")
	f.Close()
	if got := lastLines(path, 2, 2); got != "b\nc" {
		t.Errorf("%q", got)
	}
	if fi, err := os.Stat(path + ".1"); err != nil || fi.Size() != maxLog+1 {
		t.Error(fi, err)
	}
	if _, from, err := openLog(path); err != nil || from != 6 {
		t.Error(from, err)
	}
}

// F10: the data folder and what is above it are private, too.
func TestF10DataFolder(t *testing.T) {
	for _, mask := range []int{0, 0o777} {
		base := t.TempDir()
		old := syscall.Umask(mask)
		err := makeFolder(filepath.Join(base, "a/b/c"))
		syscall.Umask(old)
		if err != nil {
			t.Fatal(err)
		}
		for _, dir := range []string{"a", "a/b", "a/b/c"} {
			if fi, err := os.Stat(filepath.Join(base, dir)); err != nil || fi.Mode().Perm() != 0o700 {
				t.Errorf("umask %o: %s: %v %v", mask, dir, fi.Mode(), err)
			}
		}
	}
	if err := makeFolder("/dev/null/x"); err == nil {
		t.Error("a folder below a file")
	}
	shared := t.TempDir()
	if err := os.Chmod(shared, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := makeFolder(shared); err != nil {
		t.Fatal(err)
	}
	if fi, err := os.Stat(shared); err != nil || fi.Mode().Perm() != 0o755 {
		t.Errorf("an existing folder was changed: %v %v", fi.Mode(), err)
	}
}

// A folder with other things in it is not taken for a data folder, and stays as it is.
func TestDataFolderOfSomebodyElse(t *testing.T) {
	dir := dataDir(t)
	if err := os.WriteFile(filepath.Join(dir, "thesis.txt"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, args := range []string{"status", "serve"} {
		if r := line(t, &world{}, dir, args); r.code != 2 || !strings.Contains(r.stderr, "other things") {
			t.Errorf("%s: %+v", args, r)
		}
	}
	names, _ := os.ReadDir(dir)
	if fi, err := os.Stat(dir); err != nil || fi.Mode().Perm() != 0o755 || len(names) != 1 {
		t.Errorf("changed: %v, %v", fi.Mode(), names)
	}
	if r := line(t, &world{}, "/dev/null/x", "status"); r.code == 0 {
		t.Errorf("below a file: %+v", r)
	}
}

// F9: no home, no data folder: said before anything is made.
func TestF9NoHome(t *testing.T) {
	var out, stderr strings.Builder
	code := Main(context.Background(), []string{"status"}, Deps{
		Version: "1.0", Ops: new(world).ops(), Stdout: &out, Stderr: &stderr, Env: func(string) string { return "" },
	})
	if code != 2 || !strings.Contains(stderr.String(), "--data DIR") {
		t.Errorf("exit %d, %q", code, stderr.String())
	}
}

// F10: what the command line creates is private, whatever the umask.
func TestF10Umask(t *testing.T) {
	for _, mask := range []int{0, 0o777} {
		old := syscall.Umask(mask)
		f, err := openPrivate(filepath.Join(t.TempDir(), "x"), os.O_RDWR)
		syscall.Umask(old)
		if err != nil {
			t.Fatal(err)
		}
		if fi, err := f.Stat(); err != nil || fi.Mode().Perm() != 0o600 {
			t.Errorf("umask %o: %v %v", mask, fi.Mode(), err)
		}
		f.Close()
	}
}

func TestLockFileWaitsAndGivesUp(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	f, err := lockFile(context.Background(), path, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lockFile(context.Background(), path, 30*time.Millisecond); exitCode(err) != 6 {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := lockFile(ctx, path, time.Second); exitCode(err) != 130 {
		t.Errorf("%v", err)
	}
	f.Release()
	if !unlocked(path) || !unlocked(path+".missing") {
		t.Error("still locked")
	}
}

func TestExited(t *testing.T) {
	cmd := exec.Command("sh", "-c", "exit 3")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for {
		if code, ended := exited(cmd.Process); ended {
			if code != 3 {
				t.Errorf("status %d", code)
			}
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// syncBuilder is a strings.Builder for two goroutines.
type syncBuilder struct {
	mu sync.Mutex
	b  strings.Builder
}

func (s *syncBuilder) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuilder) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
