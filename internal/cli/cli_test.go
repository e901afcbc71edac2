//go:build !windows

package cli

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
)

func TestExitCodes(t *testing.T) {
	w, data := fake(t)
	want := map[errs.Kind]int{
		errs.Internal: 1, errs.Invalid: 2, errs.NotFound: 3, errs.Conflict: 4, errs.Denied: 5,
		errs.Unavailable: 6, errs.Unsupported: 1, errs.ApprovalNeeded: 7, errs.Cancelled: 130,
	}
	for _, kind := range errs.Kinds() {
		r := line(t, w, data, "test", "fail", string(kind))
		if r.code != want[kind] {
			t.Errorf("%s: exit %d, want %d", kind, r.code, want[kind])
		}
		if r.stderr != "stardrive: /x\\ny: it \\x1b[31mfailed\n  Do better.\n" || r.out != "" {
			t.Errorf("%s: stderr %q, stdout %q", kind, r.stderr, r.out)
		}
		r = line(t, w, data, "--json", "test", "fail", string(kind))
		var e struct {
			Error struct{ Kind, Message, Path, Op, Remedy string }
		}
		if err := json.Unmarshal([]byte(r.stderr), &e); err != nil {
			t.Fatalf("%q: %v", r.stderr, err)
		}
		if e.Error.Kind != string(kind) || e.Error.Message != "it \x1b[31mfailed" || e.Error.Path != "/x\ny" ||
			e.Error.Op != "test.fail" || e.Error.Remedy != "Do better." || r.code != want[kind] {
			t.Errorf("%s: %+v", kind, e)
		}
	}
}

func TestUsageErrors(t *testing.T) {
	w, data := fake(t)
	for _, tt := range []struct{ args, want string }{
		{"bogus", `there is no command "bogus"`},
		{"serach x", "did you mean search"},
		{"location bogus", `there is no command "location bogus"`},
		{"location ad x", "did you mean add"},
		{"location add", "PATH is missing: folder to index"},
		{"location add a b", `too many arguments: "b"`},
		{"location add a --nope", "unknown flag: --nope"},
		{"location add a --mode wild", "mode is one of shallow, content, deep"},
		{"test odd-one a --count x", "count is a whole number"},
		{"test odd-one a --share x", "share is a number"},
		{"test odd-one a --rule {", "the value of rule is not JSON"},
		{"test odd-one a --secret x", "unknown flag: --secret"},
		{"test odd-one", "NAMES is missing"},
		{"test hidden", "there is no command"},
		{"status x", `no arguments are expected, "x" is given`},
		{"search", "the query is missing"},
		{"info", "the path is missing"},
		{"info a --id 3", "give a path or --id, not both"},
		{"cat", "the path is missing"},
		{"job watch", "accepts 1 arg(s)"},
		{"op test.fail nonsense", "not valid JSON"},
	} {
		r := line(t, w, data, strings.Fields(tt.args)...)
		if r.code != 2 || !strings.HasPrefix(r.stderr, "stardrive: ") || !strings.Contains(r.stderr, tt.want) || r.out != "" {
			t.Errorf("%s: exit %d, stderr %q, stdout %q", tt.args, r.code, r.stderr, r.out)
		}
		r = line(t, w, data, append(strings.Fields(tt.args), "--json")...)
		if r.code != 2 || !strings.HasPrefix(r.stderr, `{"error":{"kind":"invalid","message":"`) {
			t.Errorf("%s --json: exit %d, stderr %q", tt.args, r.code, r.stderr)
		}
	}
	if r := line(t, w, data, "location", "add"); !strings.Contains(r.stderr, "\n  Run 'stardrive location add --help'") {
		t.Errorf("no remedy: %q", r.stderr)
	}
}

