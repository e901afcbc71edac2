package media

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/store"
	"github.com/stardrive/stardrive/internal/vfs"
)

// deriveKind names the job that has everything made that is made unasked.
const deriveKind = "media.derive"

const (
	windowContents = 1024 // of the change feed, looked at together: the newest first
	pageEntries    = 4096 // of the feed, read at a time
	maxPages       = 16   // of those in one window
	batchContents  = 16   // between two commits
	batchText      = 4 << 20
	batchTime      = 5 * time.Second
	largeFile      = 64 << 20 // comes after all others of its window
	firstWait      = time.Second
	longestWait    = time.Minute
)

type deriveArgs struct {
	Volume ident.VolumeID `json:"volume"`
}

// deriveCursor tells what of the window under way is done without a trace in the
// tables. What has a trace is not found again, and where the window begins is
// the follower's business.
type deriveCursor struct {
	Failed []ident.ContentID `json:"failed,omitempty"` // whose files could not be read
	Done   int64             `json:"done"`
	Bytes  int64             `json:"bytes"`
}

// window is a piece of the change feed.
type window struct {
	volume      catalog.Volume
	wanted      bool   // a location of the volume wants this, and now
	name        string // of the follower
	subjects    []subject
	since, next int64 // where it begins, and where the feed goes on
	end         bool
}

// family begins the names of all followers of the volume.
func (w *window) family() string { return followers + strconv.FormatInt(int64(w.volume.ID), 10) + ":" }

// window returns the next piece of the feed with up to limit contents of which
// something is missing, but for those in failed.
func (s *Service) window(ctx context.Context, volume ident.VolumeID, limit int, failed []ident.ContentID) (w window, err error) {
	reached := s.Catalog.Reached() // before the snapshot: it has all of that
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		if w.volume, err = r.Volume(volume); err != nil {
			return err
		}
		scope, err := r.Scope(volume, isDeep)
		if err != nil {
			return err
		}
		later, err := s.waits(r, volume)
		if err != nil {
			return err
		}
		if scope == nil || later {
			w.end = true
			return nil
		}
		w.wanted, w.name = true, followers+scope.Name+" "+generation()
		if w.since, err = r.Follower(w.name); err != nil {
			return err
		}
		c := collector{s: s, r: r, scope: scope, failed: failed, limit: limit, at: map[ident.ContentID]int{}}
		w.next = w.since
		for range maxPages {
			es, err := r.Proven(volume, w.next, pageEntries)
			if err != nil {
				return err
			}
			last, err := c.add(es)
			if err != nil {
				return err
			}
			w.next = max(w.next, last)
			if len(c.subjects) >= limit {
				break
			}
			if w.end = len(es) < pageEntries; w.end {
				w.next = max(w.next, reached)
				break
			}
		}
		w.subjects = c.subjects
		return nil
	})
	slices.SortStableFunc(w.subjects, func(a, b subject) int {
		x, y := &a.copies[0], &b.copies[0]
		return cmp.Or(cmp.Compare(x.Size/largeFile, y.Size/largeFile), cmp.Compare(y.Modified, x.Modified), cmp.Compare(x.ID, y.ID))
	})
	return w, err
}

func isDeep(mode string) bool { return mode == "deep" }

// waits reports whether a deep location of the volume has what nobody asked for wait
// now. The others of the volume wait with it.
func (s *Service) waits(r *catalog.Reader, volume ident.VolumeID) (bool, error) {
	if s.Waits == nil {
		return false, nil
	}
	ls, err := r.Locations()
	return slices.ContainsFunc(ls, func(l catalog.Location) bool { return l.Volume == volume && isDeep(l.Mode) && s.Waits(l) }), err
}

// collector gathers the subjects of a window.
type collector struct {
	s        *Service
	r        *catalog.Reader
	scope    *catalog.Scope
	failed   []ident.ContentID
	limit    int
	subjects []subject
	at       map[ident.ContentID]int // of subjects; -1: nothing is missing
}

// maxCopies is how many copies of a content are tried, one after the other.
const maxCopies = 3

// add takes entries until there are enough subjects, and returns the seq of the
// last one it took.
func (c *collector) add(es []catalog.Entry) (last int64, err error) {
	for i := range es {
		e := &es[i]
		if len(c.subjects) >= c.limit {
			break
		}
		last = e.Seq
		wanted, err := c.scope.Has(c.r, e)
		if err != nil {
			return last, err
		}
		if wanted {
			if err := c.take(e); err != nil {
				return last, err
			}
		}
	}
	return last, nil
}

