package archtest

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestCheckFails proves that each rule can fail, and that its neighbour passes.
func TestCheckFails(t *testing.T) {
	imports := func(path string, imports ...string) Package {
		return Package{Path: path, Imports: imports, Comments: 1}
	}
	tests := []struct {
		name string
		pkg  Package
		want string // kind of violation; "" for none
	}{
		{"down", imports("internal/index", "internal/catalog", "internal/job", "internal/errs"), ""},
		{"own room", imports("internal/index/watch", "internal/index"), ""},
		{"up one", imports("internal/store", "internal/catalog"), UpwardImport},
		{"up to app", imports("internal/errs", "internal/app"), UpwardImport},
		{"engine to face", imports("internal/op", "internal/httpapi"), UpwardImport},
		{"domain to domain", imports("internal/search", "internal/index"), SidewaysImport},
		{"domain to a room inside a domain", imports("internal/search", "internal/index/watch"), SidewaysImport},
		{"allowed sibling", imports("internal/job", "internal/store"), ""},
		{"allowed sibling the other way", imports("internal/store", "internal/job"), SidewaysImport},
		{"helper of an allowed sibling", imports("internal/job/jobtest", "internal/store", "internal/job"), ""},
		{"engine to engine", imports("internal/event", "internal/job"), SidewaysImport},
		{"driver to the port", imports("internal/driver/local", "internal/vfs", "internal/errs"), ""},
		{"driver to the store", imports("internal/driver/local", "internal/store"), UnseenImport},
		{"driver to the catalogue", imports("internal/driver/local", "internal/catalog"), UnseenImport},
		{"driver to driver", imports("internal/driver/cloud", "internal/driver/local"), SidewaysImport},
		{"adapter to driver", imports("internal/p2p", "internal/driver/local"), UnseenImport},
		{"face to engines", imports("internal/cli", "internal/op", "internal/errs"), ""},
		{"face to a domain", imports("internal/httpapi", "internal/search"), UnseenImport},
		{"face to the catalogue", imports("internal/cli", "internal/catalog"), UnseenImport},
		{"face to face", imports("internal/cli", "internal/httpapi"), SidewaysImport},
		{"app knows everyone", imports("internal/app", "internal/cli", "internal/search", "internal/driver/local", "internal/store"), ""},
		{"unlisted", imports("internal/util"), NoFloor},
		{"no prefix trick", imports("internal/indexer"), NoFloor},
		{"root of the module", imports("."), NoFloor},
		{"import of an unlisted package", imports("internal/app", "internal/util"), MissingInImport},
		{"production imports memfs", imports("internal/index", "internal/vfs/memfs"), TestOnlyImport},
		{"app imports jobtest", imports("internal/app", "internal/job/jobtest"), TestOnlyImport},
		{"a room's own helper", imports("internal/job", "internal/job/jobtest"), TestOnlyImport},
		{"helper imports helper", imports("internal/vfs/vfstest", "internal/vfs/memfs"), ""},
		{"test imports helper", imports("test/world", "internal/vfs/memfs"), ""},
		{"test file imports helper", Package{Path: "internal/index", TestImports: []string{"internal/vfs/memfs", "internal/driver/local"}, Comments: 1}, ""},
		{"test file reaches app", Package{Path: "internal/index", TestImports: []string{"internal/app"}, Comments: 1}, TestReachesUp},
		{"app's own test", Package{Path: "internal/app", TestImports: []string{"internal/app"}, Comments: 1}, ""},
		{"no comment", Package{Path: "internal/errs"}, NoComment},
		{"two comments", Package{Path: "internal/errs", Comments: 2}, TwoComments},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var kinds []string
			for _, v := range Check([]Package{tt.pkg}, House()) {
				kinds = append(kinds, v.Kind)
			}
			if tt.want == "" && kinds != nil || tt.want != "" && !slices.Equal(kinds, []string{tt.want}) {
				t.Errorf("got %q, want %q", kinds, tt.want)
			}
		})
	}
}

