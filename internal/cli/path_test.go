//go:build !windows

package cli

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/op"
)

// A1, A3, A5: what the user types reaches the daemon as the same bytes.
func TestPathArg(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "far/away"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("far/away", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	for _, tt := range []struct{ arg, want string }{
		{".", dir},
		{"x", dir + "/x"},
		{"./x/", dir + "/x"},
		{"/a//b/.", "/a/b"},
		{"-dash", dir + "/-dash"},
		{" ", dir + "/ "},
		{"a b %41", dir + "/a b %41"},
		{`back\slash`, dir + `/back\slash`},
		{"Ä/日本", dir + "/Ä/日本"},
		{"sd://nas/x", "sd://nas/x"},
		{"SD://nas/x", "SD://nas/x"},
		{"./sd://nas/x", dir + "/sd:/nas/x"},
		{"a..b/..c", dir + "/a..b/..c"},
		{"..", filepath.Dir(dir)},
		{"far/../x", dir + "/x"},
		{"link/../x", dir + "/far/x"}, // as the OS resolves it
		{"missing/../x", dir + "/x"},
		{"/..", "/"},
		{"a\xff", "sd://local" + dir + "/a%FF"},
		{"a\nb", "sd://local" + dir + "/a%0Ab"},
		{"\u202egpj.exe", "sd://local" + dir + "/%E2%80%AEgpj.exe"},
		{"100%\xfe", "sd://local" + dir + "/100%25%FE"},
	} {
		got, err := pathArg(tt.arg)
		if err != nil || got != tt.want {
			t.Errorf("%q: %q, %v; want %q", tt.arg, got, err, tt.want)
		}
	}
	if _, err := pathArg(""); !errs.Is(err, errs.Invalid) {
		t.Errorf("empty: %v", err)
	}
}

// F9: a working folder that is gone is told; absolute paths still work.
func TestF9WorkingFolderGone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "gone")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PWD", "")
	if _, err := pathArg("x"); !errs.Is(err, errs.Invalid) || errs.RemedyOf(err) == "" {
		t.Errorf("relative: %v", err)
	}
	if got, err := pathArg("/x"); got != "/x" || err != nil {
		t.Errorf("absolute: %q, %v", got, err)
	}
	w, data := fake(t)
	if r := line(t, w, data, "ls"); r.code != 2 {
		t.Errorf("ls: %+v", r)
	}
	ok(t, w, data, "ls", "/")
}

func TestArgumentRefusesBytesThatAreNotText(t *testing.T) {
	if _, err := argument(op.Field{Name: "name", Flag: "name"}, "a\xff"); !errs.Is(err, errs.Invalid) {
		t.Errorf("%v", err)
	}
	if got, err := argument(op.Field{Name: "location"}, "Photos"); got != "Photos" || err != nil {
		t.Errorf("%q %v", got, err)
	}
}

func FuzzPathArg(f *testing.F) {
	for _, s := range []string{"", "a", "../..", "a/../..", "\xff/..", "sd://x/y", "//", "...", "a\x00b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got, err := pathArg(s); err == nil && got == "" {
			t.Errorf("%q became nothing", s)
		}
	})
}
