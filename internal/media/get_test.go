package media

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
)

// picture returns what Get gives, as text: the bytes after the magic, or the error.
func (w *world) picture(path string, kind Kind) string {
	w.t.Helper()
	out, err := w.Get(w.t.Context(), w.id(path), kind)
	if err != nil {
		return string(errs.KindOf(err)) + ": " + err.Error()
	}
	defer out.close()
	b, err := io.ReadAll(out.File)
	must(w.t, err)
	if out.MIME != "image/png" || !strings.HasSuffix(out.Tag, "-"+string(kind)+"-1") {
		w.t.Errorf("%s is %+v", path, out)
	}
	return strings.TrimPrefix(string(b), formats[1].magic)
}

func TestGet(t *testing.T) {
	w := start(t)
	w.rested()
	w.decoder.take()
	for _, x := range []struct {
		path string
		kind Kind
		want string
	}{
		{"top/beach.png", Thumb256, "thumb256beach"},
		{"top/beach.png", Thumb512, "thumb512beach"},
		{"top/copy of beach.png", Thumb512, "thumb512beach"},
		{"top/beach.png", Strip, "not_found: files of this sort have no strip"},
		{"top/beach.png", FactsOf, `unsupported: "facts" is no picture`},
		{"top/letter.txt", Thumb256, "not_found: files of this sort have no thumb256"},
		{"top/bad.jpg", Thumb256, "not_found: there is no thumb256: there is no end to it"},
		{"top/bad.jpg", Thumb1024, "not_found: there is no thumb1024: there is no end to it"},
		{"top/bomb.pdf", Thumb512, "not_found: there is no thumb512: it brought the worker down"},
		{"top/strange.png", Thumb512, "not_found: there is no thumb512: the picture made of it is none"},
		{"top/shallow/s.png", Thumb256, "thumb256shallow"}, // no job makes it
		{"top", Thumb256, "unsupported: only files have pictures, and this is a folder"},
	} {
		if got := w.picture(x.path, x.kind); got != x.want {
			t.Errorf("%s of %s is %q, not %q", x.kind, x.path, got, x.want)
		}
	}
	asked := w.decoder.take()
	if asked != "bad.jpg[thumb1024]\nbeach.png[thumb512]\nbomb.pdf[thumb512]\ns.png[thumb256]\nstrange.png[thumb512]" {
		t.Errorf("asked\n%s", asked)
	}
	if _, err := w.Get(t.Context(), 9999, Thumb256); !errs.Is(err, errs.NotFound) {
		t.Errorf("of no entry: %v", err)
	}
	w.picture("top/bad.jpg", Thumb1024)
	w.picture("top/bomb.pdf", Thumb512)
	if asked := w.decoder.take(); asked != "" {
		t.Errorf("what failed was tried again: %s", asked)
	}
}

// What a power cut left of a file, or somebody deleted, is made again.
func TestP15_GetMakesAgainWhatIsNotWhole(t *testing.T) {
	w := start(t)
	w.rested()
	path := filepath.Join(w.Folder, name{w.hash("top/beach.png"), Thumb256, 1, "image/png"}.file())
	for what, harm := range map[string]func() error{
		"empty": func() error { return os.Truncate(path, 0) },
		"gone":  func() error { return os.Remove(path) },
		"zeros": func() error { return os.WriteFile(path, make([]byte, 8+len("thumb256beach")), 0o600) },
	} {
		must(t, harm())
		if got := w.picture("top/beach.png", Thumb256); got != "thumb256beach" {
			t.Errorf("%s: %q", what, got)
		}
	}
}

