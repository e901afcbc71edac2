package media

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/event"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/job/jobtest"
	"github.com/stardrive/stardrive/internal/schema"
	"github.com/stardrive/stardrive/internal/store"
)

func TestPromise_P10_DeriveIsCutOffEverywhere(t *testing.T) {
	jobtest.KillEverywhere(t, func(t *testing.T) jobtest.Scenario {
		var d *disk
		folder, kept := filepath.Join(t.TempDir(), "sidecars"), newTexts()
		return jobtest.Scenario{
			Migrations: schema.Migrations(), Kind: deriveKind, Args: deriveArgs{1},
			Prepare: func(_ context.Context, db *store.DB) error { d = fill(t, db); return nil },
			Defs: func(t *testing.T, db *store.DB) []job.Def {
				c, err := catalog.Open(context.Background(), db, event.NewBus())
				must(t, err)
				s := New(Options{Catalog: c, Volumes: d, Decoder: &decoder{}, Texts: kept, Folder: folder, batch: 4})
				return s.JobDefs()
			},
			State: func(ctx context.Context, db *store.DB) (string, error) {
				all, err := sidecars(ctx, db, folder)
				return all + "\n" + kept.all(), err
			},
		}
	})
}

const (
	beach = `beach.png facts ready {"width":13,"camera":"Ünique 5","title":"beach"}
beach.png text ready
beach.png thumb256 ready 1 "thumb256beach"`
	fresh = `bad.jpg facts failed there is no end to it 
bad.jpg text failed there is no end to it
bad.jpg thumb256 failed there is no end to it
` + beach + `
bomb.pdf facts failed it brought the worker down 
bomb.pdf text failed it brought the worker down
bomb.pdf thumb256 failed it brought the worker down
letter.txt facts ready {"width":14,"camera":"Ünique 5","title":"dear all"}
letter.txt text ready
quiet.txt facts none 
quiet.txt text none
strange.png facts ready {"width":10,"camera":"Ünique 5","title":"x"}
strange.png text ready
strange.png thumb256 failed the picture made of it is none`
)

// once is what is asked of the decoder about a fresh tree.
const once = `bad.jpg[facts text thumb256]
beach.png[facts text thumb256]
bomb.pdf[facts text thumb256]
letter.txt[facts text]
quiet.txt[facts text]
strange.png[facts text thumb256]`

func TestServiceLooksIntoWhatChanges(t *testing.T) {
	w := start(t)
	w.rested()
	if all := w.all(); all != fresh {
		t.Errorf("there is\n%s\nnot\n%s", all, fresh)
	}
	if asked := w.decoder.take(); asked != once {
		t.Errorf("asked\n%s", asked)
	}
	if got, want := w.texts.all(), "top/beach.png \"beach\" \"\"\ntop/letter.txt \"dear all\" \"dear all\"\ntop/strange.png \"x\" \"\""; got != want {
		t.Errorf("texts\n%s", got)
	}
	must(t, w.Catalog.Read(t.Context(), func(r *catalog.Reader) error {
		n, err := r.CountProven(1, 0, wantedKinds())
		if n != 8 { // all but the program; of two copies, one
			t.Errorf("%d contents to look into", n)
		}
		return err
	}))
	quiet := func(why string) {
		t.Helper()
		w.rested()
		if asked := w.decoder.take(); asked != "" {
			t.Errorf("%s: asked %s", why, asked)
		}
	}
	w.change("top/third beach.png", "picture beach")
	quiet("a third copy")

	w.change("top/letter.txt", "silent now")
	w.until("the letter has no words", func() bool { return strings.Contains(w.all(), "letter.txt text none") })
	w.decoder.take()

	must(t, w.Catalog.Write(t.Context(), func(tx *catalog.Tx) error {
		ls, err := tx.Locations()
		if err != nil {
			return err
		}
		ls[len(ls)-1].Mode = "deep" // other or shallow: whichever came last
		return tx.SetLocation(ls[len(ls)-1])
	}))
	w.until("another location is deep", func() bool { return strings.Contains(w.all(), "s.png") || strings.Contains(w.all(), "o.txt") })
	w.rested()
	w.decoder.take()

	w.texts.lose()
	must(t, w.tidy(t.Context()))
	w.until("texts are made again", func() bool { return strings.Contains(w.texts.all(), "beach") })
	w.rested()
	if asked := w.decoder.take(); strings.Contains(asked, "thumb256") || !strings.Contains(asked, "beach.png[text]") {
		t.Errorf("for texts, asked %s", asked)
	}
}

