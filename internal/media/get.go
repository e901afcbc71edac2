package media

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Sidecar is an open picture. Its receiver closes File.
type Sidecar struct {
	File *os.File
	MIME string // image/jpeg or image/png
	Made time.Time
	// Tag is another for other bytes, of whatever entry: the content's hash, the
	// kind, and the version of what made it.
	Tag string
}

// Get returns a picture of an entry's content. One that is not there is made, if
// it can be, for at most Patience and then on without the caller. A large file that
// was not read yet is read by a job first, for which nobody waits. Errors:
// errs.NotFound (no such entry; or there is no such picture, and why),
// errs.Unsupported (no file, or kind is no picture), errs.Unavailable (it is being
// made: try again; the volume is offline), errs.Conflict (the file changes).
func (s *Service) Get(ctx context.Context, entry ident.EntryID, kind Kind) (Sidecar, error) {
	if sorts[kind].side == 0 {
		return Sidecar{}, errs.New(errs.Unsupported, "%q is no picture", kind).Try("Ask for thumb256, thumb512, thumb1024 or strip.")
	}
	ctx, stop := context.WithTimeout(ctx, s.Patience)
	defer stop()
	content, err := s.contentOf(ctx, entry)
	if errors.Is(err, errSoon) {
		s.wishes.note(wish{entry, kind})
	}
	if err != nil {
		return Sidecar{}, told(ctx, err)
	}
	out, err := s.look(ctx, content, kind)
	for tries := 0; tries < 2 && errors.Is(err, errToMake); tries++ {
		err = s.fly(ctx, content, kind, entry)
		if err != nil {
			break
		}
		out.close()
		out, err = s.look(ctx, content, kind)
	}
	if out.File != nil { // maybe an old one, which is better than nothing
		return out, nil
	}
	return Sidecar{}, told(ctx, err)
}

// fly makes a picture, or waits until it is made: each once, however many want it.
func (s *Service) fly(ctx context.Context, content ident.ContentID, kind Kind, near ident.EntryID) error {
	return s.flights.wait(ctx, flightKey{content: content, kind: kind}, func(ctx context.Context) error {
		now, err := s.look(ctx, content, kind) // an earlier flight may have landed just now
		now.close()
		if errors.Is(err, errToMake) {
			err = s.makeOne(ctx, content, []Kind{kind}, near)
		}
		return err
	})
}

func (o *Sidecar) close() {
	if o.File != nil {
		_ = o.File.Close() // it was only read
		o.File = nil
	}
}

// told is the error that the caller of Get hears.
func told(ctx context.Context, err error) error {
	if u, ok := errors.AsType[*unreadable](err); ok {
		err = u.error
	}
	if ctx.Err() != nil || errors.Is(err, errToMake) { // time is over, or it was made and is gone again
		return errs.New(errs.Unavailable, "it is being made").Try("Try again in a moment.")
	}
	return err
}

var errToMake = errors.New("it is to be made")

// look opens a picture that there is. With errToMake it returns none, or one that
// is to be made anew. Errors: errs.NotFound: there is none, and none to be made.
func (s *Service) look(ctx context.Context, content ident.ContentID, kind Kind) (out Sidecar, err error) {
	c, have, err := s.known(ctx, content)
	if err != nil {
		return out, err
	}
	r, there := have[kind]
	if there && r.status == Ready {
		if out, ok := s.take(c, r); ok && (r.settled() || sorts[kind].background) { // jobs make the newer one
			return out, nil
		} else if ok {
			return out, errToMake
		}
	}
	switch {
	case there && r.settled() && r.status == Failed:
		return out, errs.New(errs.NotFound, "there is no %s: %s", kind, r.reason).Try("Try once more with: stardrive sidecar rebuild FILE")
	case there && r.settled() && r.status == None:
		return out, errs.New(errs.NotFound, "there is no %s of this file", kind)
	case !slices.Contains(s.wanted(&c), kind):
		return out, errs.New(errs.NotFound, "files of this sort have no %s", kind)
	}
	return out, errToMake
}

