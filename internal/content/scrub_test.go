package content

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/event"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/job/jobtest"
	"github.com/stardrive/stardrive/internal/schema"
	"github.com/stardrive/stardrive/internal/store"
	"github.com/stardrive/stardrive/internal/vfs"
)

func (w *world) scrubbed(path string) job.Snapshot {
	w.t.Helper()
	out, err := w.scrubNow(w.t.Context(), ScrubIn{Path: path, Fast: true})
	must(w.t, err)
	return w.done(&out.Items[0])
}

// harms tells which files are damaged, and how many good copies each has.
func (w *world) harms() string {
	w.t.Helper()
	var all []string
	for cursor := ""; ; {
		out, err := w.damage(w.t.Context(), DamageIn{Cursor: cursor, Limit: 333})
		must(w.t, err)
		for _, d := range out.Items {
			all = append(all, fmt.Sprintf("%s %s %d", d.Name, d.Harm, len(d.Copies)))
		}
		if cursor = out.Next; cursor == "" {
			slices.Sort(all)
			return strings.Join(all, "; ")
		}
	}
}

// proven returns the files of which something can be claimed, and that changed after since.
func (w *world) proven(since int64) (es []catalog.Entry) {
	must(w.t, w.d.c.Read(w.t.Context(), func(r *catalog.Reader) (err error) {
		es, err = r.Proven(1, since, 100)
		return err
	}))
	return es
}

func (w *world) contentOf(path string) ident.ContentID {
	e, _, err := w.find(w.t.Context(), "/mnt/"+path, "")
	must(w.t, err)
	return e.Content
}

// TestPromise_P9_500Flips: every one of 500 files with a bit that flipped is
// found, and none of the others, nor is any of them taken for an edit.
func TestPromise_P9_500Flips(t *testing.T) {
	w := newWorld(t)
	must(t, w.d.MkdirAll("top/rot"))
	w.record("top/rot")
	r := rand.New(rand.NewPCG(7, 8))
	files := map[string]string{}
	var rotten, edited []string
	for i := range 540 {
		files[fmt.Sprintf("top/rot/f%03d", i)] = fmt.Sprintf("file %d of many %s", i, strings.Repeat("x", r.IntN(3000)))
	}
	w.write(files)
	w.identify("top/rot")
	before := w.contentOf("top/rot/f000")
	reached := w.d.c.Reached()
	for i := range 540 {
		path := fmt.Sprintf("top/rot/f%03d", i)
		switch {
		case i < 500:
			must(t, w.d.Rot(path, int64(r.IntN(len(files[path]))), 1<<r.IntN(8)))
			rotten = append(rotten, path[len("top/rot/"):]+" changed 0")
		case i < 520:
			must(t, w.d.WriteFile(path, []byte("edited")))
			edited = append(edited, path)
		}
	}
	sub := w.Bus.Subscribe()
	defer sub.Close()
	if end := w.scrubbed("/mnt/top/rot"); end.Done != 540 || end.Warnings != 0 {
		t.Errorf("it looked at %d, with %d warnings", end.Done, end.Warnings)
	}
	if got := w.harms(); got != strings.Join(rotten, "; ") {
		t.Errorf("found: %s", got)
	}
	if n, err := w.Damaged(t.Context()); n != 500 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if w.contentOf("top/rot/f000") != before || w.d.c.Reached() != reached {
		t.Error("damage was taken for a change")
	}
	news, _ := sub.Take()
	told := slices.ContainsFunc(news, func(e event.Event) bool { return e.Type == "content.damaged" })
	if !told {
		t.Error("nobody was told")
	}
	w.record(edited...)
	w.identify("top/rot")
	if got := w.harms(); got != strings.Join(rotten, "; ") {
		t.Errorf("once the edited ones were read: %s", got)
	}
}

