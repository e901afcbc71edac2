package powercut

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/event"
	"github.com/stardrive/stardrive/internal/fileops"
	"github.com/stardrive/stardrive/internal/fileops/trash"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/schema"
	"github.com/stardrive/stardrive/internal/store"
	"github.com/stardrive/stardrive/internal/vfs"
	"github.com/stardrive/stardrive/internal/vfs/faultfs"
)

// service is what of the daemon changes files: the real one, over two folders that
// are volumes of their own.
type service struct {
	plans *action.Service
	db    *store.DB
	stop  context.CancelFunc
	jobs  sync.WaitGroup
	roots roots
}

// roots are the volumes, by their folder.
type roots map[string]*faultfs.FS

func (r roots) Resolve(_ context.Context, path string, _ bool) (catalog.Place, error) {
	path = strings.TrimPrefix(path, "sd://local")
	for root, d := range r {
		if path == root || strings.HasPrefix(path, root+"/") {
			return catalog.Place{Identity: root, Path: strings.Trim(strings.TrimPrefix(path, root), "/"), Driver: d}, nil
		}
	}
	return catalog.Place{}, errs.New(errs.NotFound, "on no volume").At(path)
}

func (r roots) Site(_ context.Context, identity string) (fileops.Site, error) {
	d, ok := r[identity]
	if !ok {
		return fileops.Site{}, errs.New(errs.Unavailable, "offline")
	}
	return fileops.Site{Driver: d, Ground: catalog.Ground{Name: identity, Mount: identity, Online: true}, Trash: trash.Volume{Mount: identity, UID: os.Getuid()}}, nil
}

// nobody keeps no catalogue.
type nobody struct{}

func (nobody) Take(context.Context, []catalog.Deed) (func(*store.Tx) error, error) {
	return func(*store.Tx) error { return nil }, nil
}
func (nobody) Look(context.Context, []catalog.Spot) error { return nil }

// openService starts on the library in a folder, which is made if it is not there.
func openService(ctx context.Context, library string, volumes ...string) (*service, error) {
	db, err := store.Open(ctx, store.Options{Path: filepath.Join(library, "library.db"), ApplicationID: schema.ApplicationID, Migrations: schema.Migrations()})
	if err != nil {
		return nil, err
	}
	s := &service{db: db, roots: roots{}}
	c, err := catalog.Open(ctx, db, event.NewBus())
	for _, root := range volumes {
		var d vfs.Driver
		if err == nil {
			d, err = volume(root)
		}
		if err == nil {
			s.roots[root] = faultfs.New(d)
		}
	}
	if err != nil {
		_ = db.Close()
		return nil, err
	}
	f := fileops.New(fileops.Options{Catalog: c, Volumes: s.roots, Known: nobody{}})
	s.plans = action.New(action.Options{DB: db, Kinds: f.Kinds()})
	f.Start(s.plans)
	jobs := job.NewEngine(db, s.plans.JobDefs(), job.Options{})
	if err := s.plans.Start(ctx, jobs); err != nil {
		_ = db.Close()
		return nil, err
	}
	running, stop := context.WithCancel(context.Background())
	s.stop = stop
	s.jobs.Go(func() { _ = jobs.Serve(running) }) // its disk may lose its power
	return s, nil
}

// die lets nothing more reach the volumes: where the power is gone no program goes
// on, also not on another volume.
func (s *service) die() {
	for _, d := range s.roots {
		d.Kill()
	}
}

func (s *service) close() {
	s.stop()
	s.jobs.Wait()
	_ = s.db.Close() // likewise
	for _, d := range s.roots {
		_ = d.Close()
	}
}
