package search

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// A folder that is not indexed is searched by looking at it: a table is made of
// what is below it, asked as any other, and thrown away.

const (
	// maxLive and liveTime bound how much of a disk one search looks at.
	maxLive  = 100_000
	liveTime = 8 * time.Second
	// liveIDs is where the ids of such entries begin: no entry of the library has
	// one of them.
	liveIDs ident.EntryID = 1 << 40
)

// disk is what is below a folder, as it is now.
type disk struct {
	of    *catalog.Catalog // whose words for kinds hold
	at    catalog.Place
	table *table
	first ident.EntryID // of seen
	seen  []seen
	whole bool
}

type seen struct {
	vfs.Entry
	parent int32 // in disk.seen; -1: the folder that is searched
}

// source is where names are looked for.
type source struct {
	// on calls fn with the table, as Service.on does.
	on   func(ctx context.Context, fn func(ctx context.Context, t *table) error) (whole bool, err error)
	show func(ctx context.Context, hits []shown) ([]Hit, error)
	// taken tells when all that fits was taken; nil: nobody knows.
	taken func(ctx context.Context, fits node) (takenTimes, error)
}

func (s *Service) source(a *sight) *source {
	return &source{on: s.on, show: func(ctx context.Context, hits []shown) ([]Hit, error) { return s.show(ctx, a.grounds, hits) }, taken: s.takenOf}
}

// scanDisk looks at all that is below a folder that is not indexed. Errors:
// errs.Unavailable (its volume is offline), those of the folder itself. What cannot
// be read below it is left out.
func (s *Service) scanDisk(ctx context.Context, path string) (*disk, error) {
	at, err := s.Resolve(ctx, path, true)
	if err != nil {
		return nil, err
	}
	if at.Driver == nil {
		return nil, errs.New(errs.Unavailable, "its volume is offline").At(path).Try("Connect the volume and try again.")
	}
	d := &disk{of: s.Catalog, at: at, table: newTable(segmentRows), whole: true}
	d.table.words = s.Catalog.Kinds
	last := liveIDs
	if at.Path != "" { // the folders above are part of paths, and are not found
		for name := range strings.SplitSeq(at.Path, "/") {
			d.table.put(&catalog.Brief{ID: last + 1, Parent: last, Name: name, Kind: vfs.Folder, State: catalog.Known})
			last++
		}
	}
	d.first = last + 1
	limited, stop := context.WithTimeout(ctx, liveTime)
	defer stop()
	if err := d.list(limited, -1); err != nil {
		if limited.Err() == nil || ctx.Err() != nil {
			return nil, err
		}
		d.whole = false
	}
	for i := 0; i < len(d.seen); i++ {
		if limited.Err() != nil || len(d.seen) >= maxLive {
			d.whole = false
			break
		}
		if d.seen[i].Kind != vfs.Folder || d.seen[i].Mount {
			continue
		}
		if err := d.list(limited, i); err != nil && !errs.Is(err, errs.NotFound) {
			d.whole = false
		}
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return d, d.fill()
}

// path is where an entry stands on its volume.
func (d *disk) path(i int) string {
	if i < 0 {
		return d.at.Path
	}
	return vfs.Join(d.path(int(d.seen[i].parent)), d.seen[i].Name)
}

var errEnough = errors.New("enough")

func (d *disk) list(ctx context.Context, folder int) error {
	err := d.at.Driver.List(ctx, d.path(folder), func(batch []vfs.Entry) error {
		for _, e := range batch {
			if len(d.seen) >= maxLive {
				return errEnough
			}
			if !vfs.IsPrivate(e.Name) {
				d.seen = append(d.seen, seen{e, int32(folder)})
			}
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		d.whole = false
		return nil
	}
	return err
}

// fill puts what was seen into the table.
func (d *disk) fill() error {
	return guard(func() {
		for i := range d.seen {
			if d.table.full(1) {
				_ = d.table.seal(false) // which writes nothing: there is no file
			}
			e := &d.seen[i]
			d.table.put(&catalog.Brief{
				ID: d.first + ident.EntryID(i), Parent: d.first + ident.EntryID(e.parent), Name: e.Name, Kind: e.Kind, State: catalog.Present,
				Size: e.Size, Modified: e.Modified, Created: e.Created,
			})
		}
	})
}

func (d *disk) source() *source {
	return &source{
		on: func(ctx context.Context, fn func(ctx context.Context, t *table) error) (bool, error) {
			return d.whole, fn(ctx, d.table)
		},
		show: func(_ context.Context, hits []shown) ([]Hit, error) {
			items := make([]Hit, 0, len(hits))
			for _, h := range hits {
				i := int(h.id - d.first)
				e := catalog.Entry{Name: d.seen[i].Name, State: catalog.Present, Parent: 1} // not a volume's root, to the view
				e.Seen(d.seen[i].Entry)
				v := d.of.NewView(&e, d.path(i), d.at.Ground)
				v.Parent = ""
				items = append(items, Hit{View: v, Score: h.score, Match: h.match.String()})
			}
			return items, nil
		},
	}
}
