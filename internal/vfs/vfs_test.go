package vfs

import (
	"strings"
	"testing"

	"github.com/stardrive/stardrive/internal/errs"
)

func TestFault_A13_A15_Valid(t *testing.T) {
	for _, good := range []string{"", "a", "a/b", ".a", "..a", "a..", "...", " ", "a\\..\\b", "a\xff/\n", "%2e%2e/x", "C:", "-"} {
		if !Valid(good) || Check("op", good) != nil {
			t.Errorf("%q is refused", good)
		}
	}
	for _, bad := range []string{"/", "/a", "a/", "a//b", ".", "..", "./a", "a/.", "a/../b", "../a", "a\x00", "\x00", "a/\x00/b"} {
		err := Check("op", bad)
		if e, ok := err.(*errs.Error); Valid(bad) || !ok || e.Kind != errs.Invalid || e.Path != bad || e.Op != "op" {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestJoinAndSplit(t *testing.T) {
	for path, want := range map[string][2]string{"": {"", ""}, "a": {"", "a"}, "a/b": {"a", "b"}, "a/b/c": {"a/b", "c"}} {
		if dir, name := Split(path); dir != want[0] || name != want[1] {
			t.Errorf("Split(%q) = %q, %q", path, dir, name)
		}
		if got := Join(want[0], want[1]); path != "" && got != path {
			t.Errorf("Join(%q) = %q", want, got)
		}
	}
}

func TestKindNames(t *testing.T) {
	for k, want := range map[Kind]string{Unknown: "unknown", Folder: "folder", BlockDevice: "block_device", 200: "unknown"} {
		if k.String() != want {
			t.Errorf("%d is %q, want %q", k, k, want)
		}
	}
}

func FuzzValid(f *testing.F) {
	for _, s := range []string{"", "a/b", "../a", "a//b", "a\x00", "a\xff/..."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, path string) {
		if !Valid(path) {
			return
		}
		for c := range strings.SplitSeq(path, "/") {
			if path != "" && (c == "" || c == "." || c == ".." || strings.Contains(c, "\x00")) {
				t.Fatalf("%q is valid", path)
			}
		}
		if dir, name := Split(path); path != "" && Join(dir, name) != path {
			t.Fatalf("%q splits into %q and %q", path, dir, name)
		}
	})
}