// contentOf returns what an entry's bytes are. A file that no job has read whole
// is read now, or soon if it is large.
func (s *Service) contentOf(ctx context.Context, id ident.EntryID) (content ident.ContentID, err error) {
	e, sure, err := s.proven(ctx, id)
	switch {
	case err != nil:
		return 0, err
	case e.Kind != vfs.File:
		return 0, errs.New(errs.Unsupported, "only files have pictures, and this is a %s", e.Kind)
	case sure:
		return e.Content, nil
	case s.Identify == nil || e.State != catalog.Present:
		return 0, errs.New(errs.NotFound, "what is in this file is not known")
	}
	if s.Soon != nil && e.Size > s.large {
		if err := s.Soon(ctx, id); err != nil {
			return 0, err
		}
		return 0, errSoon
	}
	err = s.flights.wait(ctx, flightKey{entry: id}, func(ctx context.Context) error {
		_, err := s.Identify(ctx, id)
		return err
	})
	if err != nil {
		return 0, err
	}
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		e, err = r.Entry(id)
		return err
	})
	if err == nil && e.Content == 0 {
		err = errs.New(errs.Conflict, "it changed while it was read").Try("Try again when it has come to rest.")
	}
	return e.Content, err
}

// errSoon is of large files.
var errSoon error = errs.New(errs.Unavailable, "the file is large and was not read yet: that is being done").Try("Try again in a moment.")

// proven returns an entry; sure: it was read whole, did not change since, and its content
// is known.
func (s *Service) proven(ctx context.Context, id ident.EntryID) (e catalog.Entry, sure bool, err error) {
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		if e, err = r.Entry(id); err != nil {
			return err
		}
		p, ok, err := r.Proof(id)
		sure = ok && p.Changed == e.Changed && e.Content != 0
		return err
	})
	return e, sure, err
}

func (s *Service) known(ctx context.Context, id ident.ContentID) (c catalog.Content, have map[Kind]row, err error) {
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		if c, err = r.Content(id); err == nil {
			have, err = rowsOf(r, id)
		}
		return err
	})
	return c, have, err
}

// take opens what is there; ok is false if its file is not.
func (s *Service) take(c catalog.Content, r row) (Sidecar, bool) {
	n := r.name(c.Hash)
	f, err := s.files.open(n, r.size)
	if err != nil {
		return Sidecar{}, false
	}
	if now := s.Now().UnixNano(); now-r.used > int64(time.Hour) {
		s.touches.note(r.content, r.kind, now)
	}
	return Sidecar{File: f, MIME: r.mime, Made: time.Unix(0, r.made), Tag: tagOf(&c, &r)}, true
}

func tagOf(c *catalog.Content, r *row) string {
	return fmt.Sprintf("%s-%s-%d", hex.EncodeToString(c.Hash[:]), r.kind, r.version)
}

// makeOne makes kinds of one content and stores them. near is an entry whose
// file is read rather than that of another copy; it may be 0.
func (s *Service) makeOne(ctx context.Context, content ident.ContentID, want []Kind, near ident.EntryID) error {
	release, err := s.locks.take(ctx, content)
	if err != nil {
		return err
	}
	defer release()
	subs, err := s.subjects(ctx, content, near)
	if err != nil {
		return err
	}
	decoder := s.Decoder
	if h, ok := decoder.(Hurrier); ok {
		decoder = h.Hurry()
	}
	for _, at := range subs {
		var driver vfs.Driver
		if driver, err = s.Volumes.Driver(ctx, at.identity); err != nil {
			continue
		}
		at.want = want
		var m made
		if m, err = s.derive(ctx, decoder, driver, at.subject); err == nil {
			return s.put(ctx, m)
		}
		if ctx.Err() != nil || errs.Is(err, errs.Unavailable) {
			break
		}
	}
	return err
}

// put stores what was made.
func (s *Service) put(ctx context.Context, m made) error {
	if err := s.giveTexts(ctx, []made{m}); err != nil {
		if errors.Is(err, errNewTexts) {
			err = errs.New(errs.Unavailable, "%w", err).Try("Try again in a moment.")
		}
		return err
	}
	var stale []name
	err := s.Catalog.Write(ctx, func(tx *catalog.Tx) (err error) {
		stale, err = m.store(tx)
		return err
	})
	if err == nil {
		s.tell(&m)
		s.discard(stale)
	}
	return err
}

// onVolume is a content with copies of it on one volume.
type onVolume struct {
	subject
	identity string
}

// subjects returns the copies of a content by volumes, that of near first.
func (s *Service) subjects(ctx context.Context, content ident.ContentID, near ident.EntryID) (out []onVolume, err error) {
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		c, err := r.Content(content)
		if err != nil {
			return err
		}
		have, err := rowsOf(r, content)
		if err != nil {
			return err
		}
		copies, err := r.ProvenCopies(content, 64)
		if err != nil {
			return err
		}
		slices.SortStableFunc(copies, func(a, b catalog.Entry) int {
			switch near {
			case a.ID:
				return -1
			case b.ID:
				return 1
			}
			return 0
		})
		at := map[ident.VolumeID]int{}
		for _, e := range copies {
			i, ok := at[e.Volume]
			if !ok {
				v, err := r.Volume(e.Volume)
				if err != nil {
					return err
				}
				i, at[e.Volume] = len(out), len(out)
				out = append(out, onVolume{subject{content: c, have: have}, v.Identity})
			}
			path, err := r.Path(&e)
			if err != nil {
				return err
			}
			if len(out[i].copies) < maxCopies {
				out[i].copies = append(out[i].copies, copyOf{e, path})
			}
		}
		return nil
	})
	if err == nil && len(out) == 0 {
		err = errs.New(errs.Conflict, "no file is known to have this content now").Try("Try again when it was looked at.")
	}
	return out, err
}