// TestAnotherNameIsNoEdit: bytes that changed while size, mtime and inode did not are
// damage, though the file was renamed since or its attributes changed, and whether
// or not it had been found before.
func TestAnotherNameIsNoEdit(t *testing.T) {
	w := newWorld(t)
	w.identify("top")
	same := w.contentOf("top/a")
	renamed := func(from, to string) {
		t.Helper()
		must(t, w.d.Rename(from, to))
		must(t, w.d.c.Write(t.Context(), func(tx *catalog.Tx) error {
			v, err := tx.VolumeByIdentity("disk")
			if err != nil {
				return err
			}
			e, err := tx.Lookup(v.Root, from)
			if err != nil {
				return err
			}
			seen, err := w.d.Stat(t.Context(), to)
			if err != nil {
				return err
			}
			e.Seen(seen)
			_, e.Name = vfs.Split(to)
			return tx.Apply(&catalog.Batch{Move: []catalog.Entry{e}})
		}))
	}
	must(t, w.d.Rot("top/a", 0, 1))
	w.scrubbed("/mnt/top/a")
	renamed("top/a", "top/a2")
	if got := w.harms(); got != "a2 changed 3" {
		t.Errorf("renamed, and not read yet: %s", got)
	}
	sub := w.Bus.Subscribe()
	defer sub.Close()
	must(t, w.d.Rot("top/b", 0, 1)) // that nobody found yet
	must(t, w.d.Rot("top/shallow/s", 0, 1))
	renamed("top/b", "top/b2")
	must(t, w.d.Chmod("top/shallow/s", 0o600))
	w.record("top/shallow/s")
	w.identify("top")
	const all = "a2 changed 1; b2 changed 1; s changed 1"
	if got := w.harms(); got != all || w.contentOf("top/a2") != same || w.contentOf("top/b2") != same {
		t.Errorf("once they were read: %s", got)
	}
	news, _ := sub.Take()
	if n := len(slices.DeleteFunc(news, func(e event.Event) bool { return e.Type != "content.damaged" })); n == 0 {
		t.Error("nobody was told")
	}
	if c, err := w.Know(t.Context(), w.id("top/b2")); err != nil || c.ID != same {
		t.Errorf("%+v, %v", c, err)
	}
	w.scrubbed("")
	w.identify("top")
	if got := w.harms(); got != all {
		t.Errorf("read again: %s", got)
	}

	// A write is an edit, and who takes a file as it is gets what it is.
	w.write(map[string]string{"top/a2": "eddy"})
	_, err := w.forgetDamage(t.Context(), ForgetDamageIn{Path: "/mnt/top/b2"})
	must(t, err)
	must(t, w.d.Rot("top/shallow/s", 0, 1)) // it is well again
	must(t, w.d.Chmod("top/shallow/s", 0o644))
	w.record("top/shallow/s")
	w.identify("top")
	if got := w.harms(); got != "" || w.contentOf("top/a2") == same || w.contentOf("top/b2") == same || w.contentOf("top/shallow/s") != same {
		t.Errorf("in the end: %s", got)
	}
}

// unwell is a disk of which some files cannot be read, or are read wrongly for a
// while.
type unwell struct {
	*disk
	dead  string // this file gives an I/O error
	wrong string // this one is read wrongly
	times int    // so many times
	err   error  // what dead gives
}

type badHandle struct {
	vfs.Handle
	read func(p []byte) (int, error)
}

func (b *badHandle) Read(p []byte) (int, error) { return b.read(p) }

func (u *unwell) Driver(context.Context, string) (vfs.Driver, error) { return u, nil }

func (u *unwell) Open(ctx context.Context, path string) (vfs.Handle, error) {
	h, err := u.disk.Open(ctx, path)
	if err != nil {
		return nil, err
	}
	switch {
	case path == u.dead:
		return &badHandle{h, func([]byte) (int, error) {
			return 0, cmp.Or(u.err, error(errs.New(errs.Internal, "input/output error")))
		}}, nil
	case path == u.wrong && u.times > 0:
		u.times--
		return &badHandle{h, func(p []byte) (int, error) {
			n, err := h.Read(p)
			if n > 0 {
				p[0] ^= 1
			}
			return n, err
		}}, nil
	}
	return h, nil
}

