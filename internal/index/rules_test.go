package index

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/vfs"
)

// project is a world with a folder as programmers have them.
func project(t *testing.T, d daemon) (*world, ident.LocationID) {
	w := newWorld(t, t.TempDir())
	for _, f := range []string{"p/main.go", "p/a.tmp", "p/node_modules/m/index.js", "p/node_modules/m/b.tmp", "p/src/c.tmp", "p/src/x.go", "p/src/gen/y.go"} {
		must(t, w.MkdirAll(f[:strings.LastIndexByte(f, '/')]))
		must(t, w.WriteFile(f, []byte(f)))
	}
	w.start(d)
	if d == watching {
		w.svc.watcher.settle = time.Millisecond
	}
	id := w.add("p")
	return w, id
}

func (w *world) rule(id ident.LocationID, kind, value string) {
	w.t.Helper()
	_, err := call[RuleList](w, "rules.add", fmt.Sprintf(`{"location":"%d","kind":%q,"value":%q}`, id, kind, value))
	if err != nil {
		w.t.Fatalf("add rule %s %s: %v", kind, value, err)
	}
	w.scanned(id, job.Done)
}

// states are the paths below a folder, of whatever state, each with its state.
func (w *world) states(folder string) map[string]catalog.State {
	out := map[string]catalog.State{}
	rows := w.rows()
	for _, e := range rows {
		path := e.Name
		for up := rows[e.Parent]; up.ID != 0 && up.Parent != 0; up = rows[up.Parent] {
			path = up.Name + "/" + path
		}
		if e.Parent != 0 && within(folder, path) {
			out[path] = e.State
		}
	}
	return out
}