func TestGetOfMany(t *testing.T) {
	var news []News
	w := start(t, func(o *Options) { o.News = func(n News) { news = append(news, n) } }) // one flight, or one job, at a time
	w.rested()
	if len(news) != 6 || len(news[0].Entries) == 0 || len(news[0].Kinds) < 2 {
		t.Errorf("told of %+v", news)
	}
	news = nil
	w.decoder.take()
	hold := make(chan struct{})
	w.decoder.set(func(d *decoder) { d.hold = hold })
	id := w.id("top/beach.png")
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			out, err := w.Get(context.Background(), id, Thumb512)
			if err != nil {
				t.Error(err)
			}
			out.close()
		})
	}
	w.until("one is asked", func() bool { return w.decoder.takeKeep() != "" })
	close(hold)
	all.Wait()
	if asked := w.decoder.take(); asked != "beach.png[thumb512]" {
		t.Errorf("asked %s", asked)
	}
	if len(news) != 1 || len(news[0].Kinds) != 1 || news[0].Kinds[0] != Thumb512 {
		t.Errorf("told of %+v", news)
	}
}

// Who asks does not wait for long, and the work goes on.
func TestGetIsPatientForAWhile(t *testing.T) {
	w := start(t, func(o *Options) { o.Patience = 20 * time.Millisecond })
	w.rested()
	hold := make(chan struct{})
	w.decoder.set(func(d *decoder) { d.hold = hold })
	if got := w.picture("top/beach.png", Thumb512); got != "unavailable: it is being made" {
		t.Errorf("while it is held: %s", got)
	}
	close(hold)
	w.until("it is made", func() bool { return strings.Contains(w.all(), "beach.png thumb512 ready") })
	w.disk.leave(true)
	w.Patience = time.Minute
	if got := w.picture("top/beach.png", Thumb512); got != "thumb512beach" {
		t.Errorf("of a volume that is away: %s", got)
	}
	if got := w.picture("top/beach.png", Thumb1024); got != "unavailable: the volume is offline" {
		t.Errorf("of a volume that is away: %s", got)
	}
}

func TestGetOfWhatNobodyHasRead(t *testing.T) {
	var w *world
	calls := 0
	w = start(t, func(o *Options) {
		o.Identify = func(ctx context.Context, id ident.EntryID) (content ident.ContentID, err error) {
			calls++
			return 0, w.Catalog.Write(ctx, func(tx *catalog.Tx) error {
				e, err := w.disk.record(w.Catalog, tx, "other/new.png")
				content = e.Content
				return err
			})
		}
	})
	w.rested()
	must(t, w.disk.WriteFile("other/new.png", []byte("picture new")))
	must(t, w.Catalog.Write(t.Context(), func(tx *catalog.Tx) error {
		e, err := w.disk.record(w.Catalog, tx, "other/new.png")
		if err == nil {
			_, err = tx.Store().Exec("DELETE FROM proof WHERE entry_id = ?", int64(e.ID))
		}
		return err
	}))
	for range 2 {
		if got := w.picture("other/new.png", Thumb256); got != "thumb256new" {
			t.Error(got)
		}
	}
	if calls != 1 {
		t.Errorf("read %d times", calls)
	}
}

// unread makes a file that the library knows, and nobody has read.
func (w *world) unread(path, text string) ident.EntryID {
	w.t.Helper()
	must(w.t, w.disk.WriteFile(path, []byte(text)))
	var id ident.EntryID
	must(w.t, w.Catalog.Write(w.t.Context(), func(tx *catalog.Tx) error {
		e, err := w.disk.record(w.Catalog, tx, path)
		if id = e.ID; err == nil {
			_, err = tx.Store().Exec("DELETE FROM proof WHERE entry_id = ?", int64(e.ID))
		}
		return err
	}))
	return id
}

// TestFilesThatAreReadKeepNoPicturesWaiting: however many files must be read first,
// pictures of others are made; and who does not wait any more is not read for.
func TestFilesThatAreReadKeepNoPicturesWaiting(t *testing.T) {
	var mu sync.Mutex
	reading, given := 0, 0
	w := start(t, func(o *Options) {
		o.Identify = func(ctx context.Context, _ ident.EntryID) (ident.ContentID, error) {
			mu.Lock()
			reading++
			mu.Unlock()
			<-ctx.Done()
			mu.Lock()
			given++
			mu.Unlock()
			return 0, ctx.Err()
		}
	})
	w.rested()
	ctx, leave := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for i := range 9 {
		id := w.unread(fmt.Sprintf("other/film%d.mp4", i), "picture of a film")
		all.Go(func() {
			if _, err := w.Get(ctx, id, Thumb256); !errs.Is(err, errs.Unavailable) {
				t.Errorf("it was never read: %v", err)
			}
		})
	}
	count := func() (int, int) {
		mu.Lock()
		defer mu.Unlock()
		return reading, given
	}
	w.until("files are read", func() bool { n, _ := count(); return n == readAtOnce })
	if got := w.picture("top/shallow/s.png", Thumb256); got != "thumb256shallow" {
		t.Errorf("meanwhile: %s", got)
	}
	leave()
	all.Wait()
	w.until("they are given up", func() bool { n, m := count(); return n == m })
}

