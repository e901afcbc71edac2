//go:build !windows

package cli

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stardrive/stardrive/internal/errs"
)

func TestLs(t *testing.T) {
	w, data := fake(t)
	w.entries = []string{"a.txt", "日本.jpg", "new\nline", "bad\xff", "-dash"}
	want := "a.txt\n日本.jpg\nnew\\nline\nbad\\xff\n-dash\n"
	if out := ok(t, w, data, "ls", "/data"); out != want {
		t.Errorf("got  %q\nwant %q", out, want)
	}
	if len(w.calls) != 3 || w.calls[2] != `entry.list {"path":"/data","cursor":"4","limit":1000}` {
		t.Errorf("pages: %q", w.calls)
	}
	if out := ok(t, w, data, "ls", "/data", "-l"); !strings.HasPrefix(out, "-rw-r--r--    1.2 MB  2024-05-0") || !strings.HasSuffix(out, "  -dash\n") {
		t.Errorf("%q", out)
	}
	if out := ok(t, w, data, "ls", "/data", "--print0"); out != "/data/a.txt\x00/data/日本.jpg\x00/data/new\nline\x00/data/bad\xff\x00/data/-dash\x00" {
		t.Errorf("%q", out)
	}
	r := line(t, w, data, "ls", "/data", "--limit", "2")
	if r.out != "a.txt\n日本.jpg\n" || r.stderr != "There is more: --cursor 2\n" {
		t.Errorf("%+v", r)
	}
	ok(t, w, data, "ls", "--id", "5", "--all", "--sort", "size", "--descending", "--cursor", "4")
	if w.last() != `entry.list {"id":"5","sort":"size","descending":true,"hidden":true,"cursor":"4"}` {
		t.Error(w.last())
	}
}

func TestLsJSONJoinsPages(t *testing.T) {
	w, data := fake(t)
	for _, names := range [][]string{nil, {"a"}, {"a", "b", "c", "d\xff", "e"}} {
		w.entries = names
		out := ok(t, w, data, "ls", "/data", "--json")
		var list listOut
		if err := json.Unmarshal([]byte(out), &list); err != nil {
			t.Fatalf("%v in %s", err, out)
		}
		if len(list.Items) != len(names) || list.Next != "" || list.Total != int64(len(names)) || list.Folder.ID != "1" || !strings.HasSuffix(out, "}\n") {
			t.Errorf("%d names: %s", len(names), out)
		}
	}
	out := ok(t, w, data, "ls", "/data", "--json", "--limit", "2")
	var list listOut
	if err := json.Unmarshal([]byte(out), &list); err != nil || list.Next != "2" || len(list.Items) != 2 {
		t.Errorf("%v: %s", err, out)
	}
}

func TestSearch(t *testing.T) {
	w, data := fake(t)
	out := ok(t, w, data, "search", "holiday", "kind:image", "-draft", "--limit", "20", "-x")
	if w.last() != `search.query {"query":"holiday kind:image -draft -x","limit":20}` || out != "/data/b\\xff\n/data/a\\nb\n" {
		t.Errorf("%s: %q", w.last(), out)
	}
	if out := ok(t, w, data, "find", "-0", "b"); out != "/data/b\xff\x00/data/a\nb\x00" {
		t.Errorf("%q", out)
	}
	ok(t, w, data, "search", "--", "--limit", "-l")
	if w.last() != `search.query {"query":"--limit -l"}` {
		t.Error(w.last())
	}
	ok(t, w, data, "--json", "search", "x", "--in", "/data", "--library", "Home")
	if w.last() != `search.query {"query":"x","in":"/data"}` || w.library != "Home" {
		t.Error(w.last(), w.library)
	}
	if out := ok(t, w, data, "search", "x", "-h"); !strings.Contains(out, "search QUERY...") {
		t.Errorf("%q", out)
	}
	if out := ok(t, w, data, "search", "x", "-l"); !strings.Contains(out, "1.2 MB") {
		t.Errorf("%q", out)
	}
	if r := line(t, w, data, "search", "x", "--bogus"); r.code != 2 || !strings.Contains(r.stderr, "--bogus") {
		t.Errorf("%+v", r)
	}
	if r := line(t, w, data, "search", "x\xff"); r.code != 2 {
		t.Errorf("%+v", r)
	}
}

func TestQueryLastLeavesOthersAlone(t *testing.T) {
	w := &world{}
	s := newShell(Deps{Ops: w.ops()})
	for _, args := range [][]string{nil, {"search"}, {"ls", "-l", "x"}, {"location", "list"}, {"--json"}, {"bogus", "-x"}, {"search", "--help"}} {
		if got := queryLast(s.root(), args); strings.Join(got, "|") != strings.Join(args, "|") {
			t.Errorf("%q became %q", args, got)
		}
	}
}

