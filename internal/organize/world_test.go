package organize

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/event"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/organize/merge"
	"github.com/stardrive/stardrive/internal/schema"
	"github.com/stardrive/stardrive/internal/store"
	"github.com/stardrive/stardrive/internal/vfs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// world is a catalogue with a volume, and what a user added to its files.
type world struct {
	*Service
	t    testing.TB
	user string // where user.db stands
	vol  catalog.Volume
	stop func()
	ids  []ident.EntryID // that every query finds
}

// newWorld makes a new catalogue; user is where user.db stands, "": a new one.
func newWorld(t testing.TB, user string, change ...func(*Options)) *world {
	t.Helper()
	if user == "" {
		user = filepath.Join(t.TempDir(), "user.db")
	}
	w := &world{t: t, user: user}
	db, err := store.Open(t.Context(), store.Options{
		Path: filepath.Join(t.TempDir(), "library.db"), ApplicationID: schema.ApplicationID, Migrations: schema.Migrations(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	bus := event.NewBus()
	c, err := catalog.Open(t.Context(), db, bus)
	if err != nil {
		t.Fatal(err)
	}
	err = c.Write(t.Context(), func(tx *catalog.Tx) (err error) {
		w.vol, err = tx.PutVolume(catalog.Volume{Device: "d", Identity: "uuid:1", Name: "Disk", Facts: json.RawMessage("{}"), Online: true})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	o := Options{
		Path: user, Device: "device", Catalog: c, Bus: bus, Rest: time.Millisecond, Now: func() time.Time { return noon },
		Resolve: func(_ context.Context, path string, _ bool) (catalog.Place, error) {
			return catalog.Place{Identity: "uuid:1", Path: path}, nil
		},
		Match: func(_ context.Context, _ string, fn func(ident.EntryID) bool) error {
			for _, id := range w.ids {
				if !fn(id) {
					break
				}
			}
			return nil
		},
	}
	o.MatchAll = o.Match
	o.Asks = func(context.Context, string) ([][2]string, error) { return nil, nil }
	o.Saved = func(context.Context) ([]Saved, error) { return nil, nil }
	o.When = func(text string, _ time.Time) (from, to int64, ok bool) {
		day, err := time.Parse(time.DateOnly, text)
		return day.UnixNano(), day.AddDate(0, 0, 1).UnixNano(), err == nil
	}
	for _, fn := range change {
		fn(&o)
	}
	w.open(o)
	t.Cleanup(func() { w.stop() })
	return w
}

// open opens the service, and serves it.
func (w *world) open(o Options) {
	w.t.Helper()
	s, err := Open(w.t.Context(), o)
	if err != nil {
		w.t.Fatal(err)
	}
	w.Service = s
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx) }()
	w.stop = func() {
		cancel()
		if err := <-ended; err != nil {
			w.t.Error(err)
		}
		if err := s.Close(); err != nil {
			w.t.Error(err)
		}
		w.stop = func() {}
	}
	<-s.verified
}

// restart stops the service, and opens it anew on the same catalogue.
func (w *world) restart(between ...func()) {
	w.t.Helper()
	o := w.Options
	w.stop()
	for _, fn := range between {
		fn()
	}
	w.open(o)
}

func (w *world) write(fn func(tx *catalog.Tx) error) {
	w.t.Helper()
	if err := w.Catalog.Write(context.Background(), fn); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) apply(b *catalog.Batch) {
	w.t.Helper()
	w.write(func(tx *catalog.Tx) error { return tx.Apply(b) })
}

// file makes an entry with so many bytes and an inode number; 0: a folder.
func (w *world) file(parent ident.EntryID, name string, size int64, inode uint64) catalog.Entry {
	w.t.Helper()
	kind := vfs.File
	if size == 0 {
		kind = vfs.Folder
	}
	e := catalog.Entry{
		ID: w.Catalog.ReserveEntryIDs(1), Volume: w.vol.ID, Parent: parent, Name: name, Kind: kind, State: catalog.Present,
		Size: max(size, 0), Modified: noon.UnixNano(), Inode: inode, Created: int64(inode) * 1000, //nolint:gosec // small
	}
	w.apply(&catalog.Batch{Create: []catalog.Entry{e}})
	return e
}

// hash gives a file a content, told by one letter.
func (w *world) hash(e *catalog.Entry, letter byte) {
	w.t.Helper()
	w.write(func(tx *catalog.Tx) error {
		id, err := tx.PutContent(catalog.Content{Hash: catalog.Hash{letter}, Size: e.Size, Kind: "image"})
		if err == nil {
			e.Content, err = tx.Identify(e.ID, seen(e), id, 1)
		}
		return err
	})
	if e.Content == 0 {
		w.t.Fatal("the file was not identified")
	}
}

func seen(e *catalog.Entry) vfs.Entry {
	return vfs.Entry{Name: e.Name, Kind: e.Kind, Size: e.Size, Modified: e.Modified, Changed: e.Changed, Created: e.Created, Inode: e.Inode, Mode: e.Mode, Links: e.Links}
}

// edit gives a file other bytes, which are not read yet.
func (w *world) edit(e *catalog.Entry, size int64) {
	e.Size, e.Modified, e.Content = size, e.Modified+1, 0
	w.apply(&catalog.Batch{Update: []catalog.Entry{*e}})
}

// eventually waits until a condition holds.
func (w *world) eventually(what string, ok func() bool) {
	w.t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if ok() {
			return
		}
	}
	w.t.Fatal("never: " + what)
}

func sel(e ...catalog.Entry) Selection {
	var s Selection
	for i := range e {
		id, _ := e[i].ID.MarshalText()
		s.IDs = append(s.IDs, string(id))
	}
	return s
}

func one(e catalog.Entry) One { return One{ID: sel(e).IDs[0]} }

func must[In, Out any](w *world, fn func(context.Context, In) (Out, error), in In) Out {
	w.t.Helper()
	out, err := fn(w.t.Context(), in)
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

func (w *world) tag(name string, e ...catalog.Entry) Done {
	w.t.Helper()
	return must(w, w.tagApply, ApplyIn{Tag: name, Create: true, Selection: sel(e...)})
}

// has is what was added to a file, in one line.
func (w *world) has(e catalog.Entry) string {
	w.t.Helper()
	a := must(w, w.of, one(e))
	var parts []string
	for _, t := range a.Tags {
		parts = append(parts, t.Tag.Name)
	}
	if a.Favourite {
		parts = append(parts, "favourite")
	}
	if a.Rating > 0 {
		parts = append(parts, fmt.Sprint(a.Rating))
	}
	if a.Note != "" {
		parts = append(parts, fmt.Sprintf("%q", a.Note))
	}
	return strings.Join(parts, " ")
}

// finds is what a field of a search finds: entries, and contents as c and their number.
func (w *world) finds(field, value string) string {
	w.t.Helper()
	find, _, problem := w.Find(field, value)
	if problem != "" {
		return "problem"
	}
	var all []string
	err := find(w.t.Context(), func(n int64) { all = append(all, fmt.Sprintf("c%d", n)) }, func(n int64) { all = append(all, fmt.Sprint(n)) })
	if err != nil {
		w.t.Fatal(err)
	}
	slices.Sort(all)
	return strings.Join(slices.Compact(all), " ")
}

// dump is all that stands, for comparing, without who wrote it when.
func (w *world) dump() string {
	w.t.Helper()
	var all []string
	w.pen.Lock()
	defer w.pen.Unlock()
	err := w.facts0(func(k merge.Key, facts []merge.Fact) {
		for _, f := range facts {
			all = append(all, fmt.Sprintf("%s %s %s = %s", k.Target, k.Field, k.Member, f.Value))
		}
	})
	if err != nil {
		w.t.Fatal(err)
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

func (w *world) facts0(fn func(k merge.Key, facts []merge.Fact)) error {
	var ids []string
	for id := range w.book.targets {
		ids = append(ids, id)
	}
	w.pen.Unlock()
	defer w.pen.Lock()
	return w.facts(w.t.Context(), ids, fn)
}

func wantKind(t testing.TB, err error, kind errs.Kind) {
	t.Helper()
	if !errs.Is(err, kind) {
		t.Fatalf("got %v, want %s", err, kind)
	}
}
