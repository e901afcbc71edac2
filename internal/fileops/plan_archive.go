package fileops

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/fileops/archive"
	"github.com/stardrive/stardrive/internal/fileops/trash"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// CompressIn says what is to be packed into which archive.
type CompressIn struct {
	Sources     []string        `json:"sources,omitempty" cli:"rest" jsonschema:"files and folders: SdPaths or OS paths"`
	IDs         []ident.EntryID `json:"ids,omitempty" cli:"-" jsonschema:"the same by entry id"`
	Query       string          `json:"query,omitempty" jsonschema:"the same by a query in the language of search: what it finds, at most 100,000 entries"`
	Destination string          `json:"destination" jsonschema:"the new archive, by its extension: .zip, .tar.gz, .tar.zst or .tar; or a folder that exists: a zip in it"`
	Conflict    Policy          `json:"conflict,omitempty" jsonschema:"where something of that name is there already: ask (default), skip, keep-both, replace"`
}

// packing is what a new file is packed from.
type packing struct {
	Format  archive.Format `json:"format"`
	Sources []catalog.Spot `json:"sources"`
}

func formatOf(name string) (archive.Format, bool) {
	for _, f := range []struct {
		ext string
		archive.Format
	}{{".zip", archive.Zip}, {".tar.gz", archive.TarGz}, {".tgz", archive.TarGz}, {".tar.zst", archive.TarZst}, {".tar", archive.Tar}} {
		if strings.HasSuffix(strings.ToLower(name), f.ext) {
			return f.Format, true
		}
	}
	return "", false
}

func (s *Service) planCompress(ctx context.Context, in CompressIn, d *action.Draft) error {
	t := &transfer{world: s.world(), d: d, policy: in.Conflict, do: copyTree}
	all, err := t.sources(ctx, named{in.Sources, in.IDs, in.Query})
	if err != nil {
		return err
	}
	if t.to, err = t.destination(ctx, in.Destination, false); err != nil {
		return err
	}
	name := t.to.name
	if name == "" {
		_, first := vfs.Split(all[0].path)
		stem, _ := splitExt(first)
		name = stem + ".zip"
	}
	format, ok := formatOf(name)
	if !ok {
		return errs.New(errs.Invalid, "the name does not tell the kind of archive").At(catalog.PlainName(name)).Try("End it in .zip, .tar.gz, .tar.zst or .tar.")
	}
	if err := checkName(t.to.v, name); err != nil {
		return err
	}
	t.begin(all)
	d.Title = fmt.Sprintf("Pack %s into %s", several(all), catalog.PlainName(name))
	k := task{Into: t.to.is.Inode, Step: step{Verb: vWrite, To: t.to.at(name), Pack: &packing{Format: format}}}
	bases := map[string]bool{}
	for _, src := range all {
		_, base := vfs.Split(src.path)
		if bases[base] {
			return errs.New(errs.Conflict, "two of the things have the name %s", catalog.PlainName(base)).Try("Pack the folder that they are in, or each by itself.")
		}
		bases[base] = true
		k.Step.Pack.Sources = append(k.Step.Pack.Sources, src.at())
		if err := t.through(ctx, copyTree, src, t.to.at(name), false); err != nil {
			return err
		}
	}
	it := action.Item{Verb: "compress", To: t.to.v.address(k.Step.To.Path), Files: d.Summary.Files, Folders: d.Summary.Folders, Bytes: d.Summary.Bytes}
	if err := t.occupied(ctx, &it, &k, t.to, name, vfs.Entry{Kind: vfs.File, Modified: s.now().UnixNano(), Size: d.Summary.Bytes}, in.Conflict, t.names); err != nil {
		return err
	}
	if _, err := d.Add(ctx, it, k); err != nil {
		return err
	}
	d.Summary.Write, d.Summary.Saved = d.Summary.Bytes, 0 // at most
	return t.end(ctx)
}

