package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/browse"
	"github.com/stardrive/stardrive/internal/browse/packed"
	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/config"
	"github.com/stardrive/stardrive/internal/content"
	"github.com/stardrive/stardrive/internal/driver/watch"
	"github.com/stardrive/stardrive/internal/embed"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/event"
	"github.com/stardrive/stardrive/internal/fileops"
	"github.com/stardrive/stardrive/internal/fileops/upload"
	"github.com/stardrive/stardrive/internal/giveway"
	"github.com/stardrive/stardrive/internal/httpapi"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/index"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/library"
	"github.com/stardrive/stardrive/internal/media"
	"github.com/stardrive/stardrive/internal/op"
	"github.com/stardrive/stardrive/internal/organize"
	"github.com/stardrive/stardrive/internal/organize/mirror"
	"github.com/stardrive/stardrive/internal/search"
	"github.com/stardrive/stardrive/internal/search/fulltext"
	"github.com/stardrive/stardrive/internal/svc"
	"github.com/stardrive/stardrive/internal/vfs"
	"github.com/stardrive/stardrive/internal/volumes"
)

// jobChanged tells how a job stands.
var jobChanged = event.Topic[job.Snapshot]{Name: "job.changed", Key: func(s job.Snapshot) string { return fmt.Sprint(s.ID) }}

// runtime is what lives in one open library.
type runtime struct {
	id       ident.LibraryID
	name     string
	catalog  *catalog.Catalog
	bus      *event.Bus
	jobs     *job.Engine
	index    *index.Service
	content  *content.Service
	media    *media.Service
	search   *search.Service
	words    *fulltext.Index
	meaning  embed.Embedder
	texts    media.Texts
	browse   *browse.Service
	packed   *packed.Service
	organize *organize.Service
	mirror   *mirror.Service
	plans    *action.Service
	files    *fileops.Service
	uploads  *upload.Service
	copies   *copies
	book     volumes.Book
	ops      *op.Set

	parts *svc.Group
	stop  context.CancelFunc
	ended chan struct{} // closed when all services have ended
}

// attach makes the runtime of a library that was opened, and starts its services.
func (d *daemon) attach(ctx context.Context, l *library.Library) (io.Closer, error) {
	bus := event.NewBus()
	c, err := catalog.Open(ctx, l.DB, bus)
	if err != nil {
		return nil, err
	}
	c.Kinds, c.Way = cmp.Or(d.kinds, c.Kinds), &giveway.Lane{}
	info := d.device.Info()
	err = c.Write(ctx, func(tx *catalog.Tx) error {
		return tx.PutDevice(catalog.Device{ID: info.ID, Name: info.Name, Slug: info.Slug, Created: info.Created})
	})
	if err != nil {
		return nil, err
	}
	log := d.log.With("library", l.Name)
	r := &runtime{id: l.ID, name: l.Name, catalog: c, bus: bus, book: volumes.CatalogBook(c), ended: make(chan struct{})}
	if err := d.volumes.Keep(ctx, r.book); err != nil {
		return nil, err
	}
	at := places{d.volumes, d.device, c, config.HomeTrash()}
	r.index = index.New(index.Options{Catalog: c, Volumes: at, Device: info.ID, Mode: cmp.Or(d.settings.DefaultMode, "deep"), Log: log, Watch: newNotifier, OnBattery: onBattery, Staged: r.staged, Walked: walked})
	calm := steady{at, d.patient}
	r.newContent(calm, d.settings.ScrubEvery(), log)
	d.newMedia(r, l, calm, log)
	r.newMirror(at, log)
	r.newActions(l, at, log)
	d.limitCopies(r.files)
	r.newUploads(l, at, log)
	r.jobs = job.NewEngine(l.DB, r.jobDefs(), job.Options{Log: log, Notify: func(s job.Snapshot) {
		event.Publish(bus, jobChanged, s)
		if s.State.Final() {
			d.thrift.jobEnded()
		}
	}})
	r.index.Start(r.jobs)
	r.content.Start(r.jobs)
	r.browse = browse.New(c, at)
	r.newPacked(d)
	if err := d.newSearch(r, l, at, log); err != nil {
		return nil, err
	}
	r.browse.Names = r.search
	r.media.Texts = r.texts
	r.media.Start(r.jobs)
	r.content.Match = r.search.Match
	r.files.Match = r.search.Match
	if err := r.plans.Start(ctx, r.jobs); err != nil {
		return nil, err
	}
	if err := d.newOrganize(ctx, r, l, at, log); err != nil { // the last that may fail: it has a file open
		return nil, err
	}
	r.mirror.Start(r.organize, r.plans, r.jobs)
	r.newCopies(l)
	r.ops = op.NewSet(r.tables(d)...)
	r.serve(log)
	return r, nil
}

