package index

import (
	"context"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/index/rules"
	"github.com/stardrive/stardrive/internal/vfs"
)

// place is where a location stands on its volume, and what of it is indexed.
type place struct {
	location ident.LocationID
	path     string
	rules    *rules.Set
}

// places returns those of a volume.
func (s *Service) places(ctx context.Context, v ident.VolumeID) (ps []place, err error) {
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		ls, err := r.Locations()
		if err != nil {
			return err
		}
		for _, l := range ls {
			if l.Volume != v {
				continue
			}
			p, err := placeOf(r, l)
			if err != nil {
				return err
			}
			ps = append(ps, p)
		}
		return nil
	})
	return ps, err
}

func placeOf(r *catalog.Reader, l catalog.Location) (place, error) {
	path, err := r.FolderPath(l.Entry)
	if err != nil {
		return place{}, err
	}
	set, err := settings(l)
	if err != nil {
		return place{}, err
	}
	compiled, err := rules.Compile(set.Rules.Rules)
	if err != nil {
		return place{}, errs.New(errs.Unsupported, "the rules of the location cannot be used, so it is not indexed: %w", err).At(l.Name).
			Try("See them with: stardrive rules list; remove the one that is named.")
	}
	return place{l.ID, path, compiled}, nil
}

// scope tells what of a volume is indexed: in a location that stands in another
// one, its own rules are in force alone.
type scope struct {
	places []place
	driver vfs.Driver
	free   bool // no location has rules
	staged func(v ident.VolumeID, path string)
	none   scoped

	mu    sync.Mutex
	known map[string]scoped // of folders that a walk began with, or went through
}

// maxScoped bounds what a scope remembers; it can all be found again.
const maxScoped = 4096

// scoped is how the rules stand for what is in a folder.
type scoped struct {
	in     *place        // nil: no location, or one without rules
	ignore *rules.Ignore // .gitignore files of the folders above
	shut   bool          // left out itself: of what is in it only what leads to a location is indexed
}

func (s *Service) scope(places []place, d vfs.Driver) *scope {
	free := !slices.ContainsFunc(places, func(p place) bool { return !p.rules.Empty() })
	return &scope{places: places, driver: d, free: free, staged: s.Staged, known: map[string]scoped{}}
}

// innermost returns the location in which path stands, without others between.
func (s *scope) innermost(path string) *place {
	var best *place
	for i := range s.places {
		if p := &s.places[i]; within(p.path, path) && (best == nil || len(p.path) > len(best.path)) {
			best = p
		}
	}
	return best
}

// leads reports whether path is the folder of a location, or above one.
func (s *scope) leads(path string) (is, above bool) {
	for i := range s.places {
		is = is || s.places[i].path == path
		above = above || within(path, s.places[i].path)
	}
	return is, above
}

// below returns how the rules stand in a folder, of which it is known how they
// stand in the one above.
func (s *scope) below(up scoped, path string, shut bool) scoped {
	if is, _ := s.leads(path); is {
		return s.top(path)
	}
	up.shut = shut
	return up
}

func (s *scope) top(path string) scoped {
	p := s.innermost(path)
	if p == nil || p.rules.Empty() {
		return scoped{}
	}
	return scoped{in: p}
}

// at finds out how the rules stand in a folder that no listing led to.
func (s *scope) at(ctx context.Context, path string) (scoped, error) {
	p := s.innermost(path)
	if s.free || p == nil || p.rules.Empty() {
		return scoped{}, nil
	}
	if path == p.path {
		return s.top(path), nil
	}
	s.mu.Lock()
	got, ok := s.known[path]
	s.mu.Unlock()
	if ok {
		return got, nil
	}
	dir, _ := vfs.Split(path)
	up, err := s.at(ctx, dir)
	if err != nil {
		return scoped{}, err
	}
	if p.rules.Gitignore() {
		if up, err = s.read(ctx, up, dir); err != nil {
			return scoped{}, err
		}
	}
	got = s.below(up, path, up.shut || s.decide(up, path, vfs.Folder, 0).Excluded)
	s.mu.Lock()
	if len(s.known) >= maxScoped {
		clear(s.known)
	}
	s.known[path] = got
	s.mu.Unlock()
	return got, nil
}

const gitignore = ".gitignore"

