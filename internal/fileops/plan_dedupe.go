package fileops

import (
	"cmp"
	"context"
	"slices"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// DedupeHow is what is done with files that hold what another holds.
type DedupeHow string

// The ways to deduplicate.
const (
	DedupeReflink DedupeHow = "reflink"
	DedupeHard    DedupeHow = "hard"
	DedupeTrash   DedupeHow = "trash"
)

// Enum lists the ways.
func (DedupeHow) Enum() []string {
	return []string{string(DedupeReflink), string(DedupeHard), string(DedupeTrash)}
}

// DedupeKeep says which of several files stays as it is.
type DedupeKeep string

// The choices of what is kept.
const (
	KeepOldest   DedupeKeep = "oldest"
	KeepNewest   DedupeKeep = "newest"
	KeepShortest DedupeKeep = "shortest"
)

// Enum lists the choices.
func (DedupeKeep) Enum() []string {
	return []string{string(KeepOldest), string(KeepNewest), string(KeepShortest)}
}

// DedupeIn says which duplicates are to give way.
type DedupeIn struct {
	Query     string          `json:"query,omitempty" cli:"1" jsonschema:"only files that this query finds give way, in the language of search; default: all that have been read and found the same"`
	IDs       []ident.EntryID `json:"ids,omitempty" cli:"-" jsonschema:"only these files give way, by entry id"`
	Reference []string        `json:"reference,omitempty" jsonschema:"folders whose files are kept, whatever is the same"`
	Stay      []ident.EntryID `json:"stay,omitempty" cli:"-" jsonschema:"files that are kept, by entry id, whatever is the same"`
	How       DedupeHow       `json:"how,omitempty" jsonschema:"reflink (default): the file shares its bytes with the one that is kept; hard: it becomes another name of it; trash: it goes to the trash"`
	Keep      DedupeKeep      `json:"keep,omitempty" jsonschema:"which file is kept: oldest (default), newest, or the one with the shortest path"`
	MinSize   int64           `json:"min_size,omitempty" jsonschema:"least size of a file, in bytes" min:"0"`
}

// dedupe makes a plan of which duplicates give way.
type dedupe struct {
	*world
	d         *action.Draft
	in        DedupeIn
	asked     map[ident.EntryID]bool // nil: all
	stay      map[ident.EntryID]bool
	reference []catalog.Spot
	gone      map[ident.VolumeID]bool // volumes that are not here
	unable    int64                   // files whose volumes cannot do what is asked for
}

// copyOf is a file that holds what others hold.
type copyOf struct {
	src  *source
	kept bool // it stands in a reference folder, or is named as one that stays
}

func (s *Service) planDedupe(ctx context.Context, in DedupeIn, d *action.Draft) error {
	p := &dedupe{world: s.world(), d: d, in: in, stay: map[ident.EntryID]bool{}, gone: map[ident.VolumeID]bool{}}
	for _, id := range in.Stay {
		p.stay[id] = true
	}
	for _, path := range in.Reference {
		at, err := s.volumes.Resolve(ctx, path, true)
		if err != nil {
			return err
		}
		p.reference = append(p.reference, catalog.Spot{Volume: at.Identity, Path: at.Path})
	}
	if err := p.ask(ctx); err != nil {
		return err
	}
	contents, err := p.contents(ctx)
	if err != nil {
		return err
	}
	for _, c := range contents {
		if err := p.group(ctx, c); err != nil {
			return err
		}
	}
	if d.Summary.Files == 0 && p.unable > 0 {
		return errs.New(errs.Unsupported, "%s could give way, but their volumes cannot do it in this way", number(p.unable, "file")).
			Try("Make them names of one file with --how hard, or trash them with --how trash.")
	}
	if d.Summary.Files == 0 {
		return errs.New(errs.NotFound, "no file is known to hold what another holds, and could give way").
			Try("Duplicates are known where files were read whole: stardrive duplicates find")
	}
	d.Title = "Deduplicate " + number(d.Summary.Files, "file")
	switch in.How {
	case DedupeTrash:
		d.Summary.Trashed = d.Summary.Files
	case DedupeHard:
		d.Warn("Names of one file have one owner, one time and the same rights: those of the file that is kept.")
		d.Summary.Replaced, d.Summary.Saved = d.Summary.Files, d.Summary.Bytes
	default:
		d.Summary.Replaced, d.Summary.Saved = d.Summary.Files, d.Summary.Bytes
	}
	d.Warn("The files that give way go to the trash: their room is free when it is emptied.")
	return nil
}

// ask reads which files are to give way.
func (p *dedupe) ask(ctx context.Context) error {
	if p.in.Query == "" && len(p.in.IDs) == 0 {
		return nil
	}
	p.asked = map[ident.EntryID]bool{}
	for _, id := range p.in.IDs {
		p.asked[id] = true
	}
	if p.in.Query == "" {
		return nil
	}
	if p.s.Match == nil {
		return errs.New(errs.Unsupported, "nothing can be searched here")
	}
	return p.s.Match(ctx, p.in.Query, func(id ident.EntryID) bool { p.asked[id] = true; return true })
}

// contents are those that several present files are known to have.
func (p *dedupe) contents(ctx context.Context) (ids []ident.ContentID, err error) {
	err = p.s.catalog.Read(ctx, func(r *catalog.Reader) error {
		rows, err := r.Store().Query(`SELECT content_id FROM entry JOIN content ON content.id = content_id WHERE content_id IS NOT NULL AND entry.kind = 1 AND state = 1
			AND content.size >= ? GROUP BY content_id HAVING count(*) > 1 ORDER BY max(content.size) DESC, content_id`, max(1, p.in.MinSize))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id int64
			if err := rows.Scan(&id); err != nil {
				return err
			}
			ids = append(ids, ident.ContentID(id))
		}
		return rows.Err()
	})
	return ids, err
}

