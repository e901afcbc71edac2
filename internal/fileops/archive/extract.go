package archive

import (
	"context"
	"errors"
	"io"
	"strings"
	"syscall"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// ExtractOptions are those of Extract.
type ExtractOptions struct {
	Caps     Caps
	Symlinks bool         // make symlinks that stay inside the target; else they are refused
	Target   *vfs.Writing // facts of the target volume; nil: unknown
	Password string
	// Only are the members that are wanted, by Path, with all that is below them;
	// none: all.
	Only map[string]bool
	// Progress tells how many bytes and members came out by now.
	Progress func(bytes, members int64)
	// Made is told of each thing that stands, by its path below the target. An error
	// ends the work.
	Made func(path string, kind vfs.Kind) error
}

// wants tells whether a member is among those that are wanted.
func (o *ExtractOptions) wants(m Member) bool {
	if len(o.Only) == 0 {
		return true
	}
	for at := len(m.Path); at > 0; at = strings.LastIndexByte(m.Path[:at], '/') {
		if o.Only[m.Path[:at]] {
			return true
		}
	}
	return false
}

// Extracted is what came out.
type Extracted struct {
	Files, Folders, Symlinks, Bytes int64
	Refused                         int64
	Unasked                         int64    // of Refused: symlinks that were not asked for
	Refusals                        []Member // the first hundred, with the reason
}

const maxRefusals = 100

// Extract unpacks an archive into a folder that is empty and the caller's own,
// such as one under a private name: nothing in it is under a final name before
// the caller renames it. Members that are refused are told; the rest comes out.
// When it returns nil everything is synced. After an error the folder holds a part
// and is the caller's to destroy. Kinds: Invalid, damaged or over a cap;
// Unsupported, unknown or encrypted; those of vfs. name is that of the archive.
func Extract(ctx context.Context, h io.ReaderAt, size int64, name string, into vfs.Dir, o ExtractOptions) (out Extracted, err error) {
	x := &extraction{ctx: ctx, o: o, into: into, seen: map[string]bool{}, b: &bounds{Caps: o.Caps.filled(), packed: size}}
	defer func() {
		x.leave(0)
		out = x.out
	}()
	defer rescue(&err)
	x.together = into.SyncAll(ctx) == nil
	if err := each(ctx, h, size, name, o.Password, x.b, x.member); err != nil {
		return x.out, err
	}
	if err := x.finish(); err != nil {
		return x.out, err
	}
	return x.out, nil
}

type extraction struct {
	ctx      context.Context
	o        ExtractOptions
	into     vfs.Dir
	b        *bounds
	out      Extracted
	together bool // one sync for all

	open []step          // the folders that lead to the last member
	seen map[string]bool // folders that are there
	late []Member        // folders that get their mode and time when they are full
}

type step struct {
	name string
	dir  vfs.Dir
}

func (x *extraction) member(m member) error {
	if !x.o.wants(m.Member) {
		return nil
	}
	why := m.Refused
	if why == "" {
		why = x.unfit(m.Member)
	}
	if why == "" && m.Path == "" { // the target itself
		return nil
	}
	if why == "" {
		var err error
		if why, err = x.bring(m); err != nil {
			return err
		}
	}
	if why != "" {
		x.out.Refused++
		if m.Refused == "" && m.Kind == vfs.Symlink && !x.o.Symlinks {
			x.out.Unasked++
		}
		if len(x.out.Refusals) < maxRefusals {
			m.Refused, m.Path = why, ""
			x.out.Refusals = append(x.out.Refusals, m.Member)
		}
	} else if x.o.Made != nil {
		if err := x.o.Made(m.Path, m.Kind); err != nil {
			return err
		}
	}
	if x.o.Progress != nil {
		x.o.Progress(x.b.bytes, x.b.members)
	}
	return nil
}

// unfit tells what the target cannot hold.
func (x *extraction) unfit(m Member) string {
	if m.Kind == vfs.Symlink {
		switch {
		case !x.o.Symlinks:
			return "it is a symlink"
		case !inside(m.Path, m.Target):
			return "it is a symlink that leads out"
		}
	}
	w := x.o.Target
	for c := range strings.SplitSeq(m.Path, "/") {
		switch {
		case w != nil && w.Holds != nil && (!w.Holds(c) || reserved(c)), w != nil && w.MaxName > 0 && len(c) > w.MaxName:
			return "the volume cannot hold its name"
		}
	}
	if w != nil && w.MaxFile > 0 && m.Size > w.MaxFile {
		return "the volume holds no file of that size"
	}
	return ""
}

// inside reports whether a symlink at path leads to somewhere below the target.
// Only the beginning of its target may be "..", since behind another symlink ".."
// would lead elsewhere than it looks.
func inside(path, target string) bool {
	if target == "" || len(target) > maxTarget || strings.HasPrefix(target, "/") || strings.ContainsAny(target, "\x00\\") {
		return false
	}
	depth := strings.Count(path, "/")
	ups, down := 0, false
	for c := range strings.SplitSeq(target, "/") {
		switch c {
		case "", ".":
		case "..":
			if ups++; down || ups > depth {
				return false
			}
		default:
			down = true
		}
	}
	return true
}

// bring makes one member. why: it is refused; err: the work cannot go on.
func (x *extraction) bring(m member) (why string, err error) {
	parent, name := vfs.Split(m.Path)
	dir, why, err := x.enter(parent)
	if why != "" || err != nil {
		return why, err
	}
	switch m.Kind {
	case vfs.Folder:
		return x.folder(dir, name, m.Member)
	case vfs.Symlink:
		err = dir.Symlink(x.ctx, name, m.Target)
		if err == nil {
			x.out.Symlinks++
		}
		return unmakable(err)
	case vfs.File:
		if m.LinkOf != "" {
			return x.link(dir, name, m.LinkOf)
		}
		err = x.file(dir, name, m)
	}
	return refusal(err)
}

const nameTaken = "its name is taken by another member"

// refusal makes a reason of what concerns one member only. That the target cannot be
// written is not of that kind: tried again, all of it may come out.
func refusal(err error) (string, error) {
	switch {
	case errs.Is(err, errs.Conflict):
		return nameTaken, nil
	case errs.Is(err, errs.Unsupported) && !errors.Is(err, errEncrypted):
		return err.Error(), nil
	}
	return "", err
}

// unmakable is refusal for links, which some volumes deny instead of saying that they
// have none.
func unmakable(err error) (string, error) {
	if errs.Is(err, errs.Denied) && !errors.Is(err, syscall.EROFS) {
		return err.Error(), nil
	}
	return refusal(err)
}

// enter opens the folder at path and makes what is missing of it.
func (x *extraction) enter(path string) (dir vfs.Dir, why string, err error) {
	var names []string
	if path != "" {
		names = strings.Split(path, "/")
	}
	same := 0
	for same < len(names) && same < len(x.open) && x.open[same].name == names[same] {
		same++
	}
	x.leave(same)
	dir = x.into
	if same > 0 {
		dir = x.open[same-1].dir
	}
	for i := same; i < len(names); i++ {
		sofar := strings.Join(names[:i+1], "/")
		if !x.seen[sofar] {
			if err := dir.Mkdir(x.ctx, names[i], 0o777); err != nil {
				why, err := refusal(err)
				return nil, why, err
			}
			x.seen[sofar] = true
			x.out.Folders++
		}
		sub, err := dir.Sub(x.ctx, names[i])
		if err != nil {
			return nil, "", err
		}
		x.open = append(x.open, step{names[i], sub})
		dir = sub
	}
	return dir, "", nil
}

// leave closes the folders below the first n. Those that are not synced together
// with all else are synced when they are left for good: in finish.
func (x *extraction) leave(n int) {
	for len(x.open) > n {
		last := len(x.open) - 1
		_ = x.open[last].dir.Close()
		x.open = x.open[:last]
	}
}

func (x *extraction) folder(dir vfs.Dir, name string, m Member) (string, error) {
	if !x.seen[m.Path] {
		if err := dir.Mkdir(x.ctx, name, 0o777); err != nil {
			return refusal(err)
		}
		x.seen[m.Path] = true
		x.out.Folders++
	}
	x.late = append(x.late, m)
	return "", nil
}

func (x *extraction) link(dir vfs.Dir, name, of string) (string, error) {
	parent, base := vfs.Split(of)
	from := x.into
	if parent != "" {
		if !x.seen[parent] {
			return "it is another name of what is not there", nil
		}
		for c := range strings.SplitSeq(parent, "/") {
			sub, err := from.Sub(x.ctx, c)
			if err != nil {
				return refusal(err)
			}
			defer sub.Close()
			from = sub
		}
	}
	is, err := from.Stat(x.ctx, base)
	if errs.Is(err, errs.NotFound) || err == nil && is.Kind != vfs.File {
		return "it is another name of what is not there", nil
	}
	if err == nil {
		err = dir.Link(x.ctx, name, from, base)
	}
	if err == nil {
		x.out.Files++
	}
	return unmakable(err)
}

// file writes one file. What the archive cannot give ends the work.
func (x *extraction) file(dir vfs.Dir, name string, m member) (err error) {
	src, err := m.open()
	if err != nil {
		return damaged(err)
	}
	defer src.Close()
	dst, err := dir.Create(x.ctx, name, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if closing := dst.Close(); err == nil {
			err = closing
		}
	}()
	n, err := x.pour(dst, src)
	if err != nil {
		return err
	}
	if m.Size >= 0 && n != m.Size {
		return errs.New(errs.Invalid, "the archive is damaged: %q has %d of %d bytes", m.Told, n, m.Size)
	}
	meta, parts := carried(m.Member)
	if _, err := dst.SetMeta(&meta, parts); err != nil {
		return err
	}
	if !x.together {
		if err := dst.Sync(); err != nil {
			return err
		}
	}
	x.out.Files++
	x.out.Bytes += n
	return nil
}

// pour copies bytes and tells errors of the archive from those of the volume.
func (x *extraction) pour(dst io.Writer, src io.Reader) (n int64, err error) {
	buf := make([]byte, 256<<10)
	for {
		if err := x.ctx.Err(); err != nil {
			return n, err
		}
		got, err := src.Read(buf)
		if got > 0 {
			if err := x.b.add(int64(got)); err != nil {
				return n, err
			}
			if _, err := dst.Write(buf[:got]); err != nil {
				return n, err
			}
			n += int64(got)
		}
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil {
			return n, damaged(err)
		}
	}
}

// carried is what a member gives its file: no setuid, nothing that all may write.
func carried(m Member) (vfs.Meta, vfs.Parts) {
	meta, parts := vfs.Meta{Mode: m.Mode & 0o775, Modified: m.Modified}, vfs.PartMode
	switch {
	case m.Kind == vfs.Folder && meta.Mode&0o700 == 0:
		meta.Mode = 0o755
	case m.Kind == vfs.Folder:
		meta.Mode |= 0o700 // a folder that one cannot enter is of no use
	case meta.Mode == 0:
		meta.Mode = 0o644
	}
	if m.Modified != 0 {
		parts |= vfs.PartModified
	}
	return meta, parts
}

// finish dresses the folders, the deepest first, and syncs.
func (x *extraction) finish() error {
	for i := len(x.late) - 1; i >= 0; i-- {
		m := x.late[i]
		parent, name := vfs.Split(m.Path)
		dir, _, err := x.enter(parent)
		if err != nil {
			return err
		}
		meta, parts := carried(m)
		if _, err := dir.SetMeta(x.ctx, name, &meta, parts); err != nil {
			return err
		}
	}
	if x.together {
		return x.into.SyncAll(x.ctx)
	}
	for path := range x.seen {
		dir, _, err := x.enter(path)
		if err != nil {
			return err
		}
		if err := dir.Sync(x.ctx); err != nil {
			return err
		}
	}
	return x.into.Sync(x.ctx)
}