// TestWhoLostPatienceIsExpectedBack: what he asked for is read on for a while.
func TestWhoLostPatienceIsExpectedBack(t *testing.T) {
	var calls atomic.Int32
	hold := make(chan struct{})
	var w *world
	w = start(t, func(o *Options) {
		o.Patience, o.linger = 20*time.Millisecond, time.Minute
		o.Identify = func(ctx context.Context, id ident.EntryID) (content ident.ContentID, err error) {
			calls.Add(1)
			<-hold
			return 0, w.Catalog.Write(context.Background(), func(tx *catalog.Tx) error {
				_, err := w.disk.record(w.Catalog, tx, "other/new.png")
				return err
			})
		}
	})
	w.rested()
	w.unread("other/new.png", "picture new")
	for range 3 {
		if got := w.picture("other/new.png", Thumb256); got != "unavailable: it is being made" {
			t.Error(got)
		}
	}
	close(hold)
	w.until("it is there", func() bool { return w.picture("other/new.png", Thumb256) == "thumb256new" })
	if n := calls.Load(); n != 1 {
		t.Errorf("it was read %d times", n)
	}
}

// TestNobodyWaitsForALargeFileToBeRead: a job reads it, and then what was asked for is
// made, though nobody asks again.
func TestNobodyWaitsForALargeFileToBeRead(t *testing.T) {
	var soon []ident.EntryID
	w := start(t, func(o *Options) {
		o.large = 20
		o.Identify = func(context.Context, ident.EntryID) (ident.ContentID, error) {
			t.Error("somebody waited")
			return 0, nil
		}
		o.Soon = func(_ context.Context, id ident.EntryID) error { soon = append(soon, id); return nil }
	})
	w.rested()
	id := w.unread("other/film.mp4", "picture of a film that is very large")
	if got := w.picture("other/film.mp4", Thumb256); !strings.HasPrefix(got, "unavailable: the file is large") || len(soon) != 1 || soon[0] != id {
		t.Errorf("%s, %v", got, soon)
	}
	must(t, w.Catalog.Write(t.Context(), func(tx *catalog.Tx) error {
		_, err := w.disk.record(w.Catalog, tx, "other/film.mp4")
		return err
	}))
	w.until("it is made", func() bool { return strings.Contains(w.all(), "film.mp4 thumb256 ready") })
	if left := w.wishes.list(); len(left) > 0 {
		t.Errorf("wished for still: %v", left)
	}
}

// TestWishesHaveAnEnd: the oldest give way, and each counts once.
func TestWishesHaveAnEnd(t *testing.T) {
	var w wishes
	for n := range ident.EntryID(maxWishes + 10) {
		w.note(wish{n, Thumb256})
		w.note(wish{n, Thumb256})
	}
	if all := w.list(); len(all) != maxWishes || all[0].entry != 10 {
		t.Errorf("%d, from %d", len(all), all[0].entry)
	}
}