func TestI24_PoisonIsNotTriedAgainUnasked(t *testing.T) {
	w := start(t)
	w.rested()
	w.decoder.take()
	must(t, w.Catalog.Write(t.Context(), func(tx *catalog.Tx) error { return beginAgain(tx) }))
	w.change("top/new.txt", "words new") // the feed is followed from its beginning
	w.until("new.txt is there", func() bool { return strings.Contains(w.all(), "new.txt text ready") })
	w.rested()
	if asked := w.decoder.take(); asked != "new.txt[facts text]" {
		t.Errorf("asked %s", asked)
	}

	list, err := w.list(t.Context(), ListIn{Status: Failed})
	must(t, err)
	if len(list.Items) != 7 || list.Items[0].Path == "" || list.Items[0].Name == "" || list.Items[0].Reason == "" {
		t.Errorf("the quarantine is %+v", list)
	}
	out, err := w.rebuild(t.Context(), RebuildIn{Failed: true, Kind: TextOf})
	must(t, err)
	if out.Marked != 2 {
		t.Errorf("%+v", out)
	}
	w.until("both were tried again", func() bool { return strings.Count(w.decoder.takeKeep(), "[text]") == 2 })
	w.rested()
	if all := w.all(); !strings.Contains(all, fresh[:200]) || strings.Contains(all, "again") {
		t.Errorf("there is\n%s", all)
	}
}

// takeKeep is take that leaves what was asked.
func (d *decoder) takeKeep() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return strings.Join(d.asked, "\n")
}

func TestB_OneBadCopyIsNoReason(t *testing.T) {
	w := start(t)
	w.rested()
	w.disk.mu.Lock()
	w.disk.bad["top/a.txt"], w.disk.bad["top/lone.txt"] = true, true
	w.disk.mu.Unlock()
	w.change("top/lone.txt", "words lonely")
	must(t, w.Catalog.Write(t.Context(), func(tx *catalog.Tx) error {
		for _, path := range []string{"top/a.txt", "top/b.txt"} {
			if err := w.disk.WriteFile(path, []byte("words twice")); err != nil {
				return err
			}
			if _, err := w.disk.record(w.Catalog, tx, path); err != nil {
				return err
			}
		}
		return nil
	}))
	w.until("the good copy was read", func() bool { return strings.Contains(w.all(), "a.txt text ready") })
	w.rested()
	if all := w.all(); strings.Contains(all, "lone.txt") {
		t.Errorf("the disk's fault is held against the content:\n%s", all)
	}
	jobs, err := w.engine.List(t.Context(), job.Filter{Kind: deriveKind})
	must(t, err)
	warnings := int64(0)
	for _, j := range jobs {
		warnings += j.Warnings
	}
	if warnings != 1 {
		t.Errorf("%d warnings", warnings)
	}
}

func TestChangedMeanwhileComesAgain(t *testing.T) {
	w := start(t)
	w.rested()
	w.decoder.set(func(d *decoder) {
		d.onAsk = func(name string) {
			if name == "n.txt" {
				must(t, w.disk.WriteFile("top/n.txt", []byte("words newest")))
			}
		}
	})
	w.change("top/n.txt", "words new")
	w.until("it was looked into", func() bool { return strings.Contains(w.decoder.takeKeep(), "n.txt") })
	w.rested()
	if all := w.all(); strings.Contains(all, "n.txt") {
		t.Errorf("the facts of newer bytes stand beside an older content:\n%s", all)
	}
	w.decoder.set(func(d *decoder) { d.onAsk = nil })
	w.change("top/n.txt", "words newest")
	w.until("it is known", func() bool { return strings.Contains(w.all(), `n.txt facts ready {"width":12`) })
}

func TestWaitsForDecoderAndVolume(t *testing.T) {
	w := start(t)
	w.rested()
	w.decoder.set(func(d *decoder) { d.closed = true })
	w.change("top/late.txt", "words late")
	w.until("a job waits", func() bool {
		jobs, err := w.engine.List(t.Context(), job.Filter{States: []job.State{job.Running}})
		must(t, err)
		return len(jobs) == 1 && strings.HasPrefix(jobs[0].Current, "waits: ")
	})
	w.decoder.set(func(d *decoder) { d.closed = false })
	w.until("it goes on", func() bool { return strings.Contains(w.all(), "late.txt text ready") })
	w.rested()

	w.disk.leave(true)
	w.change("top/later.txt", "words later")
	w.rested()
	w.disk.leave(false)
	w.change("top/x", "words x") // the feed moves
	w.until("the volume is back", func() bool { return strings.Contains(w.all(), "later.txt text ready") })
}