func TestGeneratedRequests(t *testing.T) {
	w, data := fake(t)
	for _, tt := range []struct{ args, want string }{
		{"location add /p --name N --mode deep", `location.add {"path":"/p","name":"N","mode":"deep"}`},
		{"location add --mode=deep -- -p", `location.add {"path":"CWD/-p","mode":"deep"}`},
		{"location info Photos", `location.info {"location":"Photos"}`},
		{"location info ./Photos", `location.info {"location":"CWD/Photos"}`},
		{"location info sd://local/x", `location.info {"location":"sd://local/x"}`},
		{"job cancel 7", `job.cancel {"job":"7"}`},
		{"test odd-one a -- -b", `test.odd_one {"names":["a","-b"],"deep":false}`},
		{"test odd-one a --count 5 --share .5", "exit 2"}, // .5 is no JSON
		{"test odd-one a --count -5 --share 0.5 --deep --labels x,y --labels z --when 2024-01-02T03:04:05Z",
			`test.odd_one {"names":["a"],"count":-5,"share":0.5,"deep":true,"labels":["x,y","z"],"when":"2024-01-02T03:04:05Z"}`},
		{`test odd-one a --rule {"a":1}`, `test.odd_one {"names":["a"],"deep":false,"rule":{"a":1}}`},
		{"test odd-one a --library L", `test.odd_one {"names":["a"],"deep":false,"library":"L"}`},
	} {
		r := line(t, w, data, strings.Fields(tt.args)...)
		if tt.want == "exit 2" {
			if r.code != 2 {
				t.Errorf("%s: exit %d", tt.args, r.code)
			}
			continue
		}
		cwd, _ := os.Getwd()
		if got := strings.ReplaceAll(w.last(), cwd, "CWD"); r.code != 0 || got != tt.want {
			t.Errorf("%s: exit %d %s\n got %s\nwant %s", tt.args, r.code, r.stderr, got, tt.want)
		}
	}
	if w.library != "L" {
		t.Errorf("library header %q", w.library)
	}
	if r := line(t, w, data, "location", "list", "--library", "a\nb"); r.code != 3 {
		t.Errorf("a library with a newline: %+v", r)
	}
}

func TestJSONIsPassedThrough(t *testing.T) {
	w, data := fake(t)
	out := ok(t, w, data, "location", "info", "Photos", "--json")
	if want := `{"id":"3","name":"Photos","path":"/p","state":"ready","files":1234,"bytes":5600000,"last_indexed":"0001-01-01T00:00:00Z"}` + "\n"; out != want {
		t.Errorf("got %s", out)
	}
	if out := ok(t, w, data, "op", "job.cancel", `{"job":"7"}`); out != "{}\n" {
		t.Errorf("op: %q", out)
	}
	r := lineIn(t, context.Background(), w, data, `{"job":"8"}`, "op", "job.cancel", "-")
	if r.code != 0 || w.last() != `job.cancel {"job":"8"}` {
		t.Errorf("op -: %+v, %s", r, w.last())
	}
	if r := line(t, w, data, "op", "no.such"); r.code != 3 {
		t.Errorf("op no.such: %+v", r)
	}
}

func TestOpList(t *testing.T) {
	w, data := fake(t)
	if out := ok(t, w, data, "op", "list"); !strings.Contains(out, "location.add       command  Index a folder\n") {
		t.Errorf("%s", out)
	}
	var list struct {
		Items []struct {
			Name, Title, Kind string
			Input, Output     json.RawMessage
		}
		Next *string
	}
	if err := json.Unmarshal([]byte(ok(t, w, data, "op", "list", "--json")), &list); err != nil || list.Next == nil {
		t.Fatal(err)
	}
	for i := range list.Items {
		if it := list.Items[i]; it.Name == "location.add" && strings.Contains(string(it.Input), "folder to index") {
			return
		}
	}
	t.Error("location.add and its schema are not listed")
}

func TestHelpShowsWhatTheTableSays(t *testing.T) {
	w, data := fake(t)
	out := ok(t, w, data, "location", "add", "--help")
	for _, want := range []string{
		"Index a folder.", "location add PATH [flags]", "PATH   folder to index", "stardrive location add ~/Photos --wait",
		"--mode WORD", "how deep to look (shallow|content|deep)", "--wait", "Operation: location.add", "--no-start",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in:\n%s", want, out)
		}
	}
	out = ok(t, w, data)
	for _, want := range []string{"  ls ", "  search ", "  status ", "  location ", "  completion ", "  serve "} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in:\n%s", want, out)
		}
	}
	if ok(t, w, data, "entry", "info", "--path", "/x", "--json"); w.last() != `entry.info {"path":"/x"}` {
		t.Error(w.last())
	}
	for _, not := range []string{"\n  entry ", "\n  daemon ", "hidden"} {
		if strings.Contains(out, not) {
			t.Errorf("%q in:\n%s", not, out)
		}
	}
}

