package archive

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"bytes"
	"compress/bzip2"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/nwaples/rardecode/v2"
	"github.com/ulikunitz/xz"
	"golang.org/x/text/encoding/charmap"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/filekind"
	"github.com/stardrive/stardrive/internal/vfs"
)

// maxWindow bounds the memory that a packed stream may ask for.
const maxWindow = 256 << 20

// member is a Member with its bytes. Of a stream they can be read only until the
// next member is asked for.
type member struct {
	Member
	open func() (io.ReadCloser, error) // of a file
}

var (
	errFormat = errs.New(errs.Unsupported, "it is no archive that can be read")
	// A few wrong bytes make the library take all memory there is, which nothing in
	// this process could stop.
	errSevenZip  = errs.New(errs.Unsupported, "7z archives are not unpacked").Try("Unpack it with another program.")
	errEncrypted = errs.New(errs.Unsupported, "it is encrypted").Try("Give its password.")
)

func damaged(err error) error {
	var own *errs.Error
	if errors.As(err, &own) { // of the volume, or a bound
		return err
	}
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, rardecode.ErrArchiveEncrypted), errors.Is(err, rardecode.ErrArchivedFileEncrypted), errors.Is(err, rardecode.ErrBadPassword):
		return errEncrypted
	}
	return errs.New(errs.Invalid, "the archive is damaged: %w", err)
}

// rescue makes an error of a panic: decoders of hostile bytes are not all perfect.
func rescue(err *error) {
	if p := recover(); p != nil {
		*err = errs.New(errs.Invalid, "the archive is damaged: %v", p)
	}
}

// watched ends reading when ctx ends.
type watched struct {
	ctx context.Context
	r   io.ReaderAt
}

func (w watched) ReadAt(b []byte, off int64) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.r.ReadAt(b, off)
}

func detect(s *io.SectionReader) (Format, error) {
	var head [512]byte
	n, err := s.ReadAt(head[:], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	b := head[:n]
	starts := func(m string) bool { return bytes.HasPrefix(b, []byte(m)) }
	switch {
	case starts("PK\x03\x04"), starts("PK\x05\x06"), starts("PK\x07\x08"):
		return Zip, nil
	case starts("7z\xbc\xaf\x27\x1c"):
		return SevenZip, nil
	case starts("Rar!\x1a\x07"):
		return Rar, nil
	case filekind.IsTar(b):
		return Tar, nil
	}
	f := packing(b)
	if f == "" {
		return "", errFormat
	}
	r, _, err := unpack(f, s)
	if err != nil {
		return "", damaged(err)
	}
	defer r.Close()
	n, err = io.ReadFull(r, head[:])
	if n == 0 && err != nil && !errors.Is(err, io.EOF) {
		return "", damaged(err)
	}
	if filekind.IsTar(head[:n]) {
		return f, nil
	}
	return Single, nil
}

// packing knows a packed stream by its first bytes: the tar that it mostly is.
func packing(head []byte) Format {
	for m, f := range map[string]Format{"\x1f\x8b": TarGz, "BZh": TarBz2, "\xfd7zXZ\x00": TarXz, "\x28\xb5\x2f\xfd": TarZst} {
		if bytes.HasPrefix(head, []byte(m)) {
			return f
		}
	}
	return ""
}

// unpack undoes a compression. name is that of the file within, where it is told.
func unpack(f Format, s *io.SectionReader) (r io.ReadCloser, name string, err error) {
	in := bufio.NewReaderSize(io.NewSectionReader(s, 0, s.Size()), 256<<10)
	switch f {
	case TarGz:
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, "", err
		}
		return z, z.Name, nil
	case TarBz2:
		return io.NopCloser(bzip2.NewReader(in)), "", nil
	case TarXz:
		z, err := xz.ReaderConfig{DictCap: maxWindow}.NewReader(in)
		if err != nil {
			return nil, "", err
		}
		return io.NopCloser(z), "", nil
	case TarZst:
		z, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderMaxMemory(maxWindow))
		if err != nil {
			return nil, "", err
		}
		return z.IOReadCloser(), "", nil
	}
	return nil, "", errFormat
}

