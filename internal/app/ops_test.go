package app

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"
)

var update = flag.Bool("update", false, "add new operations to testdata/operations.txt")

// TestOperationNames: a name that was ever published stays, for ever. New ones
// are added with -update; taking one away is no edit but a broken promise.
func TestOperationNames(t *testing.T) {
	const golden = "testdata/operations.txt"
	b, err := os.ReadFile(golden)
	if err != nil && !*update {
		t.Fatal(err)
	}
	published, now := strings.Fields(string(b)), Definitions().Names()
	for _, name := range published {
		if !slices.Contains(now, name) {
			t.Errorf("%s was published and is gone", name)
		}
	}
	if *update && !t.Failed() {
		if err := os.WriteFile(golden, []byte(strings.Join(now, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	for _, name := range now {
		if !slices.Contains(published, name) {
			t.Errorf("%s is new: publish it with go test ./internal/app -run OperationNames -update", name)
		}
	}
}

// TestOperationsExplainThemselves: title, example and help stand where every face
// shows them.
func TestOperationsExplainThemselves(t *testing.T) {
	for d := range Definitions().All() {
		if d.Title == "" || strings.HasSuffix(d.Title, ".") || d.Title[0] < 'A' || d.Title[0] > 'Z' || strings.Contains(d.Title, "\n") {
			t.Errorf("%s: title %q", d.Name, d.Title)
		}
		if !strings.HasPrefix(d.Example, "stardrive ") {
			t.Errorf("%s: example %q", d.Name, d.Example)
		}
		for _, f := range d.Fields() {
			if f.Help == "" {
				t.Errorf("%s: the field %s has no help", d.Name, f.Name)
			}
		}
		described(t, d.Name+": in ", d.InSchema())
		if area, _, _ := strings.Cut(d.Name, "."); area != "job" && area != "location" && area != "library" && area != "volume" {
			described(t, d.Name+": out ", d.OutSchema())
		}
	}
}

// TestExamplesCanBeTyped: an example names the command as it is typed, and the flags
// that one of a generated command shows are there.
func TestExamplesCanBeTyped(t *testing.T) {
	for d := range Definitions().All() {
		if name := strings.ReplaceAll(d.Name, ".", " "); name != d.Command() && strings.HasPrefix(d.Example+" ", "stardrive "+name+" ") {
			t.Errorf("%s: %q shows the name of the operation, and the command is %q", d.Name, d.Example, d.Command())
		}
		rest, generated := strings.CutPrefix(d.Example, "stardrive "+d.Command()+" ")
		if !generated {
			continue
		}
		flags := map[string]bool{"json": true, "wait": true} // of every command that they belong to
		for _, f := range d.Flags() {
			flags[f.Flag] = true
		}
		for _, word := range strings.Fields(rest) {
			if name, ok := strings.CutPrefix(word, "--"); ok && !flags[name] {
				t.Errorf("%s: %q shows the flag %s, which is not there", d.Name, d.Example, word)
			}
		}
	}
}

func described(t *testing.T, path string, s *jsonschema.Schema) {
	if s == nil {
		return
	}
	for name, p := range s.Properties {
		if p.Description == "" {
			t.Errorf("%s.%s has no description", path, name)
		}
		described(t, path+"."+name, p)
	}
	described(t, path+"[]", s.Items)
}