func TestBudget(t *testing.T) {
	w := start(t)
	w.rested()
	for _, path := range []string{"top/shallow/s.png", "top/beach.png"} {
		for _, k := range []Kind{Thumb512, Thumb1024} {
			w.pass(-time.Second) // the first ones were used last
			w.picture(path, k)
		}
	}
	w.pass(2 * time.Hour)
	w.picture("top/beach.png", Thumb256) // made first, used last
	w.picture("top/shallow/s.png", Thumb1024)
	must(t, w.noteUses(t.Context()))
	release, err := w.locks.take(t.Context(), w.content("top/shallow/s.png"))
	must(t, err)
	before, err := w.pictureBytes(t.Context())
	must(t, err)
	w.Budget = before - 1
	must(t, w.tidy(t.Context()))
	all := w.all()
	if strings.Count(all, "evicted") != 1 || !strings.Contains(all, "beach.png thumb1024 evicted") || strings.Contains(all, "stray") || strings.Contains(all, "LOST") {
		t.Errorf("beyond the budget by a byte:\n%s", all)
	}
	w.Budget = 1
	w.grown.Store(true)
	must(t, w.tidy(t.Context()))
	release()
	if all := w.all(); strings.Count(all, "evicted") != 3 || strings.Contains(all, "s.png thumb512 evicted") {
		t.Errorf("what is worked at stays:\n%s", all)
	}
	w.grown.Store(true)
	must(t, w.tidy(t.Context()))
	if all := w.all(); strings.Count(all, "evicted") != 5 || strings.Contains(all, "LOST") || strings.Contains(all, "stray") {
		t.Errorf("no budget at all:\n%s", all)
	}
	w.decoder.take()
	w.rested()
	if asked := w.decoder.take(); asked != "" {
		t.Errorf("jobs make what has just given way: %s", asked)
	}
	w.Budget = 1 << 20
	if got := w.picture("top/beach.png", Thumb256); got != "thumb256beach" {
		t.Errorf("asked for again: %s", got)
	}
}

