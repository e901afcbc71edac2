package content

import (
	"cmp"
	"context"
	"encoding/hex"
	"slices"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// DuplicatesIn chooses groups of duplicates.
type DuplicatesIn struct {
	Query     string   `json:"query,omitempty" cli:"1" jsonschema:"only groups with a file that this query finds, in the language of search"`
	Reference []string `json:"reference,omitempty" jsonschema:"folders whose files are to be kept: what is in them is marked, and groups that are wholly in them are left out"`
	MinSize   int64    `json:"min_size,omitempty" jsonschema:"least size of a file, in bytes" min:"0"`
	Cursor    string   `json:"cursor,omitempty" jsonschema:"where to go on: next of the page before"`
	Limit     int      `json:"limit,omitempty" jsonschema:"groups a page; default 100" min:"0" max:"1000"`
}

// Duplicates is a page of groups, those first that waste most.
type Duplicates struct {
	Items []DuplicateGroup `json:"items" jsonschema:"the groups of this page"`
	Next  string           `json:"next" jsonschema:"cursor of the next page; empty at the end"`
}

// DuplicateGroup is files with the same bytes.
type DuplicateGroup struct {
	Content ident.ContentID `json:"content" jsonschema:"id of what they hold"`
	Hash    string          `json:"hash" jsonschema:"BLAKE3 of all bytes"`
	Kind    string          `json:"kind" jsonschema:"what they are: image, video, document ..."`
	Size    int64           `json:"size" jsonschema:"bytes of one file"`
	Files   int             `json:"files" jsonschema:"how many files there are; names of one file count once"`
	Bodies  int             `json:"bodies" jsonschema:"copies on disks: files that are known to share their blocks (reflinks) count once"`
	Wasted  int64           `json:"wasted" jsonschema:"bytes that are free when one file is kept, or those in reference folders; 0: all share their blocks, and nothing is gained"`
	Copies  []Copy          `json:"copies" jsonschema:"the first hundred: those in reference folders first, then the oldest"`
	More    int             `json:"more,omitempty" jsonschema:"how many further copies there are"`
}

// Copy is one entry of a group.
type Copy struct {
	catalog.View
	Location  string    `json:"location,omitempty" jsonschema:"name of the location it stands in"`
	File      int       `json:"file" jsonschema:"copies with the same number are names of one file (hard links)"`
	Body      int       `json:"body" jsonschema:"copies with the same number share their blocks: removing one of them frees nothing"`
	Reference bool      `json:"reference,omitempty" jsonschema:"it stands in a reference folder: keep it"`
	Matches   bool      `json:"matches,omitempty" jsonschema:"the query finds it"`
	Read      time.Time `json:"read" jsonschema:"when all of its bytes were read last"`
}

// DuplicatesSummary is what all duplicates come to.
type DuplicatesSummary struct {
	Groups     int64 `json:"groups" jsonschema:"contents that several files hold"`
	Files      int64 `json:"files" jsonschema:"files beyond the first of each"`
	Wasted     int64 `json:"wasted" jsonschema:"bytes in them that no other holds"`
	Identified int64 `json:"identified" jsonschema:"files of which it is known what they hold; duplicates among the others are not known"`
	AllFiles   int64 `json:"all_files" jsonschema:"files in the library"`
}

const (
	pageDuplicates = 100
	maxCopies      = 100 // of a group that are shown
)

// choice is what of the groups is asked for.
type choice struct {
	least     int64
	matches   *entrySet // nil: there is no query
	reference nearest
}

// choose reads what was asked.
func (s *Service) choose(ctx context.Context, in DuplicatesIn) (*choice, error) {
	c := &choice{least: max(1, in.MinSize), reference: nearest{some: map[ident.EntryID]bool{}}}
	for _, path := range in.Reference {
		e, _, err := s.find(ctx, path, "")
		if err != nil {
			return nil, err
		}
		if e.Kind != vfs.Folder {
			return nil, errs.New(errs.Invalid, "a reference is a folder, and this is a %s", e.Kind).At(path)
		}
		c.reference.some[e.ID] = true
	}
	if in.Query == "" {
		return c, nil
	}
	if s.Match == nil {
		return nil, errs.New(errs.Unsupported, "nothing here understands queries")
	}
	c.matches = &entrySet{}
	return c, s.Match(ctx, in.Query, func(id ident.EntryID) bool { c.matches.add(id); return true })
}

// found reports whether the query finds a file of the group, if there is one.
func (c *choice) found(g *group) bool {
	return c.matches == nil || slices.ContainsFunc(g.copies, func(o copyOf) bool { return c.matches.has(o.id) })
}

// extra is what of a group is one too many.
type extra struct{ files, bodies int }

func (e extra) bytes(size int64) int64 { return size * int64(e.bodies) }

// weigh tells what of a group is one too many, and whether the group is asked for.
func (c *choice) weigh(r *catalog.Reader, g *group) (e extra, ok bool, err error) {
	e = extra{g.files - 1, g.bodies - 1}
	if g.files < 2 || !c.found(g) {
		return e, false, nil
	}
	if len(c.reference.some) == 0 {
		return e, true, nil
	}
	files, bodies := map[int]bool{}, map[int]bool{}
	for i := range g.copies {
		o := &g.copies[i]
		at, err := c.reference.above(r, o.volume, o.parent)
		if err != nil {
			return e, false, err
		}
		if o.reference = at != 0; at != 0 {
			files[o.file], bodies[o.body] = true, true
		}
	}
	if len(files) == 0 {
		return e, true, nil
	}
	return extra{g.files - len(files), g.bodies - len(bodies)}, g.files > len(files), nil
}

// duplicates lists the groups, those first that waste most. It looks at all
// groups for every page, and keeps no more than a page of them.
func (s *Service) duplicates(ctx context.Context, in DuplicatesIn) (out Duplicates, err error) {
	from, err := parsePlace(in.Cursor)
	if err != nil {
		return out, err
	}
	c, err := s.choose(ctx, in)
	if err != nil {
		return out, err
	}
	best := largest{limit: cmp.Or(in.Limit, pageDuplicates), after: from}
	err = s.groups(ctx, shared, c.least, func(r *catalog.Reader, g *group) error {
		if !best.wants(place{g.size * int64(g.bodies-1), g.content}) { // it cannot waste more than that
			return nil
		}
		extra, ok, err := c.weigh(r, g)
		if ok {
			best.keep(place{extra.bytes(g.size), g.content})
		}
		return err
	})
	if err != nil {
		return out, err
	}
	places, more := best.list()
	if more {
		out.Next = places[len(places)-1].String()
	}
	out.Items = []DuplicateGroup{}
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		b, err := s.beholder(r)
		if err != nil {
			return err
		}
		for _, p := range places {
			g, err := groupOf(r, p.content)
			if err != nil {
				return err
			}
			extra, ok, err := c.weigh(r, &g)
			if err != nil {
				return err
			}
			if !ok {
				continue // it changed meanwhile
			}
			shown, err := b.duplicates(&g, c)
			if err != nil {
				return err
			}
			shown.Wasted = extra.bytes(g.size)
			out.Items = append(out.Items, shown)
		}
		return nil
	})
	return out, err
}