// TestLoad reads a small module with everything the loader must see or skip.
func TestLoad(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":                "module example.com/m\n\ngo 1.26\n",
		"a/a.go":                "// Package a is first.\npackage a\n\nimport (\n\t\"fmt\"\n\t\"example.com/m/b\"\n)\n",
		"a/a_windows.go":        "//go:build windows\n\n// Package a again.\npackage a\n\nimport \"example.com/m/w\"\n",
		"a/a_test.go":           "// Package a in a test does not count.\npackage a\n\nimport \"example.com/m/t\"\n",
		"only/x_test.go":        "// Package only holds tests.\npackage only_test\n",
		"a/testdata/bad.go":     "not go",
		"tools/go.mod":          "module example.com/tools\n",
		"tools/tools.go":        "package tools\n",
		"web/node_modules/x.go": "not go",
	} {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	module, packages, _, err := Load(dir)
	if err != nil || module != "example.com/m" {
		t.Fatal(module, err)
	}
	if len(packages) != 2 {
		t.Fatalf("packages: %+v", packages)
	}
	a, only := packages[0], packages[1]
	if !slices.Equal(a.Imports, []string{"b", "w"}) || !slices.Equal(a.TestImports, []string{"t"}) || a.Comments != 2 {
		t.Errorf("a: %+v", a)
	}
	if only.Path != "only" || only.Comments != 1 {
		t.Errorf("only: %+v", only)
	}
}

// TestBansFail proves that each forbidden pattern is found, and only there.
func TestBansFail(t *testing.T) {
	tests := []struct {
		name, path, src string
		want            int
	}{
		{"init", "internal/x/x.go", `package x; func init() {}`, 1},
		{"a method named init", "internal/x/x.go", `package x; type T int; func (T) init() {}`, 0},
		{"init outside internal", "cmd/x/x.go", `package x; func init() {}`, 0},
		{"sleep", "internal/x/x.go", `package x; import "time"; func f() { time.Sleep(1) }`, 1},
		{"sleep under another name", "internal/x/x.go", `package x; import tm "time"; func f() { tm.Sleep(1) }`, 1},
		{"sleep passed on", "internal/x/x.go", `package x; import "time"; var f = time.Sleep`, 1},
		{"sleep in a test", "internal/x/x_test.go", `package x; import "time"; func f() { time.Sleep(1) }`, 0},
		{"sleep in a test helper", "internal/job/jobtest/x.go", `package x; import "time"; func f() { time.Sleep(1) }`, 0},
		{"sleep of someone else", "internal/x/x.go", `package x; func f(time interface{ Sleep(int) }) { time.Sleep(1) }`, 0},
		{"log", "internal/x/x.go", `package x; import "log"; func f() { log.Printf("") }`, 1},
		{"print", "internal/x/x.go", `package x; import "fmt"; func f() { fmt.Println() }`, 1},
		{"print in cli", "internal/cli/x.go", `package x; import "fmt"; func f() { fmt.Println() }`, 0},
		{"print to a writer", "internal/x/x.go", `package x; import "fmt"; func f() { fmt.Fprintln(nil) }`, 0},
		{"exit", "internal/cli/x.go", `package x; import "os"; func f() { os.Exit(1) }`, 1},
		{"global logger", "internal/x/x.go", `package x; import "log/slog"; func f() { slog.Info("x") }`, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, err := parser.ParseFile(token.NewFileSet(), tt.path, tt.src, 0)
			if err != nil {
				t.Fatal(err)
			}
			got := CheckFile(File{tt.path, f, filepath.Base(tt.path) == "x_test.go"}, Bans())
			if len(got) != tt.want {
				t.Errorf("got %q, want %d", got, tt.want)
			}
		})
	}
	for _, src := range []string{"x.innerHTML = y", "<b dangerouslySetInnerHTML={{__html: y}}/>", "e.insertAdjacentHTML('x', y)"} {
		if len(CheckWeb("x.tsx", "ok\n"+src+"\n")) != 1 {
			t.Errorf("%q passed", src)
		}
	}
	if got := CheckWeb("x.tsx", "x.textContent = html\n"); got != nil {
		t.Errorf("good line refused: %q", got)
	}
}
