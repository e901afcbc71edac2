package httpapi

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return digestHeader + ": sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"
}

// TestUpload_Piece sends pieces as they should be, and as they should not.
func TestUpload_Piece(t *testing.T) {
	w := start(t)
	c, base := w.client(t, false), w.Addresses().HTTP
	const kind, at = "Content-Type: application/octet-stream", offsetHeader + ": 8"
	for name, x := range map[string]struct {
		kind, at, sum, body string
		status              int
		says                string
	}{
		"good":                 {kind, at, digest("abc"), "abc", 200, `{"got":11}`},
		"other bytes":          {kind, at, digest("abd"), "abc", 409, "other bytes"},
		"as a form":            {"Content-Type: text/plain", at, digest("abc"), "abc", 415, "octet-stream"},
		"as JSON":              {"Content-Type: application/json", at, digest("abc"), "abc", 415, "octet-stream"},
		"no sum":               {kind, at, "X: y", "abc", 400, "checksum"},
		"a short sum":          {kind, at, digestHeader + ": sha-256=:YWJj:", "abc", 400, "checksum"},
		"no offset":            {kind, "X: y", digest("abc"), "abc", 400, "no number"},
		"before the beginning": {kind, offsetHeader + ": -1", digest("abc"), "abc", 400, "no number"},
		"too much":             {kind, at, digest("abc"), strings.Repeat("x", maxPiece+1), 413, "larger"},
	} {
		resp, body := send(t, c, "PUT", base+"/v1/upload/1/2", x.body, bearer, x.kind, x.at, x.sum)
		if resp.StatusCode != x.status || !strings.Contains(body, x.says) {
			t.Errorf("%s: %d %s", name, resp.StatusCode, body)
		}
	}
	if resp, _ := send(t, c, "PUT", base+"/v1/upload/1/2", "abc", kind, at, digest("abc")); resp.StatusCode != 401 {
		t.Errorf("without a login: %d", resp.StatusCode)
	}
	if resp, _ := send(t, c, "PUT", base+"/v1/upload/1/2", "abc", bearer, kind, at, digest("abc"), "Origin: http://evil.example"); resp.StatusCode != 403 {
		t.Errorf("from another page: %d", resp.StatusCode)
	}
}

// deadlines is a connection that notes until when it may be read from.
type deadlines struct {
	http.ResponseWriter
	set []time.Time
}

func (d *deadlines) SetReadDeadline(t time.Time) error {
	d.set = append(d.set, t)
	return nil
}

// TestI6_SteadyBody: the client's patience is for each step of a body, not for the whole,
// and when it has come nothing ends a request that takes its time.
func TestI6_SteadyBody(t *testing.T) {
	d := &deadlines{}
	body := &steady{ReadCloser: io.NopCloser(strings.NewReader(strings.Repeat("x", 10*readStep))), ctl: http.NewResponseController(d), patience: time.Hour}
	buf := make([]byte, 1000)
	for n, most := 0, 0; ; {
		got, err := body.Read(buf)
		if n += got; n/(readStep+len(buf)) > len(d.set) {
			t.Fatalf("after %d bytes the deadline was put off %d times", n, len(d.set))
		}
		if most = max(most, len(d.set)); errors.Is(err, io.EOF) {
			break
		}
		if err != nil || most > n/readStep {
			t.Fatalf("after %d bytes: put off %d times, %v", n, most, err)
		}
	}
	for i, at := range d.set {
		if last := i == len(d.set)-1; at.IsZero() != last || !last && time.Until(at) < time.Minute {
			t.Errorf("deadline %d of %d: %s", i, len(d.set), at)
		}
	}
}

// TestZip sends an archive, and cuts off one that cannot be made whole.
func TestZip(t *testing.T) {
	w := start(t)
	c, base := w.client(t, false), w.Addresses().HTTP
	resp, body := send(t, c, "GET", base+"/v1/zip/abc", "", bearer)
	if h := resp.Header; resp.StatusCode != 200 || body != "PK..." || h.Get("Content-Type") != "application/zip" || h.Get("Content-Disposition") != `attachment; filename="a b.zip"; filename*=UTF-8''a%20b.zip` {
		t.Errorf("%d %q %v", resp.StatusCode, body, h)
	}
	if resp, body := send(t, c, "GET", base+"/v1/zip/other", "", bearer); resp.StatusCode != 404 {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
	req, err := http.NewRequestWithContext(t.Context(), "GET", base+"/v1/zip/broken", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+testToken)
	cut, err := c.Do(req)
	if err == nil {
		_, err = io.ReadAll(cut.Body)
		_ = cut.Body.Close()
	}
	if err == nil {
		t.Error("an archive that broke off looks whole")
	}
}
