//go:build !windows

package cli

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/op"
)

func printer() (*shell, *strings.Builder) {
	var out strings.Builder
	return newShell(Deps{Stdout: &out, Stderr: &out, Env: func(string) string { return "" }}), &out
}

func TestHuman(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 B", 999: "999 B", 1000: "1.0 kB", 1234: "1.2 kB", 9949: "9.9 kB", 9950: "10 kB", 999_499: "999 kB",
		999_500: "1.0 MB", 1_234_567: "1.2 MB", 4_000_000_000_000: "4.0 TB", 1<<63 - 1: "9.2 EB", -5: "-5 B",
	} {
		if got := humanSize(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
	for sec, want := range map[float64]string{
		0: "0.0 s", 0.0001: "1 ms", 0.0421: "42 ms", 0.0996: "0.1 s", 0.44: "0.4 s", 12: "12 s", 59.6: "1 min 00 s", 185: "3 min 05 s", 7800: "2 h 10 min", 356400: "4 d 3 h", -1: "",
	} {
		if got := humanSeconds(sec); got != want {
			t.Errorf("%v: %q, want %q", sec, got, want)
		}
	}
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1000: "-1,000"} {
		if got := humanCount(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
	if humanTime(time.Time{}) != "" || plural(1, "file", "files") != "1 file" || plural(2, "file", "files") != "2 files" {
		t.Error("zero time or plural")
	}
}

// A3, A4: no byte of a name or message reaches the terminal as a command.
func TestA3EscapesAreShown(t *testing.T) {
	for in, want := range map[string]string{
		"a\x1b[31mb\a\x7f": `a\x1b[31mb\x07\x7f`, "a\u202eb": `a\u202eb`, "a\xffb": `a\xffb`, `a\b`: `a\\b`, "日本": "日本", "a\tb\nc": `a\tb\nc`,
	} {
		if got := shown(in); got != want {
			t.Errorf("shown %q: %q", in, got)
		}
		if got := clean(in); got != strings.ReplaceAll(want, `\\`, `\`) {
			t.Errorf("clean %q: %q", in, got)
		}
	}
	if got := cleanLines("a\n\tb\x1b\n"); got != "a\n    b\\x1b" {
		t.Errorf("%q", got)
	}
}

func TestColumns(t *testing.T) {
	for s, want := range map[string]int{"": 0, "abc": 3, "日本": 4, "e\u0301": 1, "é": 1, "🙂": 2, "Ａ": 2, "…": 1, "한글": 4} {
		if got := columns(s); got != want {
			t.Errorf("%q: %d, want %d", s, got, want)
		}
	}
	if got := clip("日本語", 5); got != "日本…" {
		t.Errorf("%q", got)
	}
}

func TestTable(t *testing.T) {
	tb := newTable("NAME", "EMPTY", "SIZE").alignRight(2)
	tb.add("日本", "", "1 B")
	tb.add("long name", "", "123 kB")
	tb.add("x", "", "")
	var b strings.Builder
	if err := tb.write(&b); err != nil {
		t.Fatal(err)
	}
	want := "NAME         SIZE\n日本          1 B\nlong name  123 kB\nx\n"
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

func TestGenericResults(t *testing.T) {
	type item struct {
		ID      string    `json:"id"`
		Size    int64     `json:"size"`
		Count   int64     `json:"count"`
		When    time.Time `json:"when"`
		Tags    []string  `json:"tags,omitempty"`
		On      bool      `json:"on"`
		Seconds float64   `json:"seconds"`
	}
	type nested struct {
		Name  string `json:"name"`
		Inner struct {
			MaxBytes int64 `json:"max_bytes"`
		} `json:"inner"`
		Checks []item `json:"checks"`
		Note   *int64 `json:"note,omitempty"`
	}
	when := time.Date(2024, 1, 2, 3, 4, 5, 0, time.Local)
	list := answer[none](&world{}, "x.list", items[item]{[]item{
		{ID: "1", Size: 1500, Count: 1000, When: when, Tags: []string{"a", "b\n"}, On: true, Seconds: 2}, {ID: "2\x1b"},
	}, "next"})
	s, out := printer()
	raw := callDef(t, list)
	if err := s.render(list, raw); err != nil {
		t.Fatal(err)
	}
	s.stdout.Flush()
	want := "" +
		"ID       SIZE  COUNT  WHEN                 TAGS    ON   SECONDS\n" +
		"1      1.5 kB  1,000  2024-01-02 03:04:05  a, b\\n  yes    2.0 s\n" +
		"2\\x1b     0 B      0                               no\n" +
		"There is more: --cursor next\n"
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out, want)
	}
	n := nested{Name: "N"}
	n.Inner.MaxBytes = 2_000_000
	n.Checks = []item{{ID: "c"}}
	d := answer[none](&world{}, "x.show", n)
	s, out = printer()
	if err := s.render(d, callDef(t, d)); err != nil {
		t.Fatal(err)
	}
	s.stdout.Flush()
	want = "name:    N\ninner:\n  max bytes:  2.0 MB\nchecks:\nID  SIZE  COUNT  ON\nc    0 B      0  no\n"
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out, want)
	}
	s, out = printer()
	if err := s.generic(nil, json.RawMessage(`{"items":[{"b":1,"a":"x"},{"a":"y","c":null}],"next":""}`)); err != nil {
		t.Fatal(err)
	}
	s.stdout.Flush()
	if want := "B  A\n1  x\n   y\n"; out.String() != want {
		t.Errorf("without a schema: %q", out)
	}
}

func callDef(t *testing.T, d op.Def) json.RawMessage {
	t.Helper()
	raw, err := d.Call(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// Strange answers of a daemon are errors or oddities, never panics.
func FuzzRender(f *testing.F) {
	for _, s := range []string{`{}`, `{"items":[]}`, `{"items":[1,"a",null,{}]}`, `{"items":{"a":[{}]}}`, `[]`, `nil`, `{"a":{"b":[[{}]]}}`, `{"checks":[{}],"jobs":3}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		s, out := printer()
		raw := json.RawMessage(in)
		_ = s.generic(nil, raw)
		for _, r := range renderers() {
			_ = r(s, raw)
		}
		s.stdout.Flush()
		if json.Valid(raw) && isObject(raw) && strings.ContainsAny(out.String(), "\x1b\a") {
			t.Errorf("%q: control characters in %q", in, out)
		}
	})
}

func TestStatusLists(t *testing.T) {
	s, out := printer()
	err := renderStatus(s, json.RawMessage(`{"version":"1.0","uptime":75,"pid":4,"memory":84000000,"address":"http://127.0.0.1:1","data":"/d",
		"device":{"id":"x","name":"My PC","slug":"my-pc"},"libraries":[{"id":"1","name":"Home","state":"open"},{"id":"2","name":"Old","state":"locked"}],
		"jobs":{"running":1,"queued":2},"watch":{"folders":10,"watched":9,"share":0.9,"how":["inotify"],"rescan_every":900},"problems":[{"kind":"x","message":"bad","remedy":"fix"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if err := renderVolumes(s, json.RawMessage(`{"items":[{"id":"1","name":"Disk","mount":"/","fs":"ext4","state":"online","capacity":2000000,"free":1000000,"removable":true,"read_only":true}],"next":""}`)); err != nil {
		t.Fatal(err)
	}
	if err := renderJobs(s, json.RawMessage(`{"items":[{"id":"7","kind":"index.scan","state":"running","done":5,"total":10,"bytes":3000,"seconds":1,"created":"0001-01-01T00:00:00Z"}],"next":""}`)); err != nil {
		t.Fatal(err)
	}
	s.stdout.Flush()
	want := `daemon:     version 1.0, process 4, up 1 min 15 s, 84 MB of memory
address:    http://127.0.0.1:1
data:       /d
device:     My PC
libraries:  Home, Old (locked)
jobs:       1 running, 2 queued
watching:   9 of 10 folders live (inotify); looked at again every 15 minutes
problem: bad
  fix
ID  NAME  STATE   FS    CAPACITY    FREE  FLAGS                MOUNT
 1  Disk  online  ext4    2.0 MB  1.0 MB  removable,read-only  /
ID  JOB         STATE       DONE    SIZE   TIME
 7  index.scan  running  5 of 10  3.0 kB  1.0 s
`
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out, want)
	}
}

func TestColoursOnlyWhereWelcome(t *testing.T) {
	s, _ := printer()
	e := entry{Kind: "folder", State: "present", Name: "a\x1b"}
	if got := s.label(e, e.Name); got != `a\x1b/` {
		t.Errorf("%q", got)
	}
	s.screen.colour = true
	if got := s.label(e, e.Name); got != "\x1b[1;34ma\\x1b\x1b[0m/" {
		t.Errorf("%q", got)
	}
	e.State = "offline"
	if got := s.label(e, "a"); got != "\x1b[2ma\x1b[0m" {
		t.Errorf("%q", got)
	}
}

func TestModeText(t *testing.T) {
	for _, tt := range []struct{ kind, mode, want string }{
		{"file", "0644", "-rw-r--r--"}, {"folder", "1777", "drwxrwxrwt"}, {"file", "4755", "-rwsr-xr-x"}, {"file", "6644", "-rwSr-Sr--"},
		{"symlink", "", "l---------"}, {"char_device", "0600", "crw-------"}, {"what", "x", "?---------"},
	} {
		if got := modeText(entry{Kind: tt.kind, Mode: tt.mode}); got != tt.want {
			t.Errorf("%s %s: %s", tt.kind, tt.mode, got)
		}
	}
}

func TestBytesPath(t *testing.T) {
	for _, tt := range []struct {
		e    entry
		want string
	}{
		{entry{RawPath: []byte("/a\xff"), OSPath: "/a\ufffd", Path: "sd://local/a%FF"}, "/a\xff"},
		{entry{OSPath: "/a\ufffd", Path: "sd://local/a%FF"}, "/a\xff"},
		{entry{OSPath: "/mnt/x", Path: "sd://Disk/x"}, "/mnt/x"},
		{entry{Path: "sd://Disk/x"}, "sd://Disk/x"},
		{entry{}, ""},
	} {
		if got := tt.e.bytesPath(); got != tt.want {
			t.Errorf("%+v: %q", tt.e, got)
		}
	}
}

// TestRenderSearch: what was counted, hints at their place and what is missing
// still are told beside the hits; nothing of it reaches the terminal as a command.
func TestRenderSearch(t *testing.T) {
	s, out := printer()
	var found searchResult
	err := json.Unmarshal([]byte(`{"items":[],"total":2,"partial":true,
		"facets":[{"field":"kind","values":[{"value":"image","count":1200},{"value":"a\u001b","count":1}]},{"field":"year","values":[]}],
		"texts":[{"id":"7","kind":"file","os_path":"/t","snippets":[{"text":"é red one","marks":[[2,5]],"page":3},{"text":"bad\u001b","marks":[[2,90]]}]}],
		"similar":[{"id":"8","kind":"file","os_path":"/s","snippets":[]}],
		"hints":[{"at":2,"length":8,"text":"this is no size"},{"at":90,"length":1,"text":"beyond"}]}`), &found)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.renderSearch(found, "é size:big", false); err != nil {
		t.Fatal(err)
	}
	_ = s.stdout.Flush()
	want := "/t\n    p. 3: é red one\n    bad\\x1b\nkind: image 1,200, a\\x1b 1\nyear: \nsize:big: this is no size\nan index is being made, or time was up: more may fit\n"
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out, want)
	}
}

// TestSearchSummary: what was found in texts alone is no "0 of 0 matches".
func TestSearchSummary(t *testing.T) {
	hit := textHit{}
	for want, r := range map[string]searchResult{
		"0 of 0 matches": {},
		"1 of 7 matches": {Items: []entry{{}}, Total: 7},
		"0 of 7 matches": {Total: 7},
		"1 of 1 match, 1 of them but for a slip; 2 of 9 texts": {Items: []entry{{}}, Total: 1, Fuzzy: 1, Texts: []textHit{hit, hit}, TextsTotal: 9},
		"1 of 1 text":                       {Texts: []textHit{hit}, TextsTotal: 1},
		"1 of more than 5 texts; 1 similar": {Texts: []textHit{hit}, TextsTotal: 5, TextsMore: true, Similar: []textHit{hit}},
		"2 similar":                         {Similar: []textHit{hit, hit}},
	} {
		if got := r.summary(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
