package vfstest

import (
	"bytes"
	"io"
	"strings"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

func (t *volume) create(d vfs.Dir, name string) vfs.WriteHandle {
	t.Helper()
	h, err := d.Create(t.Context(), name, 0o644)
	t.must(err)
	t.Cleanup(func() { _ = h.Close() })
	return h
}

func writeHandle(t *volume) {
	d := t.dir("")
	h := t.create(d, "f")
	if n, err := h.Write([]byte("0123456789")); n != 10 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if n, err := h.WriteAt([]byte("XY"), 4); n != 2 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if n, err := h.Write([]byte("ab")); n != 2 || err != nil { // WriteAt does not move the position
		t.Errorf("%d, %v", n, err)
	}
	if pos, err := h.Seek(2, io.SeekStart); pos != 2 || err != nil {
		t.Errorf("%d, %v", pos, err)
	}
	if n, err := h.Write([]byte("_")); n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if rest, err := io.ReadAll(h); string(rest) != "3XY6789ab" || err != nil {
		t.Errorf("%q, %v", rest, err)
	}
	t.must(h.Truncate(5))
	if got := t.get(d, "f"); got != "01_3X" {
		t.Errorf("cut: %q", got)
	}
	t.must(h.Truncate(8))
	if got := t.get(d, "f"); got != "01_3X\x00\x00\x00" {
		t.Errorf("lengthened: %q", got)
	}
	if _, err := h.WriteAt([]byte("x"), -1); !isError(err) {
		t.Errorf("writing before the start: %v", err)
	}
	if err := h.Truncate(-1); !isError(err) {
		t.Errorf("a negative size: %v", err)
	}
	if err := h.Allocate(1 << 16); err != nil {
		t.is(err, errs.Unsupported, "Allocate")
	}
	if e, err := h.Stat(); err != nil || e.Size != 8 || e != t.entry(d, "f") {
		t.Errorf("after Allocate: %+v, %v", e, err)
	}
	t.must(h.Sync(), h.Uncache(), h.Close())
	if got := t.get(d, "f"); got != "01_3X\x00\x00\x00" {
		t.Errorf("at the end: %q", got)
	}
	if _, err := h.Write([]byte("x")); !isError(err) {
		t.Errorf("Write after Close: %v", err)
	}
	if err := h.Sync(); !isError(err) {
		t.Errorf("Sync after Close: %v", err)
	}
	_, err := h.SetMeta(&vfs.Meta{}, vfs.PartMode)
	if !isError(err) {
		t.Errorf("SetMeta after Close: %v", err)
	}
	r, err := d.Open(t.Context(), "f")
	t.must(err)
	defer func() { _ = r.Close() }()
	if s, ok := vfs.HandleAs[vfs.Streamer](r); ok {
		s.Stream()
	}
	if w, ok := r.(io.Writer); ok {
		if _, err := w.Write([]byte("x")); err == nil {
			t.Error("a handle for reading writes")
		}
	}
}

func writtenOutlivesName(t *volume) {
	d := t.dir("")
	h := t.create(d, "f")
	if err := d.Rename(t.Context(), "f", d, "g", vfs.NoReplace); err != nil {
		t.is(err, errs.Denied, "renaming an open file")
		t.Skip("this system does not rename open files")
	}
	t.put(d, "f", "somebody else's")
	_, err := h.Write([]byte("mine"))
	t.must(err)
	if t.w.Keeps&vfs.PartMode != 0 {
		_, err = h.SetMeta(&vfs.Meta{Mode: 0o600}, vfs.PartMode)
		t.must(err)
	}
	t.must(h.Sync(), h.Close())
	if a, b := t.get(d, "f"), t.get(d, "g"); a != "somebody else's" || b != "mine" {
		t.Errorf("%q and %q", a, b)
	}
	if e := t.entry(d, "f"); t.w.Keeps&vfs.PartMode != 0 && e.Mode == 0o600 {
		t.Error("the mode went to the other file")
	}
	h = t.create(d, "gone")
	if err := d.Unlink(t.Context(), "gone"); err != nil {
		t.Skip(err)
	}
	_, err = h.Write([]byte("x"))
	t.must(err)
	t.must(h.Close())
	t.sameNames(t.names(d), "f", "g")
}

func holes(t *volume) {
	d := t.dir("")
	h := t.create(d, "f")
	const mb = 1 << 20
	data := bytes.Repeat([]byte("d"), mb)
	t.must(h.Truncate(64 * mb))
	for _, off := range []int64{0, 16 * mb, 40 * mb} {
		_, err := h.WriteAt(data, off)
		t.must(err)
	}
	t.must(h.Sync())
	if _, err := h.Seek(7, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	s, ok := vfs.HandleAs[vfs.Sparse](h)
	if !ok {
		t.Skip("this volume does not tell where holes are")
	}
	var got []int64
	for off := int64(0); ; {
		start, end, err := s.NextData(off)
		if err == io.EOF {
			break
		}
		t.can(err)
		if start < off || end <= start {
			t.Fatalf("data from %d to %d, after %d", start, end, off)
		}
		got, off = append(got, start, end), end
	}
	if pos, err := h.Seek(0, io.SeekCurrent); pos != 7 || err != nil {
		t.Errorf("the position moved to %d, %v", pos, err)
	}
	if t.w.Keeps&vfs.PartHoles == 0 {
		t.Skipf("this volume promises no holes; data at %v", got)
	}
	total := int64(0)
	for i := 0; i < len(got); i += 2 {
		total += got[i+1] - got[i]
	}
	if total < 3*mb || total > 16*mb {
		t.Errorf("%d bytes of data in %v", total, got)
	}
	for _, off := range []int64{0, 16 * mb, 40 * mb} {
		if start, _, err := s.NextData(off); start != off || err != nil {
			t.Errorf("data at %d begins at %d, %v", off, start, err)
		}
	}
	if _, _, err := s.NextData(64 * mb); err != io.EOF {
		t.Errorf("after the end: %v", err)
	}
}

func copyFrom(t *volume) {
	d := t.dir("")
	const size = 3 << 20
	want := strings.Repeat("0123456789abcdef", size/16)
	t.put(d, "src", want)
	src, err := d.Open(t.Context(), "src")
	t.must(err)
	defer func() { _ = src.Close() }()
	h := t.create(d, "dst")
	for _, n := range []int64{0, -1} {
		if n, err := h.CopyFrom(src, 0, 0, n); n != 0 || err != nil && !errs.Is(err, errs.Unsupported) {
			t.Errorf("copying nothing: %d, %v", n, err)
		}
	}
	off := int64(0)
	for off < size {
		n, err := h.CopyFrom(src, off, off, size-off)
		t.can(err)
		if n <= 0 {
			t.Skipf("the system copies nothing at %d", off)
		}
		off += n
	}
	if n, err := h.CopyFrom(src, size, size, 100); n != 0 || err != nil {
		t.Errorf("at the end: %d, %v", n, err)
	}
	if got := t.get(d, "dst"); got != want {
		t.Errorf("%d bytes, not those of the source", len(got))
	}
	if n, err := h.CopyFrom(src, 5, 100, 10); n != 10 || err != nil {
		t.Errorf("a piece: %d, %v", n, err)
	}
	if got := t.get(d, "dst"); got[100:110] != want[5:15] || got[:100] != want[:100] || got[110:] != want[110:] {
		t.Error("a piece went elsewhere")
	}
	t.is(second(h.CopyFrom(nil, 0, 0, 1)), errs.Unsupported, "from nothing")
}

func second[T any](_ T, err error) error { return err }

func clone(t *volume) {
	d := t.dir("")
	want := strings.Repeat("clone me ", 50_000)
	t.put(d, "src", want)
	src, err := d.Open(t.Context(), "src")
	t.must(err)
	defer func() { _ = src.Close() }()
	h := t.create(d, "dst")
	err = h.Clone(src)
	if err != nil {
		t.is(err, errs.Unsupported, "Clone")
		if e, err := h.Stat(); err != nil || e.Size != 0 {
			t.Errorf("it failed and left %+v, %v", e, err)
		}
		if t.w.Clones {
			t.Error("the volume said that it clones")
		}
		t.Skip(err)
	}
	if !t.w.Clones {
		t.Error("the volume clones and said that it does not")
	}
	if _, err := h.WriteAt([]byte("C"), 0); err != nil {
		t.Error(err)
	}
	t.must(h.Sync(), h.Close())
	if got := t.get(d, "dst"); got != "C"+want[1:] {
		t.Errorf("%d bytes, not those of the source", len(got))
	}
	if got := t.get(d, "src"); got != want {
		t.Error("the source changed")
	}
}

func syncs(t *volume) {
	d := t.dir("")
	h := t.create(d, "f")
	_, err := h.Write([]byte("x"))
	t.must(err, h.Sync(), d.Sync(t.Context()))
	if err := d.SyncAll(t.Context()); err != nil {
		t.is(err, errs.Unsupported, "SyncAll")
	}
}
