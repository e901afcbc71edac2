package copier_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/zeebo/blake3"

	"github.com/stardrive/stardrive/internal/driver/local"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/fileops/copier"
	"github.com/stardrive/stardrive/internal/vfs"
)

func TestPromise_P1_CopiesOfAllSizes(t *testing.T) {
	for n, o := range []copier.Options{
		{}, {Verify: true}, {Hash: copier.HashNever}, {Hash: copier.HashAll}, {Offload: true, Verify: true}, {NoClone: true, Hash: copier.HashNever},
	} {
		w := newWorld(t)
		if n == 1 {
			w = newWorldIn(t, t.TempDir()) // a disk
		}
		var ps []copier.Piece
		for i, size := range []int{0, 1, 4095, 1<<20 - 1, 1 << 20, 1<<20 + 1, 3<<20 + 5, 8<<20 + 7} {
			if size > 4<<20 && n != 1 {
				continue
			}
			name := fmt.Sprint(size)
			w.put(name, noise(size, uint64(i)))
			if err := os.Chtimes(w.path("from", name), longAgo, longAgo); err != nil {
				t.Fatal(err)
			}
			ps = append(ps, w.piece(name))
		}
		for i, out := range w.engine.Write(t.Context(), ps, o) {
			if out.Err != nil {
				t.Fatalf("%+v: %s: %v", o, ps[i].Name, out.Err)
			}
			placed, err := w.engine.Place(t.Context(), ps[i], out)
			if err != nil {
				t.Fatal(err)
			}
			w.same(ps[i].Name)
			data, _ := os.ReadFile(w.path("from", ps[i].Name))
			if out.Hashed && out.Hash != blake3.Sum256(data) {
				t.Errorf("%+v: %s: another hash", o, ps[i].Name)
			}
			if want := o.Hash != copier.HashNever || o.Verify; out.Hashed != want || out.Verified != o.Verify {
				t.Errorf("%+v: %s: hashed %v, verified %v", o, ps[i].Name, out.Hashed, out.Verified)
			}
			if placed.Is.Modified != longAgo.UnixNano() || placed.Is.Mode != 0o644 || out.Lost != 0 || placed.Out != nil {
				t.Errorf("%+v: %s: %+v, lost %b", o, ps[i].Name, placed, out.Lost)
			}
			if !copier.Same(ps[i].Seen, out.From, true) {
				t.Errorf("%s: the source was %+v", ps[i].Name, out.From)
			}
		}
	}
}