func TestInfoAndCat(t *testing.T) {
	w, data := fake(t)
	out := ok(t, w, data, "info", "/data/cat.jpg")
	for _, want := range []string{"name:      cat.jpg\n", "path:      /data/cat.jpg\n", "size:      1.2 MB (1,234,567 bytes)\n", "mode:      -rw-r--r--  0644\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	ok(t, w, data, "info", "--id", "9", "--json")
	if w.last() != `entry.info {"id":"9"}` {
		t.Error(w.last())
	}
	if out := ok(t, w, data, "cat", "/data/cat.jpg", "/live"); out != "bytes of 5\x00\xffbytes of path sd://local/live" {
		t.Errorf("%q", out)
	}
	if r := line(t, w, data, "cat", "/folder"); r.code != 2 || !strings.Contains(r.stderr, "folder") {
		t.Errorf("%+v", r)
	}
	if r := line(t, w, data, "cat", "/broken"); r.code != 6 || !strings.Contains(r.stderr, "ended while it answered") {
		t.Errorf("%+v", r)
	}
	w.fail = map[string]error{"entry.info": errs.New(errs.NotFound, "no such entry")}
	if r := line(t, w, data, "cat", "/x"); r.code != 3 || r.out != "" {
		t.Errorf("%+v", r)
	}
}

func TestEvents(t *testing.T) {
	w, data := fake(t)
	w.events = ": hello\n\nid: 4\nevent: entry.changed\ndata: {\"seq\":4,\"type\":\"entry.changed\"}\n\ndata:{\"seq\":5,\ndata: \"type\":\"x\"}\n\ndata: unfinished"
	out := ok(t, w, data, "events", "--since", "3")
	if want := "{\"seq\":4,\"type\":\"entry.changed\"}\n{\"seq\":5, \"type\":\"x\"}\n"; out != want {
		t.Errorf("%q", out)
	}
	if w.last() != `events "follow=false\u0026since=3"` {
		t.Error(w.last())
	}
	ok(t, w, data, "events")
	if w.last() != `events "follow=false\u0026since=0"` {
		t.Error(w.last())
	}
	r := line(t, w, data, "events", "--follow", "--summary", "--types", "a.b,c.d", "--types", "e.f")
	if r.code != 6 || w.last() != `events "summary=true\u0026types=a.b%2Cc.d%2Ce.f"` {
		t.Errorf("%+v %s", r, w.last())
	}
	w.events = "data: " + strings.Repeat("x", maxEvent+1) + "\n\n"
	if r := line(t, w, data, "events"); r.code != 1 {
		t.Errorf("exit %d", r.code)
	}
}

func FuzzEachEvent(f *testing.F) {
	f.Add("data: {}\n\n: c\r\ndata: 1\ndata: 2\n\n")
	f.Fuzz(func(t *testing.T, s string) {
		_ = eachEvent(strings.NewReader(s), func(b []byte) error {
			if strings.ContainsAny(string(b), "\n") {
				t.Errorf("%q has more than one line", b)
			}
			return nil
		})
	})
}

func TestCompletion(t *testing.T) {
	w, data := fake(t)
	for _, tt := range []struct{ args, want string }{
		{"location info |", "Photos\t/p\n"},
		{"location rescan Ph|", "Photos\t/p\nPh\\x1b[31m\\u202eotos\t/q\n"},
		{"job watch |", "7\tIndex Photos\n"},
		{"job cancel |", "7\tIndex Photos\n"},
		{"location list --library |", "Home\tu1\nWork\tu2\n"},
		{"location add x --mode |", "shallow\ncontent\ndeep\n"},
		{"ls --sort |", "name\nsize\n"},
		{"op location.a|", "location.add\n"},
	} {
		args := append([]string{"--data", data, "__complete"}, strings.Split(strings.TrimSuffix(tt.args, "|"), " ")...)
		r := complete(t, w, append(args[2:], "--data", data))
		if !strings.HasPrefix(r, tt.want) {
			t.Errorf("%s: %q", tt.args, r)
		}
	}
	empty := dataDir(t)
	if r := complete(t, w, []string{"__complete", "--data", empty, "location", "info", ""}); !strings.HasPrefix(r, ":4\n") {
		t.Errorf("without a daemon: %q", r)
	}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if out := ok(t, w, data, "completion", shell); !strings.Contains(out, "stardrive") {
			t.Errorf("%s: no script", shell)
		}
	}
}

// complete asks as a shell's completion script does. The word to complete is
// the last but what is added about the data folder.
func complete(t *testing.T, w *world, args []string) string {
	t.Helper()
	if n := len(args); n > 2 && args[n-2] == "--data" { // before the command
		args = append([]string{args[0], args[n-2], args[n-1]}, args[1:n-2]...)
	}
	var out, stderr strings.Builder
	Main(context.Background(), args, Deps{Version: "1.0", Ops: w.ops(), Stdout: &out, Stderr: &stderr, Env: func(string) string { return "" }})
	return out.String()
}
