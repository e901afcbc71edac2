package media

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/event"
	"github.com/stardrive/stardrive/internal/filekind"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/schema"
	"github.com/stardrive/stardrive/internal/store"
	"github.com/stardrive/stardrive/internal/vfs"
	"github.com/stardrive/stardrive/internal/vfs/memfs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// disk is the only volume.
type disk struct {
	*memfs.FS
	mu   sync.Mutex
	gone bool
	bad  map[string]bool // paths whose bytes cannot be read
}

type badHandle struct{ vfs.Handle }

func (badHandle) ReadAt([]byte, int64) (int, error) {
	return 0, errs.New(errs.Internal, "the disk has a scratch here")
}

func (d *disk) Open(ctx context.Context, path string) (vfs.Handle, error) {
	h, err := d.FS.Open(ctx, path)
	d.mu.Lock()
	defer d.mu.Unlock()
	if err == nil && d.bad[path] {
		h = badHandle{h}
	}
	return h, err
}

func (d *disk) Driver(context.Context, string) (vfs.Driver, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.gone {
		return nil, errs.New(errs.Unavailable, "the volume is offline")
	}
	return d, nil
}

func (d *disk) Ground(v catalog.Volume) catalog.Ground {
	d.mu.Lock()
	defer d.mu.Unlock()
	return catalog.Ground{ID: v.ID, Name: v.Name, Mount: "/mnt", Online: !d.gone}
}

func (d *disk) leave(gone bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.gone = gone
}

// decoder makes things of texts such as "picture beach": a stand-in.
type decoder struct {
	mu     sync.Mutex
	asked  []string      // what was derived of what
	closed bool          // it cannot work now
	fault  error         // of its own
	hold   chan struct{} // unless nil: nothing is made before it is closed
	onAsk  func(name string)
}

func (d *decoder) Derive(ctx context.Context, ask Ask, src Source) (Answer, error) {
	d.mu.Lock()
	closed, hold, onAsk, fault := d.closed, d.hold, d.onAsk, d.fault
	if !closed {
		d.asked = append(d.asked, ask.Name+fmt.Sprint(ask.Want))
	}
	d.mu.Unlock()
	if closed {
		return Answer{}, errs.New(errs.Unavailable, "the worker does not start")
	}
	if fault != nil {
		return Answer{}, fault
	}
	if onAsk != nil {
		onAsk(ask.Name)
	}
	if hold != nil {
		select {
		case <-hold:
		case <-ctx.Done():
			return Answer{}, ctx.Err()
		}
	}
	b, err := io.ReadAll(io.NewSectionReader(src, 0, src.Size))
	if err != nil {
		return Answer{Failed: failedAll(ask.Want, "it broke off")}, nil
	}
	return answer(ask, string(b))
}

func answer(ask Ask, text string) (Answer, error) {
	a := Answer{Pictures: map[Kind]Picture{}, Failed: map[Kind]string{}}
	verb, rest, _ := strings.Cut(text, " ")
	for _, k := range ask.Want {
		switch {
		case verb == "poison":
			return Answer{}, &Poison{"it brought the worker down"}
		case verb == "slow":
			a.Failed[k] = TooLong
		case verb == "broken":
			a.Failed[k] = "there is no end\nto it"
		case k == FactsOf && verb != "silent":
			a.Facts = &Facts{Title: rest, Width: len(text), Camera: "Ünique 5"}
		case k == TextOf && verb == "words":
			a.Text = &Text{Body: rest}
		case sorts[k].side > 0 && verb == "picture":
			a.Pictures[k] = Picture{MIME: "image/png", Bytes: []byte("\x89PNG\r\n\x1a\n" + string(k) + rest)}
		case sorts[k].side > 0 && verb == "nonsense":
			a.Pictures[k] = Picture{MIME: "image/png", Bytes: []byte("<svg onload=alert(1)>")}
		}
	}
	return a, nil
}

func (d *decoder) take() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	slices.Sort(d.asked)
	out := strings.Join(d.asked, "\n")
	d.asked = nil
	return out
}

func (d *decoder) set(change func(*decoder)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change(d)
}

// texts keeps words in memory.
type texts struct {
	mu    sync.Mutex
	stamp int64
	kept  map[ident.ContentID]string
}

func newTexts() *texts { return &texts{stamp: 7, kept: map[ident.ContentID]string{}} }

func (t *texts) Stamp(context.Context) (int64, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.stamp, nil
}

func (t *texts) Put(_ context.Context, ws []Words) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, w := range ws {
		t.kept[w.Content] = fmt.Sprintf("%s/%s %q %q", strings.Join(w.Path, "/"), w.Name, w.Title, w.Text.Body)
	}
	return nil
}

