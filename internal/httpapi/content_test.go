package httpapi

import (
	"mime"
	"strings"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/ident"
)

func TestContent(t *testing.T) {
	w := start(t)
	c, base := w.client(t, false), w.Addresses().HTTP
	resp, body := send(t, c, "GET", base+"/v1/content/1", "", bearer)
	if resp.StatusCode != 200 || len(body) != 1006 {
		t.Fatalf("%d %s", resp.StatusCode, body)
	}
	kind, params, err := mime.ParseMediaType(resp.Header.Get("Content-Disposition"))
	if err != nil || kind != "attachment" || params["filename"] != "a b\"ü_.txt" {
		t.Errorf("%s: %s %v %v", resp.Header.Get("Content-Disposition"), kind, params, err)
	}
	if resp.Header.Get("ETag") != `"v1"` || !strings.HasPrefix(resp.Header.Get("Content-Security-Policy"), "sandbox;") {
		t.Errorf("%v", resp.Header)
	}
	for _, x := range []struct {
		header, url string
		status      int
		want        string
	}{
		{"Range: bytes=0-5", "/v1/content/1", 206, canary},
		{"Range: bytes=-1", "/v1/content/1?library=home", 206, "x"},
		{"Range: bytes=5000-", "/v1/content/1", 416, ""},
		{`If-None-Match: "v1"`, "/v1/content/1", 304, ""},
		{`If-Range: "v0"`, "/v1/content/1", 200, canary},
		{"X: y", "/v1/content/99", 404, "no such entry"},
		{"X: y", "/v1/content/x", 400, "not a valid entry id"},
		{"X: y", "/v1/content", 400, "path is missing"},
		{"X: y", "/v1/content?path=/nowhere", 404, "no such entry"},
		{"Range: bytes=0-2", "/v1/content?path=/page.html", 206, ""},
		{"X: y", "/v1/content/-1", 400, "not a valid entry id"},
		{"X: y", "/v1/content/1?library=nowhere", 404, "no such library"},
	} {
		resp, body := send(t, c, "GET", base+x.url, "", bearer, x.header)
		if resp.StatusCode != x.status || !strings.Contains(body, x.want) {
			t.Errorf("%s %s: %d %s", x.header, x.url, resp.StatusCode, body)
		}
	}
	if resp, body := send(t, c, "HEAD", base+"/v1/content/1", "", bearer); resp.StatusCode != 200 || body != "" || resp.ContentLength != 1006 {
		t.Errorf("HEAD: %d %q", resp.StatusCode, body)
	}
}

func TestPreview(t *testing.T) {
	w := start(t)
	c := w.client(t, false)
	link := func(id ident.EntryID) string {
		u, err := w.ContentLink("lib-1", FileRef{ID: id}, w.lib.files[id].name)
		if err != nil || !strings.HasPrefix(u, w.Addresses().Content+"/c/") {
			t.Fatal(u, err)
		}
		return u
	}
	for _, x := range []struct {
		id                      ident.EntryID
		dest, kind, disposition string
	}{
		{1, "", "text/plain; charset=utf-8", "inline"},
		{2, "document", "text/plain; charset=utf-8", "inline"},
		{2, "iframe", "text/plain; charset=utf-8", "inline"},
		{3, "image", "image/svg+xml", "inline"},
		{3, "document", "text/plain; charset=utf-8", "inline"},
		{4, "", "image/jpeg", "inline"},
		{5, "", "application/octet-stream", "attachment"},
		{6, "iframe", "text/plain; charset=utf-8", "inline"},
		{7, "iframe", "text/plain; charset=utf-8", "inline"},
		{8, "iframe", "text/plain; charset=windows-1252", "inline"},
		{9, "iframe", "application/octet-stream", "attachment"},
		{10, "iframe", "text/plain; charset=utf-8", "inline"},
		{11, "video", "video/mp2t", "inline"},
	} {
		resp, body := send(t, c, "GET", link(x.id), "", "Sec-Fetch-Dest: "+x.dest, "Sec-Fetch-Site: same-site", "Cookie: __Host-stardrive-1=x")
		h := resp.Header
		if resp.StatusCode != 200 || !strings.Contains(body, canary) || h.Get("Content-Type") != x.kind ||
			!strings.HasPrefix(h.Get("Content-Disposition"), x.disposition+";") || h.Get("X-Content-Type-Options") != "nosniff" ||
			h.Get("Cross-Origin-Resource-Policy") != "cross-origin" || h.Get("Set-Cookie") != "" ||
			!strings.HasPrefix(h.Get("Content-Security-Policy"), "sandbox; default-src 'none';") ||
			!strings.Contains(h.Get("Content-Security-Policy"), "frame-ancestors "+w.Addresses().HTTP) {
			t.Errorf("%+v: %d %v", x, resp.StatusCode, h)
		}
	}
	if first, second := link(1), link(1); first != second {
		t.Error("two links made at once differ: no browser cache will know them")
	}
}