// What holds keys and passwords by its name or place cannot be found by its words.
func TestSecretsGiveNoText(t *testing.T) {
	w := start(t)
	w.rested()
	must(t, w.disk.MkdirAll("top/.ssh/more"))
	for _, path := range []string{"top/.ssh", "top/.ssh/more"} {
		must(t, w.Catalog.Write(t.Context(), func(tx *catalog.Tx) error {
			_, err := w.disk.record(w.Catalog, tx, path)
			return err
		}))
	}
	must(t, w.Catalog.Write(t.Context(), func(tx *catalog.Tx) error { // of a version that took such texts
		_, err := tx.Store().Exec("UPDATE sidecar SET version = 1 WHERE kind = 'text'")
		return err
	}))
	for i, path := range []string{"top/.ssh/notes.txt", "top/.ssh/more/deep.txt", "top/.env.secret.txt", "top/my.env", "top/open.txt"} {
		w.change(path, "words number "+strings.Repeat("x", i+1))
	}
	w.until("all is done", func() bool { return strings.Contains(w.texts.all(), "number xxxxx") })
	w.rested()
	if all := w.texts.all(); strings.Count(all, "number") != 2 { // its title and its text
		t.Errorf("there are the words\n%s", all)
	}
	if all := w.all(); !strings.Contains(all, "notes.txt text none") || !strings.Contains(all, "deep.txt text none") || !strings.Contains(all, ".env.secret.txt text none") || strings.Contains(all, "my.env") {
		t.Errorf("there is\n%s", all)
	}
	// What an earlier version took goes.
	must(t, w.Catalog.Write(t.Context(), func(tx *catalog.Tx) error {
		_, err := tx.Store().Exec("UPDATE sidecar SET version = 1, status = 'ready' WHERE content_id = ? AND kind = 'text'", int64(w.content("top/.ssh/notes.txt")))
		if err == nil {
			err = beginAgain(tx)
		}
		return err
	}))
	must(t, w.texts.Put(t.Context(), []Words{{Content: w.content("top/.ssh/notes.txt"), Name: "notes.txt"}}))
	w.change("top/n.txt", "words new")
	w.until("it is gone", func() bool { return !strings.Contains(w.texts.all(), "notes.txt") })
	w.rested()
}

// What only took too long gets a second chance on another day, and no third.
func TestWhatTookTooLongIsTriedOnceMore(t *testing.T) {
	w := start(t)
	w.rested()
	must(t, w.sweep(t.Context())) // the first one looks at all anyway
	w.change("top/slow.txt", "slow x")
	w.until("it took too long", func() bool { return strings.Contains(w.all(), "slow.txt text failed "+TooLong) })
	w.rested()
	for day, want := range []string{"slow.txt[facts text]", ""} {
		w.decoder.take()
		w.pass(sweepEvery + time.Second)
		must(t, w.sweep(t.Context()))
		w.rested()
		if asked := w.decoder.take(); asked != want {
			t.Errorf("day %d: asked %s", day, asked)
		}
		if all := w.all(); !strings.Contains(all, "slow.txt text failed "+tooLongTwice) || strings.Contains(all, "again") {
			t.Errorf("day %d: there is\n%s", day, all)
		}
	}
}

func TestOlderVersionsAreMadeAgain(t *testing.T) {
	w := start(t)
	w.rested()
	w.decoder.take()
	must(t, w.Catalog.Write(t.Context(), func(tx *catalog.Tx) error {
		_, err := tx.Store().Exec("UPDATE sidecar SET version = 0 WHERE kind = 'thumb256' OR status = 'failed'")
		if err == nil {
			err = beginAgain(tx) // as another generation's follower does
		}
		return err
	}))
	must(t, w.files.write(name{hash: w.hash("top/beach.png"), kind: Thumb256, version: 0, mime: "image/png"}, []byte("old")))
	w.change("top/n.txt", "words new")
	w.until("all is of today", func() bool {
		var n int
		must(t, w.Catalog.Read(t.Context(), func(r *catalog.Reader) error {
			return r.Store().QueryRow("SELECT count(*) FROM sidecar WHERE version = 0").Scan(&n)
		}))
		return n == 0
	})
	w.rested()
	if asked := w.decoder.take(); !strings.Contains(asked, "beach.png[thumb256]") || !strings.Contains(asked, "bomb.pdf[facts text thumb256]") || strings.Contains(asked, "letter") {
		t.Errorf("asked\n%s", asked)
	}
	if all := w.all(); strings.Contains(all, "stray") || !strings.Contains(all, beach) {
		t.Errorf("there is\n%s", all)
	}
}

