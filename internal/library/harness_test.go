package library

import (
	"context"
	"errors"
	"io"
	"os"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/store"
)

func TestMain(m *testing.M) {
	if os.Getenv(holdEnv) != "" {
		hold()
		return
	}
	goleak.VerifyTestMain(m)
}

var now = time.Date(2026, 11, 23, 4, 5, 6, 0, time.UTC)

// memory is a Memory that a test can look into.
type memory struct {
	id     ident.LibraryID
	writes int
}

func (m *memory) LastLibrary() ident.LibraryID { return m.id }

func (m *memory) SetLastLibrary(id ident.LibraryID) error {
	m.id, m.writes = id, m.writes+1
	return nil
}

// runtimes count what is attached.
type runtimes struct {
	mu     sync.Mutex
	open   map[string]int
	refuse error
}

type attached struct {
	r    *runtimes
	name string
}

func (r *runtimes) attach(_ context.Context, l *Library) (io.Closer, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.refuse != nil {
		return nil, r.refuse
	}
	if r.open == nil {
		r.open = map[string]int{}
	}
	r.open[l.Name]++
	return attached{r, l.Name}, nil
}

func (a attached) Close() error {
	a.r.mu.Lock()
	defer a.r.mu.Unlock()
	a.r.open[a.name]--
	return nil
}

func manager(t *testing.T, dir string, change ...func(*Options)) *Manager {
	t.Helper()
	o := Options{Dir: dir, Now: func() time.Time { return now }}
	for _, f := range change {
		f(&o)
	}
	m := NewManager(o)
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

func create(t *testing.T, m *Manager, name string) *Library {
	t.Helper()
	l, err := m.Create(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func list(t *testing.T, m *Manager) []Info {
	t.Helper()
	all, err := m.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func wantKind(t *testing.T, err error, kind errs.Kind) {
	t.Helper()
	if !errs.Is(err, kind) {
		t.Fatalf("got %v (%s), want %s", err, errs.KindOf(err), kind)
	}
	if e := (*errs.Error)(nil); !errors.As(err, &e) || e.Op == "" {
		t.Fatalf("%v is no *errs.Error of an operation", err)
	}
}

func files(t *testing.T, dir string) []string {
	t.Helper()
	es, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range es {
		names = append(names, e.Name())
	}
	return names
}

func write(t *testing.T, l *Library, key string) {
	t.Helper()
	err := l.DB.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec("INSERT INTO meta (key, value) VALUES (?, 'x')", key)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func has(t *testing.T, l *Library, key string) bool {
	t.Helper()
	var n int
	err := l.DB.Read(t.Context(), func(tx *store.Tx) error {
		return tx.QueryRow("SELECT count(*) FROM meta WHERE key = ?", key).Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n == 1
}
