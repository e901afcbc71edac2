package fileops

import (
	"cmp"
	"context"
	"errors"
	"io"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/fileops/copier"
	"github.com/stardrive/stardrive/internal/vfs"
)

// writing is one file of a batch on its way: what is to be done, and what came of it.
type writing struct {
	st    *step
	t     *task
	piece copier.Piece
	at    string // the address of where it comes
	out   copier.Written

	stopped bool // the run was told to stop while it was written
}

// writes writes the files of a batch that have these numbers, those of one volume
// together, since they are synced together.
func (e *running) writes(ctx context.Context, b *batch, numbers []int) error {
	for len(numbers) > 0 {
		volume := b.steps[numbers[0]].To.Volume
		var now []*writing
		var rest []int
		for _, i := range numbers {
			if b.steps[i].To.Volume == volume {
				now = append(now, &writing{st: b.steps[i], t: b.tasks[i]})
			} else {
				rest = append(rest, i)
			}
		}
		if err := e.writeAll(ctx, b, volume, now); err != nil {
			return err
		}
		numbers = rest
	}
	return nil
}

// writeAll writes files, all on one volume, and gives them their names.
func (e *running) writeAll(ctx context.Context, b *batch, volume string, all []*writing) error {
	steady := context.WithoutCancel(ctx)
	var ready []*writing
	var pieces []copier.Piece
	o := copier.Options{}
	for _, w := range all {
		if w.piece, w.st.err = b.pieceOf(steady, w.st, w.t); w.st.err != nil {
			continue
		}
		if w.st.Pack != nil {
			w.piece.Make = e.pack(w.st)
		}
		ready, pieces = append(ready, w), append(pieces, w.piece)
		o.Limits = e.limits(w.t.Limit)
		o.Verify, o.NoClone = o.Verify || w.t.Verify || w.st.Moving, o.NoClone || w.t.NoClone
	}
	if len(ready) == 0 {
		return nil
	}
	v, err := e.writable(ctx, volume)
	if err != nil {
		return err
	}
	for _, w := range ready {
		w.at = v.address(w.st.To.Path)
	}
	o.Target, o.Progress = v.writing, e.shower(ready)
	o.Stop = func(i int) error { return e.asked(ready[i]) }
	o.Every, o.Checkpoint = e.s.chunk, e.checkpoints(steady, b, ready)
	placeable := false
	defer e.r.Unskip()
	for i, out := range e.s.copier.Write(ctx, pieces, o) {
		ready[i].out, ready[i].stopped = out, ctx.Err() != nil
		e.wrote(steady, b, v, ready[i])
		placeable = placeable || ready[i].st.err == nil
	}
	if !placeable {
		return nil
	}
	// From here on the journal knows what is ours, even when the power goes.
	if err := b.stage(); err != nil {
		return err
	}
	for _, w := range ready {
		if w.st.err != nil {
			continue
		}
		if err := e.place(steady, b, w); err != nil {
			return err
		}
	}
	return nil
}

// wrote takes over what the copier tells of a file. What cannot be used is removed;
// see leftover for what cannot even be removed.
func (e *running) wrote(ctx context.Context, b *batch, v *volume, w *writing) {
	st := w.st
	st.shared = w.out.Shared || w.out.Cloned
	if st.err = w.out.Err; st.err != nil { // mostly there is nothing
		b.touch(st.To)
		if !w.stopped || !errs.Is(st.err, errs.Cancelled) || !b.half(ctx, st) {
			_ = e.s.copier.Discard(ctx, w.piece.Into, w.piece.Temp, vfs.Entry{})
		}
		return
	}
	if st.lost = v.missed(w.out.Lost); st.lost != 0 && st.Moving { // its source is all that has it
		b.touch(st.To)
		st.err = notKept(st.lost)
		_ = e.s.copier.Discard(ctx, w.piece.Into, w.piece.Temp, w.out.Is)
		return
	}
	if st.Like != nil {
		b.touch(st.To)
		if st.err = e.shared(ctx, w); st.err != nil {
			return
		}
	}
	st.Made = ptr(w.out.Is)
	if w.out.Hashed {
		st.Hash = (*catalog.Hash)(&w.out.Hash)
	} else if st.LinkIs != nil && !w.out.Linked {
		st.Hash = nil // that of the copy which it did not become a name of
	}
}

// place gives a file that is written its name. An error ends the run.
func (e *running) place(ctx context.Context, b *batch, w *writing) error {
	e.s.yield("place")
	st, into := w.st, w.piece.Into
	if st.Over != nil && st.Over.Links > 1 {
		// Another name of it may have given way just now: that changes the time of
		// change, and nothing else.
		if is, err := expect(ctx, into, w.piece.Name, *st.Over); err == nil {
			w.piece.Over = &is
		}
	}
	b.touch(st.To)
	placed, err := e.s.copier.Place(ctx, w.piece, w.out)
	if err != nil {
		st.err = err
		_ = e.s.copier.Discard(ctx, into, w.piece.Temp, w.out.Is) // see leftover
		return nil
	}
	st.Is = &placed.Is
	if placed.Out == nil {
		return nil
	}
	e.s.yield("replaced")
	return e.replaced(ctx, b, st, into, *placed.Out)
}