// F12: a daemon of another version is told, once, and works.
func TestF12VersionMismatch(t *testing.T) {
	dir := dataDir(t)
	w := &world{version: "0.9"}
	closeAll, err := w.listen(filepath.Join(dir, "daemon.sock"))
	if err != nil {
		t.Fatal(err)
	}
	defer closeAll()
	r := line(t, w, dir, "location", "info", "x")
	if r.code != 0 || strings.Count(r.stderr, "version 0.9") != 1 || !strings.Contains(r.stderr, "stardrive stop") {
		t.Errorf("%+v", r)
	}
	if r := line(t, w, dir, "location", "info", "x", "--json"); !strings.HasPrefix(r.stderr, `{"warning":{`) || r.code != 0 {
		t.Errorf("%+v", r)
	}
	if r := line(t, w, dir, "location", "info", "x", "--quiet"); r.stderr != "" {
		t.Errorf("%+v", r)
	}
	if out := ok(t, w, dir, "version"); !strings.Contains(out, "stardrive 1.0") || !strings.Contains(out, "daemon 0.9") {
		t.Errorf("%s", out)
	}
}

// F11: output that cannot be written is an error, not a panic.
func TestF11BrokenOutput(t *testing.T) {
	w, data := fake(t)
	w.entries = []string{"a"}
	for _, args := range []string{"op list", "location list", "ls /", "ls / --json", "cat /x", "status", "--help", "search x --print0"} {
		var stderr strings.Builder
		code := Main(context.Background(), append([]string{"--data", data}, strings.Fields(args)...), Deps{
			Version: "1.0", Ops: w.ops(), Stdout: brokenWriter{}, Stderr: &stderr, Env: func(string) string { return "" },
		})
		if code != 1 || !strings.Contains(stderr.String(), "broken") {
			t.Errorf("%s: exit %d, %q", args, code, stderr.String())
		}
		code = Main(context.Background(), append([]string{"--data", data}, strings.Fields(args)...), Deps{
			Version: "1.0", Ops: w.ops(), Stdout: brokenWriter{}, Stderr: brokenWriter{}, Env: func(string) string { return "" },
		})
		if code != 1 {
			t.Errorf("%s with a broken stderr: exit %d", args, code)
		}
	}
}

func TestInterrupt(t *testing.T) {
	w, data := fake(t)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	go func() { time.Sleep(50 * time.Millisecond); cancel() }()
	if r := lineIn(t, ctx, w, data, "", "test", "block"); r.code != 130 || !strings.Contains(r.stderr, "interrupted") {
		t.Errorf("%+v", r)
	}
}

func TestConfirm(t *testing.T) {
	w, data := fake(t)
	r := line(t, w, data, "library", "remove", "Home", "--delete-files")
	if r.code != 7 || !strings.Contains(r.stderr, "--yes") || w.last() != "" {
		t.Errorf("%+v %s", r, w.last())
	}
	ok(t, w, data, "library", "remove", "Home", "--delete-files", "--yes")
	if w.last() != `library.remove {"name":"Home","delete_files":true}` {
		t.Error(w.last())
	}
	ok(t, w, data, "library", "remove", "Home")
}

func TestOpenAndDoctor(t *testing.T) {
	w, data := fake(t)
	if out := ok(t, w, data, "open"); out != "http://127.0.0.1:1/#login=abc\n" {
		t.Errorf("%q", out)
	}
	if out := ok(t, w, data, "open", "--json"); out != `{"url":"http://127.0.0.1:1/#login=abc"}`+"\n" {
		t.Errorf("%q", out)
	}
	r := line(t, w, data, "doctor")
	if r.code != 1 || r.stderr != "" || !strings.Contains(r.out, "FAIL  database  damaged\n      Restore a backup.\n") || !strings.Contains(r.out, "ok    clock ") {
		t.Errorf("%+v", r)
	}
	if r := line(t, w, data, "doctor", "--json"); r.code != 1 || !strings.HasPrefix(r.out, `{"checks":[`) {
		t.Errorf("%+v", r)
	}
}
