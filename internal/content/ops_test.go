package content

import (
	"context"
	"encoding/hex"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/event"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/schema"
	"github.com/stardrive/stardrive/internal/store"
)

// world is a service with its engine, on the disk that fill makes. Its locations
// are not served: what a test wants read, it asks for.
type world struct {
	*Service
	t  *testing.T
	d  *disk
	db *store.DB
	e  *job.Engine
}

func newWorld(t *testing.T) *world {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{Path: filepath.Join(t.TempDir(), "library.db"), ApplicationID: schema.ApplicationID, Migrations: schema.Migrations()})
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	w := &world{t: t, d: fill(t, db), db: db}
	bus := event.NewBus()
	w.d.c, err = catalog.Open(t.Context(), db, bus)
	must(t, err)
	w.Service = New(Options{Catalog: w.d.c, Volumes: w.d, Bus: bus, Rest: time.Millisecond})
	w.e = job.NewEngine(db, w.JobDefs(), job.Options{})
	w.Start(w.e)
	ctx, stop := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	serving.Go(func() { _ = w.e.Serve(ctx) })
	t.Cleanup(func() { stop(); serving.Wait() })
	return w
}

// record tells the catalogue how files are on the disk now.
func (w *world) record(paths ...string) {
	w.t.Helper()
	must(w.t, w.d.c.Write(w.t.Context(), func(tx *catalog.Tx) error {
		v, err := tx.VolumeByIdentity("disk")
		for _, path := range paths {
			if err == nil {
				_, err = w.d.record(tx, v, path)
			}
		}
		return err
	}))
}

// write puts files on the disk and into the catalogue.
func (w *world) write(files map[string]string) {
	w.t.Helper()
	for path, text := range files {
		must(w.t, w.d.WriteFile(path, []byte(text)))
	}
	w.record(slices.Sorted(maps.Keys(files))...)
}

func (w *world) id(path string) (id ident.EntryID) {
	w.t.Helper()
	e, _, err := w.find(w.t.Context(), "/mnt/"+path, "")
	must(w.t, err)
	return e.ID
}

// done waits for a job, and fails unless it did all.
func (w *world) done(j *job.Snapshot) job.Snapshot {
	w.t.Helper()
	end, err := w.e.Wait(w.t.Context(), j.ID)
	must(w.t, err)
	if end.State != job.Done {
		w.t.Fatalf("the job ended as %s: %s", end.State, end.Error)
	}
	return end
}

// identify has all files below a folder read.
func (w *world) identify(path string) job.Snapshot {
	w.t.Helper()
	out, err := w.identifyNow(w.t.Context(), IdentifyIn{Path: "/mnt/" + path})
	must(w.t, err)
	return w.done(out.Job)
}

// TestSomebodyWhoWaitsOvertakes: while a job reads a file of the volume, another that
// somebody asked for is read.
func TestSomebodyWhoWaitsOvertakes(t *testing.T) {
	w := newWorld(t)
	for _, h := range []haste{nobody, sometime} {
		done, err := w.reads.take(t.Context(), turn{1, h})
		must(t, err)
		defer done()
	}
	if _, err := w.Know(t.Context(), w.id("top/a")); err != nil {
		t.Error(err)
	}
}

// TestSoon: a job reads what somebody asks for; one that cannot be read is not tried
// for everybody who asks.
func TestSoon(t *testing.T) {
	w := newWorld(t)
	jobs := func() []job.Snapshot {
		js, err := w.e.List(t.Context(), job.Filter{Kind: knowKind})
		must(t, err)
		for i := range js {
			js[i], err = w.e.Wait(t.Context(), js[i].ID)
			must(t, err)
		}
		return js
	}
	must(t, w.Soon(t.Context(), w.id("top/a")))
	if js := jobs(); len(js) != 1 || js[0].State != job.Done || w.contentOf("top/a") == 0 {
		t.Errorf("%+v", js)
	}
	must(t, w.Soon(t.Context(), w.id("top/shut")))
	if js := jobs(); len(js) != 2 || w.listed() == "" {
		t.Errorf("%+v", js)
	}
	if err := w.Soon(t.Context(), w.id("top/shut")); !errs.Is(err, errs.Denied) || len(jobs()) != 2 {
		t.Errorf("%v, %d jobs", err, len(jobs()))
	}
	if err := w.Soon(t.Context(), 99999); !errs.Is(err, errs.NotFound) {
		t.Error(err)
	}
}

