package gen

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files")

// openapi is the golden document of package httpapi, made from a sample table.
func openapi(t *testing.T) []byte {
	t.Helper()
	b, err := os.ReadFile("../httpapi/testdata/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || string(got) != string(want) {
		t.Errorf("differs from %s (run with -update and read the difference)\n%s", path, got)
	}
}

func TestTypeScript(t *testing.T) {
	got, err := TypeScript(openapi(t))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "client.ts", got)
	again, err := TypeScript(openapi(t))
	if err != nil || string(again) != string(got) {
		t.Error("two runs differ")
	}
	if _, err := TypeScript([]byte("{")); err == nil {
		t.Error("a broken document was accepted")
	}
}

func TestTypesInTypeScript(t *testing.T) {
	doc := `{"paths":{},"components":{"schemas":{"T":{"type":"object","description":"all */ kinds","properties":{
		"z":{"type":["null","string"]},"a":{"type":"array","items":{"enum":["x","y\"z"],"type":"string"}},
		"any":{},"some":true,"map":{"type":"object","additionalProperties":{"type":"integer"}},
		"in":{"type":"object","properties":{"k":{"type":"boolean"},"odd-name":{"type":"number"}},"required":["k"]},
		"r":{"anyOf":[{"$ref":"#/components/schemas/T"},{"type":"null"}]}},"required":["z"]}}}}`
	got, err := TypeScript([]byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	want := `/** all * / kinds */
export interface T {
  z: null | string;
  a?: ("x" | "y\"z")[];
  any?: unknown;
  some?: unknown;
  map?: Record<string, number>;
  in?: { k: boolean; "odd-name"?: number };
  r?: T | null;
}
`
	if !strings.Contains(string(got), want) {
		t.Errorf("got\n%s\nwant\n%s", got[:min(len(got), 600)], want)
	}
}

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	web, docs := filepath.Join(dir, "web", "gen"), filepath.Join(dir, "docs")
	files, err := All(openapi(t), []byte("# Commands\n"), web, docs)
	if err != nil {
		t.Fatal(err)
	}
	all := []string{filepath.Join(docs, "cli-reference.md"), filepath.Join(docs, "openapi.json"), filepath.Join(web, "client.ts")}
	if stale, err := files.Stale(); err != nil || !slices.Equal(stale, all) {
		t.Errorf("before: %v %v", stale, err)
	}
	if wrote, err := files.Write(); err != nil || !slices.Equal(wrote, all) {
		t.Errorf("write: %v %v", wrote, err)
	}
	if stale, err := files.Stale(); err != nil || len(stale) != 0 {
		t.Errorf("after: %v %v", stale, err)
	}
	if err := os.WriteFile(all[0], []byte("touched"), 0o644); err != nil {
		t.Fatal(err)
	}
	if wrote, err := files.Write(); err != nil || !slices.Equal(wrote, all[:1]) {
		t.Errorf("again: %v %v", wrote, err)
	}
}
