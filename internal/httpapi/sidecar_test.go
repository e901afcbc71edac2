package httpapi

import (
	"strings"
	"testing"
)

func TestSidecar(t *testing.T) {
	w := start(t)
	c, base := w.client(t, false), w.Addresses().HTTP
	resp, body := send(t, c, "GET", base+"/v1/sidecar/4/thumb256", "", bearer)
	h := resp.Header
	if resp.StatusCode != 200 || body != canary || h.Get("Content-Type") != "image/jpeg" || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("ETag") != `"tag"` ||
		h.Get("Cache-Control") != "private, no-cache" || !strings.HasPrefix(h.Get("Content-Security-Policy"), "sandbox; default-src 'none'") {
		t.Errorf("%d %s %v", resp.StatusCode, body, h)
	}
	for _, x := range []struct {
		method, header, url string
		status              int
		want, cache, retry  string
	}{
		{"GET", "X: y", "/v1/sidecar/4/thumb256?v=tag", 200, canary, "private, max-age=31536000, immutable", ""},
		{"GET", "X: y", "/v1/sidecar/4/thumb256?v=other", 200, canary, "private, no-cache", ""},
		{"GET", `If-None-Match: "tag"`, "/v1/sidecar/4/thumb256?v=tag", 304, "", "private, max-age=31536000, immutable", ""},
		{"GET", `If-None-Match: "old"`, "/v1/sidecar/4/thumb256", 200, canary, "private, no-cache", ""},
		{"HEAD", "X: y", "/v1/sidecar/4/thumb256", 200, "", "private, no-cache", ""},
		{"GET", "X: y", "/v1/sidecar/3/thumb256", 500, `of the type \"image/svg+xml\"`, "no-store", ""},
		{"GET", "X: y", "/v1/sidecar/5/thumb256", 503, "being made", "no-store", "3"},
		{"GET", "X: y", "/v1/sidecar/99/thumb256", 404, "no such entry", "no-store", ""},
		{"GET", "X: y", "/v1/sidecar/4/strip", 404, "there is no strip", "no-store", ""},
		{"GET", "X: y", "/v1/sidecar/x/thumb256", 400, "not a valid entry id", "no-store", ""},
		{"GET", "X: y", "/v1/sidecar/4/thumb256?library=nowhere", 404, "no such library", "no-store", ""},
	} {
		resp, body := send(t, c, x.method, base+x.url, "", bearer, x.header)
		if resp.StatusCode != x.status || !strings.Contains(body, x.want) || resp.Header.Get("Cache-Control") != x.cache || resp.Header.Get("Retry-After") != x.retry {
			t.Errorf("%s %s, %s: %d %s %v", x.method, x.url, x.header, resp.StatusCode, body, resp.Header)
		}
		if x.status >= 400 && strings.Contains(body, canary) {
			t.Errorf("%s: the refusal tells of the file: %s", x.url, body)
		}
	}
}
