package library

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
)

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
		i.State, i.Err = Broken, errs.New(errs.Invalid, "the library's database is missing or empty").At(database).Try(remedy(i.Path))
	}
}
