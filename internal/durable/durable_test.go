package durable_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stardrive/stardrive/internal/durable"
)

func TestCreateNeverReplaces(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	if err := durable.Create(path, []byte("first")); err != nil {
		t.Fatal(err)
	}
	if err := durable.Create(path, []byte("second")); !errors.Is(err, fs.ErrExist) {
		t.Fatalf("want ErrExist, got %v", err)
	}
	mustHold(t, path, "first")
}

func TestReplaceIsPrivateAndLeavesNoLitter(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	if err := durable.Folder(dir); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "config.json")
	for _, s := range []string{"one", "two"} {
		if err := durable.Replace(path, []byte(s)); err != nil {
			t.Fatal(err)
		}
		mustHold(t, path, s)
	}
	fi, err := os.Stat(path)
	if err != nil || fi.Mode().Perm() != 0o600 {
		t.Fatal(fi.Mode(), err)
	}
	if ds, _ := os.ReadDir(dir); len(ds) != 1 {
		t.Fatalf("litter: %v", ds)
	}
}

func mustHold(t *testing.T, path, want string) {
	t.Helper()
	if b, err := os.ReadFile(path); err != nil || string(b) != want {
		t.Fatalf("%q, %v", b, err)
	}
}

// TestStream: a file of any length is whole or not there, replaces nothing unasked,
// and leaves nothing beside it.
func TestStream(t *testing.T) {
	dir := t.TempDir()
	path, temp := filepath.Join(dir, "f"), filepath.Join(dir, ".temp")
	content := func(text string) func(io.Writer) error {
		return func(w io.Writer) error {
			_, err := io.WriteString(w, text)
			return err
		}
	}
	failing := func(w io.Writer) error {
		_, err := io.WriteString(w, "half")
		return errors.Join(err, errors.New("the source is gone"))
	}
	for _, step := range []struct {
		what    string
		replace bool
		write   func(io.Writer) error
		ok      bool
		want    string // "": no file
	}{
		{"cut off", false, failing, false, ""},
		{"new", false, content("one"), true, "one"},
		{"there already", false, content("two"), false, "one"},
		{"replaced", true, content("three"), true, "three"},
		{"cut off while replacing", true, failing, false, "three"},
	} {
		if err := os.WriteFile(temp, []byte("left by a crash"), 0o600); err != nil {
			t.Fatal(err)
		}
		err := durable.Stream(path, temp, step.replace, step.write)
		if (err == nil) != step.ok {
			t.Errorf("%s: %v", step.what, err)
		}
		b, err := os.ReadFile(path)
		if string(b) != step.want || (err == nil) != (step.want != "") {
			t.Errorf("%s: the file holds %q, %v", step.what, b, err)
		}
		if _, err := os.Lstat(temp); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: it left %v", step.what, err)
		}
	}
	if err := durable.Stream(path, temp, false, content("x")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("there already: %v", err)
	}
}

func TestCacheReplacesAtOneBlow(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "picture")
	for _, text := range []string{"first", "", "second"} {
		if err := durable.Cache(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if b, err := os.ReadFile(path); err != nil || string(b) != text {
			t.Errorf("%q %v", b, err)
		}
	}
	if err := durable.Cache(filepath.Join(dir, "no", "picture"), nil); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	fi, err := os.Stat(path)
	if err != nil || runtime.GOOS != "windows" && fi.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", fi.Mode(), err)
	}
	if all, _ := os.ReadDir(dir); len(all) != 1 {
		t.Errorf("there is more than the file: %v", all)
	}
}
