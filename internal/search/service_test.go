package search

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/event"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/schema"
	"github.com/stardrive/stardrive/internal/store"
	"github.com/stardrive/stardrive/internal/vfs"
)

func TestMain(m *testing.M) {
	flag.Parse()
	if checks := flag.Lookup("rapid.checks"); raceEnabled && checks.Value.String() == checks.DefValue {
		_ = checks.Value.Set("12")
	}
	goleak.VerifyTestMain(m)
}

// shelf is a catalogue with one volume, and a service on it.
type shelf struct {
	*Service
	t      testing.TB
	dir    string
	vol    catalog.Volume
	online atomic.Bool
}

func newShelf(t testing.TB) *shelf {
	t.Helper()
	s := &shelf{t: t, dir: t.TempDir()}
	db, err := store.Open(t.Context(), store.Options{
		Path: filepath.Join(s.dir, "library.db"), ApplicationID: schema.ApplicationID, Migrations: schema.Migrations(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	bus := event.NewBus()
	c, err := catalog.Open(t.Context(), db, bus)
	if err != nil {
		t.Fatal(err)
	}
	s.online.Store(true)
	s.Service = New(Options{Catalog: c, Bus: bus, Path: filepath.Join(s.dir, "names.index"), Library: "a library", Now: func() time.Time { return noon }, Ground: func(v catalog.Volume) catalog.Ground {
		if !s.online.Load() {
			return catalog.Ground{ID: v.ID, Name: v.Name}
		}
		return catalog.Ground{ID: v.ID, Name: v.Name, Mount: "/mnt/disk", Online: true}
	}})
	s.write(func(tx *catalog.Tx) (err error) {
		s.vol, err = tx.PutVolume(catalog.Volume{Device: "d", Identity: "uuid:1", Name: "Disk", Facts: json.RawMessage("{}"), Online: true})
		return err
	})
	return s
}

func (s *shelf) write(fn func(tx *catalog.Tx) error) {
	s.t.Helper()
	if err := s.Catalog.Write(context.Background(), fn); err != nil {
		s.t.Fatal(err)
	}
}

// entry is a new entry, not stored yet.
func (s *shelf) entry(parent ident.EntryID, name string, kind vfs.Kind) catalog.Entry {
	return catalog.Entry{
		ID: s.Catalog.ReserveEntryIDs(1), Volume: s.vol.ID, Parent: parent, Name: name, Kind: kind, State: catalog.Present, Modified: noon.UnixNano(),
	}
}

func (s *shelf) add(parent ident.EntryID, name string, kind vfs.Kind) catalog.Entry {
	s.t.Helper()
	e := s.entry(parent, name, kind)
	s.apply(&catalog.Batch{Create: []catalog.Entry{e}})
	return e
}

func (s *shelf) apply(b *catalog.Batch) {
	s.t.Helper()
	s.write(func(tx *catalog.Tx) error { return tx.Apply(b) })
}

// serve runs the service until the test ends.
func (s *shelf) serve() {
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = s.Serve(ctx) }()
	s.t.Cleanup(func() { stop(); <-ended })
}

// keep begins to serve, up to the newest change. The caller ends it.
func (s *shelf) keep() *keeper {
	s.t.Helper()
	k := &keeper{Service: s.Service, fail: func(error) {}}
	if err := k.begin(context.Background()); err != nil {
		s.t.Fatal(err)
	}
	return k
}

// ask calls the operation as a client does.
func (s *shelf) ask(in map[string]any) (Hits, error) {
	s.t.Helper()
	b, err := json.Marshal(in)
	if err != nil {
		s.t.Fatal(err)
	}
	out, err := s.Ops()[0].Call(context.Background(), b)
	var hits Hits
	if err == nil {
		err = json.Unmarshal(out, &hits)
	}
	return hits, err
}

func namesOf(h Hits) []string {
	names := []string{}
	for _, i := range h.Items {
		names = append(names, i.Name)
	}
	slices.Sort(names)
	return names
}

// finds waits until a search finds just these names: the feed is followed soon,
// not at once.
func (s *shelf) finds(query string, want ...string) {
	s.t.Helper()
	slices.Sort(want)
	var got []string
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(time.Millisecond) {
		hits, err := s.ask(map[string]any{"query": query})
		if err != nil {
			s.t.Fatal(err)
		}
		if got = namesOf(hits); slices.Equal(got, append([]string{}, want...)) && hits.Total == len(want) {
			return
		}
	}
	s.t.Fatalf("%q finds %q, want %q", query, got, want)
}

// TestFollowsTheCatalogue: what is new is found, and what was renamed, went or
// was deleted leaves no trace.
func TestFollowsTheCatalogue(t *testing.T) {
	s := newShelf(t)
	s.add(s.vol.Root, "before.txt", vfs.File)
	s.serve()
	s.finds("before", "before.txt")

	folder := s.add(s.vol.Root, "folder", vfs.Folder)
	file := s.add(folder.ID, "file one.txt", vfs.File)
	s.finds("f", "folder", "file one.txt", "before.txt")

	file.Name = "document.txt"
	s.apply(&catalog.Batch{Move: []catalog.Entry{file}})
	s.finds("document", "document.txt")
	s.finds("one")

	s.apply(&catalog.Batch{Absent: []ident.EntryID{folder.ID}})
	s.finds("document")
	s.finds("folder")

	folder.State, file.State = catalog.Present, catalog.Present
	s.apply(&catalog.Batch{Update: []catalog.Entry{folder, file}})
	s.finds("document", "document.txt")

	s.write(func(tx *catalog.Tx) error { _, _, err := tx.Forget(folder.ID, nil, 100); return err })
	s.finds("o", "before.txt")

	folder = s.add(s.vol.Root, "only known", vfs.Folder)
	s.finds("known", "only known")
	folder.State = catalog.Known
	s.apply(&catalog.Batch{Update: []catalog.Entry{folder}})
	s.finds("known")
}

// TestQueriesWhileWritten: searches go on while the catalogue is filled, and end
// up with all of it.
func TestQueriesWhileWritten(t *testing.T) {
	s := newShelf(t)
	const batches, each = 12, 200
	var wg sync.WaitGroup
	done := make(chan struct{})
	for range 2 {
		wg.Go(func() {
			for total := 0; ; {
				select {
				case <-done:
					return
				default:
				}
				hits, err := s.ask(map[string]any{"query": "photo", "limit": 5})
				if err != nil || hits.Total < total {
					t.Errorf("%d hits after %d (%v)", hits.Total, total, err)
					return
				}
				total = hits.Total
			}
		})
	}
	s.serve()
	for n := range batches {
		b := &catalog.Batch{}
		for i := range each {
			b.Create = append(b.Create, s.entry(s.vol.Root, fmt.Sprintf("photo %d-%d.jpg", n, i), vfs.File))
		}
		s.apply(b)
	}
	for {
		hits, err := s.ask(map[string]any{"query": "photo", "limit": 1})
		if err != nil {
			t.Fatal(err)
		}
		if hits.Total == batches*each {
			break
		}
	}
	close(done)
	wg.Wait()
}

// TestFollowPassesOverNothing: a commit that changed nothing in the end must not
// keep the follower awake for ever.
func TestFollowPassesOverNothing(t *testing.T) {
	s := newShelf(t)
	k := s.keep()
	defer k.end()
	for range 2 {
		s.write(func(tx *catalog.Tx) error { return tx.PutDevice(catalog.Device{ID: "d", Name: "same", Slug: "same"}) })
	}
	if err := k.follow(t.Context(), k.t); err != nil || k.t.seq < s.Bus.Head() {
		t.Errorf("followed to %d of %d (%v)", k.t.seq, s.Bus.Head(), err)
	}
}

// TestWhileLoading: a search before there is an index waits for it, for its
// caller, and ten seconds at most; while one is made, for a second.
func TestWhileLoading(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Options{})
		k := &keeper{Service: s}
		began := time.Now()
		_, err := s.ready(t.Context())
		if !errs.Is(err, errs.Unavailable) || errs.RemedyOf(err) == "" || time.Since(began) != loadPatience {
			t.Errorf("%v, with the remedy %q, after %v", err, errs.RemedyOf(err), time.Since(began))
		}
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		began = time.Now()
		if _, err := s.ready(ctx); err == nil || time.Since(began) != time.Second {
			t.Errorf("a caller with a second of time: %v after %v", err, time.Since(began))
		}
		stop()
		if _, err := s.ready(ctx); err == nil {
			t.Error("a caller that is gone got an answer")
		}
		table := newTable(8)
		time.AfterFunc(2*time.Second, func() { k.show(table, false) })
		if st, err := s.ready(t.Context()); err != nil || st.whole {
			t.Errorf("a part is there in time: %v", err)
		}
		began = time.Now()
		if st, err := s.ready(t.Context()); err != nil || st.whole || time.Since(began) != wholePatience {
			t.Errorf("a part is there: %v after %v", err, time.Since(began))
		}
		time.AfterFunc(time.Second/2, func() { k.show(table, true) })
		if st, err := s.ready(t.Context()); err != nil || !st.whole {
			t.Errorf("all is there in time: %v", err)
		}
	})
}

