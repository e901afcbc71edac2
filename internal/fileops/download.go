package fileops

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/fileops/archive"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

const (
	keepPrepared = 10 * time.Minute
	maxPrepared  = 64
	maxPacked    = 200_000 // things in one archive: each is remembered until its end
	notPacked    = "NOT IN THIS ARCHIVE.txt"
	maxNotPacked = 1000 // lines of that
)

// DownloadIn names what is to be had as one archive.
type DownloadIn struct {
	Sources []string        `json:"sources,omitempty" cli:"rest" jsonschema:"files and folders: SdPaths or OS paths"`
	IDs     []ident.EntryID `json:"ids,omitempty" cli:"-" jsonschema:"the same by entry id"`
	Query   string          `json:"query,omitempty" jsonschema:"the same by a query in the language of search: what it finds, at most 100,000 entries"`
}

// DownloadOut is an archive that waits to be fetched.
type DownloadOut struct {
	URL     string `json:"url" jsonschema:"where it can be fetched for ten minutes, on the address of the interface and with its login"`
	Name    string `json:"name" jsonschema:"of the file"`
	Files   int64  `json:"files" jsonschema:"how many there are now"`
	Folders int64  `json:"folders" jsonschema:"how many there are now"`
	Bytes   int64  `json:"bytes" jsonschema:"size of the files: the archive is a little larger"`
}

// downloads are the archives that wait to be fetched.
type downloads struct {
	mu  sync.Mutex
	all map[string]prepared
}

type prepared struct {
	in    named
	name  string
	until time.Time
}

// download looks how much a selection is, and prepares an archive of it.
func (s *Service) download(ctx context.Context, in DownloadIn) (out DownloadOut, err error) {
	w := s.world()
	all, err := w.sources(ctx, named(in))
	if err != nil {
		return out, err
	}
	for _, src := range all {
		sum, err := w.totals(ctx, src)
		if err != nil {
			return out, err
		}
		out.Files, out.Folders, out.Bytes = out.Files+sum.Files, out.Folders+sum.Folders, out.Bytes+sum.Bytes
	}
	if out.Files+out.Folders > maxPacked {
		return out, errs.New(errs.Unsupported, "%d things are too many for one archive in the browser", out.Files+out.Folders).
			Try("Choose fewer, or pack them on the disk: stardrive files compress")
	}
	out.Name = strings.TrimPrefix(several(all), ".") + ".zip"
	id := strings.ToLower(rand.Text())
	out.URL = "/v1/zip/" + id
	d := &s.downloads
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.all == nil {
		d.all = map[string]prepared{}
	}
	for old, p := range d.all {
		if len(d.all) >= maxPrepared || p.until.Before(s.now()) {
			delete(d.all, old)
		}
	}
	d.all[id] = prepared{named(in), out.Name, s.now().Add(keepPrepared)}
	return out, nil
}

// Download returns the name of an archive that was prepared, and what writes it.
// Writing goes through the folders as they are then; what cannot be read is left
// out and told in a text at the end. errs.NotFound: there is none, or its time is
// over.
func (s *Service) Download(id string) (name string, write func(ctx context.Context, w io.Writer) error, err error) {
	s.downloads.mu.Lock()
	p, ok := s.downloads.all[id]
	s.downloads.mu.Unlock()
	if !ok || p.until.Before(s.now()) {
		return "", nil, errs.New(errs.NotFound, "this archive is not there any more").Try("Ask for the download again.")
	}
	return p.name, func(ctx context.Context, w io.Writer) error {
		world := s.world()
		all, err := world.sources(ctx, p.in)
		if err != nil {
			return err
		}
		g := &packed{ctx: ctx, sources: all, names: map[string]bool{}}
		return archive.Stream(ctx, w, g.next, g.leave)
	}, nil
}

// packed goes through a selection, folder by folder.
type packed struct {
	ctx     context.Context
	sources []*source
	names   map[string]bool // at the top of the archive
	stack   []toPack        // what is to be packed, the next one last
	n       int
	left    strings.Builder
	lefts   int
	told    bool
}

type toPack struct {
	v    *volume
	path string
	as   string
	is   vfs.Entry
}

func (g *packed) leave(as string, why error) {
	if g.lefts++; g.lefts <= maxNotPacked {
		fmt.Fprintf(&g.left, "%s: %s\n", catalog.PlainName(as), why)
	}
}

func (g *packed) next() (archive.Source, error) {
	if len(g.stack) == 0 && len(g.sources) > 0 {
		src := g.sources[0]
		g.sources = g.sources[1:]
		_, name := vfs.Split(src.path)
		g.stack = append(g.stack, toPack{src.v, src.path, g.free(name), src.is})
	}
	if len(g.stack) == 0 {
		return g.last()
	}
	top := g.stack[len(g.stack)-1]
	g.stack = g.stack[:len(g.stack)-1]
	if g.n++; g.n > maxPacked {
		return archive.Source{}, errs.New(errs.Unsupported, "there are too many things for one archive")
	}
	if top.is.Kind == vfs.Folder && !top.is.Mount {
		g.open(top)
	}
	return archive.Source{Driver: top.v.Driver, Path: top.path, As: top.as, Seen: top.is}, nil
}

// open has what is in a folder packed next, in the order of names.
func (g *packed) open(f toPack) {
	var children []vfs.Entry
	err := f.v.Driver.List(g.ctx, f.path, func(batch []vfs.Entry) error {
		if len(children)+len(batch) > maxPacked {
			return errs.New(errs.Unsupported, "there are too many things in it")
		}
		children = append(children, batch...)
		return nil
	})
	children = vfs.Public(children)
	if err != nil {
		g.leave(f.as, err)
		return
	}
	sortEntries(children)
	for i := len(children) - 1; i >= 0; i-- {
		c := children[i]
		g.stack = append(g.stack, toPack{f.v, vfs.Join(f.path, c.Name), f.as + "/" + c.Name, c})
	}
}

// free is a name that nothing at the top of the archive has.
func (g *packed) free(name string) string {
	stem, ext := splitExt(name)
	for n := 2; g.names[name]; n++ {
		name = fmt.Sprintf("%s (%d)%s", stem, n, ext)
	}
	g.names[name] = true
	return name
}

// last tells in a text what was left out, if anything was.
func (g *packed) last() (archive.Source, error) {
	if g.lefts == 0 || g.told {
		return archive.Source{}, io.EOF
	}
	g.told = true
	if more := g.lefts - maxNotPacked; more > 0 {
		fmt.Fprintf(&g.left, "and %d more\n", more)
	}
	return archive.Source{As: g.free(notPacked), Path: g.left.String()}, nil
}
