package mirror

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/organize"
	"github.com/stardrive/stardrive/internal/organize/marks"
	"github.com/stardrive/stardrive/internal/schema"
	"github.com/stardrive/stardrive/internal/store"
	"github.com/stardrive/stardrive/internal/vfs"
	"github.com/stardrive/stardrive/internal/vfs/memfs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// stage is a volume in memory with files that something was added to.
type stage struct {
	*Service
	t       *testing.T
	fs      *memfs.FS
	marked  []organize.Marked
	adopted []organize.Marked
	plans   *action.Service
	away    bool
}

func (w *stage) Marked(context.Context, organize.Selection) ([]organize.Marked, error) {
	return slices.Clone(w.marked), nil
}

func (w *stage) Adopt(_ context.Context, all []organize.Marked) (organize.Done, error) {
	w.adopted = append(w.adopted, all...)
	return organize.Done{}, nil
}

func newWorld(t *testing.T) *stage {
	t.Helper()
	w := &stage{t: t, fs: memfs.New(func() time.Time { return noon })}
	w.Service = New(Options{
		Driver: func(context.Context, string) (vfs.Driver, error) {
			if w.away {
				return nil, errs.New(errs.Unavailable, "offline")
			}
			return w.fs, nil
		},
		Ground: func(context.Context, string) catalog.Ground { return catalog.Ground{Mount: "/m", Online: true} },
		Look:   func(context.Context, []catalog.Spot) error { return nil },
	})
	db, err := store.Open(t.Context(), store.Options{Path: filepath.Join(t.TempDir(), "library.db"), ApplicationID: schema.ApplicationID, Migrations: schema.Migrations()})
	if err != nil {
		t.Fatal(err)
	}
	w.plans = action.New(action.Options{DB: db, Kinds: w.Kinds()})
	jobs := job.NewEngine(db, append(w.plans.JobDefs(), w.JobDefs()...), job.Options{})
	if err := w.plans.Start(t.Context(), jobs); err != nil {
		t.Fatal(err)
	}
	w.Service.Start(w, w.plans, jobs)
	ctx, cancel := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	serving.Go(func() { _ = jobs.Serve(ctx) })
	t.Cleanup(func() {
		cancel()
		serving.Wait()
		_ = db.Close()
	})
	return w
}

func (w *stage) file(path, text string, m marks.Marks) {
	w.t.Helper()
	if err := w.fs.WriteFile(path, []byte(text)); err != nil {
		w.t.Fatal(err)
	}
	w.marked = append(w.marked, organize.Marked{Entry: ident.EntryID(len(w.marked) + 1), At: catalog.Spot{Volume: "v", Path: path}, Kind: vfs.File, Marks: m})
}

