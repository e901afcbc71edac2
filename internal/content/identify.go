package content

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/filekind"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/store"
	"github.com/stardrive/stardrive/internal/vfs"
)

// identifyKind names the job that reads files whole.
const identifyKind = "content.identify"

const (
	windowFiles = 1024     // of the change feed, looked at together: small files first
	batchFiles  = 64       // read between two commits
	batchBytes  = 64 << 20 // or so many bytes
)

type identifyArgs struct {
	Volume ident.VolumeID `json:"volume"`
}

// identifyCursor tells what of the window under way is done without a trace in
// the catalogue. What has a trace is not found again, and where the window
// begins is the follower's business.
type identifyCursor struct {
	Failed []ident.EntryID `json:"failed,omitempty"` // could not be read
	Done   int64           `json:"done"`
	Bytes  int64           `json:"bytes"`
}

// file is one file of a window.
type file struct {
	catalog.Entry
	path string
}

// window is a piece of the change feed.
type window struct {
	volume catalog.Volume
	scope  *scope
	files  []file // the small ones first; names of one file stand together
	next   int64  // where the feed goes on
	end    bool
}

// identify reads what of a volume is to be read, window by window. What it found
// and how far it has come are committed together.
func (s *Service) identify(ctx context.Context, run job.Run, args identifyArgs, at identifyCursor, checkpoint job.Checkpoint[identifyCursor]) error {
	for {
		w, err := s.window(ctx, args.Volume, at.Failed)
		if errs.Is(err, errs.NotFound) || err == nil && w.scope == nil {
			return nil // nobody wants it any more
		}
		if err != nil {
			return err
		}
		p := &pass{s: s, w: w, run: run, at: at, checkpoint: checkpoint}
		if err := p.all(ctx); err != nil {
			return err
		}
		if at = p.at; w.end {
			return nil
		}
	}
}

func (s *Service) window(ctx context.Context, volume ident.VolumeID, failed []ident.EntryID) (w window, err error) {
	reached := s.Catalog.Reached() // before the snapshot: it has all of that
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		if w.volume, err = r.Volume(volume); err != nil {
			return err
		}
		if w.scope, err = scopeOf(r, volume); err != nil || w.scope == nil {
			return err
		}
		since, err := r.Follower(w.scope.name)
		if err != nil {
			return err
		}
		es, err := r.Unidentified(volume, since, windowFiles)
		if err != nil {
			return err
		}
		w.next, w.end = max(since, reached), len(es) < windowFiles
		if len(es) > 0 && (!w.end || es[len(es)-1].Seq > w.next) {
			w.next = es[len(es)-1].Seq
		}
		for _, e := range es {
			wanted, err := w.scope.wants(r, &e)
			if err != nil {
				return err
			}
			if !wanted || slices.Contains(failed, e.ID) {
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
	slices.SortFunc(w.files, func(a, b file) int {
		return cmp.Or(cmp.Compare(a.Size, b.Size), cmp.Compare(a.Inode, b.Inode), cmp.Compare(a.ID, b.ID))
	})
	return w, err
}

// found is what one file is.
type found struct {
	id   ident.EntryID
	hash catalog.Hash
	seen vfs.Entry
	what filekind.Type
	read int64
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
	bytes  int64 // read since the last commit
	since  int   // files since then
	last   *found
}

func (p *pass) all(ctx context.Context) (err error) {
	if len(p.w.files) > 0 {
		if p.driver, err = p.s.Volumes.Driver(ctx, p.w.volume.Identity); err != nil {
			return err
		}
	}
	p.ground = p.s.Volumes.Ground(p.w.volume)
	for i := range p.w.files {
		f := &p.w.files[i]
		if err := p.one(ctx, f); err != nil {
			return err
		}
		if p.since++; p.since >= p.s.batch || p.bytes >= batchBytes {
			if err := p.commit(f.path, false); err != nil {
				return err
			}
		}
	}
	return p.commit("", true)
}

// one reads a file. Only what concerns more than this file is an error.
func (p *pass) one(ctx context.Context, f *file) error {
	got, err := p.look(ctx, f)
	switch {
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
	p.at.Failed = append(p.at.Failed, f.ID)
	return nil
}

func (p *pass) look(ctx context.Context, f *file) (found, error) {
	if p.last != nil && f.Inode != 0 && f.Links > 1 && f.Same(&p.last.seen) && p.driver.Features().StableInodes {
		twin := *p.last // another name of the file just read
		twin.id = f.ID
		return twin, nil
	}
	h, err := p.driver.Open(ctx, f.path)
	if err != nil {
		return found{}, err
	}
	defer h.Close()
	hash, head, seen, err := Sum(ctx, h)
	if err != nil {
		return found{}, err
	}
	p.bytes += seen.Size
	return found{id: f.ID, hash: hash, seen: seen, what: filekind.Of(f.Name, head), read: time.Now().UnixNano()}, nil
}

// commit stores what was found, and at the end of the window how far the feed
// was followed.
func (p *pass) commit(current string, end bool) error {
	at := p.at
	if end {
		at.Failed = nil
	}
	progress := job.Progress{Done: at.Done, Bytes: at.Bytes}
	if current != "" {
		progress.Current = p.ground.SdPath(current).String()
	}
	err := p.checkpoint(at, progress, func(stx *store.Tx) error {
		tx := p.s.Catalog.In(stx)
		for _, f := range p.batch {
			id, err := tx.PutContent(catalog.Content{Hash: f.hash, Size: f.seen.Size, Kind: f.what.Kind.String(), MIME: f.what.MIME})
			if err != nil {
				return err
			}
			// Not ok: the catalogue has it otherwise, and tells of it when it has looked again.
			if _, err := tx.Identify(f.id, f.seen, id, f.read); err != nil {
				return err
			}
		}
		if end {
			return tx.SetFollower(p.w.scope.name, p.w.next)
		}
		return nil
	})
	p.at, p.batch, p.bytes, p.since = at, nil, 0, 0
	return err
}
