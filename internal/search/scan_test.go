package search

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// stuck is a part of a query that takes as long as the test wants.
type stuck struct {
	coarse
	begun, end chan struct{}
	once       *sync.Once
}

func (n *stuck) keep(w *worker, _ bitmap) {
	if !w.sealed {
		return
	}
	n.once.Do(func() { close(n.begun) })
	for {
		select {
		case <-n.end:
			return
		default:
			time.Sleep(time.Millisecond)
			w.breathe()
		}
	}
}

// TestSlowQueryHoldsNobody: while a query takes long, changes are taken over, sealed
// and merged, others find these at once, and the slow one finds what was there when
// it began.
func TestSlowQueryHoldsNobody(t *testing.T) {
	f, err := createFile(filepath.Join(t.TempDir(), "names.index"), "a library")
	if err != nil {
		t.Fatal(err)
	}
	table := newTable(16)
	table.file, table.hold = f, time.Microsecond
	name := func(id ident.EntryID, name string) {
		if table.full(1) {
			if err := table.seal(false); err != nil {
				t.Fatal(err)
			}
		}
		c := catalog.Change{Seq: int64(id), Noun: catalog.NounEntry, ID: int64(id), Entry: &catalog.Brief{ID: id, Parent: 1, Name: name, Kind: vfs.File, State: catalog.Present}}
		if err := table.take([]catalog.Change{c}, table.seq+1); err != nil {
			t.Fatal(err)
		}
	}
	for id := ident.EntryID(2); id < 80; id++ {
		name(id, fmt.Sprintf("old %d", id))
	}
	slow := &stuck{begun: make(chan struct{}), end: make(chan struct{}), once: new(sync.Once)}
	totals := make(chan int, 1)
	go func() {
		total := -1
		err := table.search(context.Background(), &query{fits: and{newWord("old"), slow}, order: order{by: ByName}}, 1000, func(f found) {
			total = f.total
			for i := range f.hits {
				if n := string(f.hits[i].seg.name(f.hits[i].row)); n[:4] != "old " {
					total = -2
				}
			}
		})
		if err != nil {
			total = -3
		}
		totals <- total
	}()
	<-slow.begun
	for id := ident.EntryID(2); id < 80; id++ { // this waits for ever if the query holds it up
		name(id, fmt.Sprintf("new %d", id))
	}
	if err := table.mergeNow(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	if _, n, err := table.hits(ask("new", 0), 100); err != nil || n != 78 {
		t.Errorf("%d are new (%v)", n, err)
	}
	if _, n, err := table.hits(ask("old", 0), 100); err != nil || n != 0 {
		t.Errorf("%d are old (%v)", n, err)
	}
	close(slow.end)
	if n := <-totals; n != 78 {
		t.Errorf("the slow query finds %d", n)
	}
	if table.maps.users != 1 {
		t.Errorf("%d look at the file's memory", table.maps.users)
	}
}

// TestSlowQueryOfClosedTable: a table that is closed while a query takes long keeps
// its memory until that is through, and the query is to ask another one.
func TestSlowQueryOfClosedTable(t *testing.T) {
	table := fill("a one", "a two")
	if err := table.seal(false); err != nil {
		t.Fatal(err)
	}
	table.hold = time.Microsecond
	slow := &stuck{begun: make(chan struct{}), end: make(chan struct{}), once: new(sync.Once)}
	ended := make(chan error, 1)
	go func() {
		ended <- table.search(context.Background(), &query{fits: slow}, 10, func(found) {})
	}()
	<-slow.begun
	if err := table.close(); err != nil {
		t.Fatal(err)
	}
	if table.maps.users != 1 {
		t.Error("the memory is gone")
	}
	time.Sleep(2 * time.Millisecond)
	close(slow.end)
	if err := <-ended; !errors.Is(err, errClosed) && err != nil {
		t.Error(err)
	}
	if table.maps.users != 0 {
		t.Error("the memory stays")
	}
}

// TestQueriesAmongChanges: whatever is renamed, moved, sealed and merged meanwhile,
// each query finds every entry once.
func TestQueriesAmongChanges(t *testing.T) {
	f, err := createFile(filepath.Join(t.TempDir(), "names.index"), "a library")
	if err != nil {
		t.Fatal(err)
	}
	table := newTable(64)
	table.file, table.hold = f, 0 // let go at every chance
	const folders, files = 10, 400
	r := rand.New(rand.NewPCG(3, 4))
	brief := func(id ident.EntryID) *catalog.Brief {
		e := &catalog.Brief{ID: id, Parent: 1, Name: fmt.Sprintf("folder %d", id), Kind: vfs.Folder, State: catalog.Present}
		if id > folders+1 {
			e.Parent, e.Kind = ident.EntryID(2+r.IntN(folders)), vfs.File
			e.Name = fmt.Sprintf("%c file %d.txt", 'a'+rune(r.IntN(26)), id)
			e.Size = int64(r.IntN(100))
		}
		return e
	}
	take := func(ids ...ident.EntryID) {
		var some []catalog.Change
		for _, id := range ids {
			some = append(some, catalog.Change{Noun: catalog.NounEntry, ID: int64(id), Entry: brief(id)})
		}
		if table.full(len(some)) {
			if err := table.seal(false); err != nil {
				t.Error(err)
			}
		}
		if err := table.take(some, table.seq+1); err != nil {
			t.Error(err)
		}
	}
	for id := ident.EntryID(2); id < 2+folders+files; id++ {
		take(id)
	}
	done := make(chan struct{})
	var wg sync.WaitGroup
	for _, text := range []string{"file", `re:"file \d+"`, "folder 5/", "txt", "file size:<1000", "*.txt", "fiel"} {
		wg.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				q, _, _ := parse(text, noonAround, 0, text == "fiel")
				q.order = order{by: []Sort{ByRelevance, ByName, BySize}[rand.IntN(3)]}
				q.count = newCounting([]FacetField{FacetKind, FacetExtension}, time.UTC)
				want := files
				if text == "folder 5/" {
					want = -1 // what moves may be seen at neither place while it does
				}
				err := table.search(context.Background(), q, 1000, func(f found) {
					seen := map[int64]bool{}
					for i := range f.hits {
						seen[f.hits[i].id()] = true
						_ = f.hits[i].seg.name(f.hits[i].row)
					}
					if f.counts == nil && want < 0 {
						return
					}
					if want >= 0 && (f.counts == nil || f.total != want || len(seen) != want || f.counts.exts["txt"] != want) || len(seen) != len(f.hits) {
						t.Errorf("%q finds %d, %d of them once, %+v by extension", text, f.total, len(seen), f.counts)
					}
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	end := time.Now().Add(2 * time.Second)
	for n := 0; time.Now().Before(end) && !t.Failed(); n++ {
		var ids []ident.EntryID
		for range 1 + r.IntN(20) {
			ids = append(ids, ident.EntryID(2+folders+r.IntN(files)))
		}
		take(ids...)
		if n%50 == 49 {
			to, err := createFile(f.place, "a library")
			if err == nil {
				err = table.mergeNow(context.Background(), to)
			}
			if err != nil {
				t.Error(err)
			}
		}
	}
	close(done)
	wg.Wait()
	if err := table.close(); err != nil || table.maps.users != 0 {
		t.Errorf("%d look at the file's memory (%v)", table.maps.users, err)
	}
}