// TestP25_Tickets: a ticket opens its own entry, for its time, and nothing else.
func TestP25_Tickets(t *testing.T) {
	w := start(t)
	c, content := w.client(t, false), w.Addresses().Content
	good, err := w.ContentLink("lib-1", FileRef{ID: 4}, "../../x")
	if err != nil {
		t.Fatal(err)
	}
	sealed := strings.Split(strings.TrimPrefix(good, content+"/c/"), "/")[0]
	forged := ticket{"lib-1", FileRef{ID: 1}, w.clock().Add(time.Hour).Unix()}.seal([]byte("another key"))
	_, mac, _ := strings.Cut(sealed, ".")
	body, _, _ := strings.Cut(forged, ".")
	for name, path := range map[string]string{
		"none": "/c/", "garbage": "/c/x/y", "forged": "/c/" + forged + "/x", "swapped": "/c/" + body + "." + mac + "/x",
		"cut": "/c/" + sealed[:len(sealed)-1] + "/x", "other route": "/v1/content/1", "root": "/", "operation": "/v1/op/test.echo",
	} {
		resp, text := send(t, c, "GET", content+path, "", bearer)
		if resp.StatusCode != 401 || strings.Contains(text, canary) {
			t.Errorf("%s: %d %s", name, resp.StatusCode, text)
		}
	}
	for _, m := range []string{"POST", "PUT", "DELETE", "OPTIONS"} {
		if resp, text := send(t, c, m, good, ""); resp.StatusCode/100 != 4 || strings.Contains(text, canary) {
			t.Errorf("%s: %d %s", m, resp.StatusCode, text)
		}
	}
	for _, host := range []string{"evil.example", "127.0.0.1", "localhost", strings.TrimPrefix(w.Addresses().HTTP, "http://"), "0.0.0.0:80"} {
		for _, u := range []string{good, content + "/", content + "/v1/health"} {
			if resp, text := send(t, c, "GET", u, "", "Host: "+host); resp.StatusCode != 421 || strings.Contains(text, canary) {
				t.Errorf("foreign host %s: %d", host, resp.StatusCode)
			}
		}
	}
	if resp, _ := send(t, c, "GET", good, ""); resp.StatusCode != 200 {
		t.Errorf("good: %d", resp.StatusCode)
	}
	w.pass(ticketLife - time.Second)
	if resp, _ := send(t, c, "GET", good, ""); resp.StatusCode != 200 {
		t.Errorf("within its time: %d", resp.StatusCode)
	}
	w.pass(ticketRound + time.Second)
	if resp, _ := send(t, c, "GET", good, ""); resp.StatusCode != 401 {
		t.Errorf("after its time: %d", resp.StatusCode)
	}
	if resp, _ := send(t, c, "GET", strings.Replace(good, content, w.Addresses().HTTP, 1), ""); resp.StatusCode == 200 && resp.Header.Get("Content-Type") == "image/jpeg" {
		t.Error("the interface's origin serves previews")
	}
}

func TestSafeName(t *testing.T) {
	for in, want := range map[string]string{
		"": "file", ".": "file", "..": "file", "a/b": "a_b", "a\nb": "a_b", "a\xffb": "a_b", "r\u202etl": "r_tl", "ü": "ü", "a\x00": "a_",
	} {
		if got := safeName(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
	if got := dispositionOf("inline", `q"\%ü+ *.txt`); got != `inline; filename="q___`+`_+ *.txt"; filename*=UTF-8''q%22%5C%25%C3%BC%2B%20%2A.txt` {
		t.Error(got)
	}
}
