package soak

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stardrive/stardrive/test/daemon"
)

// catalogue is what is known of every entry below a location, by path.
type catalogue map[string]string

// describe puts into one line what must agree. A folder's size and counts are
// those of its whole subtree.
func describe(kind string, size int64, modified time.Time, mode string, files, folders int64) string {
	return fmt.Sprintf("%s size=%d modified=%s mode=%s files=%d folders=%d",
		kind, size, modified.UTC().Format(time.RFC3339Nano), mode, files, folders)
}

// dump reads all of a location through the API, page by page.
func dump(ctx context.Context, t *testing.T, d *daemon.Daemon, l daemon.Location) catalogue {
	t.Helper()
	c := catalogue{}
	err := d.Walk(ctx, l.Entry, "", func(p string, e daemon.Entry) {
		modified, err := time.Parse(time.RFC3339Nano, e.Modified)
		if err != nil {
			t.Fatalf("%s: %v", p, err)
		}
		if _, twice := c[p]; twice {
			t.Errorf("%q is listed twice", p)
		}
		if e.State != "present" {
			t.Errorf("%q is %s", p, e.State)
		}
		c[p] = describe(e.Kind, e.Size, modified, e.Mode, e.Files, e.Folders)
	})
	if err != nil {
		t.Fatal(err)
	}
	if int(l.Files+l.Folders) != len(c)+1 { // with the location's own folder
		t.Errorf("the location counts %d files and %d folders, its tree has %d entries", l.Files, l.Folders, len(c))
	}
	return c
}

// walkDisk is the oracle: the plainest walk there is.
func walkDisk(root string) (catalogue, error) {
	type found struct {
		info                 fs.FileInfo
		kind                 string
		size, files, folders int64
	}
	entries := map[string]*found{}
	err := filepath.WalkDir(root, func(p string, de fs.DirEntry, err error) error {
		if err != nil || p == root {
			return err
		}
		info, err := de.Info()
		if err != nil {
			return err
		}
		e := &found{info: info, kind: "file", size: info.Size()}
		switch de.Type() {
		case fs.ModeDir:
			e.kind, e.size = "folder", 0
		case fs.ModeSymlink:
			e.kind = "symlink"
		}
		entries[filepath.ToSlash(strings.TrimPrefix(p, root+string(os.PathSeparator)))] = e
		return nil
	})
	for p, e := range entries {
		for up := path.Dir(p); up != "."; up = path.Dir(up) {
			if e.kind == "folder" {
				entries[up].folders++
				continue
			}
			entries[up].files++
			if e.kind == "file" {
				entries[up].size += e.info.Size()
			}
		}
	}
	c := catalogue{}
	for p, e := range entries {
		c[p] = describe(e.kind, e.size, e.info.ModTime(), fmt.Sprintf("%04o", e.info.Mode().Perm()), e.files, e.folders)
	}
	return c, err
}

// compare fails for every entry that differs, and shows the first few.
func compare(t *testing.T, what string, got, want catalogue) {
	t.Helper()
	bad := 0
	tell := func(format string, args ...any) {
		if bad++; bad <= 10 {
			t.Errorf(what+": "+format, args...)
		}
	}
	for p, w := range want {
		if g, ok := got[p]; !ok {
			tell("%q is missing", p)
		} else if g != w {
			tell("%q\n got %s\nwant %s", p, g, w)
		}
	}
	for p := range got {
		if _, ok := want[p]; !ok {
			tell("%q is too much", p)
		}
	}
	if bad > 10 {
		t.Errorf("%s: %d differences in all", what, bad)
	}
	if len(want) == 0 {
		t.Errorf("%s: nothing to compare", what)
	}
}