func (w *stage) propose(in In) action.Plan {
	w.t.Helper()
	p, err := w.plans.Propose(w.t.Context(), action.Request{Action: writeAction, Args: in}, action.User)
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

func (w *stage) commit(p action.Plan, want action.State) action.Plan {
	w.t.Helper()
	_, err := w.plans.Commit(w.t.Context(), p.ID, "")
	if err == nil {
		p, err = w.plans.Wait(w.t.Context(), p.ID)
	}
	if err != nil || p.State != want {
		w.t.Fatalf("%+v %v", p, err)
	}
	return p
}

func (w *stage) undo(p action.Plan, want action.State) action.Plan {
	w.t.Helper()
	p, err := w.plans.Undo(w.t.Context(), p.ID, action.User)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.commit(p, want)
}

// read is what stands under a path; "none": nothing.
func (w *stage) read(path string) string {
	w.t.Helper()
	h, err := w.fs.Open(w.t.Context(), path)
	if errs.Is(err, errs.NotFound) {
		return "none"
	}
	if err != nil {
		w.t.Fatal(err)
	}
	b, err := whole(h)
	if err != nil {
		w.t.Fatal(err)
	}
	return string(b)
}

func (w *stage) attrs(path string) map[string][]byte {
	w.t.Helper()
	v, err := attributesOf(w.t.Context(), w.fs, path)
	if err != nil {
		w.t.Fatal(err)
	}
	return v
}

var some = marks.Marks{Tags: []marks.Tag{{"work", "invoices"}}, Stars: 4, Comment: "ask Mia"}

const odd = "a\xff\n.jpg"

func TestAttributesAreWrittenAndTakenBack(t *testing.T) {
	w := newWorld(t)
	w.file(odd, "one", some)
	w.file("b.jpg", "two", marks.Marks{Tags: []marks.Tag{{"x"}}})
	w.file("none.jpg", "three", marks.Marks{})
	if err := w.fs.SetXattr(odd, "user.other", []byte("kept")); err != nil {
		t.Fatal(err)
	}
	if err := w.fs.SetXattr(odd, "user.xdg.tags", []byte("theirs")); err != nil {
		t.Fatal(err)
	}
	p := w.propose(In{To: Xattr})
	if got := w.attrs(odd); len(got) != 2 || p.Items != 2 {
		t.Fatal("a preview wrote:", got, p)
	}
	p = w.commit(p, action.Done)
	got := w.attrs(odd)
	if string(got["user.xdg.tags"]) != "invoices,theirs" || string(got["user.xdg.comment"]) != "ask Mia" || string(got["user.baloo.rating"]) != "8" || string(got["user.other"]) != "kept" {
		t.Errorf("%q", got)
	}
	if w.read(odd) != "one" || len(w.attrs("none.jpg")) != 0 {
		t.Error("bytes changed, or a file with nothing was touched")
	}
	if _, err := w.plans.Propose(t.Context(), action.Request{Action: writeAction, Args: In{To: Xattr}}, action.User); !errs.Is(err, errs.Conflict) {
		t.Error("planned again:", err)
	}
	u := w.undo(p, action.Done)
	if got := w.attrs(odd); len(got) != 2 || string(got["user.xdg.tags"]) != "theirs" || len(w.attrs("b.jpg")) != 0 {
		t.Errorf("undone: %q", got)
	}
	w.undo(u, action.Done)
	if got := w.attrs(odd); string(got["user.xdg.tags"]) != "invoices,theirs" {
		t.Errorf("done again: %q", got)
	}
	p = w.commit(w.propose(In{To: Finder, Exact: true}), action.Done)
	if m, err := w.finder.From(w.attrs(odd)); err != nil || !slices.Equal(m.Tags[0], marks.Tag{"invoices"}) {
		t.Error(m, err)
	}
	w.undo(p, action.Done)
	if m, err := w.finder.From(w.attrs(odd)); err != nil || len(m.Tags) != 0 {
		t.Error(m, err)
	}
}

// TestNothingThatChangedMeanwhileIsTouched: files, attributes and sidecars that are not as
// the preview saw them are left alone, each with its reason.
func TestNothingThatChangedMeanwhileIsTouched(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"edited", "marked", "fine"} {
		w.file(name, "text", some)
	}
	attrs, sidecars := w.propose(In{To: Xattr}), w.propose(In{To: XMP})
	if err := w.fs.WriteFile("edited", []byte("longer text")); err != nil {
		t.Fatal(err)
	}
	if err := w.fs.SetXattr("marked", "user.xdg.tags", []byte("theirs")); err != nil {
		t.Fatal(err)
	}
	if err := w.fs.WriteFile("marked.xmp", []byte("theirs")); err != nil {
		t.Fatal(err)
	}
	for _, p := range []action.Plan{attrs, sidecars} {
		if p = w.commit(p, action.Partial); p.Done != 1 || p.Failed != 2 {
			t.Errorf("%+v", p)
		}
	}
	if a, b := w.attrs("edited"), w.attrs("marked"); len(a) != 0 || string(b["user.xdg.tags"]) != "theirs" || len(b) != 1 {
		t.Errorf("%q %q", a, b)
	}
	if a, b, c := w.read("edited.xmp"), w.read("marked.xmp"), w.read("fine.xmp"); a != "none" || b != "theirs" || !strings.Contains(c, "invoices") {
		t.Errorf("%q %q %q", a, b, c)
	}
}

