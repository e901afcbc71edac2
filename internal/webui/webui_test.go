package webui

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

var build = fstest.MapFS{
	"index.html":           {Data: []byte("<title>the app</title>")},
	"theme.js":             {Data: []byte("theme()")},
	"icon.svg":             {Data: []byte("<svg/>")},
	".gitignore":           {Data: []byte("*")},
	"assets/app-abc123.js": {Data: []byte("app()")},
}

func get(h http.Handler, method, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestHandler(t *testing.T) {
	h := newHandler(build)
	for _, c := range []struct {
		name, method, path string
		status             int
		kind, cache, body  string
	}{
		{"index", "GET", "/", 200, "text/html; charset=utf-8", "no-cache", "the app"},
		{"a place in the app", "GET", "/browse?id=7", 200, "text/html; charset=utf-8", "no-cache", "the app"},
		{"index by name", "GET", "/index.html", 200, "text/html; charset=utf-8", "no-cache", "the app"},
		{"script", "GET", "/theme.js", 200, "text/javascript; charset=utf-8", "no-cache", "theme()"},
		{"drawing", "GET", "/icon.svg", 200, "image/svg+xml", "no-cache", "<svg/>"},
		{"hashed", "GET", "/assets/app-abc123.js", 200, "text/javascript; charset=utf-8", "public, max-age=31536000, immutable", "app()"},
		{"part of an older build", "GET", "/assets/app-old.js", 404, "", "", ""},
		{"folder", "GET", "/assets", 200, "text/html; charset=utf-8", "no-cache", "the app"},
		{"dot file", "GET", "/.gitignore", 200, "text/html; charset=utf-8", "no-cache", "the app"},
		{"climbing", "GET", "/../../theme.js", 200, "text/javascript; charset=utf-8", "no-cache", "theme()"},
		{"head", "HEAD", "/", 200, "text/html; charset=utf-8", "no-cache", ""},
		{"post", "POST", "/", 405, "", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := get(h, c.method, c.path)
			if w.Code != c.status {
				t.Fatalf("status %d, want %d", w.Code, c.status)
			}
			if c.kind != "" && w.Header().Get("Content-Type") != c.kind {
				t.Errorf("type %q, want %q", w.Header().Get("Content-Type"), c.kind)
			}
			if c.cache != "" && w.Header().Get("Cache-Control") != c.cache {
				t.Errorf("cache %q, want %q", w.Header().Get("Cache-Control"), c.cache)
			}
			if c.method == "HEAD" && w.Body.Len() != 0 || !strings.Contains(w.Body.String(), c.body) {
				t.Errorf("body %q, want %q", w.Body, c.body)
			}
		})
	}
}

func TestIndexIsRevalidated(t *testing.T) {
	h := newHandler(build)
	tag := get(h, "GET", "/").Header().Get("ETag")
	if w := get(h, "GET", "/browse", "If-None-Match", tag); w.Code != 304 || w.Body.Len() != 0 {
		t.Errorf("status %d with %d bytes, want 304 without a body", w.Code, w.Body.Len())
	}
	if w := get(h, "GET", "/", "If-None-Match", `"other"`); w.Code != 200 {
		t.Errorf("status %d, want 200", w.Code)
	}
}

func TestWithoutBuildTellsHowToBuild(t *testing.T) {
	if w := get(newHandler(fstest.MapFS{}), "GET", "/"); !strings.Contains(w.Body.String(), "make build") {
		t.Errorf("placeholder says %q", w.Body)
	}
}

func TestEmbedded(t *testing.T) {
	w := get(Handler(), "GET", "/")
	if want := map[bool]string{true: `id="root"`, false: "make build"}[Built()]; !strings.Contains(w.Body.String(), want) {
		t.Errorf("built %v, but the page lacks %q", Built(), want)
	}
}
