package dups

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestReaders(t *testing.T) {
	want := []string{"/t/a\x00/t/b c", "/t/d\x00/t/e\x00/t/f"}
	blocks, err := readBlocks([]byte("/t/b c\n/t/a\n\n/t/f\n/t/d\n/t/e\n\n"))
	if err != nil {
		t.Fatal(err)
	}
	rmlint, err := readRmlint([]byte(`[{"description": "x"}, {"type": "duplicate_file", "checksum": "1", "path": "/t/a"}, {"type": "duplicate_file", "checksum": "1", "path": "/t/b c"},
		{"type": "duplicate_file", "checksum": "2", "path": "/t/f"}, {"type": "duplicate_file", "checksum": "2", "path": "/t/e"}, {"type": "duplicate_file", "checksum": "2", "path": "/t/d"}, {"type": "emptyfile", "path": "/t/x"}, {}]`))
	if err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string]map[string]bool{
		"jdupes": blocks, "rmlint": rmlint,
		"rdfind": readRdfind([]byte("# Automatically generated\nDUPTYPE_FIRST_OCCURRENCE 3 1 5 66 7 1 /t/a\nDUPTYPE_WITHIN_SAME_TREE -3 1 5 66 8 1 /t/b c\nDUPTYPE_FIRST_OCCURRENCE 4 1 5 66 7 1 /t/f\nDUPTYPE_WITHIN_SAME_TREE -4 1 5 66 8 1 /t/d\nDUPTYPE_WITHIN_SAME_TREE -4 1 5 66 8 1 /t/e\n# end of file\n")),
	} {
		if all := slices.Sorted(maps.Keys(got)); !slices.Equal(all, want) {
			t.Errorf("%s: %q", name, all)
		}
	}
}

func TestMakeTree(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "tree")
	total, err := makeTree(dir, 250)
	if err != nil || total == 0 {
		t.Fatal(total, err)
	}
	for sub, want := range map[string]int{"0": 200, "1": 50} {
		if es, err := os.ReadDir(filepath.Join(dir, sub)); err != nil || len(es) != want {
			t.Errorf("%s: %d, %v", sub, len(es), err)
		}
	}
}