// tables are the operations of a library.
func (r *runtime) tables(d *daemon) [][]op.Def {
	return [][]op.Def{
		r.index.Ops(),
		d.volumes.Ops(r.book, d.device.ID()),
		r.browse.Ops(),
		r.packed.Ops(),
		r.infoOps(),
		r.search.Ops(),
		r.jobs.Ops(),
		r.contentOps(d),
		r.content.Ops(),
		r.media.Ops(),
		r.plans.Ops(),
		r.files.Ops(),
		r.uploads.Ops(),
		r.organize.Ops(),
		r.mirror.Ops(),
	}
}

func newNotifier(t index.Told) (index.Notifier, error) { return watch.New(watch.Told(t)) }

func (r *runtime) serve(log *slog.Logger) {
	ctx, stop := context.WithCancel(context.Background())
	r.stop = stop
	g := &svc.Group{Log: log}
	r.parts = g
	g.Add("jobs", r.jobs)
	g.Add("search", r.search)
	g.Add("texts", r.words)
	g.Add("index", r.index)
	g.Add("uploads", r.uploads)
	g.Add("content", r.content)
	g.Add("media", r.media)
	g.Add("organize", r.organize)
	g.Add("copies", r.copies)
	go func() {
		defer close(r.ended)
		if err := g.Serve(ctx); !errors.Is(err, context.Canceled) {
			log.Warn("The library closes with work under way", "error", err)
		}
	}()
}

// Close ends the services and waits for them.
func (r *runtime) Close() error {
	r.stop()
	<-r.ended
	r.closeMeaning()
	return r.organize.Close()
}

// ID is the library's id.
func (r *runtime) ID() ident.LibraryID { return r.id }

// Ops is the table of the library's operations.
func (r *runtime) Ops() *op.Set { return r.ops }

// Events is where the library's news comes from.
func (r *runtime) Events() httpapi.Events {
	return httpapi.Events{Bus: r.bus, Feed: r.catalog, Head: r.catalog.Reached, Done: r.ended}
}

// OpenContent opens a file's bytes.
func (r *runtime) OpenContent(ctx context.Context, which httpapi.FileRef) (httpapi.Content, error) {
	id := ""
	if which.ID != 0 {
		text, _ := which.ID.MarshalText()
		id = string(text)
	}
	if which.Member != "" {
		return r.openMember(ctx, id, which)
	}
	f, err := r.browse.Open(ctx, id, which.Path)
	if err != nil {
		return httpapi.Content{}, err
	}
	return httpapi.Content{ReadSeekCloser: f.Handle, Name: f.Name, MIME: f.Entry.MIME, Modified: f.Modified(), ETag: f.ETag()}, nil
}

// counts are the sums over the library, for library.info.
func (r *runtime) counts(ctx context.Context) (n library.Counts, err error) {
	err = r.catalog.Read(ctx, func(c *catalog.Reader) error {
		sum, err := c.Sums()
		n = library.Counts{
			Files: sum.Files, Folders: sum.Folders, Bytes: sum.Bytes, Contents: sum.Contents, UniqueBytes: sum.UniqueBytes,
			Devices: sum.Devices, Volumes: sum.Volumes, Locations: sum.Locations,
		}
		return err
	})
	return n, err
}

// LinkIn names a file to be shown in a browser.
type LinkIn struct {
	ID   ident.EntryID `json:"id,omitempty" cli:"1" jsonschema:"the file's entry id"`
	Path string        `json:"path,omitempty" jsonschema:"the file's SdPath or OS path: it need not be indexed"`
	// Member is what archive.list calls so.
	Member string `json:"member,omitempty" jsonschema:"a file in it, where it is an archive: member of archive.list"`
}

// LinkOut is a link to a file's bytes.
type LinkOut struct {
	URL string `json:"url" jsonschema:"works for some minutes, without a login, on another origin than the interface"`
}

func (r *runtime) contentOps(d *daemon) []op.Def {
	return []op.Def{
		op.NewQuery("content.link", "Get a short-lived link to a file's bytes", func(ctx context.Context, in LinkIn) (LinkOut, error) {
			which := browse.Which{Path: in.Path}
			if in.ID != 0 {
				text, _ := in.ID.MarshalText()
				which.ID = string(text)
			}
			e, err := r.browse.Info(ctx, which)
			if err != nil {
				return LinkOut{}, err
			}
			if e.Kind != vfs.File.String() {
				return LinkOut{}, errs.New(errs.Unsupported, "only files have bytes, and this is a %s", e.Kind)
			}
			url, err := d.server.ContentLink(r.id, httpapi.FileRef{ID: in.ID, Path: in.Path, Member: in.Member}, e.Name)
			return LinkOut{URL: url}, err
		}, op.Example("stardrive content link 42")),
	}
}