// What others put into the folder, or what a link in it leads to, is not ours.
func TestCleanLeavesWhatIsNotOurs(t *testing.T) {
	w := start(t)
	w.rested()
	outside := t.TempDir()
	ours := name{w.hash("top/letter.txt"), Thumb512, 1, "image/png"}
	long := time.Unix(1_000_000_000, 0)
	put := func(path string) string {
		must(t, os.MkdirAll(filepath.Dir(path), 0o700))
		must(t, os.WriteFile(path, []byte("mine"), 0o600))
		must(t, os.Chtimes(path, long, long))
		return path
	}
	keep := []string{put(filepath.Join(w.Folder, "thesis.tmp")), put(filepath.Join(w.Folder, "ab", "photo.jpg")), put(filepath.Join(outside, filepath.Base(ours.file())))}
	must(t, os.Symlink(outside, filepath.Join(w.Folder, "link")))
	must(t, os.Symlink(keep[0], filepath.Join(w.Folder, "ab", filepath.Base(ours.file()))))
	stray := put(filepath.Join(w.Folder, ours.file()))
	out, err := w.clean(t.Context(), 0, true)
	must(t, err)
	for _, path := range append(keep, filepath.Join(w.Folder, "ab", filepath.Base(ours.file()))) {
		if _, err := os.Lstat(path); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Lstat(stray); err == nil || out.Stray.Count != 1 {
		t.Errorf("%+v %v", out, err)
	}
	linked := files{filepath.Join(t.TempDir(), "sidecars")}
	must(t, os.Symlink(outside, linked.folder))
	must(t, linked.walk(t.Context(), func(f found) error {
		t.Errorf("through a link there is %+v", f)
		return nil
	}))
	must(t, os.Mkdir(filepath.Join(w.Folder, "cd"), 0o700))
	must(t, os.Symlink(outside, filepath.Join(w.Folder, "cd", "ef")))
	if err := w.files.removeStray(filepath.Join("cd", "ef", filepath.Base(ours.file()))); err == nil {
		t.Error("removed through a link")
	}
}

// An entry gets the content back between the look for orphans and the end of them.
func TestForgetKeepsTheTextOfWhatIsBack(t *testing.T) {
	w := start(t)
	w.rested()
	must(t, w.forget(t.Context(), []ident.ContentID{w.content("top/letter.txt")}))
	if !strings.Contains(w.texts.all(), "letter") || !strings.Contains(w.all(), "letter.txt text ready") {
		t.Errorf("%s\n%s", w.texts.all(), w.all())
	}
}

// A fault of our own condemns no file, unless it comes again and again.
func TestFaultsOfTheDecoderAreNotTheFiles(t *testing.T) {
	w := start(t)
	w.rested()
	fault := errs.New(errs.Internal, "worker: cbor: no idea")
	ask := func(want errs.Kind) {
		t.Helper()
		out, err := w.Get(t.Context(), w.id("top/beach.png"), Thumb512)
		if out.close(); errs.KindOf(err) != want {
			t.Errorf("%v", err)
		}
	}
	set := func(err error) { w.decoder.set(func(d *decoder) { d.fault = err }) }
	set(fault)
	ask(errs.Unavailable)
	ask(errs.Unavailable)
	set(nil)
	ask("") // it heals
	must(t, w.Catalog.Write(t.Context(), func(tx *catalog.Tx) error {
		_, err := tx.Store().Exec("UPDATE sidecar SET again = 1 WHERE kind = 'thumb512'")
		return err
	}))
	must(t, w.files.remove(name{w.hash("top/beach.png"), Thumb512, 1, "image/png"}))
	set(fault)
	ask(errs.Unavailable)
	ask(errs.Unavailable)
	if strings.Contains(w.all(), "failed worker") {
		t.Errorf("condemned:\n%s", w.all())
	}
	ask(errs.NotFound)
	if !strings.Contains(w.all(), "beach.png thumb512 failed worker: cbor: no idea") {
		t.Errorf("there is\n%s", w.all())
	}
}

func TestClean(t *testing.T) {
	w := start(t)
	w.rested()
	w.picture("top/beach.png", Thumb512)
	beach, letter := w.content("top/beach.png"), w.content("top/letter.txt")
	must(t, w.Catalog.Write(t.Context(), func(tx *catalog.Tx) error {
		_, err := tx.Store().Exec("UPDATE entry SET content_id = NULL WHERE content_id = ?", int64(letter))
		if err == nil {
			_, err = tx.Store().Exec("UPDATE sidecar SET version = 0 WHERE content_id = ? AND kind = 'thumb512'", int64(beach))
		}
		return err
	}))
	old := name{w.hash("top/beach.png"), Thumb512, 0, "image/png"}
	must(t, w.files.write(old, []byte(formats[1].magic+"thumb512beach")))
	half := name{w.hash("top/beach.png"), Thumb512, 1, "image/png"}.file() + ".123.tmp"
	must(t, os.WriteFile(filepath.Join(w.Folder, half), []byte("stray"), 0o600))
	long := time.Unix(1_000_000_000, 0)
	for _, path := range []string{half, name{w.hash("top/beach.png"), Thumb512, 1, "image/png"}.file()} { // the second: its row says 0 now
		must(t, os.Chtimes(filepath.Join(w.Folder, path), long, long))
	}
	before := w.all()
	want := Cleaned{Older: Amount{1, 21}, Orphaned: Amount{2, 0}, Stray: Amount{2, 26}}
	got, err := w.clean(t.Context(), 0, false)
	must(t, err)
	if got != want || w.all() != before {
		t.Errorf("would be %+v, and changed\n%s", got, w.all())
	}
	if _, err := w.clean(t.Context(), grace, true); err != nil || !strings.Contains(w.texts.all(), "letter") {
		t.Errorf("what lost its entries just now is gone: %v %s", err, w.texts.all())
	}
	w.pass(grace + time.Second)
	if _, err = w.clean(t.Context(), grace, true); err != nil {
		t.Fatal(err)
	}
	all := w.all()
	if strings.Contains(all, "stray") || strings.Contains(all, " letter") || strings.Contains(w.texts.all(), "letter") || !strings.Contains(all, "beach.png thumb512 evicted") {
		t.Errorf("after cleaning there is\n%s\n%s", all, w.texts.all())
	}
	var facts int
	must(t, w.Catalog.Read(t.Context(), func(r *catalog.Reader) error {
		return r.Store().QueryRow("SELECT count(*) FROM facts WHERE content_id = ?", int64(letter)).Scan(&facts)
	}))
	if got, err = w.clean(t.Context(), 0, false); err != nil || facts != 0 || got != (Cleaned{}) {
		t.Errorf("still to be cleaned: %+v, %d facts, %v", got, facts, err)
	}
}
