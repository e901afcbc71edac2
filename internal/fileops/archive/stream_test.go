package archive_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"testing"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/fileops/archive"
	"github.com/stardrive/stardrive/internal/vfs"
)

// shelf is a volume of files in memory.
type shelf struct {
	vfs.Driver
	open func() (vfs.Handle, error)
}

func (s shelf) Open(context.Context, string) (vfs.Handle, error) { return s.open() }
func (s shelf) Features() vfs.Features                           { return vfs.Features{} }

// book says it has size bytes, and holds data; then it fails with err.
type book struct {
	vfs.Handle
	size int64
	data io.Reader
	err  error
}

func (b *book) Stat() (vfs.Entry, error) { return vfs.Entry{Kind: vfs.File, Size: b.size}, nil }
func (b *book) Close() error             { return nil }
func (b *book) Read(p []byte) (int, error) {
	n, err := b.data.Read(p)
	if errors.Is(err, io.EOF) && b.err != nil {
		err = b.err
	}
	return n, err
}

// What cannot be opened is left out and told; what ends early ends all of it.
func TestStream(t *testing.T) {
	bad := errs.New(errs.Internal, "the disk failed")
	long := bytes.Repeat([]byte("0123456789abcdef"), 40_000) // more than one read
	for name, c := range map[string]struct {
		open    func() (vfs.Handle, error)
		left    bool
		breaks  bool
		content []byte
	}{
		"good":             {open: func() (vfs.Handle, error) { return &book{size: int64(len(long)), data: bytes.NewReader(long)}, nil }, content: long},
		"empty":            {open: func() (vfs.Handle, error) { return &book{data: bytes.NewReader(nil)}, nil }, content: []byte{}},
		"it grows":         {open: func() (vfs.Handle, error) { return &book{size: 500_000, data: bytes.NewReader(long)}, nil }, content: long[:500_000]},
		"cannot be opened": {open: func() (vfs.Handle, error) { return nil, bad }, left: true},
		"fails at once":    {open: func() (vfs.Handle, error) { return &book{size: 9, data: bytes.NewReader(nil), err: bad}, nil }, left: true},
		"fails later":      {open: func() (vfs.Handle, error) { return &book{size: 1e6, data: bytes.NewReader(long), err: bad}, nil }, breaks: true},
		"ends early":       {open: func() (vfs.Handle, error) { return &book{size: 1e6, data: bytes.NewReader(long)}, nil }, breaks: true},
	} {
		t.Run(name, func(t *testing.T) {
			all := []archive.Source{{Driver: shelf{open: c.open}, Path: "x", As: "x", Seen: vfs.Entry{Kind: vfs.File}}, {As: "said.txt", Path: "words"}}
			left := 0
			var b bytes.Buffer
			err := archive.Stream(t.Context(), &b, func() (s archive.Source, err error) {
				if len(all) == 0 {
					return s, io.EOF
				}
				s, all = all[0], all[1:]
				return s, nil
			}, func(string, error) { left++ })
			if (err != nil) != c.breaks || (left > 0) != c.left {
				t.Fatalf("%v, %d left", err, left)
			}
			z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
			if (err != nil) != c.breaks {
				t.Fatalf("it can be read: %v", err)
			}
			if c.content == nil {
				return
			}
			r, err := z.Open("x")
			if err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, c.content) {
				t.Errorf("%d bytes, %v", len(got), err)
			}
		})
	}
}
