package httpapi

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/op"
)

func TestOperations(t *testing.T) {
	w := start(t)
	base := w.Addresses().HTTP
	for _, c := range []struct {
		path, body string
		headers    []string
		status     int
		want       string
	}{
		{"/v1/op/test.echo", `{"text":"hi"}`, nil, 200, `{"text":"hiCANARY","library":""}`},
		{"/v1/op/test.echo", ``, nil, 200, `{"text":"CANARY","library":""}`},
		{"/v1/op/test.echo", `{}`, []string{"Stardrive-Library: home"}, 200, `"library":"home"`},
		{"/v1/op/entry.echo", `{"text":"in"}`, nil, 200, `{"text":"inCANARY"`},
		{"/v1/op/entry.echo", `{}`, []string{"Stardrive-Library: nowhere"}, 404, `"message":"no such library","path":"nowhere","op":"entry.echo"`},
		{"/v1/op/entry.other", `{}`, nil, 404, `there is no operation`},
		{"/v1/op/nothing.here", `{}`, []string{"Stardrive-Library: nowhere"}, 404, `there is no operation`},
		{"/v1/op/test.echo", `{"Text":"hi"}`, nil, 400, `"path":"Text","op":"test.echo"`},
		{"/v1/op/test.echo", `{}`, []string{"Content-Type: text/plain"}, 415, `application/json`},
		{"/v1/op/test.echo", `{}`, []string{"Content-Type: application/x-www-form-urlencoded"}, 415, `application/json`},
		{"/v1/op/test.echo", `{}`, []string{"Content-Type: application/json; charset=utf-8"}, 200, canary},
		{"/v1/op/test.echo", strings.Repeat(" ", op.MaxInput+1), nil, 413, `larger`},
		{"/v1/op/test.echo", `{"fail":"plain"}`, nil, 500, `"kind":"internal","message":"disk on fire","op":"test.echo"`},
		{"/v1/nothing", `{}`, nil, 404, `there is nothing at POST /v1/nothing`},
	} {
		resp, body := send(t, w.client(t, false), "POST", base+c.path, c.body, append(c.headers, bearer)...)
		if resp.StatusCode != c.status || !strings.Contains(body, c.want) {
			t.Errorf("%s %.40s %v: got %d %s, want %d %s", c.path, c.body, c.headers, resp.StatusCode, body, c.status, c.want)
		}
	}
}

func TestProblemForEveryKind(t *testing.T) {
	w := start(t)
	want := map[errs.Kind]int{errs.Internal: 500, errs.Invalid: 400, errs.NotFound: 404, errs.Conflict: 409, errs.Denied: 403,
		errs.Unavailable: 503, errs.Unsupported: 422, errs.ApprovalNeeded: 428, errs.Cancelled: 503}
	for _, k := range errs.Kinds() {
		resp, body := send(t, w.client(t, true), "POST", "http://any/v1/op/test.echo", `{"fail":"`+string(k)+`"}`)
		var p Problem
		if err := json.Unmarshal([]byte(body), &p); err != nil {
			t.Fatal(err)
		}
		full := op.ErrorBody{Kind: k, Message: "failed as told", Path: "/some/path", Op: "test.echo", Remedy: "Do better."}
		if resp.StatusCode != want[k] || p.ErrorBody != full || p.Status != want[k] || p.Detail != p.Message || p.Title == "" ||
			resp.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %s", k, resp.StatusCode, body)
		}
	}
}

// TestF7_Panic: the request fails, the daemon lives, the stack stays in the log.
func TestF7_Panic(t *testing.T) {
	w := start(t)
	resp, body := send(t, w.client(t, true), "POST", "http://any/v1/op/test.echo", `{"fail":"panic"}`)
	if resp.StatusCode != 500 || strings.Contains(body, "secret") || strings.Contains(body, ".go") {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
	if !strings.Contains(w.log.String(), "secret of the stack") || !strings.Contains(w.log.String(), "goroutine") {
		t.Error("the log lacks the panic")
	}
	if resp, _ := send(t, w.client(t, true), "POST", "http://any/v1/op/test.echo", `{}`); resp.StatusCode != 200 {
		t.Error("dead after a panic")
	}
}

// TestE2_Socket: mode, folder, credentials, and no browser on it.
func TestE2_Socket(t *testing.T) {
	w := start(t)
	path := w.Addresses().Socket
	if i, err := os.Stat(path); err != nil || i.Mode().Perm() != 0o600 {
		t.Errorf("socket: %v %v", i.Mode(), err)
	}
	if i, err := os.Stat(filepath.Dir(path)); err != nil || i.Mode().Perm() != 0o700 {
		t.Errorf("folder: %v %v", i.Mode(), err)
	}
	c := w.client(t, true)
	for _, h := range []string{"Origin: http://127.0.0.1", "Sec-Fetch-Site: none", "Sec-Fetch-Site: same-origin"} {
		if resp, _ := send(t, c, "POST", "http://any/v1/op/test.echo", "{}", h); resp.StatusCode != 403 {
			t.Errorf("%s: %d", h, resp.StatusCode)
		}
	}
	if resp, _ := send(t, c, "POST", "http://any/v1/op/test.echo", "{}", "Authorization: Bearer wrong"); resp.StatusCode != 401 {
		t.Errorf("a wrong token counts even here: %d", resp.StatusCode)
	}
	other := newWorld(t)
	if err := other.Listen(t.Context(), path, ""); !errs.Is(err, errs.Conflict) {
		t.Errorf("second daemon: %v", err)
	}
	a, b, err := socketPair(t)
	if err != nil {
		t.Fatal(err)
	}
	if !trusted(a, os.Getuid()) {
		t.Error("the owner is not trusted")
	}
	if os.Getuid() != 0 && trusted(b, os.Getuid()+1) {
		t.Error("another user is trusted")
	}
}

func socketPair(t *testing.T) (a, b *net.UnixConn, err error) {
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		return nil, nil, err
	}
	defer l.Close()
	x, err := net.Dial("unix", l.Addr().String())
	if err != nil {
		return nil, nil, err
	}
	y, err := l.Accept()
	t.Cleanup(func() { x.Close(); y.Close() })
	return x.(*net.UnixConn), y.(*net.UnixConn), err
}