// TestWhatIsAwayWaits: files on volumes that are offline or read-only can have marks; what
// would be written beside them is told, and waits.
func TestWhatIsAwayWaits(t *testing.T) {
	w := newWorld(t)
	w.file("a", "text", some)
	for _, set := range []func(bool){func(on bool) { w.away = on }, w.fs.SetReadOnly} {
		set(true)
		p, err := w.plans.Propose(t.Context(), action.Request{Action: writeAction, Args: In{To: XMP}}, action.User)
		if err == nil {
			p = w.commit(p, action.Failed)
		} else if !strings.Contains(err.Error(), "offline or cannot be changed") {
			t.Error(err)
		}
		set(false)
		if w.read("a.xmp") != "none" {
			t.Error("written:", p)
		}
	}
	w.commit(w.propose(In{To: XMP}), action.Done)
}

// TestDeadAtAnyStep: whatever was done of a sidecar when the process died, it is found to
// be done or not, nothing is left beside it, and nobody else's sidecar is lost.
func TestDeadAtAnyStep(t *testing.T) {
	const before, after = "what was there", "what is written"
	temp := vfs.PrivateName()
	for name, c := range map[string]struct {
		old           string // "": none
		sidecar, temp string
		done          bool
		want          string
	}{
		"nothing yet":                {before, before, "", false, before},
		"half written":               {before, before, "what is", false, before},
		"written":                    {before, before, after, false, before},
		"named":                      {before, after, before, true, after},
		"done":                       {before, after, "", true, after},
		"written in between":         {before, after, "theirs", false, "theirs"},
		"new, half written":          {"", "", "wh", false, "none"},
		"new, done":                  {"", after, "", true, after},
		"somebody's after it's done": {before, "theirs", before, false, "theirs"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.file("a", "text", some)
			for path, text := range map[string]string{"a.xmp": c.sidecar, temp: c.temp} {
				if text == "" {
					continue
				}
				if err := w.fs.WriteFile(path, []byte(text)); err != nil {
					t.Fatal(err)
				}
			}
			st := &step{Form: XMP, At: w.marked[0].At, Of: []string{""}, Old: values{}, New: values{"": []byte(after)}, Temp: temp}
			if c.old != "" {
				st.Old = values{"": []byte(c.old)}
			}
			e := &running{world: w.world()}
			done, err := e.found(t.Context(), st)
			if err != nil || done != c.done {
				t.Fatal(done, err)
			}
			if got := w.read("a.xmp"); got != c.want || w.read(temp) != "none" {
				t.Errorf("%q, and beside it %q", got, w.read(temp))
			}
		})
	}
}

func TestAdoptReadsWhatFilesSay(t *testing.T) {
	w := newWorld(t)
	w.file("a", "text", some)
	w.file("b", "text", marks.Marks{})
	w.file("broken", "text", marks.Marks{})
	w.marked[2].Marks = marks.Marks{}
	w.commit(w.propose(In{To: XMP}), action.Done)
	if err := w.fs.WriteFile("broken.xmp", []byte("no XMP")); err != nil {
		t.Fatal(err)
	}
	w.fs.SetReadOnly(true)
	id, err := w.jobs.Enqueue(t.Context(), adoptJob, AdoptIn{From: XMP}, job.Enqueue{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := w.jobs.Wait(t.Context(), id)
	if err != nil || s.Warnings != 1 || len(w.adopted) != 2 || !w.adopted[0].Marks.Same(some) {
		t.Errorf("%+v %v %+v", s, err, w.adopted)
	}
}
