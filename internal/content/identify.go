package content

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/store"
	"github.com/stardrive/stardrive/internal/vfs"
)

// identifyKind names the job that reads files whole.
const identifyKind = "content.identify"

const (
	windowFiles = 1024            // of the change feed, looked at together: small files first
	batchFiles  = 512             // read between two commits
	batchBytes  = 64 << 20        // or so many bytes
	batchTime   = 2 * time.Second // or for so long
)

// full reports whether it is time to commit what was read since the last time.
func (s *Service) full(files int, bytes int64, since time.Time) bool {
	return files >= s.batch || bytes >= batchBytes || files > 0 && time.Since(since) >= batchTime
}

// identifyArgs tell what to read: of a volume what its locations want, or all
// files below a folder, whatever these want.
type identifyArgs struct {
	Volume ident.VolumeID `json:"volume"`
	Folder ident.EntryID  `json:"folder,omitempty"`
}

// identifyCursor tells how far a job is. What was read, or could not be, is not found
// again, and where the window begins is the follower's business.
type identifyCursor struct {
	Began int64 `json:"began"`           // when, in nanoseconds since 1970: what failed since is not tried again
	Since int64 `json:"since,omitempty"` // where the window begins, of a job that is no follower
	Total int64 `json:"total"`           // files that were to be read at the start
	Done  int64 `json:"done"`
	Bytes int64 `json:"bytes"`
}

// file is one file of a window.
type file struct {
	catalog.Entry
	path string
}

// window is a piece of the change feed, or files that could not be read before.
type window struct {
	volume catalog.Volume
	scope  *catalog.Scope
	files  []file          // the small ones first; names of one file stand together
	drop   []ident.EntryID // whose tries are over
	follow bool            // it is a piece of what a follower follows

	unasked bool // nobody asked for these files

	next int64 // where the feed goes on
	end  bool
}

// identify reads what of a volume is to be read, window by window. What it found
// and how far it has come are committed together.
func (s *Service) identify(ctx context.Context, run job.Run, args identifyArgs, at identifyCursor, checkpoint job.Checkpoint[identifyCursor]) error {
	if at.Began == 0 {
		at.Began = s.now().UnixNano()
	}
	if at.Total == 0 {
		total, err := s.total(ctx, args, at)
		if err != nil {
			return err
		}
		at.Total = total
	}
	for _, windows := range []func(context.Context, identifyArgs, identifyCursor) (window, error){s.window, s.againWindow} {
		for end := false; !end; {
			w, err := windows(ctx, args, at)
			if errs.Is(err, errs.NotFound) || err == nil && w.scope == nil {
				return nil // nobody wants it any more, or not now
			}
			if err != nil {
				return err
			}
			p := &pass{s: s, w: w, run: run, at: at, checkpoint: checkpoint}
			if err := p.all(ctx); errors.Is(err, errLater) {
				return nil
			} else if err != nil {
				return err
			}
			at, end = p.at, w.end
		}
	}
	return nil
}

// asked returns what is wanted, and from where on in the change feed; a nil scope
// wants nothing.
func (s *Service) asked(r *catalog.Reader, args identifyArgs, at identifyCursor) (sc *catalog.Scope, since int64, err error) {
	if args.Folder != 0 {
		return catalog.ScopeBelow(args.Folder), at.Since, nil
	}
	if sc, err = s.scope(r, args.Volume); err != nil || sc == nil {
		return nil, 0, err
	}
	since, err = r.Follower(follower(sc))
	return sc, since, err
}

// scope is which files of the volume are to be read unasked; nil: none, or none now.
func (s *Service) scope(r *catalog.Reader, volume ident.VolumeID) (*catalog.Scope, error) {
	if later, err := s.waits(r, volume); err != nil || later {
		return nil, err
	}
	return scopeOf(r, volume)
}

// total counts the files that are to be read.
func (s *Service) total(ctx context.Context, args identifyArgs, at identifyCursor) (n int64, err error) {
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		sc, since, err := s.asked(r, args, at)
		if err != nil || sc == nil {
			return err
		}
		folders, err := r.UnidentifiedIn(args.Volume, since)
		if err != nil {
			return err
		}
		for folder, files := range folders {
			wanted, err := sc.Has(r, &catalog.Entry{Volume: args.Volume, Parent: folder})
			if err != nil {
				return err
			}
			if wanted {
				n += files
			}
		}
		return nil
	})
	return n, err
}

func (s *Service) window(ctx context.Context, args identifyArgs, at identifyCursor) (w window, err error) {
	reached := s.Catalog.Reached() // before the snapshot: it has all of that
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		if w.volume, err = r.Volume(args.Volume); err != nil {
			return err
		}
		var since int64
		if w.scope, since, err = s.asked(r, args, at); err != nil || w.scope == nil {
			return err
		}
		tried := int64(0)
		w.unasked = args.Folder == 0
		if w.follow = w.unasked; !w.follow { // somebody asked: what failed before is tried once more
			tried = at.Began
		}
		es, err := r.Unidentified(args.Volume, since, tried, windowFiles)
		if err != nil {
			return err
		}
		w.next, w.end = max(since, reached), len(es) < windowFiles
		if len(es) > 0 && (!w.end || es[len(es)-1].Seq > w.next) {
			w.next = es[len(es)-1].Seq
		}
		for _, e := range es {
			s.Catalog.Way.Wait()
			wanted, err := w.scope.Has(r, &e)
			if err != nil {
				return err
			}
			if !wanted {
				continue
			}
			path, err := r.Path(&e)
			if err != nil {
				return err
			}
			w.files = append(w.files, file{e, path})
		}
		return nil
	})
	inTurn(w.files)
	return w, err
}

