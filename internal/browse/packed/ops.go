package packed

import (
	"cmp"
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/op"
)

// ListIn names a folder in an archive.
type ListIn struct {
	Path   string `json:"path,omitempty" cli:"1" jsonschema:"the archive: SdPath or OS path"`
	ID     string `json:"id,omitempty" jsonschema:"the archive, by entry id"`
	Folder string `json:"folder,omitempty" cli:"2" jsonschema:"a folder in it; default: its top"`
	Cursor string `json:"cursor,omitempty" jsonschema:"where to go on: next of the page before"`
	Limit  int    `json:"limit,omitempty" jsonschema:"things a page; default 200" min:"0" max:"10000"`
}

// Item is one thing in a folder of an archive.
type Item struct {
	Name     string    `json:"name" jsonschema:"its name, for people"`
	Path     string    `json:"path" jsonschema:"its path in the archive; empty where it has none, and refused tells why"`
	Folder   bool      `json:"folder" jsonschema:"it is a folder"`
	Member   string    `json:"member,omitempty" jsonschema:"names a file of the archive, to be opened: content.link"`
	Size     int64     `json:"size" jsonschema:"bytes when it is unpacked; of a folder, of all below it; -1: the archive does not tell"`
	Modified time.Time `json:"modified,omitzero" jsonschema:"last change, where the archive tells"`
	Files    int64     `json:"files,omitempty" jsonschema:"of a folder: what is below it and no folder"`
	Target   string    `json:"target,omitempty" jsonschema:"of a link: where it leads"`
	Refused  string    `json:"refused,omitempty" jsonschema:"why it is never unpacked"`
	Type     string    `json:"type,omitempty" jsonschema:"what it is for, by its name: image, video, text ... or other"`
	MIME     string    `json:"mime,omitempty" jsonschema:"media type, by its name"`
}

// ListOut is a page of a folder in an archive.
type ListOut struct {
	Folder string `json:"folder" jsonschema:"the folder"`
	Items  []Item `json:"items" jsonschema:"the things of this page: folders first, then by name"`
	Next   string `json:"next" jsonschema:"cursor of the next page; empty at the end"`
	Total  int    `json:"total" jsonschema:"things in the folder"`
	Files  int64  `json:"files" jsonschema:"in all of the archive"`
	Bytes  int64  `json:"bytes" jsonschema:"of all of them when they are unpacked, as far as the archive tells"`
	Cut    bool   `json:"cut,omitempty" jsonschema:"there is more in the archive than is listed"`
}

// Ops is this package's table of operations.
func (s *Service) Ops() []op.Def {
	return []op.Def{
		op.NewQuery("archive.list", "List a folder in an archive", s.list, op.Example("stardrive archive list ~/photos.zip 2024")),
	}
}

func (s *Service) list(ctx context.Context, in ListIn) (out ListOut, err error) {
	from, err := strconv.Atoi(cmp.Or(in.Cursor, "0"))
	if err != nil || from < 0 {
		return out, errs.New(errs.Invalid, "this is no cursor").At("cursor")
	}
	file, err := s.Options.Open(ctx, in.ID, in.Path)
	if err != nil {
		return out, err
	}
	defer file.Close() //nolint:errcheck // opened for reading
	h, err := s.shelf(ctx, &file)
	if err != nil {
		return out, err
	}
	out.Folder = strings.Trim(in.Folder, "/")
	f := h.folders[out.Folder]
	if f == nil {
		return out, errs.New(errs.NotFound, "there is no folder %q in the archive", out.Folder).At(file.Path).Try("Look at its top: leave the folder out.")
	}
	h.order(f)
	top := h.folders[""]
	out.Total, out.Files, out.Bytes, out.Cut = len(f.subs)+len(f.things), top.files, top.bytes, h.more
	out.Items = []Item{}
	for i := from; i < out.Total && len(out.Items) < cmp.Or(in.Limit, 200); i++ {
		out.Items = append(out.Items, s.item(h, f, i))
	}
	if end := from + len(out.Items); end < out.Total {
		out.Next = strconv.Itoa(end)
	}
	return out, nil
}

// item is the ith thing of a folder.
func (s *Service) item(h *shelf, f *folder, i int) Item {
	if i < len(f.subs) {
		sub := f.subs[i]
		it := Item{Name: base(sub.path), Path: sub.path, Folder: true, Size: sub.bytes, Files: sub.files}
		if sub.own != nil {
			it.Modified = sub.own.Modified
		}
		return it
	}
	nth := f.things[i-len(f.subs)]
	m := &h.all[nth]
	it := Item{Name: m.shown(), Path: m.Path, Size: m.Size, Modified: m.Modified, Target: m.Target, Refused: m.Refused}
	if !m.Folder && m.Target == "" {
		kind := s.Kinds.ByName(base(m.Told))
		it.Member, it.Type, it.MIME = token(nth, m), kind.Kind.String(), kind.MIME
	}
	return it
}