// pack writes the archive of a step. What the preview did not see is left out.
func (e *running) pack(st *step) func(ctx context.Context, w io.Writer) error {
	return func(ctx context.Context, w io.Writer) error {
		var left []catalog.Spot
		type waiting struct {
			at catalog.Spot
			as string
		}
		var stack []waiting
		for i := len(st.Pack.Sources) - 1; i >= 0; i-- {
			_, name := st.Pack.Sources[i].In()
			stack = append(stack, waiting{st.Pack.Sources[i], name})
		}
		next := func() (archive.Source, error) {
			for len(stack) > 0 {
				one := stack[len(stack)-1]
				stack = stack[:len(stack)-1]
				v, err := e.volume(ctx, one.at.Volume)
				if err != nil {
					return archive.Source{}, err
				}
				is, err := v.Driver.Stat(ctx, one.at.Path)
				if err != nil {
					return archive.Source{}, err
				}
				if !e.seen.saw(one.at, &is) {
					left = append(left, one.at)
					continue
				}
				if is.Mount || is.Kind != vfs.File && is.Kind != vfs.Folder && is.Kind != vfs.Symlink {
					continue // the plan says so
				}
				if is.Kind == vfs.Folder {
					children, _, err := inFolder(ctx, v, one.at.Path)
					if err != nil {
						return archive.Source{}, err
					}
					for i := len(children) - 1; i >= 0; i-- {
						stack = append(stack, waiting{catalog.Spot{Volume: one.at.Volume, Path: vfs.Join(one.at.Path, children[i].Name)}, one.as + "/" + children[i].Name})
					}
				}
				return archive.Source{Driver: v.Driver, Path: one.at.Path, As: one.as, Seen: is}, nil
			}
			return archive.Source{}, io.EOF
		}
		err := archive.Compress(ctx, w, st.Pack.Format, next, func(bytes int64) {
			p := e.progress
			p.Bytes += bytes
			e.r.Show(p, "")
		})
		if err == nil && len(left) > 0 {
			// An archive is one thing: it holds what the preview saw, or is not made.
			v, err := e.volume(ctx, left[0].Volume)
			if err != nil {
				return err
			}
			return v.at(left[0].Path, changed())
		}
		return err
	}
}

// ExtractIn names an archive, and where it is to be unpacked.
type ExtractIn struct {
	Path        string `json:"path" cli:"1" jsonschema:"the archive: zip, tar (gz, zst, xz, bz2), rar, or one packed file"`
	Destination string `json:"destination,omitempty" cli:"2" jsonschema:"a folder that exists: a new folder of the archive's name in it (default: the one the archive is in); or the name of the new folder"`
	Symlinks    bool   `json:"symlinks,omitempty" jsonschema:"make symlinks that stay inside the new folder, too"`
	// Members, where there are some, are all that is unpacked.
	Members []string `json:"members,omitempty" jsonschema:"only these of the archive, by their paths in it, with all that is below them; default: all of it"`
}

// onlyOf is what archive.ExtractOptions wants to know of the members of a step.
func onlyOf(members []string) map[string]bool {
	only := map[string]bool{}
	for _, m := range members {
		only[strings.Trim(m, "/")] = true
	}
	return only
}

