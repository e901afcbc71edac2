package index

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/event"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/job/jobtest"
	"github.com/stardrive/stardrive/internal/schema"
	"github.com/stardrive/stardrive/internal/store"
	"github.com/stardrive/stardrive/internal/vfs"
)

// scene is a disk and a library on it, for scenarios.
type scene struct {
	t     *testing.T
	disks *disks
	disk  *disk
}

func newScene(t *testing.T) *scene {
	d := newDisk("Disk A", mountA)
	return &scene{t, &disks{all: map[string]*disk{"a": d}}, d}
}

// service opens the catalogue in db, with batches that are soon full.
func (s *scene) service(db *store.DB) *Service {
	c, err := catalog.Open(context.Background(), db, event.NewBus())
	if err != nil {
		s.t.Fatal(err)
	}
	svc := New(Options{Catalog: c, Volumes: s.disks, Device: "here", Workers: 2})
	svc.Batch = 3
	if raceEnabled { // which makes each run take ten times as long
		svc.Batch = 9
	}
	return svc
}

func (s *scene) defs(_ *testing.T, db *store.DB) []job.Def { return s.service(db).JobDefs() }

// within runs fn while an engine of its own runs jobs, and waits for them.
func (s *scene) within(ctx context.Context, db *store.DB, fn func(svc *Service, add func(folder string) ident.LocationID)) error {
	svc := s.service(db)
	e := job.NewEngine(db, svc.JobDefs(), job.Options{})
	svc.Start(e)
	serving, stop := context.WithCancel(ctx)
	var wait sync.WaitGroup
	var err error
	wait.Go(func() { err = e.Serve(serving) })
	fn(svc, func(folder string) ident.LocationID {
		id, err := svc.add(ctx, mountA+"/"+folder, "", "")
		must(s.t, err)
		l, _, err := svc.location(ctx, id)
		must(s.t, err)
		if snap, err := e.Wait(ctx, l.Job); err != nil || snap.State != job.Done {
			s.t.Fatalf("the first scan ended %s, %v", snap.State, err)
		}
		return id
	})
	stop()
	wait.Wait()
	return err
}

// state tells all there is in a catalogue but ids and times of scans: a scan
// that was cut off has given out other ids.
func state(ctx context.Context, db *store.DB) (string, error) {
	c, err := catalog.Open(ctx, db, event.NewBus())
	if err != nil {
		return "", err
	}
	var ids []ident.EntryID
	if _, err := c.Scan(ctx, func(b *catalog.Brief) error { ids = append(ids, b.ID); return nil }); err != nil {
		return "", err
	}
	lines := map[string]bool{}
	err = c.Read(ctx, func(r *catalog.Reader) error {
		es, err := r.EntriesByID(ids)
		if err != nil {
			return err
		}
		for _, e := range es {
			path, err := r.Path(&e)
			if err != nil {
				return err
			}
			line := fmt.Sprintf("%q state %d %s %+v", path, e.State, seen(e), e.Totals)
			if lines[line] {
				return fmt.Errorf("there are two of %s", line)
			}
			lines[line] = true
		}
		ls, err := r.Locations()
		for _, l := range ls {
			lines[fmt.Sprintf("location %s: %s, %d skipped, %d errors, indexed %v", l.Name, l.State, l.Skipped, l.Errors, !l.Indexed.IsZero())] = true
		}
		return err
	})
	return strings.Join(slices.Sorted(maps.Keys(lines)), "\n"), err
}

// TestPromise_P10_ScanIsCutOffEverywhere: a scan that meets everything a scan
// can meet.
func TestPromise_P10_ScanIsCutOffEverywhere(t *testing.T) {
	jobtest.KillEverywhere(t, func(t *testing.T) jobtest.Scenario {
		s := newScene(t)
		return jobtest.Scenario{
			Migrations: schema.Migrations(), Kind: scanKind, Args: scanArgs{Location: 1}, Defs: s.defs, State: state,
			Prepare: func(ctx context.Context, db *store.DB) error {
				fs := s.disk.FS
				for _, dir := range []string{"top/a", "top/gone/in", "top/back/in", "top/shut"} {
					must(t, fs.MkdirAll(dir))
					must(t, fs.WriteFile(dir+"/f", []byte(dir)))
				}
				return s.within(ctx, db, func(svc *Service, add func(string) ident.LocationID) {
					id := add("top")
					must(t, fs.Rename("top/back", "aside"))
					_, vol, err := svc.location(ctx, id)
					must(t, err)
					back := tree{}
					must(t, svc.Catalog.Write(ctx, func(tx *catalog.Tx) error {
						e, err := tx.Lookup(vol.Root, "top/back")
						back["back"] = e
						if err != nil {
							return err
						}
						return tx.Apply(&catalog.Batch{Absent: []ident.EntryID{e.ID}})
					}))
					must(t, fs.Rename("aside", "top/back"))
					must(t, fs.Remove("top/gone"))
					must(t, fs.WriteFile("top/a/f", []byte("changed")))
					must(t, fs.Chmod("top/shut", 0))
					must(t, fs.MkdirAll("top/new/in/deep"))
					for _, f := range []string{"top/new/1", "top/new/in/2", "top/new/in/deep/3", "top/4"} {
						must(t, fs.WriteFile(f, []byte(f)))
					}
				})
			},
		}
	})
}

// TestPromise_P10_ForgettingIsCutOffEverywhere: a removed location with another
// one in it.
func TestPromise_P10_ForgettingIsCutOffEverywhere(t *testing.T) {
	jobtest.KillEverywhere(t, func(t *testing.T) jobtest.Scenario {
		s := newScene(t)
		args := &forgetArgs{}
		sc := jobtest.Scenario{
			Migrations: schema.Migrations(), Kind: forgetKind, Defs: s.defs, State: state,
			Prepare: func(ctx context.Context, db *store.DB) error {
				fs := s.disk.FS
				for _, dir := range []string{"above/top/a/b", "above/top/keep/this/one", "above/top/z"} {
					must(t, fs.MkdirAll(dir))
					for i := range 3 {
						must(t, fs.WriteFile(vfs.Join(dir, fmt.Sprint(i)), []byte("x")))
					}
				}
				return s.within(ctx, db, func(svc *Service, add func(string) ident.LocationID) {
					top := add("above/top")
					add("above/top/keep/this")
					l, _, err := svc.location(ctx, top)
					must(t, err)
					*args = forgetArgs{l.Volume, l.Entry}
					must(t, svc.Catalog.Write(ctx, func(tx *catalog.Tx) error { return tx.RemoveLocation(top) }))
				})
			},
		}
		sc.Args = forgetArgs{1, 3} // the first volume; the root, above, top
		t.Cleanup(func() {
			if sc.Args != any(*args) {
				t.Errorf("the location to forget is %+v", *args)
			}
		})
		return sc
	})
}