func TestIdentifyOnDemand(t *testing.T) {
	w := newWorld(t)
	out, err := w.identifyNow(t.Context(), IdentifyIn{Path: "/mnt/top/shallow/s"})
	must(t, err)
	if out.Job != nil || out.Content == nil || !out.Content.Proven || out.Content.Copies != 1 || out.Content.Kind != "text" || len(out.Content.Hash) != 64 || out.Content.Read.IsZero() {
		t.Fatalf("%+v", out.Content)
	}
	if a, ok, err := w.About(t.Context(), w.id("top/shallow/s")); err != nil || !ok || a != *out.Content {
		t.Errorf("%+v, %v, %v", a, ok, err)
	}
	if _, ok, err := w.About(t.Context(), w.id("top/other")); err != nil || ok {
		t.Errorf("known unread: %v, %v", ok, err)
	}
	w.d.take()
	if _, err := w.Know(t.Context(), w.id("top/shallow/s")); err != nil || w.d.take() != "" {
		t.Errorf("it was read again: %v", err)
	}

	// A folder is read with all below it, whatever its locations want, but for
	// what is known or cannot be read.
	end := w.identify("top/shallow")
	if opened := w.d.take(); end.Done != 1 || end.Total != 1 || opened != "top/shallow/deep/d" {
		t.Errorf("%d of %d: %s", end.Done, end.Total, opened)
	}
	end = w.identify("top")
	if end.Done != 5 || end.Total != 6 || end.Warnings != 1 { // top/shut
		t.Errorf("%d of %d, %d warnings", end.Done, end.Total, end.Warnings)
	}
	if a, _, err := w.About(t.Context(), w.id("top/a")); err != nil || a.Copies != 4 {
		t.Errorf("%+v, %v", a, err)
	}
	if a, _, err := w.About(t.Context(), w.id("top/link")); err != nil || a.Copies != 1 {
		t.Errorf("names of one file are %d copies, %v", a.Copies, err)
	}

	// Of a file that changed nothing is known, and one with other attributes has no proof.
	must(t, w.d.WriteFile("top/a", []byte("else")))
	if _, err := w.Know(t.Context(), w.id("top/a")); err != nil { // as the catalogue has it
		t.Error(err)
	}
	w.record("top/a")
	if a, ok, err := w.About(t.Context(), w.id("top/a")); err != nil || ok {
		t.Errorf("%+v, %v, %v", a, ok, err)
	}
	must(t, w.d.Chmod("top/b", 0o600))
	w.record("top/b")
	if a, ok, err := w.About(t.Context(), w.id("top/b")); err != nil || !ok || a.Proven || a.Copies != 2 {
		t.Errorf("%+v, %v, %v", a, ok, err)
	}
	must(t, w.d.WriteFile("top/a", []byte("more")))
	if _, err := w.Know(t.Context(), w.id("top/a")); !errs.Is(err, errs.Conflict) {
		t.Errorf("the catalogue has it otherwise: %v", err)
	}
	w.record("top/a")
	if c, err := w.Know(t.Context(), w.id("top/a")); err != nil || hex.EncodeToString(c.Hash[:2]) == "" || c.Size != 4 {
		t.Errorf("%+v, %v", c, err)
	}

	for in, kind := range map[IdentifyIn]errs.Kind{
		{}: errs.Invalid, {Path: "/mnt/top", ID: "1"}: errs.Invalid, {ID: "x"}: errs.Invalid, {ID: "4711"}: errs.NotFound, {Path: "/mnt/no"}: errs.NotFound,
		{Path: "/mnt/top/shut"}: errs.Denied,
	} {
		if _, err := w.identifyNow(t.Context(), in); !errs.Is(err, kind) {
			t.Errorf("%+v: %v, not %v", in, err, kind)
		}
	}
	w.d.gone = true
	for _, path := range []string{"/mnt/top", "/mnt/top/shut"} {
		if _, err := w.identifyNow(t.Context(), IdentifyIn{Path: path}); !errs.Is(err, errs.Unavailable) {
			t.Errorf("%s while the volume is offline: %v", path, err)
		}
	}
}

