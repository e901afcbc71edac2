package embed

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/secret"
)

const testKey = "sk-very-secret-12345"

// service is an endpoint whose vectors are the length of the text and ones.
func service(t *testing.T, dim int, answer func(w http.ResponseWriter, texts []string) bool) (*httptest.Server, *atomic.Int64) {
	t.Helper()
	var requests atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		var in struct {
			Model string
			Input []string
		}
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil || r.URL.Path != "/v1/embeddings" || r.Method != http.MethodPost || in.Model != "m" {
			http.Error(w, "bad request", http.StatusBadRequest)
			return
		}
		if answer != nil && answer(w, in.Input) {
			return
		}
		type vector struct {
			Index     int       `json:"index"`
			Embedding []float32 `json:"embedding"`
		}
		var out struct {
			Data []vector `json:"data"`
		}
		for i := len(in.Input) - 1; i >= 0; i-- { // in any order
			v := make([]float32, dim)
			for j := range v {
				v[j] = 1
			}
			v[0] = float32(len(in.Input[i]))
			out.Data = append(out.Data, vector{i, v})
		}
		if err := json.NewEncoder(w).Encode(out); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(s.Close)
	return s, &requests
}

func remote(t *testing.T, e Endpoint) *Remote {
	t.Helper()
	r, err := HTTP(e)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

func TestEndpointIsAskedInBatches(t *testing.T) {
	s, requests := service(t, 3, func(w http.ResponseWriter, texts []string) bool {
		for _, text := range texts {
			if len(texts) > 4 || strings.TrimSpace(text) == "" {
				http.Error(w, "too many, or empty", http.StatusBadRequest)
				return true
			}
		}
		return false
	})
	r := remote(t, Endpoint{Base: s.URL + "/v1/", Model: "m", Dim: 3, Batch: 4, Key: secret.New(testKey)})
	if requests.Load() != 0 {
		t.Error("it connected before it was asked")
	}
	texts := []string{"a", "bb", "", "ccc", "\xff", "dddd", "eeeee", " \n", "ffffff"}
	got, err := r.Embed(context.Background(), texts)
	if err != nil || len(got) != len(texts) {
		t.Fatal(err)
	}
	for i, v := range got {
		n := float64(len(strings.TrimSpace(strings.ToValidUTF8(texts[i], ""))))
		want := float32(n / math.Sqrt(n*n+2))
		if math.Abs(float64(v[0]-want)) > 1e-6 {
			t.Errorf("%q: %v, want %v first", texts[i], v, want)
		}
	}
	if n := requests.Load(); n != 3 {
		t.Errorf("%d requests", n)
	}
	if dim, err := Probe(context.Background(), Endpoint{Base: s.URL + "/v1", Model: "m"}); err != nil || dim != 3 {
		t.Errorf("%d dimensions: %v", dim, err)
	}
}

func TestEndpointNamesDiffer(t *testing.T) {
	e := Endpoint{Base: "https://a/v1", Model: "m", Dim: 3}
	seen := map[string]string{}
	for what, change := range map[string]func(*Endpoint){
		"as it is": func(*Endpoint) {}, "base": func(e *Endpoint) { e.Base = "https://b/v1" }, "model": func(e *Endpoint) { e.Model = "n" }, "dim": func(e *Endpoint) { e.Dim = 4 },
	} {
		x := e
		change(&x)
		name := remote(t, x).Name()
		if other, twice := seen[name]; twice || len(name) > MaxName {
			t.Errorf("%s and %s: %q", what, other, name)
		}
		seen[name] = what
	}
	e.Key, e.Base = secret.New(testKey), e.Base+"/"
	if seen[remote(t, e).Name()] != "as it is" {
		t.Error("a key or a slash changes the name")
	}
}

func TestBadEndpointsAreRefused(t *testing.T) {
	good := Endpoint{Base: "https://host/v1", Model: "m", Dim: 3}
	for what, change := range map[string]func(*Endpoint){
		"no base":          func(e *Endpoint) { e.Base = "" },
		"no host":          func(e *Endpoint) { e.Base = "https:///v1" },
		"a file":           func(e *Endpoint) { e.Base = "file:///etc/passwd" },
		"a password":       func(e *Endpoint) { e.Base = "https://me:" + testKey + "@host/v1" },
		"a query":          func(e *Endpoint) { e.Base = "https://host/v1?key=" + testKey },
		"a control sign":   func(e *Endpoint) { e.Base = "https://host/\x7f" + testKey },
		"no model":         func(e *Endpoint) { e.Model = "" },
		"no dimensions":    func(e *Endpoint) { e.Dim = 0 },
		"many dimensions":  func(e *Endpoint) { e.Dim = maxDim + 1 },
		"a huge batch":     func(e *Endpoint) { e.Batch = maxBatch + 1 },
		"a long timeout":   func(e *Endpoint) { e.Timeout = time.Hour },
		"a key in clear":   func(e *Endpoint) { e.Base, e.Key = "http://example.org/v1", secret.New(testKey) },
		"a key of 2 lines": func(e *Endpoint) { e.Key = secret.New(testKey + "\nX: y") },
	} {
		e := good
		change(&e)
		if r, err := HTTP(e); r != nil || !errs.Is(err, errs.Invalid) || strings.Contains(fmt.Sprint(err), testKey) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestEndpointErrors(t *testing.T) {
	vectors := func(s string) func(http.ResponseWriter, []string) bool {
		return func(w http.ResponseWriter, _ []string) bool { fmt.Fprint(w, s); return true }
	}
	status := func(n int) func(http.ResponseWriter, []string) bool {
		return func(w http.ResponseWriter, _ []string) bool {
			http.Error(w, "no \x1b[31m "+testKey+strings.Repeat(" blah", 1000), n)
			return true
		}
	}
	for what, c := range map[string]struct {
		answer func(http.ResponseWriter, []string) bool
		kind   errs.Kind
	}{
		"unknown key":      {status(401), errs.Denied},
		"forbidden":        {status(403), errs.Denied},
		"no such model":    {status(404), errs.Invalid},
		"too many":         {status(429), errs.Unavailable},
		"broken":           {status(500), errs.Unavailable},
		"no JSON":          {vectors("<html>"), errs.Invalid},
		"nothing":          {vectors("{}"), errs.Invalid},
		"too few":          {vectors(`{"data":[{"embedding":[1,2,3]}]}`), errs.Invalid},
		"twice the same":   {vectors(`{"data":[{"index":0,"embedding":[1,2,3]},{"index":0,"embedding":[1,2,3]}]}`), errs.Invalid},
		"index beyond":     {vectors(`{"data":[{"index":0,"embedding":[1,2,3]},{"index":2,"embedding":[1,2,3]}]}`), errs.Invalid},
		"index below zero": {vectors(`{"data":[{"index":0,"embedding":[1,2,3]},{"index":-1,"embedding":[1,2,3]}]}`), errs.Invalid},
		"another length":   {vectors(`{"data":[{"embedding":[1,2,3]},{"embedding":[1,2]}]}`), errs.Invalid},
		"null":             {vectors(`{"data":[{"embedding":[1,2,3]},{"embedding":null}]}`), errs.Invalid},
		"no number":        {vectors(`{"data":[{"embedding":[1,2,3]},{"embedding":[1,2,1e99]}]}`), errs.Invalid},
		"endless": {func(w http.ResponseWriter, _ []string) bool {
			for range 100 {
				if _, err := w.Write(make([]byte, 64<<10)); err != nil {
					break
				}
			}
			return true
		}, errs.Invalid},
	} {
		t.Run(what, func(t *testing.T) {
			s, _ := service(t, 3, c.answer)
			_, err := remote(t, Endpoint{Base: s.URL + "/v1", Model: "m", Dim: 3, Key: secret.New(testKey)}).Embed(context.Background(), []string{"a", "b"})
			if !errs.Is(err, c.kind) || errs.RemedyOf(err) == "" {
				t.Fatalf("%v (%q), want %s", err, errs.KindOf(err), c.kind)
			}
			if text := fmt.Sprint(err); strings.Contains(text, testKey) || strings.Contains(text, "\x1b") || len(text) > 500 {
				t.Errorf("%q", text)
			}
		})
	}
}

func TestEndpointThatDoesNotAnswer(t *testing.T) {
	hang := make(chan struct{})
	s, _ := service(t, 3, func(http.ResponseWriter, []string) bool { <-hang; return true })
	defer close(hang)
	r := remote(t, Endpoint{Base: s.URL + "/v1", Model: "m", Dim: 3, Timeout: 50 * time.Millisecond})
	if _, err := r.Embed(context.Background(), []string{"a"}); !errs.Is(err, errs.Unavailable) {
		t.Errorf("late: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := r.Embed(ctx, []string{"a"}); !errs.Is(err, errs.Cancelled) {
		t.Errorf("cancelled: %v", err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close()
	if _, err := remote(t, Endpoint{Base: "http://" + address, Model: "m", Dim: 3}).Embed(context.Background(), []string{"a"}); !errs.Is(err, errs.Unavailable) {
		t.Errorf("nobody there: %v", err)
	}
}

func TestRedirectsToOtherHostsAreNotFollowed(t *testing.T) {
	var stolen atomic.Int64
	thief := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { stolen.Add(1) }))
	defer thief.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		s, _ := service(t, 3, func(w http.ResponseWriter, _ []string) bool {
			w.Header().Set("Location", thief.URL+"/v1/embeddings")
			w.WriteHeader(status)
			return true
		})
		_, err := remote(t, Endpoint{Base: s.URL + "/v1", Model: "m", Dim: 3, Key: secret.New(testKey)}).Embed(context.Background(), []string{"a"})
		if !errs.Is(err, errs.Invalid) {
			t.Errorf("%d: %v", status, err)
		}
	}
	if stolen.Load() != 0 {
		t.Error("the other host was asked")
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v1/embeddings" {
			http.Redirect(w, r, "/v2/embeddings", http.StatusTemporaryRedirect)
			return
		}
		fmt.Fprint(w, `{"data":[{"embedding":[0,0,2]}]}`)
	}))
	defer s.Close()
	v, err := remote(t, Endpoint{Base: s.URL + "/v1", Model: "m", Dim: 3}).Embed(context.Background(), []string{"a"})
	if err != nil || v[0][2] != 1 {
		t.Errorf("within the host: %v, %v", v, err)
	}
}

func TestKeyIsNeverShown(t *testing.T) {
	e := Endpoint{Base: "https://host", Key: secret.New(testKey)}
	inside := struct{ E any }{&struct{ k secret.Text }{e.Key}}
	asJSON, err := json.Marshal(e.Key)
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "key", e.Key, "inside", inside)
	for _, s := range []string{fmt.Sprint(e), fmt.Sprintf("%+v %#v %q %x %s", e, e, e.Key, e.Key, inside), fmt.Sprintf("%#v", inside.E), string(asJSON), log.String()} {
		if strings.Contains(s, testKey) || strings.Contains(s, fmt.Sprintf("%x", testKey)) {
			t.Errorf("%s", s)
		}
	}
	if e.Key.Reveal() != testKey || (secret.Text{}).Reveal() != "" {
		t.Error("the key is not what it was")
	}
}