func (w *world) only(state catalog.State, folder string, want ...string) {
	w.t.Helper()
	var got []string
	for p, s := range w.states(folder) {
		if s == state {
			got = append(got, p)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		w.t.Errorf("of state %d are %q, want %q", state, got, want)
	}
}

// TestPromise_P8_RulesMakeNothingAbsent: what rules leave out is not gone, and
// is the same again when it is taken in.
func TestPromise_P8_RulesMakeNothingAbsent(t *testing.T) {
	w, id := project(t, scansOnly)
	before := w.known("p")
	w.rule(id, "preset", "developer")
	w.rule(id, "pattern", "*.tmp")
	w.only(catalog.Absent, "p")
	w.only(catalog.Excluded, "p", "p/a.tmp", "p/node_modules", "p/node_modules/m", "p/node_modules/m/index.js", "p/node_modules/m/b.tmp", "p/src/c.tmp")
	w.sums()
	at := w.cat.Reached()
	w.rescan(id)
	if n, _ := w.entryChanges(at); n != 0 {
		t.Errorf("%d entries were written though nothing changed", n)
	}
	must(t, w.WriteFile("p/new.tmp", nil)) // never known
	must(t, w.WriteFile("p/node_modules/m/new.js", nil))
	w.rescan(id)
	if _, ok := w.states("p")["p/new.tmp"]; ok {
		t.Error("a new file is known that the rules leave out")
	}
	for _, rule := range []int{1, 2} {
		_, err := call[RuleList](w, "rules.remove", fmt.Sprintf(`{"location":"%d","rule":%d}`, id, rule))
		must(t, err)
		w.scanned(id, job.Done)
	}
	w.equal("p")
	after := w.known("p")
	for p, e := range before {
		if after[p].ID != e.ID {
			t.Errorf("%q was entry %d, and is %d", p, e.ID, after[p].ID)
		}
	}
}

// TestPromise_P8_GitignoreChanges: seen by a scan or by a hint, in the folder and
// below it, and nothing becomes absent.
func TestPromise_P8_GitignoreChanges(t *testing.T) {
	for _, d := range []daemon{scansOnly, watching} {
		w, id := project(t, d)
		look := func() { w.rescan(id) }
		if d == watching {
			w.calm()
			look = w.calm
		}
		w.rule(id, "gitignore", "")
		w.only(catalog.Excluded, "p")
		steps := []struct {
			text string
			out  []string
		}{
			{"*.tmp\n", []string{"p/a.tmp", "p/node_modules/m/b.tmp", "p/src/c.tmp"}},
			{"/src/gen/\n", []string{"p/src/gen", "p/src/gen/y.go"}},
			{"", nil},
		}
		for _, s := range steps {
			w.touch(func() error { return w.WriteFile("p/.gitignore", []byte(s.text)) }, "p/.gitignore")
			look()
			w.only(catalog.Absent, "p")
			w.only(catalog.Excluded, "p", s.out...)
		}
		w.touch(func() error { return w.WriteFile("p/src/.gitignore", []byte("*.go\n!x.go\n")) }, "p/src/.gitignore")
		look()
		w.only(catalog.Excluded, "p", "p/src/gen/y.go")
		w.touch(func() error { return w.Rename("p/src", "p/elsewhere") }, "p/src", "p/elsewhere")
		look()
		w.only(catalog.Excluded, "p", "p/elsewhere/gen/y.go")
		w.touch(func() error { return w.Remove("p/elsewhere/.gitignore") }, "p/elsewhere/.gitignore")
		look()
		w.only(catalog.Excluded, "p")
		w.equal("p")
	}
}

// TestLocationInExcludedFolder: its own rules are in force in it, and of what is
// above it only the way is known.
func TestLocationInExcludedFolder(t *testing.T) {
	w, id := project(t, scansOnly)
	w.rule(id, "preset", "developer")
	must(t, w.MkdirAll("p/node_modules/other"))
	inner := w.add("p/node_modules/m")
	w.rescan(id)
	w.only(catalog.Excluded, "p")
	known := slices.Sorted(maps.Keys(w.known("p/node_modules")))
	want := []string{"p/node_modules", "p/node_modules/m", "p/node_modules/m/b.tmp", "p/node_modules/m/index.js"}
	if !slices.Equal(known, want) {
		t.Errorf("known are %q, want %q", known, want)
	}
	w.rule(inner, "pattern", "*.js")
	w.rescan(id)
	w.only(catalog.Excluded, "p", "p/node_modules/m/index.js")
	w.only(catalog.Absent, "p")
}

func TestRulesAreExplained(t *testing.T) {
	w, id := project(t, scansOnly)
	w.rule(id, "preset", "developer")
	w.rule(id, "gitignore", "")
	must(t, w.WriteFile("p/src/.gitignore", []byte("\n*.tmp\n")))
	for path, want := range map[string]string{
		"p":                      "the location itself",
		"p/main.go":              "no rule matches",
		"p/src/c.tmp":            "line 2 of",
		"p/node_modules/m/b.tmp": "node_modules",
	} {
		got, err := call[RuleTest](w, "rules.test", fmt.Sprintf(`{"path":"/mnt/a/%s"}`, path))
		if err != nil || !strings.Contains(got.Why, want) || got.Excluded != (path != "p" && path != "p/main.go") {
			t.Errorf("%s: %+v, %v", path, got, err)
		}
	}
	if _, err := call[RuleTest](w, "rules.test", `{"path":"/mnt/a/nowhere"}`); err == nil {
		t.Error("what is in no location was decided about")
	}
	list, err := call[RuleList](w, "rules.list", fmt.Sprintf(`{"location":"%d"}`, id))
	if err != nil || len(list.Items) != 2 || list.Items[0].Words == "" {
		t.Errorf("the list is %+v, %v", list, err)
	}
}

// TestSettingsOfAnotherVersion: a scan stops rather than index what a rule that
// it does not understand may leave out.
func TestSettingsOfAnotherVersion(t *testing.T) {
	w, id := project(t, scansOnly)
	for _, text := range []string{`{"rules":{"next":2,"rules":[{"id":1,"kind":"moon"}]}}`, `{"unheard":1}`, `{`} {
		must(t, w.svc.setLocation(t.Context(), id, func(l *catalog.Location) { l.Settings = text }))
		before := w.rows()
		must(t, w.WriteFile("p/secret", []byte(text)))
		w.rescanTo(id, job.Failed)
		if !maps.Equal(before, w.rows()) {
			t.Errorf("with the settings %s the catalogue changed", text)
		}
	}
}

// TestPrivateNamesAreNotIndexed: what is half written is left out whatever the rules are,
// files and folders, and what only looks so is not. Folders of uploads are told of.
func TestPrivateNamesAreNotIndexed(t *testing.T) {
	w := newWorld(t, t.TempDir())
	private := vfs.PrivateName()
	must(t, w.MkdirAll("p/x"))
	must(t, w.WriteFile("p/x/"+private, []byte("half of a file")))
	for _, dir := range []string{"p/" + private, "p/.sd-theirs", "p/x/" + vfs.AsideOf(private) + "/y"} {
		must(t, w.MkdirAll(dir))
		must(t, w.WriteFile(dir+"/f", []byte(dir)))
	}
	stage := "p/x/" + vfs.StageName()
	must(t, w.MkdirAll(stage+"/Trip"))
	w.start(scansOnly)
	staged := make(chan string, 100)
	w.svc.Staged = func(_ ident.VolumeID, path string) { staged <- path }
	w.scanned(w.add("p"), job.Done)
	if got := <-staged; got != stage || len(staged) != 0 {
		t.Errorf("told of %s and %d more", got, len(staged))
	}
	for path := range w.states("p") {
		if strings.Contains(path, stage) || strings.Contains(path, private) {
			t.Errorf("%s is in the index", path)
		}
	}
	w.only(catalog.Present, "p", "p", "p/.sd-theirs", "p/.sd-theirs/f", "p/x")
}