func (s *Service) duplicatesSummary(ctx context.Context, in DuplicatesIn) (out DuplicatesSummary, err error) {
	c, err := s.choose(ctx, in)
	if err != nil {
		return out, err
	}
	err = s.groups(ctx, shared, c.least, func(r *catalog.Reader, g *group) error {
		extra, ok, err := c.weigh(r, g)
		if ok {
			out.Groups++
			out.Files += int64(extra.files)
			out.Wasted += extra.bytes(g.size)
		}
		return err
	})
	if err != nil {
		return out, err
	}
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		sums, err := r.Sums()
		if err != nil {
			return err
		}
		out.AllFiles = sums.Files
		return r.Store().QueryRow("SELECT count(*) FROM proof JOIN entry ON id = entry_id WHERE state = 1 AND changed_ns = ctime_ns AND content_id IS NOT NULL").Scan(&out.Identified)
	})
	return out, err
}

// beholder shows entries of one snapshot.
type beholder struct {
	s         *Service
	r         *catalog.Reader
	grounds   map[ident.VolumeID]catalog.Ground
	locations nearest
	names     map[ident.EntryID]string // of locations, by their folders
}

func (s *Service) beholder(r *catalog.Reader) (*beholder, error) {
	b := &beholder{s: s, r: r, grounds: map[ident.VolumeID]catalog.Ground{}, locations: nearest{some: map[ident.EntryID]bool{}}, names: map[ident.EntryID]string{}}
	ls, err := r.Locations()
	for _, l := range ls {
		b.locations.some[l.Entry], b.names[l.Entry] = true, l.Name
	}
	return b, err
}

// view shows an entry, and the name of the location it stands in.
func (b *beholder) view(e *catalog.Entry) (v catalog.View, location string, err error) {
	g, ok := b.grounds[e.Volume]
	if !ok {
		volume, err := b.r.Volume(e.Volume)
		if err != nil {
			return v, "", err
		}
		g = b.s.Volumes.Ground(volume)
		b.grounds[e.Volume] = g
	}
	path, err := b.r.Path(e)
	if err != nil {
		return v, "", err
	}
	at, err := b.locations.above(b.r, e.Volume, e.Parent)
	return b.s.Catalog.NewView(e, path, g), b.names[at], err
}

func (b *beholder) duplicates(g *group, c *choice) (out DuplicateGroup, err error) {
	content, err := b.r.Content(g.content)
	if err != nil {
		return out, err
	}
	out = DuplicateGroup{Content: g.content, Hash: hex.EncodeToString(content.Hash[:]), Kind: content.Kind, Size: g.size, Files: g.files, Bodies: g.bodies}
	out.Copies, out.More, err = b.copies(g, c)
	return out, err
}

// copies shows the first copies of a group, and tells how many more there are.
func (b *beholder) copies(g *group, c *choice) (out []Copy, more int, err error) {
	if more = len(g.copies) - maxCopies; more > 0 {
		slices.SortStableFunc(g.copies, func(a, b copyOf) int { return compareBool(b.reference, a.reference) })
		g.copies = g.copies[:maxCopies]
	}
	ids := make([]ident.EntryID, len(g.copies))
	for i := range g.copies {
		ids[i] = g.copies[i].id
	}
	es, err := b.r.EntriesByID(ids)
	if err != nil {
		return nil, 0, err
	}
	for i := range es {
		o := &g.copies[i] // all are there: it is one snapshot
		v, location, err := b.view(&es[i])
		if err != nil {
			return nil, 0, err
		}
		out = append(out, Copy{View: v, Location: location, File: o.file, Body: o.body, Reference: o.reference, Matches: c != nil && c.matches != nil && c.matches.has(o.id), Read: time.Unix(0, o.read).UTC()})
	}
	slices.SortStableFunc(out, func(a, b Copy) int {
		return cmp.Or(compareBool(b.Reference, a.Reference), a.Modified.Compare(b.Modified), cmp.Compare(a.Path, b.Path))
	})
	return out, max(0, more), nil
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}