// each calls do for the members of an archive of whatever format.
func each(ctx context.Context, h io.ReaderAt, size int64, name, password string, b *bounds, do func(member) error) error {
	s := io.NewSectionReader(watched{ctx, h}, 0, size)
	f, err := detect(s)
	if err != nil {
		return err
	}
	counted := func(m member) error {
		if err := b.member(); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		m.Path, m.Refused = safe(m.Told, m.Refused)
		return do(m)
	}
	switch f {
	case Zip:
		return eachZip(s, counted)
	case SevenZip:
		if !b.SevenZip {
			return errSevenZip
		}
		return eachSevenZip(s, counted)
	case Rar:
		return eachRar(s, password, counted)
	case Tar:
		return eachTar(io.NewSectionReader(s, 0, size), counted)
	case Single:
		return single(s, name, counted)
	}
	r, _, err := unpack(f, s)
	if err != nil {
		return damaged(err)
	}
	defer r.Close()
	// what a tar passes over comes out as well
	return eachTar(&bounded{r: r, b: &bounds{Caps: b.Caps, packed: size}}, counted)
}

// bounded counts what is read of a packed stream.
type bounded struct {
	r io.Reader
	b *bounds
}

func (c *bounded) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	if over := c.b.add(int64(n)); over != nil {
		return 0, over
	}
	return n, err
}

func eachZip(s *io.SectionReader, do func(member) error) error {
	z, err := zip.NewReader(s, s.Size())
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) { // names are made safe here
		return damaged(err)
	}
	for _, f := range z.File {
		m := member{Member: Member{Told: f.Name, Size: told(f.UncompressedSize64), Mode: uint32(f.Mode().Perm()), Modified: stamp(f.Modified)}}
		if f.NonUTF8 && !utf8.ValidString(f.Name) {
			if s, err := charmap.CodePage437.NewDecoder().String(f.Name); err == nil {
				m.Told = s
			}
		}
		m.open = f.Open
		switch mode := f.Mode(); {
		case mode.IsDir() || strings.HasSuffix(f.Name, "/"):
			m.Kind = vfs.Folder
		case mode&fs.ModeSymlink != 0:
			m.Kind = vfs.Symlink
			m.Target, m.Refused = zipTarget(f)
		case mode.IsRegular():
			m.Kind = vfs.File
		default:
			m.Refused = "it is neither a file nor a folder"
		}
		if f.Flags&1 != 0 {
			m.Refused = isEncrypted
		}
		if err := do(m); err != nil {
			return damaged(err)
		}
	}
	return nil
}

const maxTarget = 4096

func zipTarget(f *zip.File) (target, refused string) {
	r, err := f.Open()
	if err != nil {
		return "", "it cannot be read"
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, maxTarget+1))
	if err != nil || len(b) > maxTarget {
		return "", "it cannot be read"
	}
	return string(b), ""
}

func eachTar(r io.Reader, do func(member) error) error {
	t := tar.NewReader(r)
	for {
		h, err := t.Next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil && !errors.Is(err, tar.ErrInsecurePath): // names are made safe here
			return damaged(err)
		}
		m := member{Member: Member{Told: h.Name, Size: h.Size, Mode: uint32(h.Mode) & 0o777, Modified: stamp(h.ModTime)}}
		m.open = func() (io.ReadCloser, error) { return io.NopCloser(t), nil }
		switch h.Typeflag {
		case tar.TypeReg, '\x00', tar.TypeGNUSparse, tar.TypeCont:
			m.Kind = vfs.File
			if strings.HasSuffix(h.Name, "/") {
				m.Kind = vfs.Folder
			}
		case tar.TypeDir:
			m.Kind = vfs.Folder
		case tar.TypeSymlink:
			m.Kind, m.Target = vfs.Symlink, h.Linkname
		case tar.TypeLink:
			m.Kind = vfs.File
			if m.LinkOf, m.Refused = safe(h.Linkname, ""); m.Refused != "" {
				m.Refused = "it is another name of what " + m.Refused
			}
		case tar.TypeXGlobalHeader:
			continue
		default:
			m.Refused = "it is neither a file nor a folder"
		}
		if err := do(m); err != nil {
			return damaged(err)
		}
	}
}

