package vfstest

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// with is t's fixture under a subtest.
func (t *tree) with(sub *testing.T) *tree { return &tree{sub, t.Fixture} }

// read opens path and returns all its bytes.
func (t *tree) read(path string) string {
	t.Helper()
	h := t.open(path)
	defer func() { _ = h.Close() }()
	data, err := io.ReadAll(h)
	if err != nil {
		t.Errorf("reading %.80q: %v", path, err)
	}
	return string(data)
}

func (t *tree) open(path string) vfs.Handle {
	t.Helper()
	h, err := t.Driver.Open(t.Context(), path)
	if err != nil {
		t.Fatalf("Open(%.80q): %v", path, err)
	}
	return h
}

func openReads(t *tree) {
	want := strings.Repeat("0123456789", 50_000)
	t.write("f", want)
	t.write("empty", "")
	if got := t.read("f"); got != want {
		t.Errorf("read %d bytes, want %d", len(got), len(want))
	}
	if got := t.read("empty"); got != "" {
		t.Errorf("the empty file reads %q", got)
	}
	h := t.open("f")
	buf := make([]byte, 10)
	if n, err := h.ReadAt(buf, 100_003); n != 10 || err != nil || string(buf) != "3456789012" {
		t.Errorf("ReadAt: %q, %v", buf[:n], err)
	}
	if n, err := h.ReadAt(buf, int64(len(want)-4)); n != 4 || err != io.EOF {
		t.Errorf("ReadAt over the end: %d, %v", n, err)
	}
	if n, err := h.ReadAt(buf, int64(len(want)+4)); n != 0 || err != io.EOF {
		t.Errorf("ReadAt after the end: %d, %v", n, err)
	}
	if pos, err := h.Seek(-3, io.SeekEnd); pos != int64(len(want)-3) || err != nil {
		t.Errorf("Seek: %d, %v", pos, err)
	}
	if rest, err := io.ReadAll(h); string(rest) != "789" || err != nil {
		t.Errorf("after Seek: %q, %v", rest, err)
	}
	if pos, err := h.Seek(0, io.SeekStart); pos != 0 || err != nil {
		t.Errorf("Seek: %d, %v", pos, err)
	}
	if _, err := h.Seek(-1, io.SeekStart); !isError(err) {
		t.Errorf("Seek before the start: %v", err)
	}
	if err := h.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	if _, err := h.Read(buf); !isError(err) {
		t.Errorf("Read after Close: %v", err)
	}
}

// isError reports whether err is an *errs.Error, as all at this border are.
func isError(err error) bool {
	var e *errs.Error
	return errors.As(err, &e)
}

func handleOutlivesName(t *tree) {
	t.write("before", "content")
	t.write("other", "something else")
	h := t.open("before")
	defer func() { _ = h.Close() }()
	old := t.stat("before")
	if err := t.Make.Rename("before", "after"); err != nil {
		t.made(err)
	}
	if err := t.Make.Rename("other", "before"); err != nil {
		t.made(err)
	}
	e, err := h.Stat()
	if err != nil || e.Kind != vfs.File || e.Size != 7 || e.Inode != old.Inode || e.Modified != old.Modified {
		t.Errorf("after a rename: %+v, %v; before: %+v", e, err, old)
	}
	if data, err := io.ReadAll(h); string(data) != "content" || err != nil {
		t.Errorf("after a rename: %q, %v", data, err)
	}
	t.statFails("other", errs.NotFound)
	if data := t.read("after"); data != "content" {
		t.Errorf("the new name reads %q", data)
	}
	if data := t.read("before"); data != "something else" {
		t.Errorf("the old name reads %q", data)
	}
}

func stableInodes(t *tree) {
	if !t.Driver.Features().StableInodes {
		if t.write("f", ""); t.stat("f").Inode != 0 {
			t.Errorf("inode %d of a volume without stable ones", t.stat("f").Inode)
		}
		t.Skip("this volume has no stable inodes")
	}
	t.fill("d", 200)
	t.mkdir("e")
	owner := map[uint64]string{}
	for name, e := range t.list("d") {
		if was, dup := owner[e.Inode]; dup || e.Inode == 0 {
			t.Fatalf("%s and %q have inode %d", name, was, e.Inode)
		}
		owner[e.Inode] = name
	}
	before := t.stat("d/file_000007").Inode
	t.made(t.Make.Rename("d/file_000007", "e/moved"))
	if after := t.stat("e/moved").Inode; after != before {
		t.Errorf("inode %d became %d by a move", before, after)
	}
}

func readlink(t *tree) {
	read := t.Driver.Features().Readlink
	if read == nil {
		t.Skip("this volume has no symlinks")
	}
	t.mkdir("d")
	for i, target := range []string{"x", "/a/b", "a\xff\n", strings.Repeat("t", 127), strings.Repeat("t", 128), strings.Repeat("long/", 200), strings.Repeat("0123456789", 402)} {
		path := fmt.Sprintf("d/link%d", i)
		if err := t.Make.Symlink(target, path); err != nil {
			t.Logf("this volume does not hold a target of %d bytes: %v", len(target), err)
			continue
		}
		if got, err := read(t.Context(), path); got != target || err != nil {
			t.Errorf("target %.40q (%d bytes), %v; want %.40q (%d bytes)", got, len(got), err, target, len(target))
		}
	}
	t.write("f", "")
	t.symlink("d", "dl")
	for path, kind := range map[string]errs.Kind{"f": errs.Unsupported, "d": errs.Unsupported, "nope": errs.NotFound, "dl/link0": errs.Denied} {
		_, err := read(t.Context(), path)
		t.failed("Readlink", path, err, kind)
	}
}

func space(t *tree) {
	tell := t.Driver.Features().Space
	if tell == nil {
		t.Skip("this volume does not tell its capacity")
	}
	if s, err := tell(t.Context()); err != nil || s.Total <= 0 || s.Free < 0 || s.Free > s.Total {
		t.Errorf("%+v, %v", s, err)
	}
}
