package library

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
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

var errNone = errs.New(errs.NotFound, "there is no library yet").Try("Make one with: stardrive library create NAME")

// find returns the library meant by ref, which is not open. errNone if there is
// none at all and ref is "".
func (m *Manager) find(ref string) (Info, error) {
	all, err := m.scan()
	if err != nil {
		return Info{}, err
	}
	if ref == "" {
		return m.standard(all)
	}
	for _, is := range []func(Info) bool{
		func(i Info) bool { return string(i.ID) == ref },
		func(i Info) bool { return i.Name == ref },
		func(i Info) bool { return fold(i.Name) == fold(ref) },
	} {
		if n := slices.IndexFunc(all, is); n >= 0 {
			return all[n], nil
		}
	}
	return Info{}, errs.New(errs.NotFound, "there is no such library").At(ref).Try("See what there is with: stardrive library list")
}

// standard picks the library that is meant when none is named.
func (m *Manager) standard(all []Info) (Info, error) {
	m.mu.Lock()
	last := m.last
	m.mu.Unlock()
	n := slices.IndexFunc(all, func(i Info) bool { return i.ID != "" && i.ID == last })
	switch {
	case n >= 0:
		return all[n], nil
	case len(all) == 0:
		return Info{}, errNone
	case len(all) == 1:
		return all[0], nil
	}
	var names []string
	for _, i := range all {
		names = append(names, i.Name)
	}
	return Info{}, errs.New(errs.Invalid, "there are several libraries (%s), and none was used last", strings.Join(names, ", ")).
		Try("Name one with: --library NAME")
}

// List returns all libraries, open or not, broken ones with their problem, by
// name.
func (m *Manager) List(ctx context.Context) ([]Info, error) {
	if err := ctx.Err(); err != nil {
		return nil, errs.In("library.list", err)
	}
	all, err := m.scan()
	if err != nil {
		return nil, errs.In("library.list", err)
	}
	if i, err := m.standard(all); err == nil {
		for n := range all {
			all[n].Default = all[n].Path == i.Path
		}
	}
	return all, nil
}

// scan looks at the folders there are.
func (m *Manager) scan() ([]Info, error) {
	folders, err := os.ReadDir(m.dir) // by name
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, errs.New(errs.KindOf(err), "%w", err).At(m.dir).Try("Make the data folder readable for you.")
	}
	m.mu.Lock()
	open := map[string]*Library{}
	for _, l := range m.open {
		open[l.Path] = l
	}
	m.mu.Unlock()
	var all []Info
	byID := map[ident.LibraryID]string{}
	for _, l := range open {
		byID[l.ID] = l.Name
	}
	for _, f := range folders {
		name, ok := strings.CutSuffix(f.Name(), Suffix)
		if !ok || name == "" || strings.HasPrefix(name, ".") {
			continue
		}
		i := Info{Name: name, Path: filepath.Join(m.dir, f.Name()), State: Closed}
		if l := open[i.Path]; l != nil {
			all = append(all, l.info())
			continue
		}
		i.look(byID)
		all = append(all, i)
	}
	return all, nil
}

// look fills in what a closed library's folder tells. byID holds the names of
// the libraries seen so far.
func (i *Info) look(byID map[ident.LibraryID]string) {
	if !utf8.ValidString(i.Name) {
		i.Name = strings.ToValidUTF8(i.Name, "\uFFFD")
		i.State, i.Err = Broken, errs.New(errs.Invalid, "the folder's name is no text").At(i.Path).Try("Rename the folder.")
		return
	}
	s, err := load(i.Path)
	if err != nil {
		i.State, i.Err = Broken, err
		return
	}
	i.ID, i.Created = s.ID, s.Created
	if other, twice := byID[s.ID]; twice {
		// Opened side by side, both would answer to one id.
		i.ID, i.State = "", Broken
		i.Err = errs.New(errs.Conflict, "this is a copy of the library %q", other).At(i.Path).
			Try("Move one of the two folders out of " + filepath.Dir(i.Path) + ".")
		return
	}
	byID[s.ID] = i.Name
	// It is made before the folder gets its name: an empty one would be filled
	// with an empty library, as if nothing had been lost.
	database := filepath.Join(i.Path, databaseFile)
	if fi, err := os.Stat(database); errors.Is(err, fs.ErrNotExist) || err == nil && fi.Size() == 0 {
		i.State, i.Err = Broken, errs.New(errs.Invalid, "the library's database is missing or empty").At(database).Try(restore)
	}
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
