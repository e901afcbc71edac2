package app

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	goruntime "runtime"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/stardrive/stardrive/internal/browse"
	"github.com/stardrive/stardrive/internal/cli"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/index"
	"github.com/stardrive/stardrive/internal/op"
	"github.com/stardrive/stardrive/internal/search"
	"github.com/stardrive/stardrive/internal/worker"
)

// TestMain lets the test program be the worker process, too.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == worker.Verb {
		os.Exit(Work(os.Args[2:]))
	}
	goleak.VerifyTestMain(m)
}

// patience is how long a test waits for what must happen soon.
const patience = time.Minute

// running is a daemon in this process.
type running struct {
	t      *testing.T
	data   string
	at     announced // daemon.json
	token  string
	client *http.Client // over the socket
	stop   context.CancelFunc
	done   chan error
}

// serve starts a daemon on the data folder and waits until it answers.
func serve(t *testing.T, data string) *running {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	r := &running{t: t, data: data, stop: stop, done: make(chan error, 1)}
	ready := make(chan struct{})
	go func() {
		r.done <- Serve(ctx, cli.ServeOptions{Data: data, Version: "test", Listen: "127.0.0.1:0", Ready: func() { close(ready) }})
	}()
	t.Cleanup(r.end)
	select {
	case <-ready:
	case err := <-r.done:
		r.done <- err
		t.Fatal("the daemon ended at its start: ", err)
	}
	if err := json.Unmarshal(r.file("daemon.json"), &r.at); err != nil {
		t.Fatal(err)
	}
	r.token = strings.TrimSpace(string(r.file("token")))
	r.client = &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", r.at.Socket)
	}}}
	return r
}

// end stops the daemon and waits for it. It may be called again.
func (r *running) end() {
	r.t.Helper()
	r.stop()
	if r.client != nil {
		r.client.CloseIdleConnections()
	}
	select {
	case err := <-r.done:
		r.done <- err
		if err != nil {
			r.t.Error("the daemon ended with ", err)
		}
	case <-time.After(patience):
		r.t.Fatal("the daemon does not end")
	}
}

func (r *running) file(name string) []byte {
	r.t.Helper()
	b, err := os.ReadFile(filepath.Join(r.data, name))
	if err != nil {
		r.t.Fatal(err)
	}
	return b
}

// request sends a request and returns status and body.
func request(t *testing.T, c *http.Client, method, url, body string, header ...string) (int, []byte, http.Header) {
	t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // read to its end
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, b, res.Header
}

// ask calls an operation over the socket.
func ask[Out any](r *running, name string, in any) (out Out, err error) {
	r.t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		r.t.Fatal(err)
	}
	status, b, _ := request(r.t, r.client, "POST", "http://localhost/v1/op/"+name, string(body))
	if status != http.StatusOK {
		var p op.ErrorBody
		if err := json.Unmarshal(b, &p); err != nil {
			r.t.Fatalf("%s: %d %s", name, status, b)
		}
		return out, p.Err()
	}
	return out, json.Unmarshal(b, &out)
}

// must is ask that must work.
func must[Out any](r *running, name string, in any) Out {
	r.t.Helper()
	out, err := ask[Out](r, name, in)
	if err != nil {
		r.t.Fatalf("%s %v: %v", name, in, err)
	}
	return out
}

type fields = map[string]any

// add indexes a folder and waits until that is done.
func (r *running) add(dir string) index.Location {
	r.t.Helper()
	l := must[index.Location](r, "location.add", fields{"path": dir})
	eventually(r.t, dir+" is indexed", func() bool {
		l = must[index.Location](r, "location.info", fields{"location": l.Name})
		return l.State == "ready"
	})
	return l
}