// read adds the .gitignore file of the folder dir, if there is one that can be
// read.
func (s *scope) read(ctx context.Context, in scoped, dir string) (scoped, error) {
	h, err := s.driver.Open(ctx, vfs.Join(dir, gitignore))
	switch errs.KindOf(err) {
	case errs.NotFound, errs.Denied, errs.Unsupported:
		return in, nil
	}
	if err != nil {
		return in, err
	}
	defer h.Close()
	data, err := io.ReadAll(io.LimitReader(h, rules.MaxIgnore+1))
	if err != nil {
		return in, errs.New(errs.KindOf(err), "read: %w", err).At(vfs.Join(dir, gitignore))
	}
	in.ignore = rules.ParseIgnore(in.ignore, in.rel(dir), data)
	return in, nil
}

// rel is the path of something in the location, below its folder.
func (in *scoped) rel(path string) string {
	return strings.TrimPrefix(strings.TrimPrefix(path, in.in.path), "/")
}

func (s *scope) decide(in scoped, path string, kind vfs.Kind, size int64) rules.Decision {
	return in.in.rules.Decide(in.rel(path), kind, size, in.ignore)
}

// holding returns the locations that hold path.
func holding(ps []place, path string) (ls []ident.LocationID) {
	for _, p := range ps {
		if within(p.path, path) {
			ls = append(ls, p.location)
		}
	}
	return ls
}

// crossed tells which locations held what moved, if others do now.
func crossed(ps []place, from, to string) (was []ident.LocationID, other bool) {
	was = holding(ps, from)
	return was, !slices.Equal(was, holding(ps, to))
}

// sifted is what the rules say of a folder's listing.
type sifted struct {
	in   scoped          // how they stand for what is in the folder
	out  map[string]bool // names that are left out
	shut []string        // folders that are only kept for a location below them
}

// sift takes out of a listing what the rules leave out, and, whatever these are, what is
// half written.
func (w *walk) sift(ctx context.Context, r *listed, found []vfs.Entry) (kept []vfs.Entry, err error) {
	f := &r.folder
	if w.scope.staged != nil {
		for i := range found {
			if found[i].Kind == vfs.Folder && vfs.IsStage(found[i].Name) {
				w.scope.staged(w.volume, vfs.Join(f.path, found[i].Name))
			}
		}
	}
	found = vfs.Public(found)
	in := scoped{}
	if f.scope != nil {
		in = *f.scope
	} else if in, err = w.scope.at(ctx, f.path); err != nil {
		return nil, err
	}
	if in.in == nil {
		return found, nil
	}
	if in.in.rules.Gitignore() && slices.ContainsFunc(found, func(v vfs.Entry) bool { return v.Name == gitignore && v.Kind == vfs.File }) {
		if in, err = w.scope.read(ctx, in, f.path); err != nil {
			return nil, err
		}
	}
	s := sifted{in: in, out: map[string]bool{}}
	kept = found[:0]
	for _, v := range found {
		path := vfs.Join(f.path, v.Name)
		if !in.shut && !w.scope.decide(in, path, v.Kind, v.Size).Excluded {
			kept = append(kept, v)
			continue
		}
		if v.Kind == vfs.Folder {
			if is, above := w.scope.leads(path); is || above {
				s.shut = append(s.shut, v.Name)
				kept = append(kept, v)
				continue
			}
		}
		s.out[v.Name] = true
	}
	r.sifted = s
	return kept, nil
}

// apply tells what the rules leave out from what is gone, and whether those for
// what is below changed.
func (d *diff) apply(s *sifted) {
	if s.in.in == nil {
		return
	}
	d.gone = slices.DeleteFunc(d.gone, func(e catalog.Entry) bool {
		if s.out[e.Name] {
			d.excluded = append(d.excluded, e)
		}
		return s.out[e.Name]
	})
	if !s.in.in.rules.Gitignore() {
		return
	}
	d.rules = s.out[gitignore] // nobody knows what it said before
	is := func(name string) { d.rules = d.rules || name == gitignore }
	for i := range d.create {
		is(d.create[i].Name)
	}
	for i := range d.arrived {
		is(d.arrived[i].seen.Name)
	}
	for _, es := range [][]catalog.Entry{d.update, d.gone} {
		for i := range es {
			is(es[i].Name)
		}
	}
	for i := range d.replaced {
		is(d.replaced[i].was.Name)
	}
}

// hash is what of the rules goes into the digest of a listing; nil for none.
func (s *sifted) hash() []byte {
	if s.in.in == nil {
		return nil
	}
	set, ignore := s.in.in.rules.Hash(), s.in.ignore.Hash()
	b := append(set[:], ignore[:]...)
	if s.in.shut {
		b = append(b, 1)
	}
	return b
}