// inTurn sorts files as they are read.
func inTurn(files []file) {
	now := time.Now().UnixNano()
	slices.SortFunc(files, func(a, b file) int {
		return cmp.Or(cmp.Compare(a.rank(now), b.rank(now)), cmp.Compare(a.Inode, b.Inode), cmp.Compare(a.ID, b.ID))
	})
}

// rank is when a file's turn comes: small files before large ones, and of these
// first what changed in the last month. Files of a rank are read in the order of
// their inodes, which is about that of the disk; names of one file stand together.
func (f *file) rank(now int64) int {
	const month = int64(30 * 24 * time.Hour)
	size := 0
	for _, most := range []int64{64 << 10, 1 << 20, 16 << 20, 256 << 20, 4 << 30} {
		if f.Size > most {
			size += 2
		}
	}
	if now-f.Modified > month {
		size++
	}
	return size
}

// pass reads one window.
type pass struct {
	s          *Service
	w          window
	run        job.Run
	at         identifyCursor
	checkpoint job.Checkpoint[identifyCursor]

	driver vfs.Driver
	ground catalog.Ground
	batch  []found
	misses []miss
	bytes  int64     // read since the last commit
	files  int       // looked at since then
	since  time.Time // when that was
	last   *found
	young  []young
}

func (p *pass) all(ctx context.Context) (err error) {
	if len(p.w.files) > 0 {
		if p.driver, err = p.s.Volumes.Driver(ctx, p.w.volume.Identity); err != nil {
			return err
		}
	}
	p.ground, p.since = p.s.Volumes.Ground(p.w.volume), time.Now()
	for i := range p.w.files {
		f := &p.w.files[i]
		p.s.Catalog.Way.Wait()
		if err := p.one(ctx, f, nil); err != nil {
			return err
		}
		if err := p.full(ctx, f); err != nil {
			return err
		}
	}
	if err := p.grown(ctx); err != nil {
		return err
	}
	return p.commit(ctx, "", true)
}

// full commits what was read, if it is time to; f was read last.
func (p *pass) full(ctx context.Context, f *file) error {
	p.files++
	if !p.s.full(p.files, p.bytes, p.since) {
		return nil
	}
	if err := p.commit(ctx, f.path, false); err != nil || !p.w.unasked {
		return err
	}
	return p.s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		later, err := p.s.waits(r, p.w.volume.ID)
		if err == nil && later {
			err = errLater
		}
		return err
	})
}

// errLater ends a job whose rest waits for mains power.
var errLater = errors.New("the rest waits")

// one reads a file; settled is how it was seen, if that is long ago enough. Only what
// concerns more than this file is an error.
func (p *pass) one(ctx context.Context, f *file, settled *vfs.Entry) error {
	got, wait, err := p.look(ctx, f, settled)
	switch {
	case err == nil && wait > 0:
		if settled == nil {
			p.young = append(p.young, young{f, got.seen, time.Now().Add(wait)})
		}
		return nil
	case err == nil:
		p.batch, p.last = append(p.batch, got), &got
		p.at.Done++
		p.at.Bytes += got.seen.Size
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	}
	// It is the file's fault only if the volume is there.
	if _, gone := p.s.Volumes.Driver(ctx, p.w.volume.Identity); gone != nil {
		return gone
	}
	p.run.Warn(p.ground.SdPath(f.path).String(), err)
	p.misses = append(p.misses, miss{f.ID, f.Seq, err})
	return nil
}

func (p *pass) look(ctx context.Context, f *file, settled *vfs.Entry) (got found, wait time.Duration, err error) {
	if p.last != nil && f.Inode != 0 && f.Links > 1 && f.Same(&p.last.seen) && p.driver.Features().StableInodes {
		twin := *p.last // another name of the file just read
		twin.id = f.ID
		return twin, 0, nil
	}
	if f.Inode != 0 && f.Links > 1 && p.driver.Features().StableInodes {
		if twin, ok, err := p.s.twin(ctx, p.driver, f); ok || err != nil {
			return twin, 0, err
		}
	}
	got, wait, err = p.s.read(ctx, p.w.volume.ID, p.driver, f, settled)
	if wait == 0 {
		p.bytes += got.seen.Size
	}
	return got, wait, err
}

// commit stores what was found, and at the end of the window how far the feed
// was followed.
func (p *pass) commit(ctx context.Context, current string, end bool) error {
	at := p.at
	if end && p.w.next > 0 {
		at.Since = p.w.next
	}
	progress := job.Progress{Done: at.Done, Total: max(at.Total, at.Done), Bytes: at.Bytes}
	if current != "" {
		progress.Current = p.ground.SdPath(current).String()
	}
	err := p.checkpoint(at, progress, func(stx *store.Tx) error {
		tx := p.s.Catalog.In(stx)
		for i := range p.batch {
			if _, _, err := p.batch[i].put(tx); err != nil {
				return err
			}
		}
		now := p.s.now().UnixNano()
		for _, m := range p.misses {
			if err := m.note(stx, now); err != nil {
				return err
			}
		}
		if end {
			if err := read(stx, p.w.drop...); err != nil {
				return err
			}
		}
		if !end || !p.w.follow {
			return nil
		}
		if err := tx.DropFollowers(family(p.w.volume.ID), follower(p.w.scope)); err != nil { // of scopes that were
			return err
		}
		return tx.SetFollower(follower(p.w.scope), p.w.next)
	})
	if err == nil {
		err = p.s.tell(ctx, p.batch)
	}
	p.at, p.batch, p.misses, p.bytes, p.files, p.since = at, nil, nil, 0, 0, time.Now()
	return err
}
