// Package app is the composition root: the only package that knows everyone. It
// makes the parts of the daemon, joins their tables of operations, starts them
// and ends them in order. There is no registration and no global state: what is
// part of Stardrive stands here.
package app

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/cli"
	"github.com/stardrive/stardrive/internal/config"
	"github.com/stardrive/stardrive/internal/device"
	"github.com/stardrive/stardrive/internal/durable"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/filekind"
	"github.com/stardrive/stardrive/internal/httpapi"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/library"
	"github.com/stardrive/stardrive/internal/op"
	"github.com/stardrive/stardrive/internal/svc"
	"github.com/stardrive/stardrive/internal/vfs/patient"
	"github.com/stardrive/stardrive/internal/volumes"
	"github.com/stardrive/stardrive/internal/webui"
)

// daemon is the running program.
type daemon struct {
	version  string
	began    time.Time
	layout   config.Layout
	settings config.Settings // as they were at the start
	log      *slog.Logger
	device   *device.Device
	volumes  *volumes.Service
	patient  *patient.Keeper
	library  *library.Manager
	server   *httpapi.Server
	decoder  decoders
	thrift   thrift
	parts    *svc.Group
	failed   atomic.Pointer[error] // why the default library could not be opened at the start
	kinds    *filekind.Table       // what files are by their names
	kindsWhy error                 // why the user's table of kinds is not used
	stop     context.CancelFunc
}

// Serve runs the daemon until ctx ends or somebody asks it to stop. Errors:
// errs.Conflict when one runs on this data folder already.
func Serve(ctx context.Context, o cli.ServeOptions) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	d := &daemon{version: o.Version, began: time.Now(), layout: config.Layout{Dir: o.Data}, thrift: newThrift(), parts: &svc.Group{}, stop: stop}
	debug.SetGCPercent(gcPercent)
	if err := durable.Folder(o.Data); err != nil {
		return errs.New(errs.KindOf(err), "the data folder cannot be made: %w", err).At(o.Data).Try("Choose another with --data DIR.")
	}
	lock, pid, err := durable.TryLock(d.layout.DaemonLock())
	if errors.Is(err, durable.ErrHeld) {
		return errs.New(errs.Conflict, "a daemon (process %d) runs on this data folder already", pid).At(o.Data).Try("Use it, or end it with: stardrive stop")
	}
	if err != nil {
		return errs.New(errs.KindOf(err), "the data folder cannot be locked: %w", err).At(d.layout.DaemonLock())
	}
	defer func() { _ = lock.Release() }() // the process ends
	return d.serve(ctx, o)
}

func (d *daemon) serve(ctx context.Context, o cli.ServeOptions) error {
	settings, err := d.layout.Load()
	if err != nil {
		return err
	}
	if settings.LogLevel == "" && !o.Background {
		settings.LogLevel = "warn" // a person reads along, and wants to hear of what is wrong
	}
	d.settings = settings
	d.log = settings.Logger(os.Stderr)
	d.kinds, d.kindsWhy = d.readKinds()
	if d.device, err = device.Open(device.Options{Dir: o.Data}); err != nil {
		return err
	}
	token, err := d.token()
	if err != nil {
		return err
	}
	d.volumes = volumes.New(volumes.Options{Open: openLocal, OnChange: d.volumeChanged, Memory: d.volumeMemory(), Log: d.log})
	defer d.volumes.Close()
	d.decoder = newDecoders(d.layout.Decoders(), d.log)
	defer d.decoder.pool.Close()
	d.library = library.NewManager(library.Options{
		Dir: o.Data, Attach: d.attach, Memory: memory{d.layout}, Log: d.log,
		Counts: func(ctx context.Context, l *library.Library) (library.Counts, error) {
			return l.Runtime.(*runtime).counts(ctx)
		},
		Keep: keepAdded, Backup: backupAdded, Restored: action.Forsake,
	})
	defer d.closeLibraries()
	d.patient = patient.New(patient.Options{Log: d.log})
	defer d.patient.Close() // before the libraries, whose jobs may wait for a volume
	d.thrift.shrink = func() {
		for _, l := range d.library.Opened() {
			l.DB.Shrink()
		}
	}
	d.server, err = httpapi.New(httpapi.Options{
		Version: d.version, Daemon: op.NewSet(d.tables()...), Definitions: Definitions(), Libraries: d.open, Token: token, UI: webui.Handler(), Log: d.log,
	})
	if err != nil {
		return err
	}
	listen := o.Listen
	if listen == "" {
		listen = settings.Listen
	}
	if listen == "" {
		listen = config.DefaultListen
	}
	// Who asks first must not find no library at all: the very first one is made
	// before anybody can ask. An existing one is opened beside (see run).
	if all, err := d.library.List(ctx); err == nil && len(all) == 0 {
		if _, err := d.library.Get(ctx, ""); err != nil {
			return err
		}
	}
	if err := d.layout.SecureSocket(); err != nil {
		return err
	}
	if err := d.server.Listen(ctx, d.layout.Socket(), listen); err != nil {
		return err
	}
	if err := d.announce(); err != nil {
		_ = d.server.Close() // the first error tells more
		return err
	}
	defer os.Remove(d.layout.Daemon())
	return d.run(ctx, o.Ready)
}