// TestNamesOfOneFileAreReadOnce, however far apart they are found.
func TestNamesOfOneFileAreReadOnce(t *testing.T) {
	w := newWorld(t)
	w.identify("top")
	must(t, w.d.MkdirAll("top/later"))
	must(t, w.d.Link("top/a", "top/later/a2"))
	w.record("top/later", "top/later/a2", "top/a")
	w.d.take()
	if _, err := w.Know(t.Context(), w.id("top/a")); err != nil { // its ctime changed: it is read again
		t.Fatal(err)
	}
	w.d.take()
	end := w.identify("top/later")
	if opened := w.d.take(); end.Done != 1 || opened != "" || w.contentOf("top/later/a2") != w.contentOf("top/b") {
		t.Errorf("%d known, opened %q", end.Done, opened)
	}
	// Of a damaged one nothing is taken over.
	must(t, w.d.Link("top/b", "top/later/b2"))
	w.record("top/later/b2", "top/b")
	w.identify("top")
	must(t, w.d.Rot("top/b", 0, 1))
	w.scrubbed("/mnt/top/b")
	must(t, w.d.c.Write(t.Context(), func(tx *catalog.Tx) error {
		_, err := tx.Store().Exec("DELETE FROM proof WHERE entry_id = ?", int64(w.id("top/later/b2")))
		return err
	}))
	w.d.take()
	w.identify("top/later")
	if opened := w.d.take(); opened != "top/later/b2" || w.contentOf("top/later/b2") == w.contentOf("top/b") {
		t.Errorf("opened %q", opened)
	}
}

// TestFollowersOfOldScopes: when other locations want contents, the place in the
// change feed of those before is forgotten.
func TestFollowersOfOldScopes(t *testing.T) {
	w := newWorld(t)
	run := func() (names []string) {
		id, err := w.queue(t.Context(), catalog.Volume{ID: 1, Name: "Disk"})
		must(t, err)
		w.done(&job.Snapshot{ID: id})
		must(t, w.db.Read(t.Context(), func(tx *store.Tx) error {
			rows, err := tx.Query("SELECT name FROM follower")
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var name string
				if err := rows.Scan(&name); err != nil {
					return err
				}
				names = append(names, name)
			}
			return rows.Err()
		}))
		return names
	}
	must(t, w.d.c.Write(t.Context(), func(tx *catalog.Tx) error { return tx.SetFollower("content:10:1=true", 7) }))
	before := run()
	must(t, w.d.c.Write(t.Context(), func(tx *catalog.Tx) error {
		ls, err := tx.Locations()
		if err != nil {
			return err
		}
		ls[1].Mode = "deep"
		return tx.SetLocation(ls[1])
	}))
	after := run()
	if len(before) != 2 || len(after) != 2 || strings.Join(before, " ") == strings.Join(after, " ") {
		t.Errorf("first %v, then %v", before, after)
	}
}

func TestReadsOfAVolumeTakeTurns(t *testing.T) {
	var turns turns
	done, err := turns.begin(t.Context(), 1)
	must(t, err)
	other, err := turns.begin(t.Context(), 2)
	must(t, err)
	other()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := turns.begin(ctx, 1); err == nil {
		t.Error("two read of one volume")
	}
	done()
	done, err = turns.begin(t.Context(), 1)
	must(t, err)
	done()
}
