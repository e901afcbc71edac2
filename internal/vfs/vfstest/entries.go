package vfstest

import (
	"strings"
	"testing"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

func listAndStatAgree(t *tree) {
	t.mkdir("d")
	t.mkdir("d/sub")
	t.write("d/empty", "")
	t.write("d/file", "12345")
	t.symlink("file", "d/link")
	for _, dir := range []string{"", "d"} {
		for name, listed := range t.list(dir) {
			if e := t.stat(vfs.Join(dir, name)); e != listed {
				t.Errorf("%s/%s: List says %+v, Stat says %+v", dir, name, listed, e)
			}
		}
	}
	t.sameNames(t.list("d"), "sub", "empty", "file", "link")
	t.sameNames(t.list("d/sub"))
	if root := t.stat(""); root.Kind != vfs.Folder || root.Name != "" || root.Mount {
		t.Errorf("root: %+v", root)
	}
}

func kinds(t *tree) {
	t.mkdir("folder")
	t.write("file", "12345")
	t.symlink("folder", "link")
	want := map[string]vfs.Entry{
		"folder": {Kind: vfs.Folder},
		"file":   {Kind: vfs.File, Size: 5},
		"link":   {Kind: vfs.Symlink, Size: 6},
	}
	if err := t.Make.FIFO("fifo"); err == nil {
		want["fifo"] = vfs.Entry{Kind: vfs.FIFO}
	}
	if err := t.Make.Chmod("file", 0o640); err != nil {
		t.Logf("no permission bits here: %v", err)
	} else if e := t.stat("file"); e.Mode != 0o640 {
		t.Errorf("mode %o, want 640", e.Mode)
	}
	got := t.list("")
	for name, w := range want {
		g, ok := got[name]
		if !ok || g.Kind != w.Kind || g.Size != w.Size || g.Name != name || g.Mount {
			t.Errorf("%s: %+v, want kind %s, size %d", name, g, w.Kind, w.Size)
		}
		if g.Modified == 0 || g.Mode > 0o7777 {
			t.Errorf("%s: modified %d, mode %o", name, g.Modified, g.Mode)
		}
		if g.Kind != vfs.Folder && g.Links > 1 {
			t.Errorf("%s has %d links", name, g.Links)
		}
	}
	t.openFails("folder", errs.Unsupported)
	t.openFails("", errs.Unsupported)
	t.openFails("link", errs.Unsupported)
	t.listFails("file", errs.NotFound)
	t.listFails("link", errs.Denied)
}

// Names a user's disk really holds. Each must be listed exactly, and reachable
// by exactly the bytes that were listed.
func names(t *tree) {
	for id, set := range map[string][]string{
		"A1_A2_invalid_UTF8":    {"a\xff", "a\xfe", "a\ufffd", "\xc0\xae\xc0\xae", "\xed\xa0\x80"},
		"A3_control":            {"new\nline", "tab\t", "\x1b[31mred", "bell\x07", "del\x7f", "cr\r"},
		"A4_invisible":          {"gpj.\u202eexe", "zero\u200bwidth", "a\u2066b\u2069", "раypal"},
		"A5_shell":              {"-rf", "--", " ", "  lead", "trail ", "dot.", "$HOME", "a;b", "*", "'\"`"},
		"A6_255_bytes":          {strings.Repeat("x", 255), strings.Repeat("é", 127)},
		"A9_NFC_NFD":            {"\u00e9t\u00e9", "e\u0301te\u0301"},
		"A10_case":              {"Foo", "foo", "FOO"},
		"A12_reserved":          {"NUL", "COM1.txt", "a:b", `a\b`, `..\x`, "C:", "con"},
		"A13_encoded_lookalike": {"%2e%2e", "%2F", "...", "..x", ".hidden"},
		"A16_looks_like_ours":   {".stardrive-tmp-1", "file~", ".trash"},
		"A17_wildcards":         {"%", "_", "\"", "[a]", "?"},
	} {
		t.Run(id, func(sub *testing.T) { t.with(sub).holdNames("dir"+id, set) })
	}
}

func (t *tree) holdNames(dir string, set []string) {
	t.mkdir(dir)
	var held []string
	for _, name := range set {
		path := vfs.Join(dir, name)
		if _, taken := t.list(dir)[name]; taken {
			t.Fatalf("%q is listed before it was made", name)
		}
		before := len(t.list(dir))
		switch err := t.Make.WriteFile(path, []byte(name)); {
		case err != nil:
			t.Logf("this volume does not hold %q: %v", name, err)
		case len(t.list(dir)) == before:
			t.Logf("this volume takes %q for another name", name)
			t.made(t.Make.WriteFile(path, []byte(name)))
		default:
			held = append(held, name)
		}
	}
	if len(held) == 0 {
		t.Skip("this volume holds none of these names")
	}
	got := t.list(dir)
	t.sameNames(got, held...)
	for _, name := range held {
		if e := t.stat(vfs.Join(dir, name)); e != got[name] {
			t.Errorf("%q: Stat says %+v, List %+v", name, e, got[name])
		}
		if data := t.read(vfs.Join(dir, name)); len(held) == len(set) && data != name {
			t.Errorf("%q opens the file of %q", name, data)
		}
	}
}

// longPath is 40 levels of 200 bytes: twice what one system call takes.
func longPath(t *tree) { t.deep(40, strings.Repeat("n", 199)) }

func depth2000(t *tree) { t.deep(2000, "ab") }

func (t *tree) deep(levels int, name string) {
	path := ""
	for i := range levels {
		// Names differ from level to level, so that a wrong cut shows.
		path = vfs.Join(path, name+string(rune('a'+i%26)))
		t.mkdir(path)
	}
	t.Cleanup(func() {
		top, _, _ := strings.Cut(path, "/")
		if err := t.Make.Remove(top); err != nil {
			t.Errorf("removing the tree: %v", err)
		}
	})
	file := vfs.Join(path, "file")
	t.write(file, "deep")
	t.symlink("file", vfs.Join(path, "link"))
	t.sameNames(t.list(path), "file", "link")
	if e := t.stat(file); e.Kind != vfs.File || e.Size != 4 {
		t.Errorf("file: %+v", e)
	}
	if e := t.stat(path); e.Kind != vfs.Folder {
		t.Errorf("folder: %+v", e)
	}
	if data := t.read(file); data != "deep" {
		t.Errorf("read %q", data)
	}
	t.refused(vfs.Join(path, "missing"), errs.NotFound)
	t.statFails(vfs.Join(path, "link/x"), errs.Denied)
	t.openFails(vfs.Join(path, "link"), errs.Unsupported)
}

func missing(t *tree) {
	t.mkdir("d")
	t.write("file", "x")
	for _, path := range []string{"nope", "d/nope", "nope/nope", "file/x", "d/nope/x/y", "D\xff"} {
		t.refused(path, errs.NotFound)
	}
}

// A14: names that begin alike are different folders.
func prefixNames(t *tree) {
	t.mkdir("a")
	t.mkdir("ab")
	t.write("a/in_a", "")
	t.write("ab/in_ab", "")
	t.sameNames(t.list("a"), "in_a")
	t.sameNames(t.list("ab"), "in_ab")
}