// TestServedAgain: what was found is found again, and so is what came meanwhile.
func TestServedAgain(t *testing.T) {
	s := newShelf(t)
	s.add(s.vol.Root, "one", vfs.File)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- s.Serve(ctx) }()
	s.finds("one", "one")
	stop()
	if err := <-ended; err == nil {
		t.Error("Serve ended without its context's error")
	}
	s.add(s.vol.Root, "one more", vfs.File)
	s.serve()
	s.finds("one", "one", "one more")
}

// TestAnswer: what a hit shows, pages without gaps or repeats, the folder to
// search in, and what is refused.
func TestAnswer(t *testing.T) {
	s := newShelf(t)
	folder := s.add(s.vol.Root, "Photos", vfs.Folder)
	for i := range 25 {
		s.add(folder.ID, fmt.Sprintf("beach %02d.jpg", i), vfs.File)
	}
	s.add(s.vol.Root, "beach", vfs.File)
	s.Folder = func(_ context.Context, path string) (ident.EntryID, error) {
		if path == "/mnt/disk/Photos" {
			return folder.ID, nil
		}
		return 0, errs.New(errs.NotFound, "no such entry").At(path)
	}
	s.serve()
	s.finds("photos", "Photos")

	hits, err := s.ask(map[string]any{"query": "beach"})
	if err != nil || len(hits.Items) != 26 || hits.Total != 26 {
		t.Fatalf("%d of %d hits, %v", len(hits.Items), hits.Total, err)
	}
	if h := hits.Items[0]; h.Name != "beach" || h.Match != "exact" || h.Path != "sd://local/mnt/disk/beach" || h.State != "present" || h.Score <= hits.Items[1].Score {
		t.Errorf("the best hit is %+v", h)
	}
	if h := hits.Items[1]; h.Match != "prefix" || h.Path != "sd://local/mnt/disk/Photos/beach%2000.jpg" && h.Path != "sd://local/mnt/disk/Photos/beach 00.jpg" {
		t.Errorf("the second hit is %+v", h)
	}
	var paged []string
	for offset := 0; offset < 40; offset += 4 {
		page, err := s.ask(map[string]any{"query": "beach", "limit": 4, "offset": offset})
		if err != nil || page.Total != 26 {
			t.Fatal(page.Total, err)
		}
		for _, h := range page.Items {
			paged = append(paged, h.ID)
		}
	}
	var all []string
	for _, h := range hits.Items {
		all = append(all, h.ID)
	}
	if !slices.Equal(paged, all) {
		t.Errorf("in pages %v, at once %v", paged, all)
	}

	if in, err := s.ask(map[string]any{"query": "beach", "in": "/mnt/disk/Photos"}); err != nil || in.Total != 25 {
		t.Errorf("in the folder: %d hits, %v", in.Total, err)
	}
	if _, err := s.ask(map[string]any{"query": "beach", "in": "/nowhere"}); !errs.Is(err, errs.NotFound) {
		t.Errorf("in a folder that is not there: %v", err)
	}
	for _, bad := range []map[string]any{{}, {"query": "x", "limit": -1}, {"query": "x", "limit": 1001}, {"query": "x", "offset": -1}, {"query": 1}} {
		if _, err := s.ask(bad); !errs.Is(err, errs.Invalid) {
			t.Errorf("%v: %v", bad, err)
		}
	}

	s.online.Store(false)
	if off, err := s.ask(map[string]any{"query": "photos"}); err != nil || len(off.Items) != 1 || off.Items[0].State != "offline" || off.Items[0].Path != "sd://Disk/Photos" {
		t.Errorf("on an offline volume: %+v, %v", off, err)
	}
}