func TestScrub(t *testing.T) {
	w := newWorld(t)
	w.identify("top")
	u := &unwell{disk: w.d}
	w.Volumes = u
	w.d.take()
	read := func(path string) int64 {
		a, _, err := w.About(t.Context(), w.id(path))
		must(t, err)
		return a.Read.UnixNano()
	}
	before := read("top/a")
	if end := w.scrubbed(""); end.Done != 7 || end.Total != 7 || w.harms() != "" {
		t.Errorf("%d of %d; %s", end.Done, end.Total, w.harms())
	}
	if opened := w.d.take(); strings.Count(opened, "top/") != 6 { // top/other and top/link are one file
		t.Errorf("it opened %s", opened)
	}
	if read("top/a") <= before || read("top/link") != read("top/other") {
		t.Error("a good read was not noted")
	}

	// A copy that rotted names the good ones, and is none itself.
	must(t, w.d.Rot("top/a", 1, 4))
	w.scrubbed("")
	if got := w.harms(); got != "a changed 3" {
		t.Error(got)
	}
	if a, _, err := w.About(t.Context(), w.id("top/a")); err != nil || !a.Damaged || a.Copies != 3 {
		t.Errorf("%+v, %v", a, err)
	}
	if got := w.duplicated(DuplicatesIn{}); got != "3x4-8: b shallow/deep/d shallow/s" {
		t.Errorf("a damaged file is a copy: %s", got)
	}
	isA := func(e catalog.Entry) bool { return e.Name == "a" }
	if es := w.proven(0); len(es) != 6 || slices.ContainsFunc(es, isA) {
		t.Errorf("a damaged file is proven: %v", es)
	}
	must(t, w.d.c.Read(t.Context(), func(r *catalog.Reader) error {
		es, err := r.ProvenCopies(w.contentOf("top/a"), 10)
		if len(es) != 3 || slices.ContainsFunc(es, isA) {
			t.Errorf("a damaged file is a proven copy: %v", es)
		}
		return err
	}))
	must(t, w.d.Rot("top/a", 1, 4)) // it was the cable
	reached := w.d.c.Reached()
	w.scrubbed("/mnt/top/a")
	if got := w.harms(); got != "" {
		t.Errorf("well again: %s", got)
	}
	if es := w.proven(reached); len(es) != 1 || es[0].Name != "a" {
		t.Errorf("who follows what is proven hears of %v", es)
	}

	// What the disk does not give is told apart, and what was wrong once only is none.
	u.dead, u.wrong, u.times = "top/b", "top/empty", 0
	u.wrong, u.times = "top/other", 1
	end := w.scrubbed("")
	if got := w.harms(); got != "b unreadable 3" || end.Warnings != 1 {
		t.Errorf("%s, %d warnings", got, end.Warnings)
	}
	u.dead = ""

	// Who takes it as it is gets what it is.
	must(t, w.d.Rot("top/shallow/s", 0, 1))
	w.scrubbed("/mnt/top/shallow")
	if got := w.harms(); got != "b unreadable 2; s changed 2" {
		t.Error(got)
	}
	out, err := w.forgetDamage(t.Context(), ForgetDamageIn{Path: "/mnt/top/shallow/s"})
	must(t, err)
	if a, _, err := w.About(t.Context(), w.id("top/shallow/s")); out.Forgotten != 1 || err != nil || a.Proven || a.Damaged {
		t.Errorf("%+v, %v", a, err)
	}
	if c, err := w.Know(t.Context(), w.id("top/shallow/s")); err != nil || c.ID == w.contentOf("top/a") {
		t.Errorf("%+v, %v", c, err)
	}
	if out, err := w.forgetDamage(t.Context(), ForgetDamageIn{All: true}); err != nil || out.Forgotten != 1 || w.harms() != "" {
		t.Errorf("%+v, %v", out, err)
	}
	for in, kind := range map[ForgetDamageIn]errs.Kind{{}: errs.Invalid, {All: true, ID: "1"}: errs.Invalid, {Path: "/mnt/top/a"}: errs.NotFound} {
		if _, err := w.forgetDamage(t.Context(), in); !errs.Is(err, kind) {
			t.Errorf("%+v: %v", in, err)
		}
	}
	w.d.gone = true
	w.Volumes = w.d
	if _, err := w.scrubNow(t.Context(), ScrubIn{Path: "/mnt/top"}); !errs.Is(err, errs.Unavailable) {
		t.Error(err)
	}
}

