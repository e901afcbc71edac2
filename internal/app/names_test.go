package app

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	goruntime "runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stardrive/stardrive/internal/browse"
	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/search"
)

// dig makes a chain of folders that is longer than a path may be, with a file at
// its end, and returns the chain.
func dig(t *testing.T, top string) []string {
	t.Helper()
	at, err := os.OpenRoot(top)
	if err != nil {
		t.Fatal(err)
	}
	var chain []string
	for i := range 20 {
		name := fmt.Sprintf("%03d %s", i, strings.Repeat("deep", 60))
		if err := at.Mkdir(name, 0o755); err != nil {
			t.Fatal(err)
		}
		next, err := at.OpenRoot(name)
		if err = errors.Join(err, at.Close()); err != nil {
			t.Fatal(err)
		}
		at, chain = next, append(chain, name)
	}
	if err := errors.Join(at.WriteFile("bottom.txt", []byte("far down"), 0o644), at.Close()); err != nil {
		t.Fatal(err)
	}
	return chain
}

// fill undoes dig: the long way up, since its path is too long to be removed.
func fill(t *testing.T, top string, chain []string) {
	t.Helper()
	for len(chain) > 0 {
		at, err := os.OpenRoot(top)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range chain[:len(chain)-1] {
			next, err := at.OpenRoot(name)
			if err = errors.Join(err, at.Close()); err != nil {
				t.Fatal(err)
			}
			at = next
		}
		if err := errors.Join(at.RemoveAll(chain[len(chain)-1]), at.Close()); err != nil {
			t.Fatal(err)
		}
		chain = chain[:len(chain)-1]
	}
}

// TestPromise_P6_AnyName: whatever name the system takes, a file is indexed,
// listed, found, shown and opened, by id and by address.
func TestPromise_P6_AnyName(t *testing.T) {
	if goruntime.GOOS != "linux" {
		t.Skip("the names of this test are Linux's")
	}
	top := filepath.Join(t.TempDir(), "odd names")
	names := []string{
		"zebra plain", "zebra\nline", "zebra\xff\xfe", "\xffzebra.txt", "zebra%41", "zebra?a#b", "zebra\u202etxt", " zebra ", "zebra\\back", "zébra", "ze\u0301bra", "zebra'\"`$(x)",
		strings.Repeat("zebra", 51), "-zebra", ".zebra", "zebra\x01\x7f", "zebra&<b>", "ＺＥＢＲＡ", "zebra:", "zebra\u3000🦓",
	}
	for _, n := range names {
		write(t, filepath.Join(top, n), "stripes of "+n)
	}
	write(t, filepath.Join(top, "dir\n\xff", "zebra inside"), "stripes of zebra inside")
	names = append(names, "zebra inside")
	r := serve(t, filepath.Join(t.TempDir(), "data"))
	r.add(top)

	hits := r.finds("zebra", len(names))
	out := must[browse.ListOut](r, "entry.list", fields{"path": top, "hidden": true})
	if out.Live || out.Total != len(names) { // the folder in the place of what is in it
		t.Errorf("%d entries are listed", out.Total)
	}
	var seen []string
	for _, h := range hits.Items {
		name := h.Name
		if h.Raw != "" {
			b, err := base64.StdEncoding.DecodeString(h.Raw)
			if err != nil {
				t.Errorf("%q: %v", h.Raw, err)
			}
			name = string(b)
		}
		seen = append(seen, name)
		for _, which := range []fields{{"id": h.ID}, {"path": h.Path}} {
			info := must[browse.Info](r, "entry.info", which)
			if info.ID != h.ID || info.Path != h.Path || info.Raw != h.Raw || len(info.Parents) == 0 {
				t.Errorf("%q by %v is %+v", name, which, info)
			}
			folder := info.Parents[len(info.Parents)-1]
			for _, in := range []fields{{"id": folder.ID, "hidden": true}, {"path": folder.Path, "hidden": true}} {
				list := must[browse.ListOut](r, "entry.list", in)
				if !slices.ContainsFunc(list.Items, func(v catalog.View) bool { return v.ID == h.ID && v.Path == h.Path && v.Raw == h.Raw }) {
					t.Errorf("%q is not in %v", name, in)
				}
			}
		}
		for _, at := range []string{"/v1/content/" + h.ID, "/v1/content?path=" + url.QueryEscape(h.Path)} {
			if status, b, _ := request(t, r.client, "GET", "http://localhost"+at, ""); status != 200 || string(b) != "stripes of "+name {
				t.Errorf("%q at %s: %d %.100q", name, at, status, b)
			}
		}
	}
	slices.Sort(seen)
	if slices.Sort(names); !slices.Equal(seen, names) {
		t.Errorf("found %q\n want %q", seen, names)
	}
	if odd := r.finds("\ufffd", 3); odd.Total != 3 { // as the names are shown: two files and a folder
		t.Errorf("%d names are no text", odd.Total)
	}
	if live := must[browse.ListOut](r, "entry.list", fields{"path": "sd://local" + filepath.ToSlash(filepath.Dir(top))}); !live.Live || !slices.ContainsFunc(live.Items, func(v catalog.View) bool { return v.Name == "odd names" && v.ID != "" }) {
		t.Errorf("above the location: %+v", live)
	}
}

