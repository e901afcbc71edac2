package words

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/bodgit/sevenzip"
	"github.com/klauspost/compress/zstd"
	"github.com/nwaples/rardecode/v2"
	"github.com/ulikunitz/xz"
	"golang.org/x/text/encoding/charmap"

	"github.com/stardrive/stardrive/internal/filekind"
	"github.com/stardrive/stardrive/internal/media"
)

// Bounds of archives. Nothing in them is unpacked but what has to be read to come
// to the next name.
const (
	maxUnpacked = 4 << 30   // bytes that are unpacked of a packed tar
	maxMembers  = 2_000_000 // names
	maxWindow   = 64 << 20  // bytes of memory that a packed stream may ask for
)

// member adds one name of an archive.
func (d *doc) member(name string, size int64, folder bool) error {
	d.names = true
	if folder {
		return nil
	}
	d.facts.Members++
	if size > 0 && d.facts.Unpacked <= 1<<62-size {
		d.facts.Unpacked += size
	}
	if d.facts.Members > maxMembers {
		return errFull
	}
	if err := d.add(strings.Map(unbroken, name) + "\n"); err != nil && !errors.Is(err, errFull) {
		return err
	}
	return d.ctx.Err() // they are counted to the end, whether there is room or not
}

// unbroken keeps a name on its line.
func unbroken(r rune) rune {
	if r == '\n' || r == '\r' || r == '\f' || r == '\t' {
		return ' '
	}
	return r
}

// zipMembers lists a zip archive by its directory; nothing is unpacked.
func zipMembers(d *doc, src media.Source) error {
	z, err := zip.NewReader(src, src.Size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) { // a name is only shown
		return damaged(err)
	}
	var old []byte // names in an encoding that is not told
	for _, f := range z.File {
		if f.NonUTF8 && !utf8.ValidString(f.Name) && len(old) < 64<<10 {
			old = append(append(old, f.Name...), '\n')
		}
	}
	for _, f := range z.File {
		name := f.Name
		if !utf8.ValidString(name) {
			name = oldName(name, old)
		}
		if err := d.member(name, int64(min(f.UncompressedSize64, 1<<62)), strings.HasSuffix(name, "/")); err != nil {
			return err
		}
	}
	return nil
}

// oldName decodes a name by the encoding that all of them are likely in: that of
// DOS, unless it looks like another.
func oldName(name string, all []byte) string {
	if enc := guess(all); enc != fallback && !strings.HasPrefix(enc, "iso-8859") {
		return decodeAs([]byte(name), enc)
	}
	s, err := charmap.CodePage437.NewDecoder().String(name)
	if err != nil {
		return strings.ToValidUTF8(name, "\uFFFD")
	}
	return s
}

func damaged(err error) error { return fmt.Errorf("it is damaged: %w", err) }

// tarMembers lists a tar archive; what is in the members is passed over.
func tarMembers(d *doc, src media.Source) error {
	return d.tar(io.NewSectionReader(src, 0, src.Size))
}

func (d *doc) tar(r io.Reader) error {
	t := tar.NewReader(r)
	for {
		h, err := t.Next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil && !errors.Is(err, tar.ErrInsecurePath): // a name is only shown
			return damaged(err)
		}
		name := h.Name
		if !utf8.ValidString(name) {
			name = decodeAny(name)
		}
		if err := d.member(name, h.Size, h.Typeflag == tar.TypeDir); err != nil {
			return err
		}
	}
}

// packedMembers looks into a compressed file: it is a tar mostly, else one file,
// which is taken if it is text.
func packedMembers(d *doc, src media.Source) error {
	whole := io.NewSectionReader(src, 0, src.Size)
	r, name, err := unpack(whole)
	if err != nil {
		return damaged(err)
	}
	in := bufio.NewReaderSize(&timed{d, io.LimitReader(r, maxUnpacked)}, 64<<10)
	head, err := in.Peek(512)
	if filekind.IsTar(head) {
		return d.tar(in)
	}
	if len(head) == 0 && err != nil && !errors.Is(err, io.EOF) {
		return damaged(err)
	}
	d.facts.Members = 1
	if name != "" {
		if err := d.add(strings.Map(unbroken, path.Base(decodeAny(name))) + "\n"); err != nil {
			return err
		}
	}
	return d.packedText(in)
}