func (t *texts) Drop(_ context.Context, ids []ident.ContentID) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, id := range ids {
		delete(t.kept, id)
	}
	return nil
}

// lose makes another store of it, with nothing in it.
func (t *texts) lose() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stamp++
	clear(t.kept)
}

// all tells what is kept, one content a line.
func (t *texts) all() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []string
	for _, w := range t.kept {
		out = append(out, w)
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

// tree is what stands on the disk at first: path, a colon, the bytes.
var tree = map[string]string{
	"top/beach.png": "picture beach", "top/copy of beach.png": "picture beach", "top/letter.txt": "words dear all",
	"top/bad.jpg": "broken x", "top/bomb.pdf": "poison x", "top/quiet.txt": "silent x", "top/strange.png": "nonsense x",
	"top/program.exe": "picture inside", "top/shallow/s.png": "picture shallow", "other/o.txt": "words other",
}

// record puts what the disk shows at path into the catalogue, with its content.
func (d *disk) record(c *catalog.Catalog, tx *catalog.Tx, path string) (catalog.Entry, error) {
	seen, err := d.Stat(context.Background(), path)
	if err != nil {
		return catalog.Entry{}, err
	}
	v, err := tx.VolumeByIdentity("disk")
	if err != nil {
		return catalog.Entry{}, err
	}
	e, err := tx.Lookup(v.Root, path)
	if err == nil {
		if !e.Same(&seen) {
			e.Seen(seen)
			if err := tx.Apply(&catalog.Batch{Update: []catalog.Entry{e}}); err != nil {
				return e, err
			}
		}
	} else {
		dir, name := vfs.Split(path)
		parent, err := tx.Lookup(v.Root, dir)
		if err != nil {
			return parent, err
		}
		e = catalog.Entry{ID: c.ReserveEntryIDs(1), Volume: v.ID, Parent: parent.ID, Name: name, State: catalog.Present}
		e.Seen(seen)
		if err := tx.Apply(&catalog.Batch{Create: []catalog.Entry{e}}); err != nil {
			return e, err
		}
	}
	if e.Kind != vfs.File {
		return e, nil
	}
	return e, d.identify(tx, path, &e, &seen)
}

func (d *disk) identify(tx *catalog.Tx, path string, e *catalog.Entry, seen *vfs.Entry) error {
	h, err := d.FS.Open(context.Background(), path)
	if err != nil {
		return err
	}
	defer h.Close()
	b, err := io.ReadAll(h)
	if err != nil {
		return err
	}
	is := filekind.Ours().ByName(e.Name)
	e.Content, err = tx.PutContent(catalog.Content{Hash: sha256.Sum256(b), Size: seen.Size, Kind: is.Kind.String(), MIME: is.MIME})
	if err == nil {
		_, err = tx.Identify(e.ID, *seen, e.Content, 1)
	}
	return err
}

// fill makes a disk and a library that knows it: a deep location with a shallow
// one in it, and a folder beside them.
func fill(t *testing.T, db *store.DB) *disk {
	d := &disk{FS: memfs.New(nil), bad: map[string]bool{}}
	must(t, d.MkdirAll("top/shallow"))
	must(t, d.MkdirAll("other"))
	for path, text := range tree {
		must(t, d.WriteFile(path, []byte(text)))
	}
	c, err := catalog.Open(context.Background(), db, event.NewBus())
	must(t, err)
	must(t, c.Write(context.Background(), func(tx *catalog.Tx) error {
		v, err := tx.PutVolume(catalog.Volume{Identity: "disk", Name: "Disk", Device: "here", Facts: []byte("{}"), Online: true})
		if err != nil {
			return err
		}
		paths := []string{"top", "top/shallow", "other"}
		for path := range tree {
			paths = append(paths, path)
		}
		slices.Sort(paths)
		modes := map[string]string{"top": "deep", "top/shallow": "shallow", "other": "content"}
		for _, path := range paths {
			e, err := d.record(c, tx, path)
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

// world is a service that runs on a library of its own.
type world struct {
	*Service
	t       *testing.T
	db      *store.DB
	disk    *disk
	decoder *decoder
	texts   *texts
	engine  *job.Engine
	mu      sync.Mutex
	now     time.Time
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// start makes a world and serves it until the test ends.
func start(t *testing.T, change ...func(*Options)) *world {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{Path: filepath.Join(t.TempDir(), "library.db"), ApplicationID: schema.ApplicationID, Migrations: schema.Migrations()})
	must(t, err)
	w := &world{t: t, db: db, decoder: &decoder{}, texts: newTexts(), now: time.Unix(1_800_000_000, 0)}
	w.disk = fill(t, db)
	bus := event.NewBus()
	c, err := catalog.Open(t.Context(), db, bus)
	must(t, err)
	o := Options{Catalog: c, Volumes: w.disk, Bus: bus, Decoder: w.decoder, Texts: w.texts, Folder: filepath.Join(t.TempDir(), "sidecars"), Rest: time.Millisecond, Now: w.clock}
	for _, f := range change {
		f(&o)
	}
	w.Service = New(o)
	w.engine = job.NewEngine(db, w.JobDefs(), job.Options{})
	w.Start(w.engine)
	ctx, stop := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	serving.Go(func() { _ = w.engine.Serve(ctx) })
	serving.Go(func() { _ = w.Serve(ctx) })
	t.Cleanup(func() {
		stop()
		serving.Wait()
		must(t, db.Close())
	})
	w.until("it serves", func() bool {
		w.flights.mu.Lock()
		defer w.flights.mu.Unlock()
		return w.flights.ctx != nil
	})
	return w
}

// until waits for something to be so.
func (w *world) until(what string, fn func() bool) {
	w.t.Helper()
	for late := time.Now().Add(time.Minute); !fn(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(late) {
			w.t.Fatalf("it never came to be: %s\n%s", what, w.all())
		}
	}
}

// rested waits until all jobs have ended, and no other follows.
func (w *world) rested() {
	w.t.Helper()
	w.until("nothing is due", func() bool {
		due, err := w.due(w.t.Context())
		must(w.t, err)
		open, err := w.engine.List(w.t.Context(), job.Filter{States: []job.State{job.Queued, job.Running}})
		must(w.t, err)
		return len(due)+len(open) == 0
	})
}

func (w *world) all() string {
	all, err := sidecars(w.t.Context(), w.db, w.Folder)
	must(w.t, err)
	return all
}

// id returns the entry at path.
func (w *world) id(path string) (id ident.EntryID) {
	w.t.Helper()
	must(w.t, w.Catalog.Read(w.t.Context(), func(r *catalog.Reader) error {
		v, err := r.VolumeByIdentity("disk")
		if err != nil {
			return err
		}
		e, err := r.Lookup(v.Root, path)
		id = e.ID
		return err
	}))
	return id
}

// change writes a file and has the catalogue know it.
func (w *world) change(path, text string) {
	w.t.Helper()
	must(w.t, w.disk.WriteFile(path, []byte(text)))
	must(w.t, w.Catalog.Write(w.t.Context(), func(tx *catalog.Tx) error {
		_, err := w.disk.record(w.Catalog, tx, path)
		return err
	}))
}

// sidecars tells all there is in the tables and the folder: content by content,
// and files that belong to none.
func sidecars(ctx context.Context, db *store.DB, folder string) (string, error) {
	var out []string
	kept := map[string]bool{}
	err := db.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.Query(`SELECT (SELECT min(CAST(name AS TEXT)) FROM entry WHERE entry.content_id = sidecar.content_id), hash, sidecar.kind, status, version, again,
			sidecar.mime, sidecar.size, reason, coalesce((SELECT facts FROM facts WHERE facts.content_id = sidecar.content_id), '')
			FROM sidecar JOIN content ON content.id = content_id`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var file *string
			var facts string
			var hash []byte
			var r row
			if err := rows.Scan(&file, &hash, &r.kind, &r.status, &r.version, &r.again, &r.mime, &r.size, &r.reason, &facts); err != nil {
				return err
			}
			if file == nil {
				file = new(string)
			}
			line := fmt.Sprintf("%s %s %s", *file, r.kind, r.status)
			if r.again {
				line += " again"
			}
			if r.reason != "" {
				line += " " + r.reason
			}
			if r.kind == FactsOf {
				line += " " + facts
			}
			if r.size > 0 {
				n := r.name(catalog.Hash(hash))
				b, err := os.ReadFile(filepath.Join(folder, n.file()))
				if err != nil {
					line += " LOST"
				}
				kept[n.file()] = true
				line += fmt.Sprintf(" %d %q", r.version, strings.TrimPrefix(string(b), formats[1].magic))
			}
			out = append(out, line)
		}
		return rows.Err()
	})
	if err != nil {
		return "", err
	}
	slices.Sort(out)
	err = files{folder}.walk(ctx, func(f found) error {
		if !kept[f.path] {
			out = append(out, "stray "+f.path)
		}
		return nil
	})
	return strings.Join(out, "\n"), err
}