func TestSocketFolderAndLeftovers(t *testing.T) {
	dir := t.TempDir()
	open := filepath.Join(dir, "open")
	if err := os.Mkdir(open, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := newWorld(t).Listen(t.Context(), filepath.Join(open, "s"), ""); !errs.Is(err, errs.Denied) {
		t.Errorf("open folder: %v", err)
	}
	private := filepath.Join(dir, "private")
	if err := os.Mkdir(private, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(private, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := newWorld(t).Listen(t.Context(), filepath.Join(private, "file"), ""); !errs.Is(err, errs.Conflict) {
		t.Errorf("file in the way: %v", err)
	}
	l, err := net.Listen("unix", filepath.Join(private, "stale"))
	if err != nil {
		t.Fatal(err)
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	l.Close()
	w := newWorld(t)
	if err := w.Listen(t.Context(), filepath.Join(private, "stale"), ""); err != nil {
		t.Errorf("left-over socket: %v", err)
	}
	if _, err := w.LoginLink(); !errs.Is(err, errs.Unavailable) {
		t.Errorf("login link without TCP: %v", err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if err := newWorld(t).Listen(t.Context(), filepath.Join(private, strings.Repeat("x", 200)), ""); !errs.Is(err, errs.Unavailable) {
		t.Errorf("long path: %v", err)
	}
}

// TestE1_OnlyLoopback refuses every address that another machine could reach.
func TestE1_OnlyLoopback(t *testing.T) {
	for _, a := range []string{":0", "0.0.0.0:0", "[::]:0", "192.168.1.5:0", "example.org:80", "127.0.0.1", "127.0.0.2:0",
		"*:80", "127.0.0.1:http", "127.0.0.1:99999", "[::ffff:127.0.0.1]:0", "[::1%lo]:0", "LOCALHOST:0"} {
		if err := newWorld(t).Listen(t.Context(), "", a); !errs.Is(err, errs.Invalid) {
			t.Errorf("%s: %v", a, err)
		}
	}
	w := start(t)
	if err := newWorld(t).Listen(t.Context(), "", strings.TrimPrefix(w.Addresses().HTTP, "http://")); !errs.Is(err, errs.Conflict) {
		t.Errorf("busy port: %v", err)
	}
	for _, a := range []string{"localhost:0", "[::1]:0"} {
		w := newWorld(t)
		if err := w.Listen(t.Context(), "", a); err != nil {
			t.Logf("%s: %v (no IPv6 here?)", a, err)
			continue
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestI16_ProxyHeaders: what a client says about a proxy changes nothing.
func TestI16_ProxyHeaders(t *testing.T) {
	w := start(t)
	base, c := w.Addresses().HTTP, w.client(t, false)
	good := strings.TrimPrefix(base, "http://")
	for _, h := range []string{"X-Forwarded-Host: " + good, "Forwarded: host=" + good, "X-Real-IP: 127.0.0.1", "X-Forwarded-User: root",
		"Remote-User: root", "X-Original-URL: /v1/health"} {
		if resp, _ := send(t, c, "POST", base+"/v1/op/test.echo", "{}", h); resp.StatusCode != 401 {
			t.Errorf("%s: %d", h, resp.StatusCode)
		}
		if resp, _ := send(t, c, "POST", base+"/v1/op/test.echo", "{}", h, "Host: evil.example", bearer); resp.StatusCode != 421 {
			t.Errorf("%s with a foreign host: %d", h, resp.StatusCode)
		}
	}
}

// TestI1_RawRequests speaks to the port by hand.
func TestI1_RawRequests(t *testing.T) {
	w := start(t)
	addr := strings.TrimPrefix(w.Addresses().HTTP, "http://")
	for _, c := range []struct{ request, want string }{
		{"GET http://evil.example/v1/health HTTP/1.1\r\nHost: " + addr + "\r\n\r\n", "421"},
		{"GET /v1/health HTTP/1.1\r\n\r\n", "400"},
		{"GET /v1/health HTTP/1.0\r\n\r\n", "421"},
		{"GET /v1/health HTTP/1.1\r\nHost: " + addr + "\r\nHost: evil.example\r\n\r\n", "400"},
		{"GET /v1/health HTTP/1.1\r\nHost: " + addr + "\r\n\r\n", "200"},
		{"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "4"},
		{"CONNECT evil.example:80 HTTP/1.1\r\nHost: evil.example:80\r\n\r\n", "421"},
		{"POST /v1/op/test.echo HTTP/1.1\r\nHost: " + addr + "\r\n" + bearer + "\r\nContent-Type: application/json\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", ""},
		{"GET /v1/content/1 HTTP/1.1\r\nHost: " + addr + "\r\n" + bearer + "\r\nContent-Length: 1\r\n\r\nx", "400"},
	} {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(conn, c.request)
		_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
		line, _ := bufio.NewReader(conn).ReadString('\n')
		conn.Close()
		if _, status, _ := strings.Cut(line, " "); !strings.HasPrefix(status, c.want) {
			t.Errorf("%.60q: got %q, want %s", c.request, line, c.want)
		}
	}
}

func TestHeaders(t *testing.T) {
	w := start(t)
	c, base := w.client(t, false), w.Addresses().HTTP
	for _, path := range []string{"/", "/deep/page", "/v1/health", "/v1/nothing", "/v1/content/1", "/v1/openapi.json"} {
		resp, _ := send(t, c, "GET", base+path, "", bearer)
		h := resp.Header
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" ||
			!strings.Contains(h.Get("Content-Security-Policy"), "default-src 'none'") ||
			!strings.Contains(h.Get("Content-Security-Policy"), "frame-ancestors 'none'") ||
			h.Get("Cross-Origin-Resource-Policy") != "same-origin" {
			t.Errorf("%s: %v", path, h)
		}
		for k := range h {
			if strings.HasPrefix(k, "Access-Control-") {
				t.Errorf("%s: CORS header %s", path, k)
			}
		}
	}
	resp, body := send(t, c, "GET", base+"/", "")
	if csp := resp.Header.Get("Content-Security-Policy"); body != "<html>" || strings.Contains(csp, "unsafe") ||
		!strings.Contains(csp, "img-src 'self' blob: data: "+w.Addresses().Content) || !strings.Contains(csp, "require-trusted-types-for 'script'") {
		t.Errorf("page: %s %s", body, csp)
	}
}

// TestI6_SlowBody: a body that never ends is given up.
func TestI6_SlowBody(t *testing.T) {
	w := start(t)
	w.readPatience = 50 * time.Millisecond
	conn, err := net.Dial("tcp", strings.TrimPrefix(w.Addresses().HTTP, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /v1/op/test.echo HTTP/1.1\r\nHost: %s\r\n%s\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
		strings.TrimPrefix(w.Addresses().HTTP, "http://"), bearer)
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	if line, err := bufio.NewReader(conn).ReadString('\n'); err != nil || !strings.Contains(line, "400") {
		t.Errorf("got %q, %v", line, err)
	}
	if w.calls.Load() != 0 {
		t.Error("half a request ran")
	}
}

// TestI6_IdleConnections: clients that never finish a header keep nobody out.
func TestI6_IdleConnections(t *testing.T) {
	w := newWorld(t)
	if err := w.Listen(t.Context(), "", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	for _, f := range w.fronts {
		f.listener.(*bounded).slots = make(chan struct{}, 3)
		f.http.ReadHeaderTimeout = 50 * time.Millisecond
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.Serve(ctx) }()
	addr := strings.TrimPrefix(w.Addresses().HTTP, "http://")
	for range 10 { // more than there are slots; each sends half a header
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: ")
	}
	ok := false
	for end := time.Now().Add(5 * time.Second); !ok && time.Now().Before(end); {
		resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Get("http://" + addr + "/v1/health")
		if err == nil {
			ok = resp.StatusCode == 200
			resp.Body.Close()
		}
		time.Sleep(20 * time.Millisecond)
	}
	if !ok {
		t.Error("idle connections kept everybody out")
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestStopCutsWhatHangs(t *testing.T) {
	w := newWorld(t)
	w.stopPatience = 200 * time.Millisecond
	if err := w.Listen(t.Context(), filepath.Join(t.TempDir(), "p", "s"), ""); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.Serve(ctx) }()
	c := w.client(t, true)
	go func() {
		resp, err := c.Post("http://any/v1/op/test.echo", "application/json", strings.NewReader(`{"fail":"wait"}`))
		if err == nil {
			resp.Body.Close()
		}
	}()
	for w.calls.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	begin := time.Now()
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if d := time.Since(begin); d < w.stopPatience/2 || d > stopPatience {
		t.Errorf("stopped after %s", d)
	}
}
