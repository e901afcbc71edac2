package httpapi

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/event"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/op"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	testToken = "test-token-0123456789-0123456789-0123456789"
	canary    = "CANARY" // stands in everything that only the owner may see
)

type file struct{ name, mime, data string }

// fakeLibrary has one operation, a few files, and a feed.
type fakeLibrary struct {
	fakeFeed
	id    ident.LibraryID
	ops   *op.Set
	files map[ident.EntryID]file
}

func (l *fakeLibrary) ID() ident.LibraryID { return l.id }
func (l *fakeLibrary) Ops() *op.Set        { return l.ops }

type nopCloser struct{ *bytes.Reader }

func (nopCloser) Close() error { return nil }

func (l *fakeLibrary) OpenContent(_ context.Context, which FileRef) (Content, error) {
	f, ok := l.files[which.ID]
	if which.ID == 0 {
		for _, named := range l.files {
			if "/"+named.name == which.Path {
				f, ok = named, true
			}
		}
	}
	if !ok {
		return Content{}, errs.New(errs.NotFound, "no such entry")
	}
	return Content{
		ReadSeekCloser: nopCloser{bytes.NewReader([]byte(f.data))},
		Name:           f.name, MIME: f.mime, ETag: "v1", Modified: time.Unix(1e9, 0),
	}, nil
}

func (l *fakeLibrary) OpenSidecar(ctx context.Context, id ident.EntryID, kind string) (Content, error) {
	c, err := l.OpenContent(ctx, FileRef{ID: id})
	switch {
	case err != nil:
		return c, err
	case id == 5:
		return c, errs.New(errs.Unavailable, "it is being made")
	case kind != "thumb256":
		return c, errs.New(errs.NotFound, "there is no %s of this file", kind)
	}
	c.ETag = "tag"
	return c, nil
}

func (l *fakeLibrary) Receive(_ context.Context, p Piece, body io.Reader) (int64, error) {
	b, err := io.ReadAll(body)
	if err != nil {
		return 0, errs.New(errs.Conflict, "%w", err)
	}
	if sha256.Sum256(b) != p.Sum {
		return p.Offset, errs.New(errs.Conflict, "other bytes")
	}
	return p.Offset + int64(len(b)), nil
}

func (l *fakeLibrary) OpenZip(_ context.Context, id string) (Zip, error) {
	if id != "abc" && id != "broken" {
		return Zip{}, errs.New(errs.NotFound, "no such archive")
	}
	return Zip{Name: "a b.zip", Write: func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, "PK...")
		if id == "broken" {
			err = errs.New(errs.Internal, "the disk failed")
		}
		return err
	}}, nil
}

type world struct {
	*Server
	lib   *fakeLibrary
	calls atomic.Int64 // operations that ran
	mu    sync.Mutex
	now   time.Time
	log   syncBuffer
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

type echoIn struct {
	Text string `json:"text,omitempty" jsonschema:"what to say"`
	Fail string `json:"fail,omitempty" jsonschema:"kind of error to fail with"`
}

type echoOut struct {
	Text    string `json:"text"`
	Library string `json:"library"`
}

func (w *world) echo(ctx context.Context, in echoIn) (echoOut, error) {
	w.calls.Add(1)
	switch in.Fail {
	case "":
		return echoOut{in.Text + canary, op.Library(ctx)}, nil
	case "panic":
		panic("secret of the stack")
	case "wait":
		<-ctx.Done()
		return echoOut{}, ctx.Err()
	case "plain":
		return echoOut{}, errors.New("disk on fire")
	}
	return echoOut{}, errs.New(errs.Kind(in.Fail), "failed as told").At("/some/path").Try("Do better.")
}

// newWorld makes a server that does not listen yet.
func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{now: time.Unix(1_800_000_000, 0)}
	daemon := op.NewQuery("test.echo", "Say it again", w.echo)
	inLib := op.NewCommand("entry.echo", "Say it in a library", w.echo)
	gone := op.NewQuery("entry.other", "Of another library", w.echo)
	w.lib = &fakeLibrary{fakeFeed: fakeFeed{bus: event.NewBus(), closed: make(chan struct{})}, id: "lib-1", ops: op.NewSet([]op.Def{inLib}), files: map[ident.EntryID]file{
		1:  {"a b\"ü\xff.txt", "text/plain", canary + strings.Repeat("x", 1000)},
		2:  {"page.html", "text/html", "<script>" + canary + "</script>"},
		3:  {"drawing.svg", "image/svg+xml", "<svg>" + canary + "</svg>"},
		4:  {"photo.jpg", "image/jpeg", canary},
		5:  {"x.exe", "nonsense", canary + "\x00\x01"},
		6:  {"README", "", canary},
		7:  {"Makefile", "", "<html><script>" + canary},
		8:  {"caf\xe9.txt", "text/plain; charset=utf-8", canary + " caf\xe9"},
		9:  {"not a text.txt", "text/plain", canary + "\x00\x01\xff"},
		10: {"main.ts", "video/mp2t", "const x = 1 // " + canary},
		11: {"film.ts", "video/mp2t", "G@\x00\x10\x00" + canary},
	}}
	s, err := New(Options{
		Version: "1.2.3", Daemon: op.NewSet([]op.Def{daemon}), Definitions: op.NewSet([]op.Def{daemon, inLib, gone}),
		Libraries: func(_ context.Context, ref string) (Library, error) {
			if ref == "" || ref == "home" || ref == "lib-1" {
				return w.lib, nil
			}
			return nil, errs.New(errs.NotFound, "no such library").At(ref)
		},
		Token: testToken, Log: slog.New(slog.NewTextHandler(&w.log, nil)), Now: w.clock,
		UI: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") }),
	})
	if err != nil {
		t.Fatal(err)
	}
	w.Server = s
	return w
}

// start makes a server that listens and serves until the test ends.
func start(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	if err := w.Listen(t.Context(), filepath.Join(t.TempDir(), "private", "sock"), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.Serve(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return w
}

// client speaks plain HTTP to any address, or to the unix socket.
func (w *world) client(t *testing.T, socket bool) *http.Client {
	tr := &http.Transport{}
	if socket {
		tr.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", w.Addresses().Socket)
		}
	}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// send makes a request with headers "Name: value".
func send(t *testing.T, c *http.Client, method, url, body string, headers ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if method == "POST" {
		req.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		k, v, _ := strings.Cut(h, ": ")
		if k == "Host" {
			req.Host = v
			continue
		}
		req.Header.Set(k, v)
	}
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(b)
}

// deadlined is a recorder that accepts deadlines, as real connections do.
type deadlined struct{ *httptest.ResponseRecorder }

func (deadlined) SetReadDeadline(time.Time) error  { return nil }
func (deadlined) SetWriteDeadline(time.Time) error { return nil }

const bearer = "Authorization: Bearer " + testToken