// TestWhoAsksForAnotherFolderGetsIt, though a job of the same volume is under way;
// who asks for the same joins that.
func TestWhoAsksForAnotherFolderGetsIt(t *testing.T) {
	w := newWorld(t)
	w.identify("top")
	done, err := w.reads.begin(t.Context(), 1) // so that no job ends
	must(t, err)
	ask := func(in ScrubIn) job.Snapshot {
		out, err := w.scrubNow(t.Context(), in)
		must(t, err)
		return out.Items[0]
	}
	find := func(in FindIn) job.Snapshot {
		out, err := w.findDuplicates(t.Context(), in)
		must(t, err)
		return out
	}
	a := w.id("top/a")
	must(t, w.d.c.Write(t.Context(), func(tx *catalog.Tx) error { return tx.Unproven(a) }))
	shallow, all := ScrubIn{Path: "/mnt/top/shallow", Fast: true}, ScrubIn{Fast: true}
	jobs := []job.Snapshot{ask(shallow), ask(all), ask(ScrubIn{}), find(FindIn{}), find(FindIn{MinSize: 3})}
	if ask(shallow).ID != jobs[0].ID || ask(all).ID != jobs[1].ID || find(FindIn{MinSize: 3}).ID != jobs[4].ID {
		t.Error("one that asked for the same got a job of its own")
	}
	done()
	seen := map[ident.JobID]bool{}
	for i := range jobs {
		w.done(&jobs[i])
		seen[jobs[i].ID] = true
	}
	if len(seen) != len(jobs) {
		t.Errorf("%d jobs for %d wishes", len(seen), len(jobs))
	}
}

// TestScrubWhenItIsTime: a file that was read longer ago than the interval has its
// volume read, with what is nearly due; nothing else does.
func TestScrubWhenItIsTime(t *testing.T) {
	w := newWorld(t)
	w.identify("top")
	jobs := func() int {
		js, err := w.e.List(t.Context(), job.Filter{Kind: scrubKind})
		must(t, err)
		for i := range js {
			w.done(&js[i])
		}
		return len(js)
	}
	battery := true
	w.OnBattery = func() bool { return battery }
	late := time.Now().Add(w.ScrubEvery + time.Hour)
	must(t, w.scrubDue(t.Context(), late))
	if battery = false; jobs() != 0 {
		t.Error("on battery")
	}
	must(t, w.scrubDue(t.Context(), time.Now().Add(w.ScrubEvery-time.Hour)))
	if jobs() != 0 {
		t.Error("before it was time")
	}
	must(t, w.scrubDue(t.Context(), late))
	if jobs() != 1 {
		t.Error("when it was time")
	}
	w.d.gone = true
	must(t, w.scrubDue(t.Context(), late.Add(w.ScrubEvery)))
	if jobs() != 1 {
		t.Error("of a volume that is offline")
	}
}

func TestPromise_P10_ScrubIsCutOffEverywhere(t *testing.T) {
	if raceEnabled {
		t.Skip("takes long; identify's is the same in all that races could spoil")
	}
	jobtest.KillEverywhere(t, func(t *testing.T) jobtest.Scenario {
		var d *disk
		return jobtest.Scenario{
			Migrations: schema.Migrations(), Kind: scrubKind, Args: scrubArgs{Volume: 1, Before: 1000, Fast: true},
			State: func(ctx context.Context, db *store.DB) (text string, err error) {
				err = db.Read(ctx, func(tx *store.Tx) error {
					return tx.QueryRow("SELECT (SELECT count(*) FROM damage) || ' ' || (SELECT count(*) FROM proof WHERE read_ns > 5)").Scan(&text)
				})
				return text, err
			},
			Prepare: func(ctx context.Context, db *store.DB) error {
				d = fill(t, db)
				err := d.c.Write(ctx, func(tx *catalog.Tx) error {
					for i, path := range strings.Fields(tree) {
						seen, err := d.Stat(ctx, path)
						if err != nil || seen.Kind != vfs.File || path == "top/shut" {
							continue
						}
						v, err := tx.VolumeByIdentity("disk")
						if err != nil {
							return err
						}
						e, err := tx.Lookup(v.Root, path)
						if err != nil {
							return err
						}
						h, err := d.Open(ctx, path)
						if err != nil {
							return err
						}
						hash, _, seen, err := Sum(ctx, h)
						if err = errors.Join(err, h.Close()); err != nil {
							return err
						}
						f := found{id: e.ID, hash: hash, seen: seen, read: int64(i%3 + 1)}
						if _, _, err := f.put(tx); err != nil {
							return err
						}
					}
					return nil
				})
				return errors.Join(err, d.Rot("top/b", 0, 1), d.Rot("top/shallow/s", 0, 1))
			},
			Defs: func(t *testing.T, db *store.DB) []job.Def {
				bus := event.NewBus()
				c, err := catalog.Open(context.Background(), db, bus)
				must(t, err)
				return New(Options{Catalog: c, Volumes: d, Bus: bus, batch: 3}).JobDefs()
			},
		}
	})
}
