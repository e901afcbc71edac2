package volumes

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestMarkIsFoundAgain(t *testing.T) {
	dir := t.TempDir()
	if m := readMark(dir); m != (Mark{}) {
		t.Errorf("%+v", m)
	}
	for _, id := range []string{"0123456789abcdef", "fedcba9876543210"} { // the second replaces the first
		want := Mark{id, "uuid:x+0123456789abcdef"}
		if err := writeMark(dir, want); err != nil {
			t.Fatal(err)
		}
		if got := readMark(dir); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
	if names, err := os.ReadDir(dir); err != nil || len(names) != 1 {
		t.Errorf("%v, %v", names, err)
	}
	if err := writeMark(filepath.Join(dir, "nowhere"), Mark{}); err == nil {
		t.Error("wrote nowhere")
	}
}

func TestOddMarksDoNotCount(t *testing.T) {
	for name, make := range map[string]func(path string) error{
		"symlink": func(path string) error {
			if err := os.WriteFile(path+"-", []byte(Mark{"0123456789abcdef", "uuid:x"}.text()), 0o600); err != nil {
				return err
			}
			return os.Symlink(path+"-", path)
		},
		"folder": func(path string) error { return os.Mkdir(path, 0o700) },
		"large": func(path string) error {
			return os.WriteFile(path, []byte(Mark{"0123456789abcdef", "uuid:x"}.text()+strings.Repeat("x", maxMark)), 0o600)
		},
		"other text": func(path string) error { return os.WriteFile(path, []byte("hello\nworld\n"), 0o600) },
		"short id":   func(path string) error { return os.WriteFile(path, []byte("01234567\nuuid:x\n"), 0o600) },
	} {
		dir := t.TempDir()
		if err := make(filepath.Join(dir, markFile)); err != nil {
			t.Fatal(err)
		}
		if m := readMark(dir); m != (Mark{}) {
			t.Errorf("%s: %+v", name, m)
		}
	}
}

func FuzzParseMark(f *testing.F) {
	f.Add(Mark{"0123456789abcdef", "uuid:x"}.text())
	f.Add("\n\n")
	f.Fuzz(func(t *testing.T, text string) {
		m, ok := parseMark(text)
		if !ok {
			return
		}
		if again, ok := parseMark(m.text()); !ok || again != m {
			t.Errorf("%+v became %+v", m, again)
		}
		if printable(m.ID+m.For) != m.ID+m.For {
			t.Errorf("%q is no part of an identity", m)
		}
	})
}
