// Package fileops changes the user's files: it plans what is to be done (copy,
// move, rename, delete, restore ...) exactly as it will be done, does it step by
// step through a journal, and takes it back. How bytes are copied, what a trash
// is and what is in archives is known by the packages below it; how plans are
// kept, by package action. It knows volumes only through their drivers, and the
// catalogue as those who tell it what they did.
package fileops

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/fileops/copier"
	"github.com/stardrive/stardrive/internal/fileops/trash"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/store"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Volumes is what changing files needs of the volumes of this machine.
type Volumes interface {
	// Resolve tells where an SdPath or OS path stands; the last component need not
	// exist. The Driver of the place is nil while its volume is offline. follow: a
	// symlink at the end is followed.
	Resolve(ctx context.Context, path string, follow bool) (catalog.Place, error)
	// Site gives access to the volume that is proven to be the one with this
	// identity; errs.Unavailable while it is offline.
	Site(ctx context.Context, identity string) (Site, error)
}

// Site is a volume that can be reached now.
type Site struct {
	Driver vfs.Driver
	Ground catalog.Ground
	// Trash tells where its trash is; its Driver is that of the site.
	Trash trash.Volume
	// Read and Write are how many bytes a second it was measured to do; 0: nobody did.
	Read, Write float64
}

// Known is who keeps the catalogue.
type Known interface {
	// Take returns what writes what was done, in this order, into the catalogue; it
	// is called in the transaction of the journal. What stands in no location is
	// left out.
	Take(ctx context.Context, deeds []catalog.Deed) (func(tx *store.Tx) error, error)
	// Look has folders listed again when there is time.
	Look(ctx context.Context, folders []catalog.Spot) error
}

// Options of a Service.
type Options struct {
	Catalog *catalog.Catalog
	Volumes Volumes
	Known   Known
	Log     *slog.Logger
	Now     func() time.Time // default time.Now
}

// Service plans and does changes of files of one library. Its methods are safe
// for concurrent use.
type Service struct {
	// Match calls fn with what a query of search finds, until fn returns false; it
	// may be nil, and is set before the first use.
	Match func(ctx context.Context, query string, fn func(ident.EntryID) bool) error
	// MoreVolumes returns the identities of volumes that are here, known to the library or
	// not; it may be nil, and is set before the first use.
	MoreVolumes func(ctx context.Context) []string

	// Taken tells when the picture or film was taken that a content is (ns since
	// 1970); it may be nil, and is set before the first use.
	Taken func(r *catalog.Reader, c ident.ContentID) (ns int64, ok bool)

	// KeepLimit stores what SetLimit is to be from the next start on; it may be nil, and
	// is set before the first use.
	KeepLimit func(bytesPerSecond int64) error

	catalog *catalog.Catalog
	volumes Volumes
	known   Known
	log     *slog.Logger
	now     func() time.Time
	plans   *action.Service
	copier  *copier.Engine
	locks   locks

	limit    atomic.Int64 // bytes a second of all plans together; 0: none
	allLimit *copier.Limit

	downloads downloads

	yield func(point string) // between the steps of a run, for tests
	chunk int64              // how many bytes of a large file are a step that can be gone on with
	note  int64              // after so many bytes that is noted
}

// New returns a Service.
func New(o Options) *Service {
	s := &Service{catalog: o.Catalog, volumes: o.Volumes, known: o.Known, log: o.Log, now: o.Now, copier: copier.New(), allLimit: copier.NewLimit(0), yield: func(string) {}, chunk: chunkBytes, note: noteBytes}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.now == nil {
		s.now = time.Now
	}
	return s
}

// Start gives the service the keeper of its plans.
func (s *Service) Start(plans *action.Service) { s.plans = plans }

// Kinds are the kinds of plans of this package.
func (s *Service) Kinds() []action.Kind {
	return []action.Kind{
		action.Define("files.mkdir", s.planMkdir, s.run, s.undo),
		action.Define("files.create", s.planCreate, s.run, s.undo),
		action.Define("files.rename", s.planRename, s.run, s.undo),
		action.Define("files.batch_rename", s.planBatchRename, s.run, s.undo),
		action.Define("files.trash", s.planTrash, s.run, s.undo),
		action.Define("files.destroy", s.planDestroy, s.run, s.undo),
		action.Define("trash.restore", s.planRestore, s.run, s.undo),
		action.Define("trash.empty", s.planEmpty, s.run, s.undo),
		action.Define("files.copy", s.planCopy, s.run, s.undo),
		action.Define("files.move", s.planMove, s.run, s.undo),
		action.Define("files.duplicate", s.planDuplicate, s.run, s.undo),
		action.Define("files.link", s.planLink, s.run, s.undo),
		action.Define("files.chmod", s.planChmod, s.run, s.undo),
		action.Define("files.touch", s.planTouch, s.run, s.undo),
		action.Define("files.dedupe", s.planDedupe, s.run, s.undo),
		action.Define("files.compress", s.planCompress, s.run, s.undo),
		action.Define("files.extract", s.planExtract, s.run, s.undo),
		action.Define(Upload, s.planUpload, s.run, s.undo),
		action.Define("files.undo", s.planUndo, s.run, s.undo),
	}
}

// undo takes a plan back by the inverses of its steps.
func (s *Service) undo(_ context.Context, p action.Plan) (action.Request, error) {
	return action.Request{Action: "files.undo", Args: undoArgs{Plan: p.ID, Title: p.Title, Sent: p.Action == Upload}}, nil
}

// volume is a volume that takes part in a plan.
type volume struct {
	Site
	id      string
	writing *vfs.Writing
	bin     *trash.Bin // nil: it has no trash
	noBin   error      // why
}

// world holds the volumes of one plan or run. It belongs to one goroutine.
type world struct {
	s   *Service
	all map[string]*volume
}

func (s *Service) world() *world { return &world{s: s, all: map[string]*volume{}} }

// volume returns the volume with this identity.
func (w *world) volume(ctx context.Context, identity string) (*volume, error) {
	if v := w.all[identity]; v != nil {
		return v, nil
	}
	site, err := w.s.volumes.Site(ctx, identity)
	if err != nil {
		return nil, err
	}
	v := &volume{Site: site, id: identity, writing: site.Driver.Features().Writing}
	v.Trash.Driver = site.Driver
	v.bin, v.noBin = trash.Of(ctx, v.Trash)
	w.all[identity] = v
	return v, nil
}

// writable returns the volume, which can be changed.
func (w *world) writable(ctx context.Context, identity string) (*volume, error) {
	v, err := w.volume(ctx, identity)
	if err == nil && v.writing == nil {
		err = errs.New(errs.Unsupported, "nothing can be changed on this volume").At(v.address(""))
	}
	return v, err
}

// withBin returns the volume, which can be changed and has a trash.
func (w *world) withBin(ctx context.Context, identity string) (*volume, error) {
	v, err := w.writable(ctx, identity)
	if err == nil && v.bin == nil {
		err = v.noBin
	}
	return v, err
}

// address is the SdPath of what stands at path.
func (v *volume) address(path string) string { return v.Ground.SdPath(path).String() }

// at gives an error of the driver the whole address.
func (v *volume) at(path string, err error) error {
	if err == nil {
		return nil
	}
	return &errs.Error{Path: v.address(path), Kind: errs.KindOf(err), Remedy: errs.RemedyOf(err), Err: err}
}

// dir opens the folder at path for changes.
func (v *volume) dir(ctx context.Context, path string) (vfs.Dir, error) {
	return v.writing.Dir(ctx, path)
}
