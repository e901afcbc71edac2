package archive

import (
	"archive/zip"
	"context"
	"errors"
	"io"
	"io/fs"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Stream writes a zip of the sources, in their order, to w, unpacked inside, so
// that it costs no more than reading. next returns io.EOF after the last one. What
// cannot be opened is left out, and left is told of it; a file whose bytes end
// early ends the whole with an error: nothing in the archive is half of a file. Of
// a source without a Driver, Path is the text that it holds.
func Stream(ctx context.Context, w io.Writer, next func() (Source, error), left func(as string, why error)) error {
	z := zip.NewWriter(w)
	buf := make([]byte, 256<<10)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		s, err := next()
		if errors.Is(err, io.EOF) {
			return z.Close()
		}
		if err == nil {
			err = streamOne(ctx, z, s, buf, left)
		}
		if err != nil {
			return err
		}
	}
}

// streamText adds a file that is made of a text.
func streamText(z *zip.Writer, as, text string) error {
	w, err := z.CreateHeader(&zip.FileHeader{Name: as, Method: zip.Deflate})
	if err == nil {
		_, err = io.WriteString(w, text)
	}
	return err
}

func streamOne(ctx context.Context, z *zip.Writer, s Source, buf []byte, left func(string, error)) error {
	if s.Driver == nil {
		return streamText(z, s.As, s.Path)
	}
	h := &zip.FileHeader{Name: s.As, Method: zip.Store, Modified: time.Unix(0, s.Seen.Modified)}
	mode := fs.FileMode(s.Seen.Mode & 0o777)
	switch s.Seen.Kind {
	case vfs.Folder:
		h.Name += "/"
		h.SetMode(mode | fs.ModeDir)
		_, err := z.CreateHeader(h)
		return err
	case vfs.Symlink:
		read := s.Driver.Features().Readlink
		if read == nil {
			left(s.As, errs.New(errs.Unsupported, "the volume does not tell where symlinks lead"))
			return nil
		}
		target, err := read(ctx, s.Path)
		if err != nil {
			left(s.As, err)
			return nil
		}
		h.SetMode(mode | fs.ModeSymlink)
		w, err := z.CreateHeader(h)
		if err == nil {
			_, err = io.WriteString(w, target)
		}
		return err
	case vfs.File:
		h.SetMode(mode)
		return streamFile(ctx, z, s, h, buf, left)
	}
	left(s.As, errs.New(errs.Unsupported, "a %s holds no bytes", s.Seen.Kind))
	return nil
}

func streamFile(ctx context.Context, z *zip.Writer, s Source, h *zip.FileHeader, buf []byte, left func(string, error)) error {
	src, err := s.Driver.Open(ctx, s.Path)
	if err != nil {
		left(s.As, err)
		return ctx.Err()
	}
	defer src.Close() //nolint:errcheck // opened for reading
	is, err := src.Stat()
	if err != nil {
		left(s.As, err)
		return ctx.Err()
	}
	n, err := src.Read(buf) // a disk that fails mostly fails at once
	if err != nil && !errors.Is(err, io.EOF) {
		left(s.As, err)
		return ctx.Err()
	}
	w, err := z.CreateHeader(h)
	if err == nil {
		_, err = w.Write(buf[:n])
	}
	if err != nil {
		return err
	}
	rest, err := io.CopyBuffer(plainWriter{w}, &within{ctx, io.LimitReader(src, is.Size-int64(n))}, buf)
	if err != nil {
		return &errs.Error{Op: "pack", Path: s.Path, Kind: errs.KindOf(err), Err: err}
	}
	if int64(n)+rest != is.Size {
		return &errs.Error{Op: "pack", Path: s.Path, Kind: errs.Conflict, Err: errChanged}
	}
	return nil
}

// plainWriter hides what else a writer can do, so that the buffer is used.
type plainWriter struct{ io.Writer }

// within ends reading when ctx ends.
type within struct {
	ctx context.Context
	r   io.Reader
}

func (w *within) Read(b []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.r.Read(b)
}