// finds waits until a search has so many hits, and returns them.
func (r *running) finds(query string, n int) (hits search.Hits) {
	r.t.Helper()
	eventually(r.t, query+" is found", func() bool {
		hits = must[search.Hits](r, "search.query", fields{"query": query})
		return hits.Total == n
	})
	return hits
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("never: ", what)
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestServe: who may talk to a daemon, where, and what it leaves on disk.
func TestServe(t *testing.T) {
	r := serve(t, filepath.Join(t.TempDir(), "data"))
	tcp := &http.Client{Transport: &http.Transport{}}
	defer tcp.CloseIdleConnections()
	bearer := []string{"Authorization", "Bearer " + r.token}

	if r.at.PID != os.Getpid() || r.at.Version != "test" || !strings.HasPrefix(r.at.HTTP, "http://127.0.0.1:") || !strings.HasPrefix(r.at.Content, "http://127.0.0.1:") {
		t.Errorf("daemon.json says %+v", r.at)
	}
	for _, f := range []string{".", "token", "daemon.json", "device.key", "daemon.sock"} {
		if fi, err := os.Stat(filepath.Join(r.data, f)); err != nil || goruntime.GOOS != "windows" && fi.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is not private: %v, %v", f, fi, err)
		}
	}
	for _, base := range []string{"http://localhost", r.at.HTTP} {
		c := tcp
		if base == "http://localhost" {
			c = r.client
		}
		if status, b, _ := request(t, c, "GET", base+"/v1/health", ""); status != 200 || !bytes.Contains(b, []byte(`"version":"test"`)) {
			t.Errorf("%s: health is %d %s", base, status, b)
		}
	}
	status := r.at.HTTP + "/v1/op/daemon.status"
	if code, b, _ := request(t, tcp, "POST", status, "{}"); code != 401 || !bytes.Contains(b, []byte(`"denied"`)) {
		t.Errorf("a stranger gets %d %s", code, b)
	}
	if code, b, _ := request(t, tcp, "POST", status, "{}", "Authorization", "Bearer x"+r.token[1:]); code != 401 {
		t.Errorf("a wrong token gets %d %s", code, b)
	}
	if code, b, _ := request(t, tcp, "POST", status, "{}", bearer...); code != 200 {
		t.Errorf("the token gets %d %s", code, b)
	}
	if code, b, _ := request(t, r.client, "POST", "http://localhost/v1/op/no.such", "{}"); code != 404 {
		t.Errorf("an operation that is not: %d %s", code, b)
	}
	if code, b, _ := request(t, r.client, "POST", "http://localhost/v1/op/location.list", "{}", "Stardrive-Library", "nobody"); code != 404 {
		t.Errorf("a library that is not: %d %s", code, b)
	}
	if code, b, _ := request(t, r.client, "POST", "http://localhost/v1/op/location.list", "{}", "Stardrive-Library", "Home"); code != 200 {
		t.Errorf("the first library by its name: %d %s", code, b)
	}
}

// TestLogin: a login link works once.
func TestLogin(t *testing.T) {
	r := serve(t, filepath.Join(t.TempDir(), "data"))
	tcp := &http.Client{Transport: &http.Transport{}}
	defer tcp.CloseIdleConnections()
	link := must[Link](r, "daemon.login_link", fields{}).URL
	base, token, ok := strings.Cut(link, "/#login=")
	if !ok || base != r.at.HTTP {
		t.Fatalf("the link is %s", link)
	}
	login := `{"token":"` + token + `"}`
	code, b, h := request(t, tcp, "POST", base+"/v1/login", login)
	if code != 200 {
		t.Fatalf("login: %d %s", code, b)
	}
	cookie, _, _ := strings.Cut(h.Get("Set-Cookie"), ";")
	if code, b, _ := request(t, tcp, "POST", base+"/v1/op/library.list", "{}", "Cookie", cookie); code != 200 {
		t.Errorf("logged in: %d %s", code, b)
	}
	if code, b, _ := request(t, tcp, "POST", base+"/v1/login", login); code != 401 {
		t.Errorf("the same link again: %d %s", code, b)
	}
}