func (s *Service) planExtract(ctx context.Context, in ExtractIn, d *action.Draft) error {
	w := s.world()
	src, err := w.source(ctx, in.Path)
	if err != nil {
		return err
	}
	if src.is.Kind != vfs.File {
		return errs.New(errs.Invalid, "this is a %s, not an archive", src.is.Kind).At(src.address())
	}
	folder, base := vfs.Split(src.path)
	if in.Destination == "" {
		in.Destination = src.v.address(folder)
	}
	to, err := w.destination(ctx, in.Destination, false)
	if err != nil {
		return err
	}
	name := to.name
	if name == "" {
		name, _ = splitExt(base)
		if _, err := to.v.Driver.Stat(ctx, vfs.Join(to.folder, name)); err == nil {
			if name, err = w.freeName(ctx, to.v, to.folder, name, nil); err != nil {
				return err
			}
		}
	}
	if err := checkName(to.v, name); err != nil {
		return err
	}
	if err := w.mustBeFree(ctx, to, name); err != nil {
		return err
	}
	out, err := w.members(ctx, src, base, archive.ExtractOptions{Symlinks: in.Symlinks, Target: to.v.writing, Only: onlyOf(in.Members)}, &d.Summary)
	if err != nil {
		return err
	}
	if len(in.Members) > 0 && d.Summary.Files == 0 && d.Summary.Folders <= 1 && len(out.Members) == 0 && out.Unasked == 0 {
		return errs.New(errs.NotFound, "nothing of this name is in the archive").At(src.address()).Try("See what is with: stardrive archive list FILE")
	}
	if out.Unasked > 0 {
		d.Warn(number(out.Unasked, "symlink") + " of the archive will not be made.")
	}
	if out.More += int64(len(out.Members)); out.More > 0 {
		text := number(out.More, "member") + " of the archive will not be unpacked"
		for i, m := range out.Members[:min(3, len(out.Members))] {
			sep := "; "
			if i == 0 {
				sep = ": "
			}
			text += sep + m.text()
		}
		d.Warn(text + ".")
	}
	d.Title = fmt.Sprintf("Unpack %s%s into %s", partOf(in.Members), catalog.PlainName(base), catalog.PlainName(name))
	d.Summary.Write = d.Summary.Bytes
	if space := to.v.Driver.Features().Space; space != nil {
		if now, err := space(ctx); err == nil {
			d.Summary.Room = []action.Room{{Volume: catalog.PlainName(to.v.Ground.Name), Before: now.Free, After: now.Free - d.Summary.Bytes}}
		}
	}
	it := action.Item{Verb: "extract", From: src.address(), To: to.v.address(vfs.Join(to.folder, name)), Files: d.Summary.Files, Folders: d.Summary.Folders, Bytes: d.Summary.Bytes}
	k := task{Into: to.is.Inode, Step: step{Verb: vExtract, From: src.at(), To: to.at(name), Seen: &src.is, Symlinks: in.Symlinks, Only: in.Members}}
	_, err = d.Add(ctx, it, k)
	return err
}

// partOf tells in a title that not all of an archive is unpacked.
func partOf(members []string) string {
	switch len(members) {
	case 0:
		return ""
	case 1:
		return catalog.PlainName(members[0]) + " of "
	}
	return number(int64(len(members)), "thing") + " of "
}

// without is what of an archive is not unpacked.
type without struct {
	Unasked int64     `json:"unasked,omitzero"` // symlinks that were not asked for
	Members []refused `json:"members,omitempty"`
	More    int64     `json:"more,omitzero"` // besides those
}

type refused struct {
	Name string `json:"name"`
	Why  string `json:"why"`
}

func (r refused) text() string { return catalog.PlainName(r.Name) + " (" + r.Why + ")" }

// maxTold bounds the members that are told by name.
const maxTold = 100

// withoutOf is what Extract left out; nil: nothing.
func withoutOf(out archive.Extracted, symlinks bool) *without {
	if out.Refused == 0 {
		return nil
	}
	w := &without{Unasked: out.Unasked}
	for _, m := range out.Refusals {
		if symlinks || m.Kind != vfs.Symlink {
			w.Members = append(w.Members, refused{m.Told, m.Refused})
		}
	}
	w.More = max(out.Refused-out.Unasked-int64(len(w.Members)), 0)
	return w
}

// leftOut tells what of an archive was not unpacked.
func (e *running) leftOut(ctx context.Context, st *step) {
	w := st.Without
	if w == nil {
		return
	}
	if w.Unasked > 0 {
		e.r.Skip(st.Item, e.address(ctx, st.From), number(w.Unasked, "symlink")+" of it not made, as it was chosen")
	}
	for _, m := range w.Members {
		e.failAt(ctx, st.Item, st.From, errs.New(errs.Unsupported, "not unpacked: %s", m.text()))
	}
	if w.More > 0 {
		e.failAt(ctx, st.Item, st.From, errs.New(errs.Unsupported, "not unpacked: %s more", number(w.More, "member")))
	}
}