// run serves until ctx ends; the default library is opened beside, so that the
// socket answers at once.
func (d *daemon) run(ctx context.Context, ready func()) error {
	g := d.parts
	g.Log = d.log
	g.Add("volumes", d.volumes)
	g.Add("memory", d.thrift)
	g.Add("default library", svc.Func(func(ctx context.Context) error {
		if _, err := d.library.Get(ctx, ""); err != nil && ctx.Err() == nil {
			d.log.Error("The default library cannot be opened", "error", err)
			d.failed.Store(&err)
		}
		<-ctx.Done()
		return nil
	}))
	side, end := context.WithCancel(ctx)
	defer end()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := g.Serve(side); !errors.Is(err, context.Canceled) {
			d.log.Warn("The daemon ends with work under way", "error", err)
		}
	}()
	if ready != nil {
		ready()
	}
	err := d.server.Serve(ctx)
	end()
	<-ended
	return err
}

// tables are the operations that need no library.
func (d *daemon) tables() [][]op.Def {
	return [][]op.Def{d.ops(), d.device.Ops(), d.library.Ops()}
}

// Definitions is the table of all operations, for descriptions and clients: its
// operations cannot be called.
func Definitions() *op.Set {
	d := &daemon{device: &device.Device{}, volumes: &volumes.Service{}, library: &library.Manager{}}
	return op.NewSet(append(d.tables(), (&runtime{}).tables(d)...)...)
}

// open finds an open library by name or id; "" is the default one.
func (d *daemon) open(ctx context.Context, ref string) (httpapi.Library, error) {
	l, err := d.library.Get(ctx, ref)
	if err != nil {
		return nil, err
	}
	return l.Runtime.(*runtime), nil
}

func (d *daemon) closeLibraries() {
	if err := d.library.Close(); err != nil {
		d.log.Error("Closing the libraries failed", "error", err)
	}
}

// token returns the bearer token, made at the first start.
func (d *daemon) token() (string, error) {
	path := d.layout.Token()
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		made := rand.Text() + rand.Text()
		if err := durable.Create(path, []byte(made+"\n")); err != nil && !errors.Is(err, fs.ErrExist) {
			return "", errs.New(errs.KindOf(err), "the access token cannot be stored: %w", err).At(path)
		}
		b, err = os.ReadFile(path)
	}
	if err != nil {
		return "", errs.New(errs.KindOf(err), "the access token cannot be read: %w", err).At(path)
	}
	return strings.TrimSpace(string(b)), nil
}

// announced is what daemon.json tells programs that want to talk to the daemon.
type announced struct {
	PID     int    `json:"pid"`
	Version string `json:"version"`
	Socket  string `json:"socket"`
	HTTP    string `json:"http"`
	Content string `json:"content"`
}

func (d *daemon) announce() error {
	a := d.server.Addresses()
	b, err := json.MarshalIndent(announced{os.Getpid(), d.version, a.Socket, a.HTTP, a.Content}, "", "  ")
	if err == nil {
		err = durable.Replace(d.layout.Daemon(), append(b, '\n'))
	}
	if err != nil {
		return errs.New(errs.KindOf(err), "the daemon's address cannot be stored: %w", err).At(d.layout.Daemon()).
			Try("Make the data folder writable, with some space left.")
	}
	return nil
}

// memory keeps which library was used last in the settings.
type memory struct{ layout config.Layout }

// LastLibrary returns "" where the settings name none or cannot be read.
func (m memory) LastLibrary() ident.LibraryID {
	s, err := m.layout.Load()
	if err != nil {
		return ""
	}
	return ident.LibraryID(s.DefaultLibrary)
}

// SetLastLibrary stores the id.
func (m memory) SetLastLibrary(id ident.LibraryID) error {
	s, err := m.layout.Load()
	if err != nil {
		return err
	}
	s.DefaultLibrary = string(id)
	return m.layout.Save(s)
}