func (c *collector) take(e *catalog.Entry) error {
	i, known := c.at[e.Content]
	if !known {
		i = -1
		sub, err := c.subject(e.Content)
		if err != nil {
			return err
		}
		if len(sub.want) > 0 {
			i = len(c.subjects)
			c.subjects = append(c.subjects, sub)
		}
		c.at[e.Content] = i
	}
	if i < 0 || len(c.subjects[i].copies) >= maxCopies {
		return nil
	}
	path, err := c.r.Path(e)
	if err != nil {
		return err
	}
	c.subjects[i].copies = append(c.subjects[i].copies, copyOf{*e, path})
	return nil
}

func (c *collector) subject(id ident.ContentID) (sub subject, err error) {
	if slices.Contains(c.failed, id) {
		return sub, nil
	}
	if sub.content, err = c.r.Content(id); err != nil {
		return sub, err
	}
	want := background(c.s.wanted(&sub.content))
	if len(want) == 0 {
		return sub, nil
	}
	sub.have, err = rowsOf(c.r, id)
	sub.want = missing(sub.have, want)
	return sub, err
}

// run makes what is missing of a volume's contents, window by window. What was
// made and how far it has come are committed together.
func (s *Service) run(ctx context.Context, run job.Run, args deriveArgs, at deriveCursor, checkpoint job.Checkpoint[deriveCursor]) error {
	if err := s.patiently(ctx, run, at, func() error { return s.checkTexts(ctx) }); err != nil {
		return err
	}
	for total := int64(-1); ; {
		w, err := s.window(ctx, args.Volume, windowContents, at.Failed)
		if errs.Is(err, errs.NotFound) || err == nil && !w.wanted {
			return nil // nobody wants it any more, or not now
		}
		if err == nil && total < 0 {
			total, err = s.left(ctx, &w)
			total += at.Done
		}
		if err != nil {
			return err
		}
		p := &pass{s: s, w: w, run: run, at: at, total: total, checkpoint: checkpoint}
		err = p.all(ctx)
		if at = p.at; errors.Is(err, errNewTexts) {
			if err = s.patiently(ctx, run, at, func() error { return s.checkTexts(ctx) }); err == nil {
				at.Failed = nil
				continue
			}
		}
		if errors.Is(err, errLater) {
			return nil
		}
		if err != nil || w.end {
			return err
		}
	}
}

// errLater ends a job whose rest waits for mains power.
var errLater = errors.New("the rest waits")

func (s *Service) mayGoOn(ctx context.Context, volume ident.VolumeID) error {
	return s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		later, err := s.waits(r, volume)
		if err == nil && later {
			err = errLater
		}
		return err
	})
}

// left is about how many contents there are to look into, from a window on.
func (s *Service) left(ctx context.Context, w *window) (n int64, err error) {
	if w.end {
		return int64(len(w.subjects)), nil
	}
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		n, err = r.CountProven(w.volume.ID, w.since, wantedKinds())
		return err
	})
	return n, err
}

// patiently does something until it fails for another reason than that it cannot
// be done now.
func (s *Service) patiently(ctx context.Context, run job.Run, at deriveCursor, do func() error) error {
	for wait := firstWait; ; wait = min(2*wait, longestWait) {
		err := do()
		if err == nil || ctx.Err() != nil || !errs.Is(err, errs.Unavailable) {
			return err
		}
		run.Progress(job.Progress{Done: at.Done, Bytes: at.Bytes, Current: "waits: " + err.Error()})
		if !rest(ctx, wait) {
			return ctx.Err()
		}
	}
}

// errNewTexts says that what was given to the store of texts is lost already.
var errNewTexts = errors.New("the store of texts was made anew meanwhile")

// pass works through one window.
type pass struct {
	s          *Service
	w          window
	run        job.Run
	at         deriveCursor
	total      int64 // about
	checkpoint job.Checkpoint[deriveCursor]

	driver vfs.Driver
	ground catalog.Ground
	batch  []made
	since  int       // contents since the last commit
	text   int       // bytes of text since then
	began  time.Time // of the batch
}

