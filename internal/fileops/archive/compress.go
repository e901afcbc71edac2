package archive

import (
	"archive/tar"
	"archive/zip"
	"context"
	"errors"
	"io"
	"io/fs"
	"time"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Source is one thing to be packed.
type Source struct {
	Driver vfs.Driver
	Path   string    // where it is
	As     string    // its path in the archive, with '/'
	Seen   vfs.Entry // a file that is another by now is errs.Conflict
}

// Compress writes an archive of the sources, in their order, to w. next returns
// io.EOF after the last one. It is made to be called in copier.Piece.Make: when it
// fails, what was written is worth nothing. FIFOs, sockets and devices are
// errs.Unsupported: leave them out before. progress hears of bytes that were read.
func Compress(ctx context.Context, w io.Writer, f Format, next func() (Source, error), progress func(bytes int64)) (err error) {
	p, err := newPacker(w, f)
	if err != nil {
		return err
	}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		s, err := next()
		if errors.Is(err, io.EOF) {
			return p.close()
		}
		if err == nil {
			err = pack(ctx, p, s, progress)
		}
		if err != nil {
			p.abandon()
			return &errs.Error{Op: "compress", Path: s.Path, Kind: errs.KindOf(err), Remedy: errs.RemedyOf(err), Err: err}
		}
	}
}

// packer is an archive that is written.
type packer interface {
	// member begins the next one; its bytes go to the writer.
	member(m Member) (io.Writer, error)
	close() error
	abandon()
}

var errChanged = errs.New(errs.Conflict, "it changed while it was packed").Try("Try again when it has come to rest.")

func pack(ctx context.Context, p packer, s Source, progress func(int64)) error {
	m := Member{Told: s.As, Kind: s.Seen.Kind, Mode: s.Seen.Mode & 0o777, Modified: s.Seen.Modified}
	if clean, why := safe(s.As, ""); why != "" || clean != s.As || clean == "" {
		return errs.New(errs.Invalid, "%q is no name for an archive", s.As)
	}
	switch s.Seen.Kind {
	case vfs.Folder:
		_, err := p.member(m)
		return err
	case vfs.Symlink:
		read := s.Driver.Features().Readlink
		if read == nil {
			return errs.New(errs.Unsupported, "the volume does not tell where symlinks lead")
		}
		var err error
		if m.Target, err = read(ctx, s.Path); err == nil {
			_, err = p.member(m)
		}
		return err
	case vfs.File:
		return packFile(ctx, p, s, m, progress)
	}
	return errs.New(errs.Unsupported, "a %s holds no bytes that could be packed", s.Seen.Kind)
}

// packFile packs a file as it was seen, or fails.
func packFile(ctx context.Context, p packer, s Source, m Member, progress func(int64)) error {
	src, err := s.Driver.Open(ctx, s.Path)
	if err != nil {
		return err
	}
	defer src.Close()
	before, err := src.Stat()
	if err != nil {
		return err
	}
	if before.Size != s.Seen.Size || before.Modified != s.Seen.Modified || before.Changed != s.Seen.Changed || before.Inode != s.Seen.Inode {
		return errChanged
	}
	m.Size = before.Size
	w, err := p.member(m)
	if err != nil {
		return err
	}
	buf := make([]byte, 256<<10)
	var n int64
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		got, err := src.Read(buf)
		if n += int64(got); n > m.Size {
			return errChanged
		}
		if _, err := w.Write(buf[:got]); err != nil {
			return err
		}
		if progress != nil && got > 0 {
			progress(int64(got))
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
	}
	after, err := src.Stat()
	if err != nil {
		return err
	}
	if n != m.Size || after.Size != before.Size || after.Modified != before.Modified || after.Changed != before.Changed {
		return errChanged
	}
	return nil
}

func newPacker(w io.Writer, f Format) (packer, error) {
	switch f {
	case Zip:
		z := zip.NewWriter(w)
		z.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) { return flate.NewWriter(out, flate.DefaultCompression) })
		return zipPacker{z}, nil
	case Tar:
		return tarPacker{tar.NewWriter(w), nil}, nil
	case TarGz:
		z := gzip.NewWriter(w)
		return tarPacker{tar.NewWriter(z), z}, nil
	case TarZst:
		z, err := zstd.NewWriter(w)
		if err != nil {
			return nil, err
		}
		return tarPacker{tar.NewWriter(z), z}, nil
	}
	return nil, errs.New(errs.Unsupported, "archives of the format %q cannot be made", f).Try("Choose zip, tar, tar.gz or tar.zst.")
}

type tarPacker struct {
	t *tar.Writer
	z io.WriteCloser // what packs it; nil: nothing
}

func (p tarPacker) member(m Member) (io.Writer, error) {
	h := &tar.Header{Format: tar.FormatPAX, Name: m.Told, Mode: int64(m.Mode), ModTime: time.Unix(0, m.Modified), Size: m.Size, Typeflag: tar.TypeReg}
	switch m.Kind {
	case vfs.Folder:
		h.Typeflag, h.Name = tar.TypeDir, m.Told+"/"
	case vfs.Symlink:
		h.Typeflag, h.Linkname = tar.TypeSymlink, m.Target
	}
	return p.t, p.t.WriteHeader(h)
}

func (p tarPacker) close() error {
	err := p.t.Close()
	if p.z != nil {
		err = errors.Join(err, p.z.Close())
	}
	return err
}

func (p tarPacker) abandon() {
	if p.z != nil {
		_ = p.z.Close() // ends what it runs
	}
}

type zipPacker struct{ z *zip.Writer }

func (p zipPacker) member(m Member) (io.Writer, error) {
	h := &zip.FileHeader{Name: m.Told, Method: zip.Deflate, Modified: time.Unix(0, m.Modified)}
	mode := fs.FileMode(m.Mode)
	switch m.Kind {
	case vfs.Folder:
		h.Name, h.Method, mode = m.Told+"/", zip.Store, mode|fs.ModeDir
	case vfs.Symlink:
		mode |= fs.ModeSymlink
	}
	h.SetMode(mode)
	w, err := p.z.CreateHeader(h)
	if err == nil && m.Kind == vfs.Symlink {
		_, err = io.WriteString(w, m.Target)
	}
	return w, err
}

func (p zipPacker) close() error { return p.z.Close() }
func (p zipPacker) abandon()     {}