const maxCopiesOf = 10_000

// group decides which files of one content stay, and which give way.
func (p *dedupe) group(ctx context.Context, content ident.ContentID) error {
	var entries []catalog.Entry
	var paths, volumes []string
	err := p.s.catalog.Read(ctx, func(r *catalog.Reader) (err error) {
		if entries, err = r.ProvenCopies(content, maxCopiesOf); err != nil {
			return err
		}
		for i := range entries {
			path, err := r.Path(&entries[i])
			if err != nil {
				return err
			}
			v, err := r.Volume(entries[i].Volume)
			if err != nil {
				return err
			}
			paths, volumes = append(paths, path), append(volumes, v.Identity)
		}
		return nil
	})
	if err != nil {
		return err
	}
	var all []copyOf
	for i := range entries {
		c, err := p.copyAt(ctx, &entries[i], volumes[i], paths[i])
		if err != nil {
			return err
		}
		if c != nil {
			all = append(all, *c)
		}
	}
	slices.SortStableFunc(all, p.order)
	kept := map[*volume]*source{} // of each volume, the file that stays
	var first *source
	for _, c := range all {
		v := c.src.v
		keeper := kept[v]
		if p.in.How == DedupeTrash {
			keeper = first
		}
		if first == nil {
			first = c.src
		}
		if kept[v] == nil {
			kept[v] = c.src
		}
		if keeper == nil || c.kept || p.asked != nil && !p.asked[c.src.id] || v == keeper.v && c.src.is.Inode == keeper.is.Inode {
			continue
		}
		if err := p.give(ctx, c.src, keeper); err != nil {
			return err
		}
	}
	return nil
}

// order puts those first that stay: what is in reference folders, then what is not
// asked to give way, then what the request prefers.
func (p *dedupe) order(a, b copyOf) int {
	if a.kept != b.kept {
		return first(a.kept)
	}
	if p.asked != nil && p.asked[a.src.id] != p.asked[b.src.id] {
		return first(!p.asked[a.src.id])
	}
	switch p.in.Keep {
	case KeepNewest:
		return cmp.Or(cmp.Compare(b.src.is.Modified, a.src.is.Modified), cmp.Compare(a.src.id, b.src.id))
	case KeepShortest:
		return cmp.Or(cmp.Compare(len(a.src.path), len(b.src.path)), cmp.Compare(a.src.id, b.src.id))
	}
	return cmp.Or(cmp.Compare(a.src.is.Modified, b.src.is.Modified), cmp.Compare(a.src.id, b.src.id))
}

func first(yes bool) int {
	if yes {
		return -1
	}
	return 1
}

// copyAt examines a copy; nil: it is not here, or not what the library knows.
func (p *dedupe) copyAt(ctx context.Context, e *catalog.Entry, identity, path string) (*copyOf, error) {
	if p.gone[e.Volume] {
		return nil, nil
	}
	src, err := p.sourceAt(ctx, identity, path, path)
	if errs.Is(err, errs.Unavailable) {
		p.gone[e.Volume] = true
		return nil, nil
	}
	if err != nil || !e.Same(&src.is) || src.v.writing == nil {
		return nil, ctx.Err()
	}
	src.id = e.ID
	c := &copyOf{src: src, kept: p.stay[e.ID]}
	for _, at := range p.reference {
		c.kept = c.kept || at.Volume == identity && within(at.Path, path)
	}
	return c, nil
}

// give adds an item: src gives way to the file that is kept.
func (p *dedupe) give(ctx context.Context, src, keeper *source) error {
	it := action.Item{Verb: "dedupe", From: src.address(), Files: 1, Bytes: src.is.Size, Note: "holds what " + keeper.address() + " holds"}
	like := keeper.at()
	t := task{Step: step{Like: &like}}
	w := src.v.writing
	switch {
	case p.in.How == DedupeTrash:
		if src.v.bin == nil {
			p.unable++
			return nil
		}
		t.Step.Verb, t.Step.From, t.Step.Seen = vTrash, src.at(), &src.is
	case p.in.How == DedupeHard:
		if w.Keeps&vfs.PartLinks == 0 || src.v.bin == nil {
			p.unable++
			return nil
		}
		t.Step.Verb, t.Step.From, t.Step.Seen, t.Step.To, t.Step.Over, t.Step.Link = vWrite, like, &keeper.is, src.at(), &src.is, &like
		it.Choice = chooseReplace
	default:
		if !w.Clones || src.v.bin == nil {
			p.unable++
			return nil
		}
		m, err := src.meta(ctx)
		if err != nil {
			return err
		}
		m.Accessed = 0
		t.Step.Verb, t.Step.From, t.Step.Seen, t.Step.To, t.Step.Over = vWrite, like, &keeper.is, src.at(), &src.is
		t.Step.New, t.Step.Parts = &m, vfs.PartMode|vfs.PartModified|vfs.PartXattrs|vfs.PartACL
		it.Choice = chooseReplace
	}
	p.d.Summary.Files++
	p.d.Summary.Bytes += src.is.Size
	_, err := p.d.Add(ctx, it, t)
	return err
}