// pieceOf is what the copier is to write for a step.
func (h *hands) pieceOf(ctx context.Context, st *step, t *task) (p copier.Piece, err error) {
	p.Into, p.Name, err = h.in(ctx, st.To)
	if err != nil {
		return p, err
	}
	p.Volume, p.Temp, p.Over, p.Keep = st.To.Volume, st.Temp, st.Over, t.Keep
	if st.From.Volume == "" {
		p.Make, p.Meta, p.MetaParts = makeEmpty, vfs.Meta{Mode: 0o644}, vfs.PartMode
		return p, nil
	}
	v, err := h.w.volume(ctx, st.From.Volume)
	if err != nil {
		return p, err
	}
	p.From, p.Path, p.Seen, p.Resume = v.Driver, st.From.Path, *st.Seen, st.Begun.resume()
	if st.Seen.Links > 1 || t.Do == once {
		// Giving or taking it another name changes its time of change, and nothing else.
		is, err := v.Driver.Stat(ctx, st.From.Path)
		if err == nil && same(*st.Seen, is) {
			p.Seen = is
		} else if st.LinkIs != nil { // nobody reads it, so nobody else would find out
			return p, cmp.Or(err, error(changed()))
		}
	}
	if st.Link == nil && !t.NoClone {
		p.Like = h.likeOf(ctx, st, v)
	}
	if st.Link != nil {
		if p.Link, err = h.linkOf(ctx, st); err != nil && st.LinkIs != nil {
			st.Link, st.LinkIs, st.Hash, err = nil, nil, nil, nil // somebody changed our copy: this name gets the bytes
		}
		if st.Link != nil && st.LinkIs == nil { // another name is what was asked for, and no copy
			p.From = nil
		}
	}
	return p, err
}

func makeEmpty(context.Context, io.Writer) error { return nil }

// linkOf is the file of which a step makes another name, which must be what was
// seen or written there.
func (h *hands) linkOf(ctx context.Context, st *step) (*copier.Linked, error) {
	want := st.LinkIs
	if want == nil {
		want = st.Seen
	}
	d, name, err := h.in(ctx, *st.Link)
	if err != nil {
		return nil, err
	}
	is, err := expect(ctx, d, name, *want)
	if err != nil {
		return nil, err
	}
	return &copier.Linked{Dir: d, Name: name, Is: is}, nil
}

func notKept(lost vfs.Parts) error {
	return errs.New(errs.Unsupported, "the volume could not keep its %s, so it stays where it is", partNames(lost)).
		Try("Copy it instead, if it may be without them.")
}

// shared looks that a file which is to take the place of a duplicate shares its
// bytes with the one that is kept, and lets it carry what the duplicate does.
func (e *running) shared(ctx context.Context, w *writing) (err error) {
	switch {
	case !w.out.Cloned && (!w.out.Linked || w.st.Link == nil):
		err = errs.New(errs.Unsupported, "the volume could not let the files share their bytes")
	case w.st.New != nil && !w.out.Linked:
		err = dressTemp(ctx, w.piece, w.st)
		if is, failed := w.piece.Into.Stat(ctx, w.piece.Temp); err == nil && failed == nil {
			w.out.Is = is
		}
	}
	if err != nil {
		_ = e.s.copier.Discard(ctx, w.piece.Into, w.piece.Temp, w.out.Is) // see leftover; the folder is synced, too
	}
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
func (e *running) replaced(ctx context.Context, b *batch, st *step, into vfs.Dir, out vfs.Entry) error {
	v, err := e.writable(ctx, st.To.Volume)
	if err != nil {
		return err
	}
	_, name := st.To.In()
	if _, err = b.intoTrash(ctx, v, into, st.Temp, out, st.To.Path, st.Slot, false); err == nil {
		return nil
	}
	st.err = err
	if err := into.Rename(ctx, st.Temp, into, name, vfs.Exchange); err != nil {
		return err // the batch stays open: it is put right later
	}
	return e.s.copier.Discard(ctx, into, st.Temp, *st.Made)
}

func (h *hands) written(ctx context.Context, st *step) (bool, error) {
	into, name, err := h.in(ctx, st.To)
	if err != nil {
		return false, err
	}
	h.touch(st.To)      // what is removed must not come back with a power cut
	if st.Made == nil { // it was never placed
		err := h.w.s.copier.Discard(ctx, into, st.Temp, vfs.Entry{})
		if errs.Is(err, errs.Conflict) {
			err = nil // not ours
		}
		return false, err
	}
	placed, ok, err := h.w.s.copier.Settle(ctx, into, name, st.Temp, st.Over, *st.Made)
	if err != nil || !ok {
		return false, err
	}
	h.touch(st.To)
	st.Is = &placed.Is
	if placed.Out == nil {
		return true, nil // what gave way is in the trash already, or there was nothing
	}
	v, err := h.w.writable(ctx, st.To.Volume)
	if err != nil {
		return false, err
	}
	if err := h.ownSlot(ctx, v, st); err != nil {
		return false, err
	}
	_, err = h.intoTrash(ctx, v, into, st.Temp, *placed.Out, st.To.Path, st.Slot, false)
	return err == nil, err
}
