//go:build linux

package upload

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/driver/local"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/event"
	"github.com/stardrive/stardrive/internal/fileops"
	"github.com/stardrive/stardrive/internal/fileops/trash"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/schema"
	"github.com/stardrive/stardrive/internal/store"
	"github.com/stardrive/stardrive/internal/vfs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// one is a single volume: a folder of the real file system.
type one struct {
	root   string
	driver vfs.Driver
}

func (o *one) Resolve(_ context.Context, path string, _ bool) (catalog.Place, error) {
	rest, ok := strings.CutPrefix(path, o.root)
	if !ok {
		return catalog.Place{}, errs.New(errs.NotFound, "on no volume").At(path)
	}
	return catalog.Place{Identity: "vol", Path: strings.Trim(rest, "/"), Driver: o.driver}, nil
}

func (o *one) Site(context.Context, string) (fileops.Site, error) {
	return fileops.Site{Driver: o.driver, Ground: catalog.Ground{Name: "vol", Mount: o.root, Online: true}, Trash: trash.Volume{Mount: o.root, UID: os.Getuid()}}, nil
}

type nobody struct{}

func (nobody) Take(context.Context, []catalog.Deed) (func(*store.Tx) error, error) {
	return func(*store.Tx) error { return nil }, nil
}
func (nobody) Look(context.Context, []catalog.Spot) error { return nil }

// testWorld is a library with one volume.
type testWorld struct {
	t          *testing.T
	ctx        context.Context
	root, data string
	now        time.Time
	up         *Service
	plans      *action.Service
	stop       func()
}

func newTestWorld(t *testing.T) *testWorld {
	t.Helper()
	dir := t.TempDir()
	w := &testWorld{t: t, ctx: t.Context(), root: filepath.Join(dir, "root"), data: filepath.Join(dir, "data"), now: time.Now()}
	for _, d := range []string{w.root, w.data} {
		if err := os.Mkdir(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	w.start()
	t.Cleanup(func() { w.stop() })
	return w
}

func (w *testWorld) start() {
	w.t.Helper()
	db, err := store.Open(context.Background(), store.Options{Path: filepath.Join(w.data, "library.db"), ApplicationID: 1, Migrations: schema.Migrations()})
	if err != nil {
		w.t.Fatal(err)
	}
	c, err := catalog.Open(context.Background(), db, event.NewBus())
	if err != nil {
		w.t.Fatal(err)
	}
	d, err := local.New(w.root, local.Options{})
	if err != nil {
		w.t.Fatal(err)
	}
	vol := &one{w.root, d}
	files := fileops.New(fileops.Options{Catalog: c, Volumes: vol, Known: nobody{}})
	w.plans = action.New(action.Options{DB: db, Kinds: files.Kinds()})
	files.Start(w.plans)
	jobs := job.NewEngine(db, w.plans.JobDefs(), job.Options{})
	if err := w.plans.Start(context.Background(), jobs); err != nil {
		w.t.Fatal(err)
	}
	w.up = New(Options{DB: db, Volumes: vol, Plans: w.plans, Now: func() time.Time { return w.now }})
	ctx, cancel := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	serving.Go(func() { _ = jobs.Serve(ctx) }) // the database may go first
	w.stop = sync.OnceFunc(func() {
		cancel()
		serving.Wait()
		_ = db.Close() // nothing is written any more
		_ = d.Close()
	})
}

// restart is a new process on what is left.
func (w *testWorld) restart() {
	w.stop()
	w.start()
}
