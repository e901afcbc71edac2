package copier_test

import (
	"bytes"
	"context"
	"io"
	"testing"

	"github.com/zeebo/blake3"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/fileops/copier"
	"github.com/stardrive/stardrive/internal/vfs"
	"github.com/stardrive/stardrive/internal/vfs/memfs"
)

// likeWorld is a file on one volume, and one on another that is said to hold the same.
func likeWorld(t *testing.T, source, there []byte) (to *memfs.FS, p copier.Piece) {
	t.Helper()
	from, to := memfs.New(nil), memfs.New(nil)
	into, err := to.Features().Writing.Dir(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = into.Close() })
	if err := from.WriteFile("a", source); err != nil {
		t.Fatal(err)
	}
	if err := to.WriteFile("like", there); err != nil {
		t.Fatal(err)
	}
	seen, err := from.Stat(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	is, err := to.Stat(t.Context(), "like")
	if err != nil {
		t.Fatal(err)
	}
	return to, copier.Piece{From: from, Path: "a", Seen: seen, Into: into, Name: "a", Temp: vfs.PrivateName(), Like: &copier.Linked{Dir: into, Name: "like", Is: is}}
}

func readAll(t *testing.T, d vfs.Driver, path string) ([]byte, error) {
	t.Helper()
	f, err := d.Open(t.Context(), path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	is, err := f.Stat()
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.NewSectionReader(f, 0, is.Size))
}

// What is said to be there already is only shared if it is, to the last byte.
func TestPromise_P2_SharedOnlyIfTheSame(t *testing.T) {
	data := noise(3<<20+7, 1)
	flip := func(at int) []byte {
		b := bytes.Clone(data)
		b[at] ^= 1
		return b
	}
	for name, c := range map[string]struct {
		there  []byte
		shared bool
	}{
		"the same":            {data, true},
		"first byte":          {flip(0), false},
		"middle":              {flip(2<<20 + 1), false},
		"last byte":           {flip(len(data) - 1), false},
		"shorter":             {data[:len(data)-1], false},
		"longer":              {append(bytes.Clone(data), 0), false},
		"nothing is in there": {nil, false},
	} {
		for _, o := range []copier.Options{{}, {Verify: true}, {Hash: copier.HashNever}} {
			to, p := likeWorld(t, data, c.there)
			e := copier.New()
			out := e.Write(t.Context(), []copier.Piece{p}, o)[0]
			if out.Err != nil || out.Shared != c.shared || o.Hash != copier.HashNever && (!out.Hashed || out.Hash != blake3.Sum256(data)) {
				t.Fatalf("%s: %+v", name, out)
			}
			if _, err := e.Place(t.Context(), p, out); err != nil {
				t.Fatal(err)
			}
			if got, err := readAll(t, to, "a"); err != nil || !bytes.Equal(got, data) {
				t.Errorf("%s: another file came of it: %v", name, err)
			}
			if got, err := readAll(t, to, "like"); err != nil || !bytes.Equal(got, c.there) {
				t.Errorf("%s: the other file was changed: %v", name, err)
			}
		}
	}
}

// What was changed since it was known is not shared, and what is stopped leaves nothing.
func TestFault_C23_SharedWithAnother(t *testing.T) {
	data := noise(2<<20, 1)
	_, other := likeWorld(t, data, data)
	other.Like.Is.Modified++
	if out := copier.New().Write(t.Context(), []copier.Piece{other}, copier.Options{})[0]; out.Err != nil || out.Shared {
		t.Errorf("%+v", out)
	}
	to, p := likeWorld(t, data, data)
	turns := 0
	out := copier.New().Write(t.Context(), []copier.Piece{p}, copier.Options{Stop: func(int) error {
		if turns++; turns > 1 {
			return errs.New(errs.Cancelled, "enough")
		}
		return nil
	}})[0]
	if !errs.Is(out.Err, errs.Cancelled) || out.Left {
		t.Errorf("%+v", out)
	}
	names := 0
	if err := to.List(context.Background(), "", func(es []vfs.Entry) error { names += len(es); return nil }); err != nil || names != 1 {
		t.Errorf("%d names, %v", names, err)
	}
}
