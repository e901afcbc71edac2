// Package archive packs files into archives and unpacks them, with safe names and
// bounds on what comes out. It knows volumes and errors, no catalogue and no
// journal. What is in an archive is never trusted.
package archive

import (
	"context"
	"hash/maphash"
	"io"
	"strings"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Format is a kind of archive, by its usual extension without the dot.
type Format string

// The formats. The first four can be made, all but SevenZip can be read.
const (
	Zip    Format = "zip"
	Tar    Format = "tar"
	TarGz  Format = "tar.gz"
	TarZst Format = "tar.zst"

	TarXz    Format = "tar.xz"
	TarBz2   Format = "tar.bz2"
	SevenZip Format = "7z"
	Rar      Format = "rar"
	Single   Format = "single" // one packed file: notes.txt.gz
)

// Member is one thing in an archive.
type Member struct {
	Path     string   // where it would come, below the target; "" if it is refused
	Told     string   // the name as the archive has it
	Kind     vfs.Kind // File, Folder, Symlink, or Unknown for what is never made
	Size     int64    // of a file, as the archive tells; -1: not told
	Mode     uint32   // permission bits
	Modified int64    // ns since 1970; 0: not told
	Target   string   // of a symlink
	LinkOf   string   // the Path of an earlier member that this is another name of
	Refused  string   // why it is not unpacked, in words; "": it is
}

// Caps bound what may come out of an archive. Zero stands for the default.
type Caps struct {
	Members int64 // default 1,000,000
	Bytes   int64 // all files together, default 1 TiB
	Ratio   int64 // bytes that come out per byte of the archive, default 1,000 (from 16 MiB on)
	// SevenZip: read 7z archives, too. A few wrong bytes in one make their reader take all
	// memory: only for a process that may end for it.
	SevenZip bool
}

func (c Caps) filled() Caps {
	or := func(n, standard int64) int64 {
		if n > 0 {
			return n
		}
		return standard
	}
	return Caps{or(c.Members, 1_000_000), or(c.Bytes, 1<<40), or(c.Ratio, 1000), c.SevenZip}
}

const ratioFrom = 16 << 20

// bounds counts what comes out.
type bounds struct {
	Caps
	packed         int64 // size of the archive
	members, bytes int64
}

var errTooMuch = errs.New(errs.Invalid, "more would come out of the archive than is allowed").
	Try("If you trust it, unpack it with a higher limit.")

func (b *bounds) member() error {
	if b.members++; b.members > b.Members {
		return errTooMuch
	}
	return nil
}

func (b *bounds) add(n int64) error {
	b.bytes += n
	if b.bytes > b.Bytes || b.bytes > ratioFrom && b.bytes/b.Ratio > b.packed {
		return errTooMuch
	}
	return nil
}

// Detect tells the format of an open archive by its first bytes. errs.Unsupported:
// it is none that can be read.
func Detect(h io.ReaderAt, size int64) (f Format, err error) {
	defer rescue(&err)
	return detect(io.NewSectionReader(h, 0, size))
}

// List emits the members of an archive in its order. Packed tars must be unpacked
// to be listed: caps bound that, too. name is that of the archive: it names what
// is packed as a single file. Kinds of errors are those of Extract.
func List(ctx context.Context, h io.ReaderAt, size int64, name string, caps Caps, emit func(Member) error) (err error) {
	defer rescue(&err)
	b := &bounds{Caps: caps.filled(), packed: size}
	return each(ctx, h, size, name, "", b, func(m member) error { return emit(m.Member) })
}

// Preview is List, and tells also what Extract with these options would refuse:
// what the target cannot hold, and of members of one name all but the first. It
// may miss what only the volume itself knows, such as other spellings of a name.
func Preview(ctx context.Context, h io.ReaderAt, size int64, name string, o ExtractOptions, emit func(Member) error) error {
	p := preview{x: &extraction{o: o}, seed: maphash.MakeSeed(), taken: map[uint64]bool{}}
	if w := o.Target; w != nil && w.Same != nil {
		p.folds = w.Same("a", "A")
	}
	return List(ctx, h, size, name, o.Caps, func(m Member) error {
		if !o.wants(m) {
			return nil
		}
		if m.Refused == "" && m.Path != "" {
			if m.Refused = p.refusal(m); m.Refused != "" {
				m.Path = ""
			}
		}
		return emit(m)
	})
}

// preview knows the names that members would have by now.
type preview struct {
	x     *extraction
	folds bool // large and small letters are one name
	seed  maphash.Seed
	taken map[uint64]bool // by path; true: a folder
}

func (p *preview) key(path string) uint64 {
	if p.folds {
		path = strings.ToLower(path)
	}
	return maphash.String(p.seed, path)
}

func (p *preview) refusal(m Member) string {
	if why := p.x.unfit(m); why != "" {
		return why
	}
	for i := range len(m.Path) {
		if m.Path[i] != '/' {
			continue
		}
		if folder, there := p.taken[p.key(m.Path[:i])]; there && !folder {
			return nameTaken
		}
		p.taken[p.key(m.Path[:i])] = true
	}
	folder, there := p.taken[p.key(m.Path)]
	if there && !(folder && m.Kind == vfs.Folder) {
		return nameTaken
	}
	if m.LinkOf != "" {
		if folder, there := p.taken[p.key(m.LinkOf)]; !there || folder {
			return "it is another name of what is not there"
		}
	}
	p.taken[p.key(m.Path)] = m.Kind == vfs.Folder
	return ""
}
