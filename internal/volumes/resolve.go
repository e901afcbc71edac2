package volumes

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Place is where an OS path leads to.
type Place struct {
	Volume Volume
	Driver vfs.Driver // as DriverFor returns it
	Path   string     // below the volume's root, in the form of package vfs
}

// ResolveOption changes what Resolve does.
type ResolveOption func(*bool)

// Follow makes Resolve follow a symlink in the last component too: a folder that
// the user names is the folder, whatever name leads to it.
func Follow() ResolveOption { return func(follow *bool) { *follow = true } }

// Resolve tells on which volume the absolute OS path lies, and where there.
// Symlinks are followed in all folders on the way, as the system does, but not
// in the last component, which need not exist; see Follow.
//
// Errors are errs.Invalid (not absolute, NUL), errs.NotFound, errs.Denied,
// errs.Unsupported (a kernel file system such as /proc), those of DriverFor, or
// ctx's.
func (s *Service) Resolve(ctx context.Context, osPath string, options ...ResolveOption) (Place, error) {
	var follow bool
	for _, o := range options {
		o(&follow)
	}
	if !filepath.IsAbs(osPath) || strings.IndexByte(osPath, 0) >= 0 {
		return Place{}, errs.New(errs.Invalid, "not an absolute path").At(osPath)
	}
	var rel string
	d, r, err := s.again(ctx, func() (r *row, err error) {
		abs, err := s.walk(ctx, filepath.ToSlash(osPath), follow)
		if err != nil {
			return nil, err
		}
		r, rel, err = s.place(ctx, abs)
		return r, err
	})
	if err != nil {
		if e := (*errs.Error)(nil); errors.As(err, &e) && e.Path != "" {
			return Place{}, err
		}
		return Place{}, &errs.Error{Kind: errs.KindOf(err), Path: osPath, Remedy: errs.RemedyOf(err), Err: err}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return Place{Volume: s.volume(r), Driver: d, Path: rel}, nil
}

// place finds the volume of an absolute path without symlinks.
func (s *Service) place(ctx context.Context, abs string) (*row, string, error) {
	t, err := s.sync()
	if err != nil {
		return nil, "", err
	}
	r := t.owner(abs)
	for r != nil {
		if err := s.settle(ctx, r); err != nil && r.probes() {
			return nil, "", err
		}
		if s.mu.Lock(); !r.file {
			s.mu.Unlock()
			break
		}
		s.mu.Unlock()
		r = t.owner(parentOf(r.Point)) // a file mounted over another: it counts where it stands
	}
	if r == nil {
		return nil, "", errs.New(errs.Unsupported, "no file system is mounted there").At(abs)
	}
	if !r.probes() {
		return nil, "", errs.New(errs.Unsupported, "the system's own files (%s) are no volume", r.Type).At(abs)
	}
	rel, _ := below(r.Point, abs)
	home := t.home(r)
	if home == r {
		return r, rel, nil
	}
	inside, _ := below(home.Root, r.Root)
	if rel = strings.Trim(inside+"/"+rel, "/"); t.owner(under(home.Point, rel)) != home {
		return nil, "", errs.New(errs.Unsupported, "another mount hides this place on its volume").At(abs)
	}
	return home, rel, s.settle(ctx, home)
}

// walk resolves the symlinks of path in a goroutine of its own. If that takes too
// long, the mount it stopped on counts as hung.
func (s *Service) walk(ctx context.Context, path string, follow bool) (string, error) {
	t, err := s.sync()
	if err != nil {
		return "", err
	}
	type result struct {
		path string
		err  error
	}
	done := make(chan result, 1)
	w := &walker{s: s, t: t}
	walking, stop := context.WithTimeout(ctx, s.o.Timeout)
	defer stop()
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return "", errClosed
	}
	s.spawn(func() {
		abs, err := w.walk(walking, path, follow)
		done <- result{abs, err}
	})
	s.mu.Unlock()
	select {
	case got := <-done:
		if got.err == nil || walking.Err() == nil {
			return got.path, got.err
		}
	case <-walking.Done():
	}
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	r := w.now.Load()
	if r == nil {
		return "", errs.New(errs.Unavailable, "finding this path takes too long").At(path)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hang(r)
	return "", errHung(r.Point)
}

const maxLinks = 255

// walker resolves symlinks one by one, so that it knows which mount it is about
// to touch and can leave a hung one alone.
type walker struct {
	s   *Service
	t   *table
	now atomic.Pointer[row] // the mount touched now
}

func (w *walker) walk(ctx context.Context, path string, follow bool) (string, error) {
	root, asked := "/", path
	if runtime.GOOS == "windows" {
		if path[1] != ':' {
			return "", errs.New(errs.Unsupported, "give the network share a drive letter").At(path)
		}
		root = strings.ToUpper(path[:1]) + ":/"
		path = path[len(filepath.VolumeName(path)):]
	}
	at, todo, links := root, strings.Split(path, "/"), 0
	for len(todo) > 0 {
		name := todo[0]
		todo = todo[1:]
		switch name {
		case "", ".":
			continue
		case "..":
			if at != root {
				at = parentOf(at)
			}
			continue
		}
		next := under(at, name)
		if len(todo) == 0 && !follow {
			return next, nil
		}
		target, link, err := w.readlink(ctx, at, next)
		var missing *errs.Error
		switch {
		case errs.Is(err, errs.NotFound) && errors.As(err, &missing):
			return "", missing.At(asked) // and not the folder above it that is missing
		case err != nil:
			return "", err
		case !link:
			at = next
			continue
		}
		if links++; links > maxLinks {
			return "", errs.New(errs.Invalid, "too many symlinks, or they go in a circle").At(path)
		}
		if target = filepath.ToSlash(target); filepath.IsAbs(target) {
			at, target = root, target[len(filepath.VolumeName(target)):]
		}
		todo = append(strings.Split(target, "/"), todo...)
	}
	return at, nil
}

// readlink reads the symlink path, which stands in the folder dir.
func (w *walker) readlink(ctx context.Context, dir, path string) (string, bool, error) {
	if w.t.byPoint[path] != nil {
		return "", false, nil // a mount point is no symlink, and touching it could hang
	}
	r := w.t.owner(dir)
	if r == nil {
		return w.read(dir, path)
	}
	w.now.Store(r)
	w.s.mu.Lock()
	hung := r.state == Hung
	w.s.mu.Unlock()
	if hung {
		return "", false, errHung(r.Point)
	}
	select {
	case r.slots <- struct{}{}:
	case <-ctx.Done():
		return "", false, ctx.Err()
	}
	defer func() { <-r.slots }()
	return w.read(dir, path)
}

func (w *walker) read(dir, path string) (string, bool, error) {
	target, link, err := w.s.platform.Readlink(filepath.FromSlash(path))
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		err = errs.New(errs.NotFound, "there is no such file or folder")
	case errors.Is(err, fs.ErrPermission):
		err = errs.New(errs.Denied, "this folder may not be looked into").At(dir).Try("Ask its owner for permission.")
	}
	return target, link, err
}