// packedText takes the one file that is packed as text, if it is text.
func (d *doc) packedText(in io.Reader) error {
	b, err := io.ReadAll(io.LimitReader(in, maxPlain))
	if err != nil && len(b) == 0 {
		return damaged(err)
	}
	d.cut = d.cut || err != nil || len(b) == maxPlain
	s, name := decode(b, d.cut)
	d.names = name == ""
	if d.names {
		return nil
	}
	d.facts.Encoding = name
	return d.add(s)
}

// unpack undoes a compression, which it knows by the first bytes. name is that of
// the file within, where it is told.
func unpack(f *io.SectionReader) (r io.Reader, name string, err error) {
	var head [6]byte
	if _, err := f.ReadAt(head[:], 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, "", err
	}
	in := bufio.NewReaderSize(f, 64<<10)
	switch {
	case bytes.HasPrefix(head[:], []byte("\x1f\x8b")):
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, "", err
		}
		return z, z.Name, nil
	case bytes.HasPrefix(head[:], []byte("BZh")):
		return bzip2.NewReader(in), "", nil
	case bytes.HasPrefix(head[:], []byte("\xfd7zXZ\x00")):
		z, err := xz.ReaderConfig{DictCap: maxWindow}.NewReader(in)
		return z, "", err
	case bytes.HasPrefix(head[:], []byte("\x28\xb5\x2f\xfd")):
		z, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderMaxMemory(maxWindow))
		if err != nil {
			return nil, "", err
		}
		return z, "", nil
	}
	return nil, "", errors.New("it is not packed in a way that is known")
}

// timed ends a stream when the time is up.
type timed struct {
	d *doc
	r io.Reader
}

func (t *timed) Read(b []byte) (int, error) {
	if err := t.d.ctx.Err(); err != nil {
		return 0, err
	}
	return t.r.Read(b)
}

// debMembers lists the files that a Debian package installs.
func debMembers(d *doc, src media.Source) error {
	const head = 60 // bytes of an ar header
	off := int64(8) // after "!<arch>\n"
	for n := 0; n < 20 && off+head <= src.Size; n++ {
		b := make([]byte, head)
		if _, err := src.ReadAt(b, off); err != nil {
			return err
		}
		size, err := strconv.ParseInt(strings.TrimSpace(string(b[48:58])), 10, 64)
		if err != nil || size < 0 || size > src.Size-off-head {
			return errors.New("it is damaged")
		}
		inner := io.NewSectionReader(src, off+head, size)
		switch name := strings.TrimRight(string(b[:16]), " /"); {
		case name == "data.tar":
			return d.tar(&timed{d, inner})
		case strings.HasPrefix(name, "data.tar."):
			r, _, err := unpack(inner)
			if err != nil {
				return damaged(err)
			}
			return d.tar(&timed{d, io.LimitReader(r, maxUnpacked)})
		}
		off += head + size + size%2
	}
	return errNoPart
}

// sevenZipMembers lists a 7-Zip archive by its directory.
func sevenZipMembers(d *doc, src media.Source) (err error) {
	defer rescue(&err)
	z, err := sevenzip.NewReader(&timedAt{d, src}, src.Size)
	if err != nil {
		return damaged(err)
	}
	for _, f := range z.File {
		if err := d.member(f.Name, int64(min(f.UncompressedSize, 1<<62)), f.FileInfo().IsDir()); err != nil {
			return err
		}
	}
	return nil
}

// timedAt is timed for reads anywhere.
type timedAt struct {
	d *doc
	r io.ReaderAt
}

func (t *timedAt) ReadAt(b []byte, off int64) (int, error) {
	if err := t.d.ctx.Err(); err != nil {
		return 0, err
	}
	return t.r.ReadAt(b, off)
}

// rarMembers lists a RAR archive; members are passed over without unpacking,
// unless they are packed as one.
func rarMembers(d *doc, src media.Source) (err error) {
	defer rescue(&err)
	r, err := rardecode.NewReader(&timed{d, io.NewSectionReader(src, 0, src.Size)}, rardecode.MaxDictionarySize(maxWindow))
	if err != nil {
		return damaged(err)
	}
	for {
		h, err := r.Next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, rardecode.ErrArchiveEncrypted), errors.Is(err, rardecode.ErrArchivedFileEncrypted):
			return errEncrypted
		case err != nil:
			return damaged(err)
		}
		if err := d.member(h.Name, h.UnPackedSize, h.IsDir); err != nil {
			return err
		}
	}
}

// rescue makes an error of a panic in a library that is handed nonsense.
func rescue(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("it is damaged: %v", p)
	}
}