func TestPromise_P12_WhatAFileCarries(t *testing.T) {
	w := newWorld(t)
	w.put("a", noise(1000, 1))
	full := w.path("from", "a")
	xattrs := syscall.Setxattr(full, "user.comment", []byte("hello"), 0) == nil
	for _, err := range []error{os.Chmod(full, 0o4751|os.ModeSetuid), os.Chtimes(full, longAgo, longAgo)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, keep := range []bool{false, true} {
		p := w.piece("a")
		p.Name, p.Keep.Setuid = fmt.Sprint("b", keep), keep
		out, placed, err := w.copy(p, copier.Options{})
		if err != nil || out.Lost != 0 {
			t.Fatal(out, err)
		}
		want := uint32(0o751)
		if keep {
			want |= 0o4000
		}
		if placed.Is.Mode != want || placed.Is.Modified != longAgo.UnixNano() {
			t.Errorf("B14: keep %v: mode %o, time %d", keep, placed.Is.Mode, placed.Is.Modified)
		}
		if xattrs {
			var b [100]byte
			n, err := syscall.Getxattr(w.path("to", p.Name), "user.comment", b[:])
			if err != nil || string(b[:n]) != "hello" {
				t.Errorf("attribute: %q, %v", b[:max(n, 0)], err)
			}
		}
	}
}

func TestFault_B11_HolesStay(t *testing.T) {
	w := newWorld(t)
	const size = 8 << 20
	f, err := os.Create(w.path("from", "a"))
	if err != nil {
		t.Fatal(err)
	}
	for _, off := range []int64{0, 3<<20 + 4096, 6 << 20} {
		if _, err := f.WriteAt(noise(100_000, uint64(off)), off); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Truncate(size); err != nil {
		t.Fatal(err)
	}
	f.Close()
	for _, o := range []copier.Options{{Verify: true, NoClone: true}, {Hash: copier.HashNever, NoClone: true}} {
		p := w.piece("a")
		if _, _, err := w.copy(p, o); err != nil {
			t.Fatal(err)
		}
		w.same("a")
		var a, b syscall.Stat_t
		if err := errors.Join(syscall.Stat(w.path("from", "a"), &a), syscall.Stat(w.path("to", "a"), &b)); err != nil {
			t.Fatal(err)
		}
		if a.Blocks*512 < size/2 && b.Blocks > 2*a.Blocks {
			t.Errorf("%d blocks became %d", a.Blocks, b.Blocks)
		}
		if err := os.Remove(w.path("to", "a")); err != nil {
			t.Fatal(err)
		}
	}
}

// lying tells holes where there are bytes, as file systems did.
type lying struct{ vfs.Driver }
type lyingHandle struct{ vfs.Handle }

func (l lying) Open(ctx context.Context, path string) (vfs.Handle, error) {
	h, err := l.Driver.Open(ctx, path)
	return lyingHandle{h}, err
}
func (lyingHandle) NextData(int64) (int64, int64, error) { return 0, 0, io.EOF }

func TestPromise_P2_HolesAreNotBelieved(t *testing.T) {
	w := newWorld(t)
	w.put("a", noise(3<<20, 1))
	p := w.piece("a")
	p.From = lying{w.from}
	if _, _, err := w.copy(p, copier.Options{}); err != nil {
		t.Fatal(err)
	}
	w.same("a")
}

func TestFault_B4_B5_SymlinksStayLinks(t *testing.T) {
	w := newWorld(t)
	for name, target := range map[string]string{"dangling": "no/where", "out": "/etc/passwd", "loop": "loop", "long": strings.Repeat("x/", 1500)} {
		if err := os.Symlink(target, w.path("from", name)); err != nil {
			t.Fatal(err)
		}
		out, _, err := w.copy(w.piece(name), copier.Options{Verify: true})
		if err != nil || !out.Verified {
			t.Fatal(name, out, err)
		}
		if got, _ := os.Readlink(w.path("to", name)); got != target {
			t.Errorf("%s leads to %q", name, got)
		}
	}
}

func TestFault_B1_B2_SpecialFilesAreRefused(t *testing.T) {
	w := newWorld(t)
	if err := syscall.Mkfifo(w.path("from", "fifo"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(w.path("from", "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.copy(w.piece("fifo"), copier.Options{}); !errs.Is(err, errs.Unsupported) {
		t.Errorf("a FIFO: %v", err)
	}
	if _, _, err := w.copy(w.piece("folder"), copier.Options{}); !errs.Is(err, errs.Invalid) {
		t.Errorf("a folder: %v", err)
	}
	// one that takes the place of the file that was planned
	w.put("a", []byte("a"))
	p := w.piece("a")
	if err := errors.Join(os.Remove(w.path("from", "a")), syscall.Mkfifo(w.path("from", "a"), 0o600)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.copy(p, copier.Options{}); !errs.Is(err, errs.Conflict) {
		t.Errorf("a FIFO in the place of a file: %v", err)
	}
	w.holds()
}

func TestFault_B3_FilesThatTellAWrongSize(t *testing.T) {
	w := newWorld(t)
	proc, err := local.New("/proc/self", local.Options{})
	if err != nil {
		t.Skip("no /proc: ", err)
	}
	defer proc.Close()
	seen, err := proc.Stat(t.Context(), "status")
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range []copier.Options{{}, {Hash: copier.HashNever}} {
		p := copier.Piece{From: proc, Path: "status", Seen: seen, Drift: true, Into: w.into, Name: "status", Temp: vfs.PrivateName()}
		if _, _, err := w.copy(p, o); !errs.Is(err, errs.Unsupported) {
			t.Errorf("%+v: %v", o, err)
		}
	}
	w.holds()
}

func TestFault_B9_HardLinks(t *testing.T) {
	w := newWorld(t)
	w.put("a", noise(100, 1))
	if err := os.Link(w.path("from", "a"), w.path("from", "b")); err != nil {
		t.Fatal(err)
	}
	_, placed, err := w.copy(w.piece("a"), copier.Options{})
	if err != nil {
		t.Fatal(err)
	}
	p := w.piece("b")
	p.Link = &copier.Linked{Dir: w.into, Name: "a", Is: placed.Is}
	out, is, err := w.copy(p, copier.Options{})
	if err != nil || !out.Linked || is.Is.Inode != placed.Is.Inode || is.Is.Links != 2 {
		t.Errorf("%+v, %+v, %v", out, is, err)
	}
	// another file under the name
	p = w.piece("b")
	p.Name = "c"
	p.Link = &copier.Linked{Dir: w.into, Name: "a", Is: vfs.Entry{Kind: vfs.File, Inode: 1}}
	if _, _, err := w.copy(p, copier.Options{}); !errs.Is(err, errs.Conflict) {
		t.Errorf("linked to another file: %v", err)
	}
	// a volume without hard links
	w.dst.call = func(op, _ string) error {
		if op == "link" {
			return errs.New(errs.Unsupported, "no links")
		}
		return nil
	}
	p = w.piece("b")
	p.Name, p.Link = "d", &copier.Linked{Dir: w.into, Name: "a", Is: placed.Is}
	out, _, err = w.copy(p, copier.Options{})
	if err != nil || out.Linked || out.Lost != vfs.PartLinks {
		t.Errorf("%+v, %v", out, err)
	}
	w.holds("a", "b", "d")
}

func TestFault_A6_LongestNames(t *testing.T) {
	w := newWorld(t)
	name := strings.Repeat("x", 251) + ".txt"
	w.put(name, []byte("x"))
	if _, _, err := w.copy(w.piece(name), copier.Options{}); err != nil {
		t.Fatal(err)
	}
	w.holds(name)
}

func TestNumberedNamesFit(t *testing.T) {
	for _, c := range []struct {
		name string
		n    int
		want string
	}{
		{"photo.jpg", 2, "photo (2).jpg"}, {"folder", 3, "folder (3)"}, {".profile", 2, ".profile (2)"}, {"a.tar.gz", 2, "a.tar (2).gz"},
		{strings.Repeat("é", 127) + "x", 2, strings.Repeat("é", 125) + " (2)"},
		{strings.Repeat("x", 251) + ".txt", 10, strings.Repeat("x", 246) + " (10).txt"},
		{"\xff\xfe.", 2, "\xff\xfe (2)."},
	} {
		got := copier.Numbered(c.name, c.n, 0)
		if got != c.want || len(got) > 255 {
			t.Errorf("%q became %q (%d bytes)", c.name, got, len(got))
		}
	}
}

func TestMadeFiles(t *testing.T) {
	w := newWorld(t)
	data := noise(5<<20, 1)
	p := copier.Piece{
		Make: func(_ context.Context, out io.Writer) error { _, err := out.Write(data); return err },
		Meta: vfs.Meta{Mode: 0o640, Modified: longAgo.UnixNano()}, MetaParts: vfs.PartMode | vfs.PartModified,
		Into: w.into, Name: "a", Temp: vfs.PrivateName(),
	}
	out, placed, err := w.copy(p, copier.Options{Verify: true})
	if err != nil || !out.Verified || placed.Is.Mode != 0o640 || placed.Is.Size != int64(len(data)) || out.Hash != blake3.Sum256(data) {
		t.Fatal(out, placed, err)
	}
	broken := errs.New(errs.Invalid, "broken")
	p.Make = func(_ context.Context, out io.Writer) error { _, _ = out.Write(data); return broken }
	p.Name, p.Temp = "b", vfs.PrivateName()
	if _, _, err := w.copy(p, copier.Options{}); !errors.Is(err, broken) {
		t.Error(err)
	}
	w.holds("a")
}

func TestDressFolder(t *testing.T) {
	w := newWorld(t)
	if err := errors.Join(os.Mkdir(w.path("from", "d"), 0o700), os.Mkdir(w.path("to", "d"), 0o755), os.Chmod(w.path("from", "d"), 0o2750|os.ModeSetgid)); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(w.path("from", "d"), longAgo, longAgo); err != nil {
		t.Fatal(err)
	}
	seen, err := w.from.Stat(t.Context(), "d")
	if err != nil {
		t.Fatal(err)
	}
	lost, err := w.engine.Dress(t.Context(), w.from, "d", seen, w.into, "d", copier.Keep{})
	if err != nil || lost != 0 {
		t.Fatal(lost, err)
	}
	is, err := os.Stat(filepath.Join(w.path("to", "d")))
	if err != nil || is.Mode().Perm() != 0o750 || is.Mode()&os.ModeSetgid != 0 || !is.ModTime().Equal(longAgo) {
		t.Error(is, err)
	}
}