// TestPromise_P6_LongPaths: a path that is longer than the system takes as one
// piece is indexed, found, listed and opened all the same.
func TestPromise_P6_LongPaths(t *testing.T) {
	if goruntime.GOOS != "linux" {
		t.Skip("paths end earlier here")
	}
	top := filepath.Join(t.TempDir(), "long")
	if err := os.Mkdir(top, 0o755); err != nil {
		t.Fatal(err)
	}
	chain := dig(t, top)
	t.Cleanup(func() { fill(t, top, chain) })
	r := serve(t, filepath.Join(t.TempDir(), "data"))
	l := r.add(top)
	if l.Files != 1 || l.Folders != int64(len(chain))+1 || l.Errors != 0 {
		t.Errorf("indexed: %+v", l)
	}
	hit := r.finds("bottom", 1).Items[0]
	if len(hit.OSPath) < 4096 || hit.OSPath != filepath.Join(top, filepath.Join(chain...), "bottom.txt") {
		t.Errorf("found at %d bytes: %s", len(hit.OSPath), hit.OSPath)
	}
	for _, which := range []fields{{"id": hit.ID}, {"path": hit.Path}, {"path": hit.OSPath}} {
		if info := must[browse.Info](r, "entry.info", which); info.ID != hit.ID || info.Path != hit.Path {
			t.Errorf("by %.20v: %+v", which, info)
		}
	}
	folder := filepath.Dir(hit.OSPath)
	for range len(chain) {
		list := must[browse.ListOut](r, "entry.list", fields{"path": folder})
		if list.Live || list.Total != 1 || list.Items[0].ID == "" {
			t.Fatalf("%d bytes: %+v", len(folder), list)
		}
		folder = filepath.Dir(folder)
	}
	for _, at := range []string{"/v1/content/" + hit.ID, "/v1/content?path=" + url.QueryEscape(hit.Path)} {
		if status, b, _ := request(t, r.client, "GET", "http://localhost"+at, ""); status != 200 || string(b) != "far down" {
			t.Errorf("%.20s: %d %q", at, status, b)
		}
	}
	_, err := ask[browse.Info](r, "entry.info", fields{"path": hit.OSPath + ".no"})
	if !errs.Is(err, errs.NotFound) {
		t.Errorf("beside it: %v", err)
	}
	in := must[search.Hits](r, "search.query", fields{"query": "bottom", "in": filepath.Dir(hit.OSPath)})
	if in.Total != 1 {
		t.Errorf("searched in its folder: %+v", in)
	}
}

// TestContentLink: a link shows a file's bytes to who has it, on the origin of
// contents and nowhere else.
func TestContentLink(t *testing.T) {
	r := serve(t, filepath.Join(t.TempDir(), "data"))
	tcp := &http.Client{Transport: &http.Transport{}}
	defer tcp.CloseIdleConnections()
	dir := filepath.Join(t.TempDir(), "pages")
	write(t, filepath.Join(dir, "page.html"), "<script>alert(1)</script>")
	l := r.add(dir)
	hit := r.finds("page.html", 1).Items[0]
	link := must[LinkOut](r, "content.link", fields{"id": hit.ID}).URL
	path, ok := strings.CutPrefix(link, r.at.Content)
	if !ok {
		t.Fatalf("the link %s is not on %s", link, r.at.Content)
	}
	code, b, h := request(t, tcp, "GET", link, "")
	if code != 200 || string(b) != "<script>alert(1)</script>" || !strings.Contains(h.Get("Content-Security-Policy"), "sandbox") || strings.HasPrefix(h.Get("Content-Type"), "text/html") {
		t.Errorf("linked: %d %q %v", code, b, h)
	}
	if code, b, _ := request(t, tcp, "GET", link, "", "Range", "bytes=1-6"); code != 206 || string(b) != "script" {
		t.Errorf("a range: %d %q", code, b)
	}
	if code, _, h2 := request(t, tcp, "GET", link, "", "If-None-Match", h.Get("ETag")); code != 304 || h.Get("ETag") == "" {
		t.Errorf("unchanged: %d %v", code, h2)
	}
	for what, at := range map[string]string{
		"the link on the origin of the interface": r.at.HTTP + path,
		"an operation on the origin of contents":  r.at.Content + "/v1/op/daemon.status",
		"health on the origin of contents":        r.at.Content + "/v1/health",
		"the interface on the origin of contents": r.at.Content + "/",
		"a link with another ticket":              r.at.Content + "/c/x" + path[3:],
	} {
		if code, b, _ := request(t, tcp, "GET", at, "", "Authorization", "Bearer "+r.token); bytesOf(b, "alert") || bytesOf(b, `"ok"`) || code == 200 && strings.HasPrefix(at, r.at.Content) {
			t.Errorf("%s: %d %.100q", what, code, b)
		}
	}
	live := filepath.Join(t.TempDir(), "not indexed | 100%.txt")
	write(t, live, "alive")
	if code, b, h := request(t, tcp, "GET", must[LinkOut](r, "content.link", fields{"path": live}).URL, ""); code != 200 || string(b) != "alive" || !strings.Contains(h.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("what is not indexed: %d %q %v", code, b, h)
	}
	if _, err := ask[LinkOut](r, "content.link", fields{"path": filepath.Dir(live)}); !errs.Is(err, errs.Unsupported) {
		t.Errorf("a link to a folder that is not indexed: %v", err)
	}
	folder, _ := l.Entry.MarshalText()
	if _, err := ask[LinkOut](r, "content.link", fields{"id": string(folder)}); !errs.Is(err, errs.Unsupported) {
		t.Errorf("a link to a folder: %v", err)
	}
	if _, err := ask[LinkOut](r, "content.link", fields{"id": "999999"}); !errs.Is(err, errs.NotFound) {
		t.Errorf("a link to nothing: %v", err)
	}
}

func bytesOf(b []byte, text string) bool { return strings.Contains(string(b), text) }