// members counts what of an archive will be unpacked, and tells what will not.
func (w *world) members(ctx context.Context, src *source, name string, o archive.ExtractOptions, sum *action.Summary) (out without, err error) {
	f, err := src.v.Driver.Open(ctx, src.path)
	if err != nil {
		return out, src.v.at(src.path, err)
	}
	defer f.Close() //nolint:errcheck // it was read
	sum.Folders = 1
	err = archive.Preview(ctx, f, src.is.Size, name, o, func(m archive.Member) error {
		switch {
		case m.Refused != "" && m.Kind == vfs.Symlink && !o.Symlinks:
			out.Unasked++
		case m.Refused != "" && len(out.Members) < maxTold:
			out.Members = append(out.Members, refused{m.Told, m.Refused})
		case m.Refused != "":
			out.More++
		case m.Kind == vfs.Folder:
			sum.Folders++
		default:
			sum.Files++
			sum.Bytes += max(m.Size, 0)
		}
		return nil
	})
	if err != nil {
		return out, src.v.at(src.path, err)
	}
	return out, nil
}

// extract unpacks an archive under a private name, and gives it its own when all
// of it is there.
func (h *hands) extract(ctx context.Context, st *step) error {
	v, err := h.w.volume(ctx, st.From.Volume)
	if err != nil {
		return err
	}
	f, _, err := h.toCompare(ctx, st.From, st.Seen)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // it was read
	d, name, err := h.in(ctx, st.To)
	if err != nil {
		return err
	}
	target, err := h.w.writable(ctx, st.To.Volume)
	if err != nil {
		return err
	}
	if err := d.Mkdir(ctx, st.Temp, 0o777); err != nil {
		return err
	}
	made, err := d.Stat(ctx, st.Temp)
	if err != nil {
		return err
	}
	_, base := st.From.In()
	err = h.unpack(ctx, d, st, f, base, target)
	if err == nil { // after a crash it is told by this what is ours
		st.Made = &made
		err = h.stage()
	}
	if err == nil {
		err = d.Rename(ctx, st.Temp, d, name, vfs.NoReplace)
	}
	if err != nil {
		_, _ = trash.Destroy(context.WithoutCancel(ctx), d, st.Temp, d, st.Temp, made, trash.Options{}) // see leftover
		return v.at(st.From.Path, err)
	}
	h.touch(st.To)
	is, err := d.Stat(ctx, name)
	st.Is = &is
	return err
}

func (h *hands) unpack(ctx context.Context, d vfs.Dir, st *step, f vfs.Handle, name string, target *volume) error {
	into, err := d.Sub(ctx, st.Temp)
	if err != nil {
		return err
	}
	defer into.Close() //nolint:errcheck // Extract has synced it
	out, err := archive.Extract(ctx, f, st.Seen.Size, name, into, archive.ExtractOptions{Symlinks: st.Symlinks, Target: target.writing, Only: onlyOf(st.Only)})
	if err == nil {
		st.Files, st.Bytes = out.Files+out.Symlinks, out.Bytes
		st.Without = withoutOf(out, st.Symlinks)
	}
	return err
}

// extracted finds out whether an archive was unpacked to its end.
func (h *hands) extracted(ctx context.Context, st *step) (bool, error) {
	d, _, err := h.in(ctx, st.To)
	if err != nil {
		return false, err
	}
	is, err := d.Stat(ctx, st.Temp)
	if errs.Is(err, errs.NotFound) { // the other name of what is being destroyed
		is, err = d.Stat(ctx, st.Temp+"o")
	}
	if err == nil {
		h.touch(st.To)
		_, err := trash.Destroy(ctx, d, st.Temp, d, st.Temp, is, trash.Options{})
		return false, err
	}
	if !errs.Is(err, errs.NotFound) {
		return false, err
	}
	there, ok, err := h.look(ctx, st.To)
	if err != nil || !ok || !isMade(st, there) {
		return false, err
	}
	h.touch(st.To)
	st.Is = &there
	return true, nil
}
