//go:build !windows

package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/stardrive/stardrive/internal/durable"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/op"
)

// TestMain is also the daemon that tests start in the background: the command
// line re-executes its own file under the name "stardrive".
func TestMain(m *testing.M) {
	if os.Args[0] == "stardrive" {
		ctx, stop := context.WithCancel(context.Background())
		defer stop()
		go dieWithTest(os.Getenv("STARDRIVE_TEST_PID"))
		os.Exit(Main(ctx, os.Args[1:], Deps{Version: "1.0", Ops: new(world).ops(), Serve: fakeServe}))
	}
	os.Setenv("STARDRIVE_TEST_PID", strconv.Itoa(os.Getpid()))
	goleak.VerifyTestMain(m)
}

// dieWithTest ends a background daemon whose test is gone, however it went.
func dieWithTest(pid string) {
	n, err := strconv.Atoi(pid)
	for err == nil && syscall.Kill(n, 0) == nil {
		time.Sleep(200 * time.Millisecond)
	}
	os.Exit(99)
}

// fakeServe is a daemon of sample operations.
func fakeServe(ctx context.Context, o ServeOptions) error {
	switch os.Getenv("STARDRIVE_TEST_SERVE") {
	case "fail":
		fmt.Fprintln(os.Stderr, "first line")
		return errs.New(errs.Conflict, "the library is\nnewer than this program").Try("Update it.")
	case "slow":
		time.Sleep(300 * time.Millisecond)
	}
	lock, _, err := durable.TryLock(filepath.Join(o.Data, "daemon.lock"))
	if err != nil {
		return errs.New(errs.Conflict, "another daemon runs: %v", err)
	}
	defer lock.Release()
	f, err := os.OpenFile(filepath.Join(o.Data, "starts"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	fmt.Fprintln(f, os.Getpid())
	f.Close()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	w := &world{version: o.Version, stop: stop}
	closeAll, err := w.listen(filepath.Join(o.Data, "daemon.sock"))
	if err != nil {
		return err
	}
	defer closeAll()
	o.Ready()
	<-ctx.Done()
	return ctx.Err()
}

// world is the state behind the sample operations.
type world struct {
	version string
	stop    func()
	close   func() // ends a daemon that fake started

	mu      sync.Mutex
	calls   []string // "location.add {...}"
	library string   // of the last request
	jobs    map[string][]string
	fail    map[string]error
	entries []string // names in the one folder, as bytes
	page    int
	events  string
	plan    *samplePlan // that all actions make
}

func (w *world) note(name string, in any) error {
	b, _ := json.Marshal(in)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls = append(w.calls, name+" "+string(b))
	return w.fail[name]
}

func (w *world) last() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.calls) == 0 {
		return ""
	}
	return w.calls[len(w.calls)-1]
}

// listen serves the API on a socket until close is called.
func (w *world) listen(socket string) (closeAll func(), err error) {
	_ = os.Remove(socket)
	l, err := net.Listen("unix", socket)
	if err != nil {
		return nil, err
	}
	if w.version == "" {
		w.version = "1.0"
	}
	ops := w.ops()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/health", func(rw http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(rw, `{"status":"ok","version":%q}`, w.version)
	})
	mux.HandleFunc("POST /v1/op/{name}", func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		w.library = r.Header.Get("Stardrive-Library")
		w.mu.Unlock()
		d, ok := ops.Lookup(r.PathValue("name"))
		if !ok {
			problemOf(rw, 404, errs.New(errs.NotFound, "there is no operation %q", r.PathValue("name")))
			return
		}
		in, _ := io.ReadAll(r.Body)
		out, err := d.Call(r.Context(), in)
		if err != nil {
			problemOf(rw, 500, err)
			return
		}
		rw.Write(out)
		if d.Name == "daemon.stop" && w.stop != nil {
			w.stop()
		}
	})
	mux.HandleFunc("GET /v1/content/{id}", func(rw http.ResponseWriter, r *http.Request) {
		if r.PathValue("id") == "13" { // breaks off
			rw.Header().Set("Content-Length", "100")
		}
		fmt.Fprintf(rw, "bytes of %s\x00\xff", r.PathValue("id"))
	})
	mux.HandleFunc("GET /v1/content", func(rw http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(rw, "bytes of path %s", r.URL.Query().Get("path"))
	})
	mux.HandleFunc("GET /v1/events", func(rw http.ResponseWriter, r *http.Request) {
		w.note("events", r.URL.RawQuery)
		io.WriteString(rw, w.events)
	})
	srv := &http.Server{Handler: mux}
	done := make(chan struct{})
	go func() { defer close(done); srv.Serve(l) }()
	return func() { srv.Close(); <-done }, nil
}

func problemOf(rw http.ResponseWriter, status int, err error) {
	rw.Header().Set("Content-Type", "application/problem+json")
	rw.WriteHeader(status)
	json.NewEncoder(rw).Encode(op.ErrorBodyOf(err))
}

// fake starts a daemon for one test and returns its world and data folder.
func fake(t *testing.T) (*world, string) {
	t.Helper()
	dir := dataDir(t)
	w := &world{page: 2}
	closeAll, err := w.listen(filepath.Join(dir, "daemon.sock"))
	if err != nil {
		t.Fatal(err)
	}
	w.close = closeAll
	t.Cleanup(closeAll)
	return w, dir
}

// dataDir is a folder with a path short enough for a socket.
func dataDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "sd")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// result is what a command line did.
type result struct {
	code        int
	out, stderr string
}

// line runs a command line against the daemon in data.
func line(t *testing.T, w *world, data string, args ...string) result {
	t.Helper()
	return lineIn(t, context.Background(), w, data, "", args...)
}

func lineIn(t *testing.T, ctx context.Context, w *world, data, stdin string, args ...string) result {
	t.Helper()
	var out, stderr strings.Builder
	code := Main(ctx, append([]string{"--data", data}, args...), Deps{
		Version: "1.0", Ops: w.ops(), Serve: fakeServe,
		Stdin: strings.NewReader(stdin), Stdout: &out, Stderr: &stderr,
		Env: func(string) string { return "" },
	})
	return result{code, out.String(), stderr.String()}
}

// ok runs a command line that must succeed and say nothing on stderr.
func ok(t *testing.T, w *world, data string, args ...string) string {
	t.Helper()
	r := line(t, w, data, args...)
	if r.code != 0 || r.stderr != "" {
		t.Fatalf("%q: exit %d, stderr %q", args, r.code, r.stderr)
	}
	return r.out
}

var errBroken = errors.New("broken")

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }
