package fileops

import (
	"context"
	"errors"
	"io"
	"syscall"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/fileops/copier"
	"github.com/stardrive/stardrive/internal/job"
	"github.com/stardrive/stardrive/internal/sdpath"
	"github.com/stardrive/stardrive/internal/store"
	"github.com/stardrive/stardrive/internal/vfs"
)

func within(root, path string) bool { return sdpath.Within(root, path) }

func makeEmpty(context.Context, io.Writer) error { return nil }

// running is a plan while it is committed.
type running struct {
	*world
	r        *action.Run
	did      map[uint64]*vfs.Entry      // steps that are done, by key; of copies whose source goes, what stands there since
	made     map[uint64]*step           // that made folders which are not dressed yet, by key
	left     []*step                    // of these, the ones that are full when what waits is done
	links    map[linked]copied          // copies of files that have several names
	parts    map[catalog.Spot]*conflict // of what is inside items, by where it would come
	only     map[uint64]bool            // what has yet to be copied back from where it stands, by spotKey
	seen     previewed
	steps    []*step // to be done in the next batch
	tasks    []*task // of each
	bytes    int64   // in it
	progress job.Progress
}

type linked struct {
	volume string
	inode  uint64
}

// copied is a copy of a file that has several names: where it was put, what it was
// there, and what it was made of.
type copied struct {
	at       catalog.Spot
	is, from vfs.Entry
	hash     *catalog.Hash
}

type conflict struct {
	choice string
	task   task
	item   int64
}

// run commits a plan of any kind of this package.
func (s *Service) run(ctx context.Context, r *action.Run) error {
	e := &running{world: s.world(), r: r, did: map[uint64]*vfs.Entry{}, made: map[uint64]*step{}, links: map[linked]copied{}, parts: map[catalog.Spot]*conflict{}, only: map[uint64]bool{}}
	sum := r.Plan().Summary
	e.progress.Total = max(sum.Files+sum.Folders, r.Plan().Items)
	claims, err := e.prepare(ctx)
	if err != nil {
		return err
	}
	release, err := s.locks.take(ctx, claims)
	if err != nil {
		return err
	}
	defer release()
	if err := e.recover(ctx); err != nil || r.OnlySettle {
		return err
	}
	if e.seen, err = readPreviewed(ctx, r); err != nil {
		return err
	}
	err = r.Items(ctx, func(it action.Item, decode func(any) error) error {
		var t task
		if err := decode(&t); err != nil || t.Part {
			return err
		}
		return e.item(ctx, &it, &t)
	})
	if err == nil {
		err = e.flush(ctx)
	}
	if err == nil {
		e.dressLeft(ctx)
		err = e.dressAll(ctx)
	}
	return err
}

// prepare reads the conflicts inside items, and what places the plan claims.
func (e *running) prepare(ctx context.Context) (claims []claim, err error) {
	err = e.r.Items(ctx, func(it action.Item, decode func(any) error) error {
		var t task
		if err := decode(&t); err != nil {
			return err
		}
		if t.Part {
			e.parts[t.Step.To] = &conflict{it.Choice, t, it.N}
			return nil
		}
		if t.Step.back() {
			e.only[spotKey(t.Step.From)] = true
		}
		if t.Step.From.Volume != "" {
			claims = append(claims, claim{t.Step.From, t.Step.Verb != vWrite || t.Do == moveAcross})
		}
		if t.Step.To.Volume != "" {
			to := t.Step.To
			if t.Free != "" {
				to, _ = to.In()
			}
			claims = append(claims, claim{to, true})
		}
		if t.Step.Like != nil {
			claims = append(claims, claim{*t.Step.Like, false})
		}
		if len(claims) > 4*maxClaims {
			claims = coarse(claims)
		}
		return nil
	})
	return claims, err
}

