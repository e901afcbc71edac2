package volumes

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Speedtest measures how fast the volume known by identity is, by reading files
// that are on it, and remembers that. With write it writes a file too, which is
// gone when Speedtest returns. It takes about four seconds on a volume that
// answers; one at a time a volume.
//
// Errors are those of DriverFor, errs.Conflict while it is measured already,
// errs.Unavailable where there is nothing to read, errs.Denied where nothing can
// be written, or ctx's.
func (s *Service) Speedtest(ctx context.Context, identity string, write bool) (Volume, error) {
	d, mount, err := s.DriverFor(ctx, identity)
	if err != nil {
		return Volume{}, err
	}
	files, err := largest(ctx, d)
	if err != nil {
		return Volume{}, border("volume.speedtest", err)
	}
	s.mu.Lock()
	r := s.table.byPoint[mount]
	switch {
	case r == nil || r.facts.Identity != identity:
		err = errGone(mount)
	case write && r.readOnly:
		err = errs.New(errs.Denied, "nothing can be written on it").At(mount).Try("Leave out --write.")
	case write && r.facts.Free < s.budget.bytes:
		err = errs.New(errs.Unavailable, "there is too little free space to write on it").At(mount).Try("Leave out --write.")
	case r.testing:
		err = errs.New(errs.Conflict, "it is measured already").At(mount).Try("Wait some seconds.")
	default:
		r.testing = true
	}
	s.mu.Unlock()
	if err != nil {
		return Volume{}, border("volume.speedtest", err)
	}
	v, err := s.speed(ctx, r, files, write)
	if err != nil {
		return Volume{}, border("volume.speedtest", err)
	}
	s.mu.Lock()
	s.memory.Speeds[identity] = v
	s.mu.Unlock()
	if err := s.save(); err != nil {
		return Volume{}, border("volume.speedtest", err)
	}
	if err := s.examine(ctx, r); err != nil { // its class may be another one now
		return Volume{}, border("volume.speedtest", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.volume(r), nil
}

// speed measures in a goroutine of its own, since a volume may cease to answer.
// Whoever gave up waiting leaves the goroutine, and r.testing, behind until then.
func (s *Service) speed(ctx context.Context, r *row, files []string, write bool) (Speed, error) {
	type result struct {
		speed Speed
		err   error
	}
	done := make(chan result, 1)
	ctx, stop := context.WithTimeout(ctx, 4*s.budget.each+s.o.Timeout)
	defer stop()
	s.mu.Lock()
	root := r.root
	if s.closed {
		r.testing = false
		s.mu.Unlock()
		return Speed{}, errClosed
	}
	s.spawn(func() {
		v, err := s.measureAt(ctx, r.Point, root, files, write)
		s.mu.Lock()
		r.testing = false
		s.mu.Unlock()
		done <- result{v, err}
	})
	s.mu.Unlock()
	select {
	case got := <-done:
		return got.speed, got.err
	case <-ctx.Done():
		if ctx.Err() == context.DeadlineExceeded { //nolint:errorlint // of this very context
			return Speed{}, errHung(r.Point)
		}
		return Speed{}, ctx.Err()
	}
}

// measureAt makes sure that what is measured is what is meant.
func (s *Service) measureAt(ctx context.Context, point string, want Root, files []string, write bool) (Speed, error) {
	root, err := os.OpenRoot(filepath.FromSlash(point))
	if err != nil {
		return Speed{}, errs.New(errs.KindOf(err), "open the volume: %w", err).At(point)
	}
	defer root.Close()
	if now, err := s.platform.Root(point); err != nil || now != want {
		return Speed{}, errGone(point)
	}
	return measure(ctx, root, files, write, s.budget)
}

// Bounds of the search for files to read.
const (
	lookFor     = 500 * time.Millisecond
	maxFolders  = 2000
	wantedFiles = 16
	wantedBytes = 256 << 20
)

// largest looks for some large files, nearest to the root first, and returns
// their OS paths below it. It ends when it found enough, or after some time.
func largest(ctx context.Context, d vfs.Driver) ([]string, error) {
	type file struct {
		path string
		size int64
	}
	var found []file
	sum := func() (sum int64) {
		for _, f := range found {
			sum += f.size
		}
		return sum
	}
	began := time.Now()
	dirs := []string{""}
	for n := 0; n < len(dirs) && n < maxFolders && time.Since(began) < lookFor && (sum() < wantedBytes || len(found) < wantedFiles); n++ {
		dir := dirs[n]
		err := d.List(ctx, dir, func(batch []vfs.Entry) error {
			for _, e := range batch {
				path := vfs.Join(dir, e.Name)
				switch {
				case e.Kind == vfs.Folder && !e.Mount && len(dirs) < 4*maxFolders:
					dirs = append(dirs, path)
				case e.Kind == vfs.File && e.Size >= small:
					found = append(found, file{path, e.Size})
				}
			}
			return nil
		})
		if errs.Is(err, errs.Unavailable) || ctx.Err() != nil {
			return nil, err
		} // what cannot be read is left out
		slices.SortFunc(found, func(a, b file) int { return cmp.Compare(b.size, a.size) })
		found = found[:min(len(found), wantedFiles)]
	}
	paths := make([]string, len(found))
	for i, f := range found {
		paths[i] = filepath.FromSlash(f.path)
	}
	return paths, nil
}