// A program that is installed later finds what nothing was found in before.
func TestOtherToolsLookAgainWhereNothingWasFound(t *testing.T) {
	w := start(t)
	w.rested()
	if err := w.checkTools(t.Context()); err != nil || strings.Contains(w.all(), "again") {
		t.Errorf("with the same tools: %v\n%s", err, w.all())
	}
	w.decoder.take()
	w.OCR = true
	must(t, w.checkTools(t.Context()))
	w.change("top/n.txt", "words new")
	w.until("n.txt is there", func() bool { return strings.Contains(w.all(), "n.txt text ready") })
	w.rested()
	if asked := w.decoder.take(); asked != "n.txt[facts text]\nquiet.txt[facts text]" {
		t.Errorf("asked\n%s", asked)
	}
}

// The feed tells of a folder that moves, and not of what is in it.
func TestSweepFindsWhatTheFeedDoesNotTell(t *testing.T) {
	w := start(t)
	must(t, w.sweep(t.Context()))
	w.rested()
	w.disk.mu.Lock()
	w.disk.bad["top/lone.txt"] = true
	w.disk.mu.Unlock()
	w.change("top/lone.txt", "words lonely")
	moved := w.id("top/shallow/s.png")
	must(t, w.disk.Rename("top/shallow/s.png", "top/s.png")) // as if its folder had moved
	now, err := w.disk.Stat(t.Context(), "top/s.png")
	must(t, err)
	must(t, w.Catalog.Write(t.Context(), func(tx *catalog.Tx) error {
		_, err := tx.Store().Exec("UPDATE entry SET parent_id = (SELECT id FROM entry WHERE name = ?), ctime_ns = ? WHERE id = ?", []byte("top"), now.Changed, int64(moved))
		if err == nil {
			_, err = tx.Store().Exec("UPDATE proof SET changed_ns = ? WHERE entry_id = ?", now.Changed, int64(moved))
		}
		return err
	}))
	w.rested()
	w.disk.mu.Lock()
	clear(w.disk.bad)
	w.disk.mu.Unlock()
	w.decoder.take()
	w.pass(sweepEvery - time.Minute)
	must(t, w.sweep(t.Context()))
	w.rested()
	if asked := w.decoder.take(); asked != "" {
		t.Errorf("before its time: %s", asked)
	}
	w.pass(time.Minute)
	must(t, w.sweep(t.Context()))
	w.rested()
	if asked := w.decoder.take(); asked != "lone.txt[facts text]\ns.png[facts text thumb256]" {
		t.Errorf("asked\n%s", asked)
	}
}

// hash is that of the entry's content.
func (w *world) hash(path string) (h catalog.Hash) {
	w.t.Helper()
	must(w.t, w.Catalog.Read(w.t.Context(), func(r *catalog.Reader) error {
		e, err := r.Entry(w.id(path))
		if err != nil {
			return err
		}
		c, err := r.Content(e.Content)
		h = c.Hash
		return err
	}))
	return h
}

func (w *world) content(path string) ident.ContentID {
	w.t.Helper()
	e, err := w.entry(w.t.Context(), w.id(path))
	must(w.t, err)
	return e.Content
}

// TestBatteryIsSpared: a volume with a deep location that is to wait is left alone, also
// in the middle of a job, and looked into when it need not wait any more.
func TestBatteryIsSpared(t *testing.T) {
	var battery atomic.Bool
	battery.Store(true)
	w := start(t, func(o *Options) {
		o.Waits = func(l catalog.Location) bool { return l.Name == "top" && battery.Load() }
	})
	w.rested()
	if asked := w.decoder.take(); asked != "" {
		t.Errorf("on battery it looked into %s", asked)
	}
	if got := w.picture("top/beach.png", Thumb256); got != "thumb256beach" {
		t.Errorf("who asks gets it: %s", got)
	}
	w.decoder.take()
	battery.Store(false)
	must(t, w.Catalog.Write(t.Context(), func(tx *catalog.Tx) error { // any news
		_, err := tx.PutContent(catalog.Content{Hash: catalog.Hash{1}, Kind: "text"})
		return err
	}))
	w.until("it is looked into", func() bool { return strings.Contains(w.all(), "letter.txt text ready") })
	battery.Store(true)
	if err := w.mayGoOn(t.Context(), 1); !errors.Is(err, errLater) {
		t.Errorf("a job goes on: %v", err)
	}
}