// TestChildren: what a folder holds is told as the catalogue has it, as of a seq.
func TestChildren(t *testing.T) {
	s := newShelf(t)
	if _, ok := s.Children(s.vol.Root, nil); ok {
		t.Error("nothing is loaded, and the children are told")
	}
	folder := s.add(s.vol.Root, "Folder", vfs.Folder)
	file := s.add(folder.ID, ".Ünder.TXT", vfs.File)
	gone := s.add(folder.ID, "gone", vfs.File)
	s.add(s.vol.Root, "beside", vfs.File)
	file.Size, file.Modified = 5, 7
	s.apply(&catalog.Batch{Update: []catalog.Entry{file}, Absent: []ident.EntryID{gone.ID}})
	s.serve()
	s.finds("under", ".Ünder.TXT")
	told := map[ident.EntryID]string{}
	tell := func(id ident.EntryID, kind vfs.Kind, hidden bool, folded []byte, size, modified int64) {
		told[id] = fmt.Sprintf("%s %v %s %d %d", kind, hidden, folded, size, modified)
	}
	seq, ok := s.Children(folder.ID, tell)
	if want := map[ident.EntryID]string{file.ID: "file true .under.txt 5 7"}; !ok || seq != s.Catalog.Reached() || fmt.Sprint(told) != fmt.Sprint(want) {
		t.Errorf("as of %d (%v): %v, want as of %d: %v", seq, ok, told, s.Catalog.Reached(), want)
	}
	clear(told)
	if s.Children(s.vol.Root, tell); told[folder.ID] != fmt.Sprintf("folder false folder 5 %d", noon.UnixNano()) {
		t.Errorf("in the root: %v", told)
	}
}