// later has a step done in the next batch, unless it is done already.
func (e *running) later(ctx context.Context, st *step, t *task) error {
	if _, done := e.did[st.key()]; done {
		return nil
	}
	if len(e.steps) > 0 && e.steps[len(e.steps)-1].Verb == vWrite && st.Verb != vWrite && st.Verb != vMkdir {
		// In a batch writes come last.
		if err := e.flush(ctx); err != nil {
			return err
		}
	}
	if st.Verb == vTrash && e.only[spotKey(st.From)] {
		e.failAt(ctx, st.Item, st.From, onlyHere())
		return ctx.Err()
	}
	e.steps, e.tasks = append(e.steps, st), append(e.tasks, t)
	if st.Verb == vWrite && st.Seen != nil {
		e.bytes += st.Seen.Size
	}
	if len(e.steps) >= batchSteps || e.bytes >= batchBytes {
		return e.flush(ctx)
	}
	return nil
}

// flush does the steps that wait, as one batch.
func (e *running) flush(ctx context.Context) error {
	steps, tasks := e.steps, e.tasks
	e.steps, e.tasks, e.bytes = nil, nil, 0
	if len(steps) == 0 {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	h := e.hands()
	defer h.close()
	e.propose(ctx, steps)
	for _, st := range steps {
		if st.Verb == vMkdir || st.Verb == vSymlink {
			st.Temp = temp()
		}
	}
	batch, err := e.r.Intend(ctx, steps, len(steps))
	if err != nil {
		return err
	}
	e.s.yield("intended")
	h.reserve(context.WithoutCancel(ctx), steps)
	// What has begun is brought to an end in which nothing is half done; only
	// copying itself is cut short.
	steady := context.WithoutCancel(ctx)
	h.stage = func() error { return e.r.Stage(steady, batch, steps, len(steps)) }
	if err := h.makeEarly(steady, steps); err != nil {
		return err
	}
	var writes []*step
	var of []*task
	var unmade []catalog.Spot
	for i, st := range steps {
		if st.err == nil {
			st.err = inUnmade(st, unmade)
		}
		if st.err == nil && st.Like != nil {
			st.err = h.sameBytes(ctx, st)
		}
		switch {
		case st.err != nil:
		case st.Verb == vWrite:
			writes, of = append(writes, st), append(of, tasks[i])
		default:
			e.s.yield(string(st.Verb))
			able := steady
			if st.Verb == vExtract { // which takes long, and leaves nothing when it is cut short
				able = ctx
			}
			st.err = h.do(able, st)
		}
		if st.err != nil && st.Verb == vMkdir {
			unmade = append(unmade, st.To)
		}
		if st.err != nil && i > 0 && steps[i-1].yieldsTo(st) && steps[i-1].err == nil && h.giveBack(steady, steps[i-1]) {
			steps[i-1].err = errs.New(errs.KindOf(st.err), "it stays: what was to take its place did not come")
		}
	}
	for len(writes) > 0 { // those of one volume together, since they are synced together
		var now, rest []*step
		var nowOf, restOf []*task
		for i, st := range writes {
			if st.To.Volume == writes[0].To.Volume {
				now, nowOf = append(now, st), append(nowOf, of[i])
			} else {
				rest, restOf = append(rest, st), append(restOf, of[i])
			}
		}
		if err := e.writeAll(ctx, h, batch, steps, now, nowOf); err != nil {
			return err
		}
		writes, of = rest, restOf
	}
	err = e.settle(ctx, h, batch, steps)
	if err == nil {
		e.dressLeft(ctx)
	}
	return err
}

// inUnmade refuses a step into a folder that was to be made, and was not: another
// may bear its name.
func inUnmade(st *step, unmade []catalog.Spot) error {
	for _, at := range unmade {
		if st.To.Volume == at.Volume && within(at.Path, st.To.Path) {
			return errs.New(errs.Conflict, "the folder that it belongs into was not made")
		}
	}
	return nil
}

// propose finds slots in the trash for the steps that need one.
func (e *running) propose(ctx context.Context, steps []*step) {
	for _, st := range steps {
		at := st.From
		if st.Verb == vWrite && st.Over != nil {
			at = st.To
		} else if st.Verb != vTrash {
			continue
		}
		v, err := e.writable(ctx, at.Volume)
		if err == nil && v.bin == nil {
			err = v.noBin
		}
		if err == nil {
			_, name := at.In()
			slot, failed := v.bin.Propose(ctx, name)
			st.Slot, err = &slot, failed
		}
		st.err = err
	}
}

// writeAll writes files, all on one volume, and gives them their names.
func (e *running) writeAll(ctx context.Context, h *hands, batch int64, all, writes []*step, of []*task) error {
	steady := context.WithoutCancel(ctx)
	pieces := make([]copier.Piece, 0, len(writes))
	var ready []*step
	verify, noClone := false, false
	for i, st := range writes {
		p, err := h.pieceOf(steady, st, of[i])
		if err != nil {
			st.err = err
			continue
		}
		if st.Pack != nil {
			p.Make = e.pack(st)
		}
		pieces, ready = append(pieces, p), append(ready, st)
		verify, noClone = verify || of[i].Verify || st.Moving, noClone || of[i].NoClone
	}
	if len(pieces) == 0 {
		return nil
	}
	v, err := e.writable(ctx, ready[0].To.Volume)
	if err != nil {
		return err
	}
	out := e.s.copier.Write(ctx, pieces, copier.Options{Target: v.writing, Verify: verify, NoClone: noClone, Progress: e.shower(ready)})
	placeable := false
	for i, w := range out {
		ready[i].err = w.Err
		if w.Err != nil { // mostly there is nothing
			h.touch(ready[i].To)
			_ = e.s.copier.Discard(steady, pieces[i].Into, pieces[i].Temp, vfs.Entry{}) // see leftover
		}
		if w.Err == nil {
			ready[i].lost = v.missed(w.Lost)
		}
		if ready[i].lost != 0 && ready[i].Moving { // its source is all that has it
			h.touch(ready[i].To)
			ready[i].err = notKept(ready[i].lost)
			_ = e.s.copier.Discard(steady, pieces[i].Into, pieces[i].Temp, w.Is) // see leftover
		}
		if ready[i].err == nil && ready[i].Like != nil {
			h.touch(ready[i].To)
			ready[i].err = e.shared(steady, pieces[i], &out[i], ready[i])
		}
		if ready[i].err == nil {
			ready[i].Made, placeable = ptr(out[i].Is), true
			if w.Hashed {
				ready[i].Hash = (*catalog.Hash)(&out[i].Hash)
			} else if ready[i].LinkIs != nil && !w.Linked {
				ready[i].Hash = nil // that of the copy which it did not become a name of
			}
		}
	}
	if !placeable {
		return nil
	}
	// From here on the journal knows what is ours, even when the power goes.
	if err := e.r.Stage(steady, batch, all, len(all)); err != nil {
		return err
	}
	for i := range pieces {
		st := ready[i]
		if st.err != nil {
			continue
		}
		e.s.yield("place")
		if st.Over != nil && st.Over.Links > 1 {
			// Another name of it may have given way just now: that changes the time of
			// change, and nothing else.
			if is, err := pieces[i].Into.Stat(steady, pieces[i].Name); err == nil && same(*st.Over, is) {
				pieces[i].Over = &is
			}
		}
		placed, err := e.s.copier.Place(steady, pieces[i], out[i])
		if err != nil {
			st.err = err
			h.touch(st.To)
			_ = e.s.copier.Discard(steady, pieces[i].Into, pieces[i].Temp, out[i].Is) // see leftover
			continue
		}
		h.touch(st.To)
		st.Is = &placed.Is
		if placed.Out != nil {
			e.s.yield("replaced")
			if err := e.replaced(steady, h, st, pieces[i].Into, *placed.Out); err != nil {
				return err
			}
		}
	}
	return nil
}

func notKept(lost vfs.Parts) error {
	return errs.New(errs.Unsupported, "the volume could not keep its %s, so it stays where it is", partNames(lost)).
		Try("Copy it instead, if it may be without them.")
}

// shared looks that a file which is to take the place of a duplicate shares its
// bytes with the one that is kept, and lets it carry what the duplicate does.
func (e *running) shared(ctx context.Context, p copier.Piece, w *copier.Written, st *step) error {
	err := errs.New(errs.Unsupported, "the volume could not let the files share their bytes")
	if w.Cloned || w.Linked && st.Link != nil {
		err = nil
	}
	if err == nil && st.New != nil && !w.Linked {
		if failed := dressTemp(ctx, p, st); failed != nil {
			err = errs.New(errs.KindOf(failed), "%w", failed)
		} else if is, failed := p.Into.Stat(ctx, p.Temp); failed == nil {
			w.Is = is
		}
	}
	if err == nil {
		return nil
	}
	_ = e.s.copier.Discard(ctx, p.Into, p.Temp, w.Is) // see leftover; the folder is synced, too
	return err
}

func dressTemp(ctx context.Context, p copier.Piece, st *step) error {
	f, err := p.Into.Write(ctx, p.Temp)
	if err != nil {
		return err
	}
	lost, err := f.SetMeta(st.New, st.Parts)
	if err == nil && lost&st.Parts != 0 {
		err = notKept(lost & st.Parts)
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// replaced puts what gave way into the trash. If that cannot be, both change back.
func (e *running) replaced(ctx context.Context, h *hands, st *step, into vfs.Dir, out vfs.Entry) error {
	v, err := e.writable(ctx, st.To.Volume)
	if err != nil {
		return err
	}
	_, name := st.To.In()
	if _, err = h.intoTrash(ctx, v, into, st.Temp, out, st.To.Path, st.Slot, false); err == nil {
		return nil
	}
	st.err = err
	if err := into.Rename(ctx, st.Temp, into, name, vfs.Exchange); err != nil {
		return err // the batch stays open: it is put right later
	}
	return e.s.copier.Discard(ctx, into, st.Temp, *st.Made)
}

// shower tells how far a batch has come.
func (e *running) shower(steps []*step) func(int, int64, int64) {
	p := e.progress
	return func(i int, written, _ int64) {
		q := p
		q.Bytes += written
		_, q.Current = steps[i].To.In()
		e.r.Show(q)
	}
}

// settle tells the journal and the catalogue what was done.
func (e *running) settle(ctx context.Context, h *hands, batch int64, steps []*step) error {
	steady := context.WithoutCancel(ctx)
	e.s.yield("sync")
	if err := h.sync(steady); err != nil {
		// Nobody knows what is kept: the batch stays open, and what stands on the
		// disk tells when this is tried again.
		return err
	}
	var done []*step
	var litter error
	for _, st := range steps {
		if st.err != nil {
			h.unreserve(steady, st)
			if errs.Is(st.err, errs.Cancelled) && ctx.Err() != nil {
				litter = errors.Join(litter, h.leftover(steady, st))
				continue // it is done when the plan goes on
			}
			e.fail(steady, st)
			litter = errors.Join(litter, h.leftover(steady, st))
			continue
		}
		done = append(done, st)
		if st.lost != 0 {
			e.r.Skip(st.Item, e.address(steady, st.To), "copied without its "+partNames(st.lost)+", which the volume could not keep")
		}
	}
	if litter != nil {
		// The batch stays open: what is left is removed when the plan goes on, or at
		// the next start.
		return litter
	}
	if err := e.close(steady, batch, done); err != nil {
		return err
	}
	return e.full(steady, steps)
}

// full ends the run when there is no room: what is left would fail likewise.
func (e *running) full(ctx context.Context, steps []*step) error {
	for _, st := range steps {
		if !errors.Is(st.err, syscall.ENOSPC) && !errors.Is(st.err, syscall.EDQUOT) {
			continue
		}
		at := st.To
		if at.Volume == "" {
			at = st.From
		}
		name := at.Volume
		if v, err := e.volume(ctx, at.Volume); err == nil {
			name = catalog.PlainName(v.Ground.Name)
		}
		return errs.New(errs.Unavailable, "%s: %w", name, copier.Bare(st.err)).Try("Make room there, and commit the plan again: it goes on.")
	}
	return nil
}

// leftover looks whether a step that failed left something under a private name,
// since what was to clean up after it failed as well; then it is why.
func (h *hands) leftover(ctx context.Context, st *step) error {
	if st.Temp == "" {
		return nil
	}
	at := st.To
	if st.Verb == vRename || st.Verb == vRemove || st.Verb == vDestroy {
		at = st.From
	}
	d, _, err := h.in(ctx, at)
	for _, name := range []string{st.Temp, st.Temp + "o"} { // the packages below add the letter where they need two
		if err == nil {
			_, err = d.Stat(ctx, name)
		}
		if err == nil {
			return st.err
		}
		if !errs.Is(err, errs.NotFound) {
			return err
		}
		err = nil
		if d == nil {
			return nil // the folder itself is gone
		}
	}
	return nil
}

// close ends a batch of which these steps were done.
func (e *running) close(ctx context.Context, batch int64, done []*step) error {
	for _, st := range done {
		e.note(st)
		e.leftOut(ctx, st)
		e.progress.Done++
		if st.Verb == vWrite && st.Is != nil {
			e.progress.Bytes += st.Is.Size
		}
		_, e.progress.Current = st.place().In()
	}
	e.s.yield("settle")
	write, err := e.s.known.Take(ctx, deedsOf(done))
	if err == nil {
		err = e.r.Settle(batch, done, len(done), e.progress, write)
		if err == nil || errs.Is(err, errs.Cancelled) {
			return err
		}
	}
	e.s.log.Warn("The catalogue did not take what was done, and looks for itself", "error", err)
	err = e.r.Settle(batch, done, len(done), e.progress, func(*store.Tx) error { return nil })
	if look := e.s.known.Look(ctx, foldersOf(done)); look != nil {
		e.s.log.Warn("Changed folders are not looked at", "error", look)
	}
	return err
}

// note remembers that a step was done.
func (e *running) note(st *step) {
	e.did[st.key()] = nil
	if st.back() {
		delete(e.only, spotKey(st.From))
	}
	if st.Verb == vMkdir && st.New != nil && st.For == nil {
		e.made[st.key()] = st
	}
	if st.Moving { // its source may have to go yet
		e.did[st.key()] = st.Is
	}
	if st.Verb == vWrite && st.Seen != nil && st.Is != nil && st.Seen.Links > 1 && st.Seen.Inode != 0 {
		e.links[linked{st.From.Volume, st.Seen.Inode}] = copied{st.To, *st.Is, *st.Seen, st.Hash}
	}
}

// fail tells why a step was not done.
func (e *running) fail(ctx context.Context, st *step) {
	e.failAt(ctx, st.Item, st.place(), st.err)
}

func (e *running) failAt(ctx context.Context, item int64, at catalog.Spot, err error) {
	e.r.Fail(item, e.address(ctx, at), &errs.Error{Kind: errs.KindOf(err), Remedy: errs.RemedyOf(err), Err: copier.Bare(err)})
}

func (e *running) address(ctx context.Context, at catalog.Spot) string {
	v, err := e.volume(ctx, at.Volume)
	if err != nil {
		return at.Path
	}
	return v.address(at.Path)
}

// deedsOf tells the catalogue's words for what was done.
func deedsOf(done []*step) (deeds []catalog.Deed) {
	for _, st := range done {
		d := catalog.Deed{From: st.From, To: st.To, Hash: st.Hash}
		if st.Is != nil {
			d.Is = *st.Is
		}
		inTrash := catalog.Spot{}
		if st.Slot != nil {
			volume := st.From.Volume
			if volume == "" || st.Verb == vWrite {
				volume = st.To.Volume
			}
			inTrash = catalog.Spot{Volume: volume, Path: inBin(*st.Slot)}
		}
		switch st.Verb {
		case vMkdir, vSymlink, vExtract:
			d.From = catalog.Spot{}
		case vWrite:
			if st.For != nil { // it comes back to where it was moved from, and is what it was
				break
			}
			if st.Over != nil {
				deeds = append(deeds, catalog.Deed{From: st.To, To: inTrash, Is: *st.Over})
			}
			if d.From = (catalog.Spot{}); st.Moving {
				continue // it is told of when its source is gone
			}
		case vTrash:
			d.To = inTrash
		case vRestore:
			d.From = inTrash
		case vMeta:
			d.From = st.To
		case vRmdir, vDestroy:
			d.To, d.Is = catalog.Spot{}, vfs.Entry{}
			if st.Slot != nil {
				d.From = inTrash
			}
		case vRename, vRemove:
		}
		deeds = append(deeds, d)
	}
	return deeds
}

func foldersOf(done []*step) (all []catalog.Spot) {
	seen := map[catalog.Spot]bool{}
	for _, st := range done {
		for _, at := range []catalog.Spot{st.From, st.To} {
			if folder, _ := at.In(); at.Volume != "" && !seen[folder] {
				seen[folder] = true
				all = append(all, folder)
			}
		}
	}
	return all
}