// flightKey names what somebody waits for: a sidecar, or what an entry's bytes are.
type flightKey struct {
	content ident.ContentID
	kind    Kind
	entry   ident.EntryID
}

// flights are what is being made because somebody asked: each once, however many
// wait for it. What only has to be read first has turns of its own, so that it keeps
// nobody waiting whose picture is but to be made. A flight that nobody waits for any
// more, because they left, is given up while it reads or has not begun; who only lost
// patience is expected back for a while.
type flights struct {
	mu     sync.Mutex
	ctx    context.Context // of Serve; nil while it does not run
	linger time.Duration   // how long who lost patience is expected back
	turn   chan struct{}   // of what is being made
	reads  chan struct{}   // of what is being read
	now    map[flightKey]*flight
	all    sync.WaitGroup
}

type flight struct {
	done    chan struct{}
	err     error
	stop    context.CancelFunc
	reads   bool // it only reads
	waiting int  // who waits for it
	making  bool // it has begun, and is no reading: it goes on to its end
}

func (f *flights) open(ctx context.Context, linger time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ctx, f.linger, f.now = ctx, linger, map[flightKey]*flight{}
	f.turn, f.reads = make(chan struct{}, atOnce), make(chan struct{}, readAtOnce)
}

// close waits for all to end; their context must have ended, or soon does.
func (f *flights) close() {
	f.mu.Lock()
	f.ctx = nil
	f.mu.Unlock()
	f.all.Wait()
}

// wait joins the flight of key, or starts one with do, and waits for its end or
// that of ctx.
func (f *flights) wait(ctx context.Context, key flightKey, do func(context.Context) error) error {
	fl, err := f.join(key, do)
	if err != nil {
		return err
	}
	select {
	case <-fl.done:
		return fl.err
	case <-ctx.Done():
		f.leave(ctx, key, fl)
		return ctx.Err()
	}
}

func (f *flights) join(key flightKey, do func(context.Context) error) (*flight, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if fl := f.now[key]; fl != nil {
		fl.waiting++
		return fl, nil
	}
	if f.ctx == nil {
		return nil, errs.New(errs.Unavailable, "the library is being opened or closed").Try("Try again in a moment.")
	}
	if len(f.now) >= maxWaiting {
		return nil, errs.New(errs.Unavailable, "too much is asked for at once").Try("Try again in a moment.")
	}
	ctx, stop := context.WithCancel(f.ctx)
	fl := &flight{done: make(chan struct{}), stop: stop, reads: key.entry != 0, waiting: 1}
	turn := f.turn
	if fl.reads {
		turn = f.reads
	}
	f.now[key] = fl
	f.all.Go(func() {
		defer f.land(key, fl)
		select {
		case turn <- struct{}{}:
			defer func() { <-turn }()
		case <-ctx.Done():
		}
		if fl.err = ctx.Err(); fl.err == nil {
			f.begun(fl)
			fl.err = do(ctx)
		}
	})
	return fl, nil
}

func (f *flights) begun(fl *flight) {
	f.mu.Lock()
	defer f.mu.Unlock()
	fl.making = !fl.reads
}

// leave notes that somebody does not wait any more, because ctx ended.
func (f *flights) leave(ctx context.Context, key flightKey, fl *flight) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if fl.waiting--; fl.waiting > 0 {
		return
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		time.AfterFunc(f.linger, func() { // harmless after the end
			f.mu.Lock()
			defer f.mu.Unlock()
			f.giveUp(key, fl)
		})
		return
	}
	f.giveUp(key, fl)
}

// giveUp ends a flight for which nobody waits; the caller holds the lock.
func (f *flights) giveUp(key flightKey, fl *flight) {
	if fl.waiting > 0 || fl.making {
		return
	}
	fl.stop()
	if f.now[key] == fl {
		delete(f.now, key) // who asks now begins anew
	}
}

func (f *flights) land(key flightKey, fl *flight) {
	f.mu.Lock()
	defer f.mu.Unlock()
	fl.stop()
	if f.now[key] == fl {
		delete(f.now, key)
	}
	close(fl.done)
}