// TestStatusAndDoctor: what the daemon says of itself.
func TestStatusAndDoctor(t *testing.T) {
	r := serve(t, filepath.Join(t.TempDir(), "data"))
	dir := filepath.Join(t.TempDir(), "Photos")
	write(t, filepath.Join(dir, "a.jpg"), "x")
	r.add(dir)
	var s Status
	eventually(t, "the scan has ended", func() bool {
		s = must[Status](r, "daemon.status", fields{})
		return s.Jobs == JobCounts{}
	})
	if s.Version != "test" || s.Go != goruntime.Version() || s.PID != os.Getpid() || s.Uptime <= 0 || s.Memory <= 0 || s.Address != r.at.HTTP || s.Data != r.data ||
		s.Device.ID == "" || len(s.Libraries) != 1 || s.Libraries[0].Name != "Home" || s.Libraries[0].State != "open" {
		t.Errorf("status: %+v", s)
	}
	if goruntime.GOOS == "linux" && (s.Watch.Folders != 1 || s.Watch.Watched != 1 || s.Watch.Share != 1 || len(s.Problems) != 0) {
		t.Errorf("watch: %+v, problems: %+v", s.Watch, s.Problems)
	}
	checks := func() map[string]Check {
		m := map[string]Check{}
		for _, c := range must[Diagnosis](r, "daemon.doctor", fields{}).Checks {
			if m[c.Name] = c; c.Message == "" || !c.OK && c.Remedy == "" {
				t.Errorf("a check says nothing: %+v", c)
			}
		}
		return m
	}
	before := checks()
	for _, name := range []string{"data folder", "access token", "device key", "clock", "library Home", "database of Home"} {
		if !before[name].OK {
			t.Errorf("%s: %+v", name, before[name])
		}
	}
	if goruntime.GOOS != "windows" {
		if err := os.Chmod(filepath.Join(r.data, "token"), 0o644); err != nil {
			t.Fatal(err)
		}
		if c := checks()["access token"]; c.OK || !strings.Contains(c.Remedy, "chmod") {
			t.Errorf("a token that others can read: %+v", c)
		}
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	must[index.Location](r, "location.rescan", fields{"location": "Photos"})
	eventually(t, "the scan of a folder that is gone is a problem", func() bool {
		s = must[Status](r, "daemon.status", fields{})
		return len(s.Problems) == 1
	})
	if p := s.Problems[0]; p.Kind != errs.Unavailable || p.Remedy == "" || !strings.Contains(p.Message, "Photos") {
		t.Errorf("the problem: %+v", p)
	}
}

// TestOneDaemonADataFolder: a second one is refused, and the first goes on.
func TestOneDaemonADataFolder(t *testing.T) {
	r := serve(t, filepath.Join(t.TempDir(), "data"))
	err := Serve(t.Context(), cli.ServeOptions{Data: r.data, Version: "test", Listen: "127.0.0.1:0"})
	if !errs.Is(err, errs.Conflict) || errs.RemedyOf(err) == "" {
		t.Errorf("a second daemon: %v", err)
	}
	must[Status](r, "daemon.status", fields{})
}

// TestStop: the operation ends the daemon, which leaves nothing behind that says
// it runs.
func TestStop(t *testing.T) {
	r := serve(t, filepath.Join(t.TempDir(), "data"))
	must[None](r, "daemon.stop", fields{})
	select {
	case err := <-r.done:
		r.done <- err
	case <-time.After(patience):
		t.Fatal("it goes on")
	}
	for _, f := range []string{"daemon.json", "daemon.sock"} {
		if _, err := os.Lstat(filepath.Join(r.data, f)); !os.IsNotExist(err) {
			t.Errorf("%s is left: %v", f, err)
		}
	}
	again := serve(t, r.data)
	if again.token != r.token {
		t.Error("the token is another one after a restart")
	}
}

// TestStopUnderLoad: streams, a scan and requests under way hold up no stop.
func TestStopUnderLoad(t *testing.T) {
	r := serve(t, filepath.Join(t.TempDir(), "data"))
	dir := filepath.Join(t.TempDir(), "many")
	for i := range 300 {
		write(t, filepath.Join(dir, string(rune('a'+i%26)), string(rune('a'+i/26)), "file"), "x")
	}
	must[index.Location](r, "location.add", fields{"path": dir})
	req, err := http.NewRequestWithContext(t.Context(), "GET", "http://localhost/v1/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := r.client.Do(req)
	if err != nil || res.StatusCode != 200 {
		t.Fatal(res, err)
	}
	defer res.Body.Close() //nolint:errcheck // the daemon ends it
	r.end()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		t.Log("the stream ended with ", err)
	}
	r = serve(t, r.data)
	r.finds("file", 300)
}

// TestRestart: a daemon that starts again knows all it knew, by the same ids, and
// sees what changed meanwhile.
func TestRestart(t *testing.T) {
	r := serve(t, filepath.Join(t.TempDir(), "data"))
	dir := filepath.Join(t.TempDir(), "Docs")
	write(t, filepath.Join(dir, "letters", "to mother.txt"), "dear")
	write(t, filepath.Join(dir, "going.txt"), "soon")
	l := r.add(dir)
	before := r.finds("mother", 1).Items[0]
	if before.Path != "sd://local"+filepath.ToSlash(before.OSPath) || before.OSPath != filepath.Join(dir, "letters", "to mother.txt") {
		t.Errorf("found: %+v", before)
	}
	r.end()
	if err := os.Rename(filepath.Join(dir, "going.txt"), filepath.Join(dir, "gone.txt")); err != nil {
		t.Fatal(err)
	}
	r = serve(t, r.data)
	after := r.finds("mother", 1).Items[0]
	if after.ID != before.ID || after.Path != before.Path || after.Modified != before.Modified {
		t.Errorf("before %+v\nafter %+v", before, after)
	}
	r.finds("gone", 1)
	r.finds("going", 0)
	out := must[browse.ListOut](r, "entry.list", fields{"path": dir})
	if id, _ := l.Entry.MarshalText(); out.Folder.ID != string(id) || out.Live || out.Total != 2 {
		t.Errorf("listed: %+v", out)
	}
}

// TestChangesAreSeen: what changes on the disk is found soon, without a scan.
func TestChangesAreSeen(t *testing.T) {
	if goruntime.GOOS != "linux" {
		t.Skip("folders are not watched here yet")
	}
	r := serve(t, filepath.Join(t.TempDir(), "data"))
	dir := filepath.Join(t.TempDir(), "Inbox")
	write(t, filepath.Join(dir, "first"), "")
	r.add(dir)
	write(t, filepath.Join(dir, "deep", "down", "second"), "")
	r.finds("second", 1)
	write(t, filepath.Join(dir, "deep", "down", "third"), "")
	r.finds("third", 1)
	if err := os.RemoveAll(filepath.Join(dir, "deep")); err != nil {
		t.Fatal(err)
	}
	r.finds("second", 0)
	r.finds("third", 0)
	r.finds("first", 1)
}
