package content

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/event"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/job/jobtest"
	"github.com/stardrive/stardrive/internal/schema"
	"github.com/stardrive/stardrive/internal/store"
	"github.com/stardrive/stardrive/internal/vfs"
	"github.com/stardrive/stardrive/internal/vfs/memfs"
)

// disk is the only volume, and counts what is opened on it.
type disk struct {
	*memfs.FS
	under  map[string]string // by a volume's identity, the disks it lies on
	mu     sync.Mutex
	opened []string
	gone   bool
	c      *catalog.Catalog
}

func (d *disk) Open(ctx context.Context, path string) (vfs.Handle, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.opened = append(d.opened, path)
	return d.FS.Open(ctx, path)
}

func (d *disk) take() (opened string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	opened, d.opened = strings.Join(d.opened, " "), nil
	return opened
}

func (d *disk) Driver(context.Context, string) (vfs.Driver, error) {
	if d.gone {
		return nil, errs.New(errs.Unavailable, "the volume is offline")
	}
	return d, nil
}

func (d *disk) Ground(v catalog.Volume) catalog.Ground {
	return catalog.Ground{ID: v.ID, Name: v.Name, Mount: "/mnt", Online: !d.gone}
}

func (d *disk) Disks(v catalog.Volume) []string { return strings.Fields(d.under[v.Identity]) }

// Resolve knows the paths of the disk's own mount point.
func (d *disk) Resolve(_ context.Context, path string, _ bool) (catalog.Place, error) {
	rest, ok := strings.CutPrefix(path, "/mnt/")
	if !ok {
		return catalog.Place{}, errs.New(errs.NotFound, "no such place")
	}
	return catalog.Place{Identity: "disk", Path: rest, Driver: d}, nil
}

// record puts the file or folder at path into the catalogue as the disk shows it.
func (d *disk) record(tx *catalog.Tx, volume catalog.Volume, path string) (catalog.Entry, error) {
	seen, err := d.Stat(context.Background(), path)
	if err != nil {
		return catalog.Entry{}, err
	}
	if e, err := tx.Lookup(volume.Root, path); err == nil {
		if e.Same(&seen) {
			return e, nil
		}
		e.Seen(seen)
		return e, tx.Apply(&catalog.Batch{Update: []catalog.Entry{e}})
	}
	dir, name := vfs.Split(path)
	parent, err := tx.Lookup(volume.Root, dir)
	if err != nil {
		return parent, err
	}
	e := catalog.Entry{ID: d.c.ReserveEntryIDs(1), Volume: volume.ID, Parent: parent.ID, Name: name, State: catalog.Present}
	e.Seen(seen)
	return e, tx.Apply(&catalog.Batch{Create: []catalog.Entry{e}})
}

const tree = "top top/a top/b top/other top/empty top/link top/shallow top/shallow/s top/shallow/deep top/shallow/deep/d top/shut"

// fill makes a disk and a library that knows it: a content location, a shallow
// one in it, and a deep one in that.
func fill(t *testing.T, db *store.DB) *disk {
	d := &disk{FS: memfs.New(nil)}
	must(t, d.MkdirAll("top/shallow/deep"))
	for path, text := range map[string]string{"a": "same", "b": "same", "other": "othr", "empty": "", "shallow/s": "same", "shallow/deep/d": "same", "shut": "shut"} {
		must(t, d.WriteFile("top/"+path, []byte(text)))
	}
	must(t, d.Link("top/other", "top/link"))
	must(t, d.Chmod("top/shut", 0))
	c, err := catalog.Open(context.Background(), db, event.NewBus())
	must(t, err)
	d.c = c
	must(t, c.Write(context.Background(), func(tx *catalog.Tx) error {
		v, err := tx.PutVolume(catalog.Volume{Identity: "disk", Name: "Disk", Device: "here", Facts: []byte("{}"), Online: true})
		if err != nil {
			return err
		}
		modes := map[string]string{"top": "content", "top/shallow": "shallow", "top/shallow/deep": "deep"}
		for path := range strings.FieldsSeq(tree) {
			e, err := d.record(tx, v, path)
			if err != nil {
				return err
			}
			if mode := modes[path]; mode != "" {
				if _, err := tx.AddLocation(catalog.Location{Volume: v.ID, Entry: e.ID, Name: path, Mode: mode, State: catalog.Ready}); err != nil {
					return err
				}
			}
		}
		return nil
	}))
	return d
}

