package archive

import (
	"context"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/bodgit/sevenzip"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

var errDone = errors.New("done")

// Read writes the bytes of one member: the nth that List emits, from 0 on.
// errs.NotFound: there are not that many; errs.Unsupported: it has no bytes, or it
// is encrypted. Kinds of errors are else those of List, and those of out. What stands
// before a member of a packed tar must be unpacked: caps bound that, too.
func Read(ctx context.Context, h io.ReaderAt, size int64, name string, caps Caps, nth int64, out io.Writer) (m Member, err error) {
	defer rescue(&err)
	b := &bounds{Caps: caps.filled(), packed: size}
	at, done := int64(-1), false
	err = each(ctx, h, size, name, "", b, func(one member) error {
		if at++; at < nth {
			return nil
		}
		m = one.Member
		if err := pourOut(ctx, out, one, b); err != nil {
			return err
		}
		done = true
		return errDone
	})
	switch {
	case done:
		return m, nil
	case err == nil:
		err = errs.New(errs.NotFound, "there is no such thing in the archive").Try("Look into it anew: it may have changed.")
	}
	return m, err
}

func pourOut(ctx context.Context, out io.Writer, m member, b *bounds) error {
	switch {
	case m.Refused == isEncrypted:
		return errEncrypted
	case m.LinkOf != "":
		return errs.New(errs.Unsupported, "it is another name of %q", m.LinkOf).Try("Look into that.")
	case m.Kind != vfs.File:
		return errs.New(errs.Unsupported, "only files have bytes")
	}
	r, err := m.open()
	if err != nil {
		return damaged(err)
	}
	defer r.Close()
	x := &extraction{ctx: ctx, b: b}
	_, err = x.pour(out, r)
	return err
}

// isEncrypted is why a member that is encrypted is refused.
const isEncrypted = "it is encrypted"

// eachSevenZip lists a 7z archive, whose reader may take all the memory there is:
// only for processes of which that is the end of no more than them (Caps.SevenZip).
func eachSevenZip(s *io.SectionReader, do func(member) error) error {
	z, err := sevenzip.NewReader(s, s.Size())
	var locked *sevenzip.ReadError
	if errors.As(err, &locked) && locked.Encrypted {
		return errEncrypted
	}
	if err != nil {
		return damaged(err)
	}
	for _, f := range z.File {
		info := f.FileInfo()
		m := member{Member: Member{Told: f.Name, Size: told(f.UncompressedSize), Mode: uint32(info.Mode().Perm()), Modified: stamp(f.Modified)}, open: f.Open}
		switch {
		case info.IsDir() || strings.HasSuffix(f.Name, "/"):
			m.Kind = vfs.Folder
		case info.Mode().IsRegular():
			m.Kind = vfs.File
		default:
			m.Refused = "it is neither a file nor a folder"
		}
		if err := do(m); err != nil {
			return damaged(err)
		}
	}
	return nil
}

// Shown is a member as it can be shown to people: its texts are valid UTF-8, and it has
// its Path too where it is refused for another reason than that.
func (m Member) Shown() Member {
	if m.Path == "" && m.Refused != "" {
		m.Path, _ = safe(m.Told, "")
	}
	for _, s := range []*string{&m.Path, &m.Told, &m.Target, &m.LinkOf} {
		if !utf8.ValidString(*s) {
			*s = strings.ToValidUTF8(*s, "\uFFFD")
		}
	}
	return m
}