// single is one packed file.
func single(s *io.SectionReader, name string, do func(member) error) error {
	var head [8]byte
	n, err := s.ReadAt(head[:], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	r, inner, err := unpack(packing(head[:n]), s)
	if err != nil {
		return damaged(err)
	}
	defer r.Close()
	base := path.Base(strings.ReplaceAll(inner, "\\", "/"))
	if inner == "" || base == "." || base == "/" || base == ".." {
		base = strings.TrimSuffix(name, path.Ext(name))
	}
	if base == "" {
		base = "content"
	}
	err = do(member{
		Member: Member{Told: base, Kind: vfs.File, Size: -1, Mode: 0o644},
		open:   func() (io.ReadCloser, error) { return io.NopCloser(r), nil },
	})
	if err != nil {
		return damaged(err)
	}
	return nil
}

func eachRar(s *io.SectionReader, password string, do func(member) error) error {
	options := []rardecode.Option{rardecode.MaxDictionarySize(maxWindow)}
	if password != "" {
		options = append(options, rardecode.Password(password))
	}
	r, err := rardecode.NewReader(io.NewSectionReader(s, 0, s.Size()), options...)
	if err != nil {
		return damaged(err)
	}
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return damaged(err)
		}
		m := member{Member: Member{Told: h.Name, Size: h.UnPackedSize, Mode: uint32(h.Mode().Perm()), Modified: stamp(h.ModificationTime)}}
		if h.UnKnownSize {
			m.Size = -1
		}
		m.open = func() (io.ReadCloser, error) { return io.NopCloser(r), nil }
		switch {
		case h.IsDir:
			m.Kind = vfs.Folder
		case h.Mode().IsRegular():
			m.Kind = vfs.File
		default:
			m.Refused = "it is neither a file nor a folder"
		}
		if err := do(m); err != nil {
			return damaged(err)
		}
	}
}

func told(n uint64) int64 {
	if n > 1<<62 {
		return -1
	}
	return int64(n)
}

// stamp is a time that can be given to a file; 0: it is not told, or nonsense.
func stamp(t time.Time) int64 {
	if y := t.Year(); t.IsZero() || y < 1900 || y > 2200 {
		return 0
	}
	return t.UnixNano()
}

const (
	maxDepth = 128
	maxName  = 255
)

// safe makes of a name in an archive a path below the target, or tells why not.
func safe(name, refused string) (clean, why string) {
	if refused != "" {
		return "", refused
	}
	switch {
	case strings.IndexByte(name, 0) >= 0:
		return "", "its name holds a NUL"
	case strings.IndexByte(name, '\\') >= 0:
		return "", "its name holds a backslash"
	case strings.HasPrefix(name, "/"):
		return "", "its name begins at the root"
	case len(name) >= 2 && name[1] == ':' && (name[0]|0x20) >= 'a' && (name[0]|0x20) <= 'z':
		return "", "its name begins with a drive"
	}
	var parts []string
	for c := range strings.SplitSeq(name, "/") {
		switch {
		case c == "" || c == ".":
			continue
		case c == "..":
			return "", "its name leads out by \"..\""
		case len(c) > maxName:
			return "", "its name is too long"
		}
		parts = append(parts, c)
	}
	if len(parts) > maxDepth {
		return "", fmt.Sprintf("it is more than %d folders deep", maxDepth)
	}
	return strings.Join(parts, "/"), ""
}

// reserved knows names that mean a device on Windows.
func reserved(name string) bool {
	base, _, _ := strings.Cut(strings.ToUpper(name), ".")
	base = strings.TrimRight(base, " ")
	switch base {
	case "CON", "PRN", "AUX", "NUL":
		return true
	}
	return len(base) == 4 && (strings.HasPrefix(base, "COM") || strings.HasPrefix(base, "LPT")) && base[3] >= '0' && base[3] <= '9'
}
