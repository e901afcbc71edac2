package library

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/store"
)

// Options tells NewManager where the libraries are and what to put into them.
// Only Dir is required.
type Options struct {
	Dir    string // the data folder, which exists
	Attach Attach
	Memory Memory // nil: remembers until the process ends
	Log    *slog.Logger
	Now    func() time.Time
	// Counts tells the sums over an open library, for library.info.
	Counts func(ctx context.Context, l *Library) (Counts, error)
	// Keep has the databases that others have in an open library copied beside them,
	// and Backup copied into a folder. Nil: there are none.
	Keep   func(ctx context.Context, l *Library) error
	Backup func(ctx context.Context, l *Library, folder string) error
	// Restored puts right, in a copy of a library's database that is to be used, what
	// was under way when it was made.
	Restored func(ctx context.Context, db *store.DB) error
}

// DefaultName is the name of the library that is made when there is none.
const DefaultName = "Home"

// Manager keeps the libraries of one data folder. Its methods are safe for
// concurrent use. What changes libraries (open, create, rename, remove) happens
// one after the other; what is open already is found without waiting.
type Manager struct {
	o   Options
	dir string // of the libraries

	turn chan struct{} // held by who changes something

	mu     sync.Mutex
	open   map[ident.LibraryID]*Library
	last   ident.LibraryID // used last
	closed bool
}

// NewManager returns a Manager that has opened nothing. The caller closes it.
func NewManager(o Options) *Manager {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	m := &Manager{o: o, dir: filepath.Join(o.Dir, "libraries"), turn: make(chan struct{}, 1), open: map[ident.LibraryID]*Library{}}
	if o.Memory != nil {
		m.last = o.Memory.LastLibrary()
	}
	return m
}

var errStopping = errs.New(errs.Unavailable, "the libraries are closed: the daemon is stopping")

// begin waits for the caller's turn to change something.
func (m *Manager) begin(ctx context.Context) (end func(), err error) {
	select {
	case m.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		<-m.turn
		return nil, errStopping
	}
	return func() { <-m.turn }, nil
}

// Get returns the library with that name or id, opened if it was not, and
// remembers it as the one used last. "" means the default: the only library, or
// the one used last; the first of all is made when there is none.
//
// Errors: errs.NotFound; errs.Invalid (several and none named, or a damaged
// one); errs.Conflict (in use by another process, or made by a newer Stardrive);
// those of store.Open and of Attach.
func (m *Manager) Get(ctx context.Context, ref string) (*Library, error) {
	if l := m.opened(ref); l != nil {
		m.remember(l.ID)
		return l, nil
	}
	l, err := m.get(ctx, ref)
	if err != nil {
		return nil, errs.In("library.open", err)
	}
	m.remember(l.ID)
	return l, nil
}

func (m *Manager) get(ctx context.Context, ref string) (*Library, error) {
	end, err := m.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	if l := m.opened(ref); l != nil { // meanwhile
		return l, nil
	}
	m.sweep()
	i, err := m.find(ref)
	switch {
	case errors.Is(err, errNone):
		return m.create(ctx, DefaultName)
	case err != nil:
		return nil, err
	}
	if l := m.opened(string(i.ID)); i.ID != "" && l != nil {
		return l, nil // named in another case
	}
	return m.openFolder(ctx, i)
}

// opened returns the open library with that name or id, or nil. For "" it is
// the one used last.
func (m *Manager) opened(ref string) *Library {
	m.mu.Lock()
	defer m.mu.Unlock()
	if ref == "" {
		return m.open[m.last]
	}
	if l := m.open[ident.LibraryID(ref)]; l != nil {
		return l
	}
	for _, l := range m.open {
		if l.Name == ref {
			return l
		}
	}
	return nil
}

// Opened returns the libraries that are open, by name.
func (m *Manager) Opened() []*Library {
	m.mu.Lock()
	defer m.mu.Unlock()
	var ls []*Library
	for _, l := range m.open {
		ls = append(ls, l)
	}
	slices.SortFunc(ls, func(a, b *Library) int { return strings.Compare(a.Name, b.Name) })
	return ls
}

// remember notes which library was used last.
func (m *Manager) remember(id ident.LibraryID) {
	m.mu.Lock()
	changed := m.last != id
	m.last = id
	m.mu.Unlock()
	if changed && m.o.Memory != nil {
		if err := m.o.Memory.SetLastLibrary(id); err != nil {
			m.o.Log.Warn("Which library was used last could not be stored", "error", err)
		}
	}
}

// Close closes all libraries and refuses every later call. Closing twice is
// allowed.
func (m *Manager) Close() error {
	m.turn <- struct{}{}
	defer func() { <-m.turn }()
	m.mu.Lock()
	m.closed = true
	open := m.open
	m.open = map[ident.LibraryID]*Library{}
	m.mu.Unlock()
	var all []error
	for _, l := range open {
		all = append(all, l.close())
	}
	if err := errors.Join(all...); err != nil {
		return errs.In("library.close", err)
	}
	return nil
}
