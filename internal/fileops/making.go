package fileops

import (
	"context"
	"slices"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Folders and symlinks are made under private names, noted in the journal, and
// only then get their own: after a crash their numbers tell what is ours and what
// somebody else made. A folder in one that is made in the same batch is made with
// its own name in that, before anybody sees it.

// privateMode are the rights of a folder while it is filled.
const privateMode = 0o700

// making is a step and the place where its thing is made first.
type making struct {
	st     *step
	at     catalog.Spot
	inside bool // of a folder that is made likewise: it comes with that
	early  bool // together with the others, before the first step of the batch
}

// makings are those of a batch, outermost first. It is the same before and after
// a crash.
func makings(steps []*step) (all []making) {
	early, folders := true, map[catalog.Spot]catalog.Spot{}
	for _, st := range steps {
		folder, name := st.To.In()
		private, inside := folders[folder]
		switch st.Verb {
		case vMkdir:
		case vWrite:
			continue
		case vSymlink:
			early = early && !inside
		default:
			early = false // it may move the folder into which the next ones come
			continue
		}
		m := making{st: st, inside: inside && early, early: early}
		if m.inside {
			m.at = catalog.Spot{Volume: private.Volume, Path: vfs.Join(private.Path, name)}
		} else {
			m.at = catalog.Spot{Volume: folder.Volume, Path: vfs.Join(folder.Path, st.Temp)}
		}
		if st.Verb == vMkdir {
			folders[st.To] = m.at
		}
		all = append(all, m)
	}
	return all
}

// makeEarly makes what can be made before anything else of the batch. The error
// is that of the journal.
func (h *hands) makeEarly(ctx context.Context, steps []*step) error {
	h.makings = makings(steps)
	var unmade []catalog.Spot
	some := false
	for i := range h.makings {
		m := &h.makings[i]
		if !m.early || m.st.err != nil {
			continue
		}
		m.st.err = inUnmade(m.st, unmade)
		if m.st.err == nil {
			m.st.err = h.makeAt(ctx, m)
		}
		if m.st.err != nil && m.st.Verb == vMkdir {
			unmade = append(unmade, m.st.To)
		}
		some = some || m.st.err == nil
	}
	if !some {
		return nil
	}
	return h.stage()
}

// makeAt makes a thing at its private place.
func (h *hands) makeAt(ctx context.Context, m *making) error {
	if m.st.To.Path == "" {
		return errs.New(errs.Denied, "the root of a volume cannot be changed")
	}
	d, name, err := h.in(ctx, m.at)
	if err != nil {
		return err
	}
	if m.st.Verb == vMkdir {
		mode := uint32(0o777)
		if m.st.New != nil {
			mode = privateMode // nobody looks into a private folder while it is filled; see dress
		}
		err = d.Mkdir(ctx, name, mode)
	} else {
		err = d.Symlink(ctx, name, m.st.Target)
	}
	if err != nil {
		return err
	}
	is, err := d.Stat(ctx, name)
	m.st.Made = &is
	if err != nil {
		m.st.Made = nil
		_ = h.unmake(ctx, m) // see leftover
	}
	return err
}

// unmake removes a thing from its private place, if it is there and nothing is in it.
func (h *hands) unmake(ctx context.Context, m *making) error {
	if m.st.Temp == "" {
		return nil
	}
	d, name, err := h.in(ctx, m.at)
	if err != nil {
		return ignore(err, errs.NotFound)
	}
	if !m.inside {
		h.touch(m.at)
	}
	if m.st.Verb == vSymlink {
		return h.w.s.copier.Discard(ctx, d, name, vfs.Entry{})
	}
	h.forget(m.at)
	return ignore(d.Rmdir(ctx, name), errs.NotFound)
}

// make gives a folder or symlink its name.
func (h *hands) make(ctx context.Context, st *step) error {
	i := slices.IndexFunc(h.makings, func(m making) bool { return m.st == st })
	if i < 0 {
		return errs.New(errs.Internal, "a step is of no batch")
	}
	m := &h.makings[i]
	d, name, err := h.in(ctx, st.To)
	if err == nil && st.Made == nil {
		if err = h.makeAt(ctx, m); err == nil {
			err = h.stage()
		}
	}
	if err == nil && !m.inside {
		err = d.Rename(ctx, st.Temp, d, name, vfs.NoReplace)
		if errs.Is(err, errs.Unsupported) && st.Verb == vSymlink { // and after a crash it is nobody's
			if err = h.unmake(ctx, m); err == nil {
				err = d.Symlink(ctx, name, st.Target)
			}
			if err == nil {
				h.touch(st.To)
				is, err := d.Stat(ctx, name)
				st.Is = &is
				return err
			}
		}
	}
	if err != nil {
		h.unmakeFrom(ctx, m)
		return err
	}
	h.touch(st.To)
	h.forget(m.at)
	is, err := d.Stat(ctx, name)
	if err == nil && !isMade(st, is) && (identified(*st.Made) || is.Kind != st.Made.Kind) {
		err = changed()
	}
	st.Is = &is
	return err
}

// unmakeFrom removes a thing, and what was made in it, from its private place.
func (h *hands) unmakeFrom(ctx context.Context, top *making) {
	for i := range slices.Backward(h.makings) {
		m := &h.makings[i]
		if m.st.Made != nil && m.at.Volume == top.at.Volume && (m == top || m.inside && within(top.at.Path, m.at.Path)) {
			_ = h.unmake(ctx, m) // see leftover
		}
	}
}

// isMade reports whether what stands at To is what the step made. Where the volume
// tells nothing to know it by, it is not.
func isMade(st *step, is vfs.Entry) bool {
	return st.Made != nil && same(*st.Made, is) && st.Made.Created == is.Created && identified(is)
}

// identified reports whether a volume tells something by which a thing can be known
// from another one of its name.
func identified(is vfs.Entry) bool { return is.Inode != 0 || is.Created != 0 }

// made finds out whether a thing got its name.
func (h *hands) made(ctx context.Context, st *step) (bool, error) {
	is, ok, err := h.look(ctx, st.To)
	if err != nil || !ok || !isMade(st, is) {
		return false, err
	}
	h.touch(st.To)
	st.Is = &is
	return true, nil
}

// unmakeAll removes after a crash what was made and has not got its name.
func (h *hands) unmakeAll(ctx context.Context, steps []*step) error {
	all := makings(steps)
	for i := range slices.Backward(all) {
		err := h.unmake(ctx, &all[i])
		if errs.Is(err, errs.Conflict) {
			err = h.nameFull(ctx, &all[i])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// nameFull gives a folder in which something is its name again: on some volumes
// what is in it survives a power cut that its name does not.
func (h *hands) nameFull(ctx context.Context, m *making) error {
	if m.inside || m.st.Verb != vMkdir {
		return nil
	}
	d, private, err := h.in(ctx, m.at)
	if err != nil {
		return err
	}
	is, err := d.Stat(ctx, private)
	if err == nil && isMade(m.st, is) {
		_, name := m.st.To.In()
		err = d.Rename(ctx, private, d, name, vfs.NoReplace)
	}
	return ignore(err, errs.Conflict)
}