func (p *pass) all(ctx context.Context) (err error) {
	p.ground, p.began = p.s.Volumes.Ground(p.w.volume), p.s.Now()
	for i := range p.w.subjects {
		sub := &p.w.subjects[i]
		p.s.Catalog.Way.Wait()
		if err := p.one(ctx, sub); err != nil {
			return err
		}
		if p.since++; p.since >= p.s.batch || p.text >= batchText || p.s.Now().Sub(p.began) >= batchTime {
			if err := p.commit(ctx, sub.copies[0].path, len(p.w.subjects)-i-1, false); err != nil {
				return err
			}
			if err := p.s.mayGoOn(ctx, p.w.volume.ID); err != nil {
				return err
			}
		}
	}
	return p.commit(ctx, "", 0, true)
}

// one looks into a content. Only what concerns more than this one is an error.
func (p *pass) one(ctx context.Context, sub *subject) error {
	var m made
	err := p.s.patiently(ctx, p.run, p.at, func() (err error) {
		// A volume that has gone is no reason to wait here: it may be away for months.
		if p.driver, err = p.s.Volumes.Driver(ctx, p.w.volume.Identity); err != nil {
			return &gone{err}
		}
		release, err := p.s.locks.take(ctx, sub.content.ID)
		if err != nil {
			return err
		}
		defer release()
		m, err = p.s.derive(ctx, p.s.Decoder, p.driver, *sub)
		return err
	})
	if gone, ok := err.(*gone); ok { //nolint:errorlint // made above, never wrapped
		return gone.error
	}
	switch {
	case err == nil:
		p.batch = append(p.batch, m)
		if m.words != nil {
			p.text += len(m.words.Text.Body)
		}
		p.at.Done++
		p.at.Bytes += sub.content.Size
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	}
	// It is the file's fault only if the volume is there.
	if _, gone := p.s.Volumes.Driver(ctx, p.w.volume.Identity); gone != nil {
		return gone
	}
	if u, ok := errors.AsType[*unreadable](err); ok {
		err = u.error
	}
	p.run.Warn(p.ground.SdPath(sub.copies[0].path).String(), err)
	p.at.Failed = append(p.at.Failed, sub.content.ID)
	return nil
}

// gone is a volume that is not there.
type gone struct{ error }

// commit stores what was made, and at the end of the window how far the feed was
// followed. Texts are given away before, and count only if they were kept.
func (p *pass) commit(ctx context.Context, current string, left int, end bool) error {
	if err := p.s.patiently(ctx, p.run, p.at, func() error { return p.s.giveTexts(ctx, p.batch) }); err != nil {
		return err
	}
	at := p.at
	progress := job.Progress{Done: at.Done, Bytes: at.Bytes, Total: max(p.total, at.Done+int64(left))}
	if end {
		at.Failed = nil
	}
	if end && p.w.end {
		progress.Total = at.Done
	}
	if current != "" {
		progress.Current = p.ground.SdPath(current).String()
	}
	var stale []name
	committed := false
	err := p.checkpoint(at, progress, func(stx *store.Tx) error {
		tx := p.s.Catalog.In(stx)
		stx.AfterCommit(func() { committed = true })
		for i := range p.batch {
			old, err := p.batch[i].store(tx)
			if err != nil {
				return err
			}
			stale = append(stale, old...)
		}
		if end {
			return follow(tx, p.w.family(), p.w.name, p.w.since, p.w.next)
		}
		return nil
	})
	if committed {
		for i := range p.batch {
			p.s.tell(&p.batch[i])
		}
		p.s.discard(stale)
	}
	p.at, p.batch, p.since, p.text, p.began = at, nil, 0, 0, p.s.Now()
	return err
}

// giveTexts hands the words of contents to those who keep them.
func (s *Service) giveTexts(ctx context.Context, batch []made) error {
	if s.Texts == nil {
		return nil
	}
	var put []Words
	var drop []ident.ContentID
	for i := range batch {
		switch m := &batch[i]; {
		case m.words != nil:
			put = append(put, *m.words)
		case m.dropText:
			drop = append(drop, m.content.ID)
		}
	}
	if len(drop) > 0 {
		if err := s.Texts.Drop(ctx, drop); err != nil {
			return err
		}
	}
	if len(put) == 0 {
		return nil
	}
	if err := s.Texts.Put(ctx, put); err != nil {
		return err
	}
	stamp, err := s.Texts.Stamp(ctx)
	if err != nil {
		return err
	}
	noted, err := s.notedStamp(ctx)
	if err == nil && stamp != noted {
		err = errNewTexts
	}
	return err
}

// discard takes away pictures that no row speaks of any more.
func (s *Service) discard(stale []name) {
	for _, n := range stale {
		if err := s.files.remove(n); err != nil { // cleaning finds it later
			s.Log.Warn("An old picture was not removed", "error", err)
		}
	}
}
