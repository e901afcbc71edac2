package fileops

import (
	"context"
	"strconv"
	"time"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// ChmodIn says which access rights things are to have.
type ChmodIn struct {
	Sources []string        `json:"sources,omitempty" cli:"rest" jsonschema:"files and folders: SdPaths or OS paths"`
	IDs     []ident.EntryID `json:"ids,omitempty" cli:"-" jsonschema:"the same by entry id"`
	Query   string          `json:"query,omitempty" jsonschema:"the same by a query in the language of search: what it finds, at most 100,000 entries"`
	Mode    string          `json:"mode" jsonschema:"access rights as octal digits: 644"`
}

func (s *Service) planChmod(ctx context.Context, in ChmodIn, d *action.Draft) error {
	mode, err := strconv.ParseUint(in.Mode, 8, 32)
	if err != nil || mode > 0o7777 {
		return errs.New(errs.Invalid, "%q is no mode: write octal digits, such as 644", in.Mode)
	}
	return s.planMeta(ctx, named{in.Sources, in.IDs, in.Query}, d, "Change the rights of ", vfs.PartMode, func(m *vfs.Meta) { m.Mode = uint32(mode) })
}

// TouchIn says when things are to have been changed.
type TouchIn struct {
	Sources []string        `json:"sources,omitempty" cli:"rest" jsonschema:"files and folders: SdPaths or OS paths"`
	IDs     []ident.EntryID `json:"ids,omitempty" cli:"-" jsonschema:"the same by entry id"`
	Query   string          `json:"query,omitempty" jsonschema:"the same by a query in the language of search: what it finds, at most 100,000 entries"`
	Time    time.Time       `json:"time,omitzero" jsonschema:"the time of the last change; default: now"`
}

func (s *Service) planTouch(ctx context.Context, in TouchIn, d *action.Draft) error {
	if in.Time.IsZero() {
		in.Time = s.now()
	}
	return s.planMeta(ctx, named{in.Sources, in.IDs, in.Query}, d, "Change the time of ", vfs.PartModified, func(m *vfs.Meta) { m.Modified, m.Accessed = in.Time.UnixNano(), 0 })
}

// planMeta plans to change what things carry. Names of one file are one thing: it
// changes once, and under all of them.
func (s *Service) planMeta(ctx context.Context, in named, d *action.Draft, title string, parts vfs.Parts, change func(*vfs.Meta)) error {
	w := s.world()
	all, err := w.sources(ctx, in)
	if err != nil {
		return err
	}
	d.Title = title + several(all)
	var steps []*step
	byInode := map[linked]*step{}
	for _, src := range all {
		if err := w.changeable(ctx, src); err != nil {
			return err
		}
		if parts == vfs.PartMode && src.is.Kind == vfs.Symlink {
			return errs.New(errs.Unsupported, "a symlink has no rights of its own").At(src.address())
		}
		count(&d.Summary, &src.is)
		hasNames := src.is.Kind == vfs.File && src.is.Links > 1 && src.is.Inode != 0
		file := linked{src.v.id, src.is.Inode}
		if st := byInode[file]; hasNames && st != nil {
			st.Also = append(st.Also, src.at())
			continue
		}
		old, err := src.meta(ctx)
		if err != nil {
			return err
		}
		old.Xattrs, old.Accessed = nil, 0
		next := old
		change(&next)
		st := &step{Verb: vMeta, To: src.at(), Seen: &src.is, Old: &old, New: &next, Parts: parts}
		if steps = append(steps, st); hasNames {
			byInode[file] = st
		}
	}
	for _, st := range steps {
		v, err := w.volume(ctx, st.To.Volume)
		if err != nil {
			return err
		}
		it := action.Item{Verb: "change", To: v.address(st.To.Path)}
		if n := len(st.Also); n > 0 {
			it.Note = "and under " + number(int64(n), "other name") + " of it"
		}
		if _, err := d.Add(ctx, it, task{Step: *st}); err != nil {
			return err
		}
	}
	return nil
}

// meta reads what a source carries.
func (s *source) meta(ctx context.Context) (vfs.Meta, error) {
	folder, name := vfs.Split(s.path)
	dir, err := s.v.dir(ctx, folder)
	if err != nil {
		return vfs.Meta{}, s.v.at(folder, err)
	}
	defer dir.Close() //nolint:errcheck // it was read
	m, err := dir.Meta(ctx, name)
	return m, s.v.at(s.path, err)
}

// LinkKind is a kind of links.
type LinkKind string

// The kinds of links.
const (
	Hard    LinkKind = "hard"
	Sym     LinkKind = "symlink"
	Reflink LinkKind = "reflink"
)

// Enum lists the kinds.
func (LinkKind) Enum() []string { return []string{string(Hard), string(Sym), string(Reflink)} }

// LinkIn says what is to be linked where.
type LinkIn struct {
	Sources     []string        `json:"sources,omitempty" cli:"rest" jsonschema:"files and folders: SdPaths or OS paths"`
	IDs         []ident.EntryID `json:"ids,omitempty" cli:"-" jsonschema:"the same by entry id"`
	Query       string          `json:"query,omitempty" jsonschema:"the same by a query in the language of search: what it finds, at most 100,000 entries"`
	Destination string          `json:"destination" cli:"-" jsonschema:"a folder that exists, for links of the same names; or the name of one link"`
	Kind        LinkKind        `json:"kind,omitempty" jsonschema:"symlink (default); hard: another name of the same file; reflink: a copy that shares its bytes with the file until one of them is changed"`
}

func (s *Service) planLink(ctx context.Context, in LinkIn, d *action.Draft) error {
	w := s.world()
	all, err := w.sources(ctx, named{in.Sources, in.IDs, in.Query})
	if err != nil {
		return err
	}
	to, err := w.destination(ctx, in.Destination, len(all) > 1)
	if err != nil {
		return err
	}
	d.Title = "Link " + several(all)
	claimed := map[string]bool{}
	for _, src := range all {
		_, name := vfs.Split(src.path)
		if to.name != "" {
			name = to.name
		}
		if err := w.mustBeFree(ctx, to, name); err != nil {
			return err
		}
		if claimed[name] {
			return errs.New(errs.Conflict, "two of the links would have this name").At(to.v.address(vfs.Join(to.folder, name)))
		}
		claimed[name] = true
		st := step{From: src.at(), To: to.at(name), Seen: &src.is}
		switch in.Kind {
		case Hard, Reflink:
			if src.is.Kind != vfs.File {
				return errs.New(errs.Unsupported, "only files can be linked so").At(src.address()).Try("Make a symlink: --kind symlink")
			}
			if src.v != to.v {
				return errs.New(errs.Unsupported, "this can only be done on one volume").At(src.address()).Try("Make a symlink: --kind symlink")
			}
			if in.Kind == Reflink && !to.v.writing.Clones {
				return errs.New(errs.Unsupported, "files of this volume cannot share bytes").At(src.address())
			}
			if in.Kind == Hard && to.v.writing.Keeps&vfs.PartLinks == 0 {
				return errs.New(errs.Unsupported, "files of this volume cannot have several names").At(src.address())
			}
			if st.Verb = vWrite; in.Kind == Hard {
				st.Link = ptr(src.at())
			}
		default:
			mount := src.v.Ground.Mount
			if mount == "" || to.v.writing.Keeps&vfs.PartSymlinks == 0 {
				return errs.New(errs.Unsupported, "a symlink cannot be made of this here").At(src.address())
			}
			target, err := src.v.Ground.SdPath(src.path).OSPath()
			if err != nil {
				return err
			}
			st.Verb, st.Target, st.From, st.Seen = vSymlink, target, catalog.Spot{}, nil
		}
		d.Summary.Files++
		it := action.Item{Verb: "link", From: src.address(), To: to.v.address(vfs.Join(to.folder, name))}
		if _, err := d.Add(ctx, it, task{Into: to.is.Inode, Step: st}); err != nil {
			return err
		}
	}
	return nil
}