// TestGoneMeanwhile: a hit that left the catalogue before it could be shown is
// left out, however it left.
func TestGoneMeanwhile(t *testing.T) {
	s := newShelf(t)
	var ids []ident.EntryID
	for _, n := range []string{"stays", "is absent", "is deleted"} {
		ids = append(ids, s.add(s.vol.Root, n, vfs.File).ID)
	}
	k := s.keep()
	defer k.end()
	s.apply(&catalog.Batch{Absent: ids[1:2]})
	s.write(func(tx *catalog.Tx) error { _, _, err := tx.Forget(ids[2], nil, 10); return err })
	hits, err := s.ask(map[string]any{"query": "s"})
	if got := namesOf(hits); err != nil || !slices.Equal(got, []string{"stays"}) {
		t.Errorf("shown are %q, %v", got, err)
	}
}

// TestSearchesOfAllSorts: filters, orders, facets, exact names, slips and hints,
// as a client asks.
func TestSearchesOfAllSorts(t *testing.T) {
	s := newShelf(t)
	folder := s.add(s.vol.Root, "Photos", vfs.Folder)
	put := func(parent ident.EntryID, name string, size int64, year int) {
		e := s.entry(parent, name, vfs.File)
		e.Size, e.Modified = size, time.Date(year, 3, 1, 0, 0, 0, 0, time.UTC).UnixNano()
		s.apply(&catalog.Batch{Create: []catalog.Entry{e}})
	}
	put(folder.ID, "Beach 10.jpg", 3<<20, 2024)
	put(folder.ID, "Beach 2.JPG", 5<<20, 2025)
	put(folder.ID, "beach.txt", 0, 2024)
	put(s.vol.Root, "Mountains.png", 2<<30, 2020)
	put(s.vol.Root, ".beach", 10, 0)
	s.write(func(tx *catalog.Tx) error {
		_, err := tx.AddLocation(catalog.Location{Volume: s.vol.ID, Entry: folder.ID, Name: "My photos", Mode: "deep", State: "ready"})
		return err
	})
	s.Folder = func(context.Context, string) (ident.EntryID, error) {
		return 0, errs.New(errs.NotFound, "no such folder")
	}
	s.serve()
	s.finds("mountains", "Mountains.png")
	for _, c := range []struct {
		in   map[string]any
		want []string
	}{
		{map[string]any{"query": "kind:image", "sort": "name"}, []string{"Beach 2.JPG", "Beach 10.jpg", "Mountains.png"}},
		{map[string]any{"query": "kind:image", "sort": "size", "descending": true}, []string{"Mountains.png", "Beach 2.JPG", "Beach 10.jpg"}},
		{map[string]any{"query": "kind:image", "sort": "modified"}, []string{"Mountains.png", "Beach 10.jpg", "Beach 2.JPG"}},
		{map[string]any{"query": "-is:hidden", "sort": "kind"}, []string{"Photos", "Beach 2.JPG", "Beach 10.jpg", "Mountains.png", "beach.txt"}},
		{map[string]any{"query": "beach size:>1mb modified:2024"}, []string{"Beach 10.jpg"}},
		{map[string]any{"query": "beach", "exact": true}, []string{"beach.txt", ".beach"}},
		{map[string]any{"query": "*.jpg", "exact": true}, []string{"Beach 10.jpg"}},
		{map[string]any{"query": "re:^Beach.*JPG$", "exact": true}, []string{"Beach 2.JPG"}},
		{map[string]any{"query": "photos/ -ext:txt", "sort": "name"}, []string{"Beach 2.JPG", "Beach 10.jpg"}},
		{map[string]any{"query": `location:"my photos" beach ext:jpg`, "sort": "name"}, []string{"Beach 2.JPG", "Beach 10.jpg"}},
		{map[string]any{"query": "location:photos kind:folder"}, []string{"Photos"}},
		{map[string]any{"query": "volume:disk is:empty kind:file"}, []string{"beach.txt"}},
		{map[string]any{"query": "is:offline"}, nil},
		{map[string]any{"query": "bech 10"}, []string{"Beach 10.jpg"}},
		{map[string]any{"query": "mountans", "limit": 1}, []string{"Mountains.png"}},
		{map[string]any{"query": "mountans", "offset": 1}, nil},
		{map[string]any{"query": "mountans", "sort": "name"}, nil},
	} {
		hits, err := s.ask(c.in)
		var got []string
		for _, h := range hits.Items {
			got = append(got, h.Name)
		}
		if err != nil || !slices.Equal(got, c.want) || len(hits.Hints) > 0 || hits.Total != max(len(c.want), hits.Fuzzy) {
			t.Errorf("%v finds %q of %d (%d fuzzy), want %q (%v, %v)", c.in, got, hits.Total, hits.Fuzzy, c.want, hits.Hints, err)
		}
		for i, h := range hits.Items {
			if i > 0 && h.Score > hits.Items[i-1].Score || (h.Match == "fuzzy") != (i >= hits.Total-hits.Fuzzy) {
				t.Errorf("%v: hit %d is %s with %v", c.in, i, h.Match, h.Score)
			}
		}
	}
	hits, err := s.ask(map[string]any{"query": "-is:hidden", "limit": 1, "facets": []string{"kind", "extension", "year", "size", "location", "volume"}})
	want := "[{kind [{image kind:image 3} {folder kind:folder 1} {text kind:text 1}]} {extension [{jpg ext:jpg 2} {png ext:png 1} {txt ext:txt 1}]} " +
		"{year [{2026 modified:2026 1} {2025 modified:2025 1} {2024 modified:2024 2} {2020 modified:2020 1}]} " +
		"{size [{empty size:empty 1} {medium size:medium 2} {huge size:huge 1}]} " +
		"{location [{My photos location:\"My photos\" 4}]} {volume [{Disk volume:Disk 5}]}]"
	if got := fmt.Sprint(hits.Facets); err != nil || got != want {
		t.Errorf("facets are\n%s, want\n%s (%v)", got, want, err)
	}
	for _, f := range hits.Facets { // what a facet counts is what its query finds
		for _, v := range f.Values {
			if some, err := s.ask(map[string]any{"query": "-is:hidden " + v.Query}); err != nil || some.Total != v.Count {
				t.Errorf("%s counts %d, and %d are found (%v)", v.Query, v.Count, some.Total, err)
			}
		}
	}
	if hits, err := s.ask(map[string]any{"query": "in:/nowhere", "facets": []string{"kind", "year"}}); err != nil || len(hits.Hints) != 1 || len(hits.Facets) != 2 || hits.Total != 0 {
		t.Errorf("a folder that is not there: %+v, %v", hits, err)
	}
	for _, bad := range []map[string]any{{"query": "x", "sort": "colour"}, {"query": "x", "facets": []string{"mood"}}} {
		if _, err := s.ask(bad); !errs.Is(err, errs.Invalid) {
			t.Errorf("%v: %v", bad, err)
		}
	}
	s.online.Store(false)
	if hits, err := s.ask(map[string]any{"query": "is:offline mountains"}); err != nil || hits.Total != 1 {
		t.Errorf("offline: %d hits, %v", hits.Total, err)
	}
}

// TestRests: when nothing is searched or changed any more, memory is given back,
// once, and again after the next search.
func TestRests(t *testing.T) {
	s := newShelf(t)
	rested := 0
	s.Rested = func() { rested++ }
	s.add(s.vol.Root, "one", vfs.File)
	k := s.keep()
	defer k.end()
	for _, step := range []struct {
		search bool
		want   int
	}{{true, 0}, {false, 1}, {false, 1}, {true, 1}, {true, 1}, {false, 2}, {false, 2}} {
		if step.search {
			if _, err := s.ask(map[string]any{"query": "one"}); err != nil {
				t.Fatal(err)
			}
		}
		if err := k.tidy(t.Context()); err != nil || rested != step.want {
			t.Fatalf("%+v: rested %d times, %v", step, rested, err)
		}
	}
	if hits, err := s.ask(map[string]any{"query": "one"}); err != nil || hits.Total != 1 {
		t.Errorf("after a rest: %d hits, %v", hits.Total, err)
	}
}