// groups tells which files have a proven content, and which share it.
func groups(ctx context.Context, db *store.DB) (string, error) {
	c, err := catalog.Open(ctx, db, event.NewBus())
	if err != nil {
		return "", err
	}
	var out []string
	err = c.Read(ctx, func(r *catalog.Reader) error {
		v, err := r.VolumeByIdentity("disk")
		if err != nil {
			return err
		}
		for path := range strings.FieldsSeq(tree) {
			e, err := r.Lookup(v.Root, path)
			if err != nil {
				return err
			}
			if e.Content == 0 {
				continue
			}
			p, _, err := r.Proof(e.ID)
			if err != nil {
				return err
			}
			k, err := r.Content(e.Content)
			if err != nil {
				return err
			}
			out = append(out, fmt.Sprintf("%s %x/%d %t", path, k.Hash[:3], k.Size, p.Changed == e.Changed))
		}
		return nil
	})
	return strings.Join(out, "\n"), err
}

func TestPromise_P10_IdentifyIsCutOffEverywhere(t *testing.T) {
	jobtest.KillEverywhere(t, func(t *testing.T) jobtest.Scenario {
		var d *disk
		return jobtest.Scenario{
			Migrations: schema.Migrations(), Kind: identifyKind, Args: identifyArgs{Volume: 1}, State: groups,
			Prepare: func(_ context.Context, db *store.DB) error { d = fill(t, db); return nil },
			Defs: func(t *testing.T, db *store.DB) []job.Def {
				c, err := catalog.Open(context.Background(), db, event.NewBus())
				must(t, err)
				s := New(Options{Catalog: c, Volumes: d, batch: 4})
				return s.JobDefs()
			},
		}
	})
}

func TestServiceReadsWhatChanges(t *testing.T) {
	db, err := store.Open(t.Context(), store.Options{Path: filepath.Join(t.TempDir(), "library.db"), ApplicationID: schema.ApplicationID, Migrations: schema.Migrations()})
	must(t, err)
	defer db.Close()
	d := fill(t, db)
	bus := event.NewBus()
	c, err := catalog.Open(t.Context(), db, bus)
	must(t, err)
	d.c = c
	s := New(Options{Catalog: c, Volumes: d, Bus: bus, Rest: time.Millisecond})
	e := job.NewEngine(db, s.JobDefs(), job.Options{})
	s.Start(e)
	ctx, stop := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	serving.Go(func() { _ = e.Serve(ctx) })
	serving.Go(func() { _ = s.Serve(ctx) })
	defer serving.Wait()
	defer stop()
	until := func(what string, fn func(all string) bool) {
		t.Helper()
		for late := time.Now().Add(time.Minute); ; time.Sleep(2 * time.Millisecond) {
			all, err := groups(t.Context(), db)
			must(t, err)
			if fn(all) {
				return
			}
			if time.Now().After(late) {
				t.Fatalf("it never came to be: %s\n%s", what, all)
			}
		}
	}
	rested := func() { // all jobs have ended, and no other follows for what they wrote
		t.Helper()
		until("nothing is due", func(string) bool {
			due, err := s.due(t.Context())
			must(t, err)
			open, err := e.List(t.Context(), job.Filter{States: []job.State{job.Queued, job.Running}})
			must(t, err)
			return len(due)+len(open) == 0
		})
	}
	until("all but the shallow ones are known", func(all string) bool { return strings.Count(all, " true") == 6 })
	rested()
	if all, _ := groups(t.Context(), db); strings.Contains(all, "shallow/s ") || strings.Contains(all, "shut") {
		t.Errorf("read, though it must not or cannot be:\n%s", all)
	}
	if opened := d.take(); strings.Contains(opened, "top/link") == strings.Contains(opened, "top/other") {
		t.Errorf("not one name of a file with two was opened: %s", opened)
	}

	record := func(paths ...string) {
		t.Helper()
		must(t, c.Write(t.Context(), func(tx *catalog.Tx) error {
			v, err := tx.VolumeByIdentity("disk")
			for _, path := range paths {
				if err == nil {
					_, err = d.record(tx, v, path)
				}
			}
			return err
		}))
	}
	record(strings.Fields(tree)...)
	rested()
	if opened := d.take(); opened != "" {
		t.Errorf("an unchanged scan led to reading %s", opened)
	}
	must(t, d.WriteFile("top/b", []byte("more")))
	record("top/b")
	until("the changed file is known anew", func(all string) bool { return strings.Count(all, " true") == 6 && strings.Count(all, "/4 true") == 5 })
	rested()
	if opened := d.take(); opened != "top/b" {
		t.Errorf("read %q", opened)
	}
	must(t, c.Write(t.Context(), func(tx *catalog.Tx) error {
		ls, err := tx.Locations()
		if err != nil {
			return err
		}
		ls[1].Mode = "content"
		return tx.SetLocation(ls[1])
	}))
	until("the location is not shallow any more", func(all string) bool { return strings.Contains(all, "shallow/s ") })
}
