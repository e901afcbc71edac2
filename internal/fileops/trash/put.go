package trash

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/fileops/copier"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Propose names a slot that is free for a thing of that name. Only the trash
// folder itself is made, so that the slot can be noted before; no slot is
// proposed twice by one Bin.
func (b *Bin) Propose(ctx context.Context, name string) (Slot, error) {
	if !vfs.ValidName(name) {
		return Slot{}, errs.New(errs.Invalid, "%q is no name", name)
	}
	folder, err := b.ready(ctx)
	if err != nil {
		return Slot{}, err
	}
	dir, err := b.writing.Dir(ctx, folder)
	if err != nil {
		return Slot{}, err
	}
	defer dir.Close()
	files, err := dir.Sub(ctx, filesDir)
	if err != nil {
		return Slot{}, err
	}
	defer files.Close()
	infos, err := dir.Sub(ctx, infoDir)
	if err != nil {
		return Slot{}, err
	}
	defer infos.Close()
	for n := 1; n < 100; n++ {
		s := Slot{folder, copier.Cut(name, b.longest())}
		switch {
		case n > 8: // that many of one name: guessing is faster than counting
			s.Name = copier.Numbered(name, rand.IntN(1e9), b.longest())
		case n > 1:
			s.Name = copier.Numbered(name, n, b.longest())
		}
		free, err := b.free(ctx, files, infos, s)
		if err != nil {
			return Slot{}, err
		}
		if free {
			return s, nil
		}
	}
	return Slot{}, errs.New(errs.Conflict, "no free name in the trash for %q", name)
}

// free takes s for this Bin, if nobody else has it.
func (b *Bin) free(ctx context.Context, files, infos vfs.Dir, s Slot) (bool, error) {
	if _, err := files.Stat(ctx, s.Name); !errs.Is(err, errs.NotFound) {
		return false, err
	}
	if _, err := infos.Stat(ctx, s.Name+infoExt); !errs.Is(err, errs.NotFound) {
		return false, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.proposed[s] {
		return false, nil
	}
	b.proposed[s] = true
	return true, nil
}

// Reserve writes into a proposed slot where the thing stood (was, a path of the
// driver) and when it went. errs.Conflict: another program took the slot
// meanwhile; propose anew. The caller calls Sync once for many, before Put.
func (b *Bin) Reserve(ctx context.Context, s Slot, was string, when time.Time) (err error) {
	defer func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.proposed, s)
	}()
	if was == "" || !vfs.Valid(was) {
		return errs.New(errs.Invalid, "the root of a volume is not put into the trash").At(was)
	}
	dir, err := b.open(ctx, s, infoDir)
	if err != nil {
		return err
	}
	defer dir.Close()
	b.each.Do(func() { b.syncEach = dir.SyncAll(ctx) != nil })
	h, err := dir.Create(ctx, s.Name+infoExt, 0o600)
	if err != nil {
		return err
	}
	_, err = h.Write(info{b.told(s.Folder, was), when}.encode())
	if err == nil && b.syncEach {
		err = h.Sync()
	}
	if closing := h.Close(); err == nil {
		err = closing
	}
	if err != nil { // it says nothing, so it must not stand there
		_ = dir.Unlink(context.WithoutCancel(ctx), s.Name+infoExt)
	}
	return err
}

// Put moves the entry name of the folder from into its reserved slot, as a whole
// and in one step. If it is not expect (kind, size, times, inode) it stays, or
// goes back, and the answer is errs.Conflict; errs.Unsupported where it cannot be
// moved in one step (another file system). The answer is how it stands there.
func (b *Bin) Put(ctx context.Context, from vfs.Dir, name string, expect vfs.Entry, s Slot) (vfs.Entry, error) {
	files, err := b.open(ctx, s, filesDir)
	if err != nil {
		return vfs.Entry{}, err
	}
	defer files.Close()
	return move(ctx, from, name, expect, true, files, s.Name, copier.GiveBack)
}

// move renames what is expect and nothing else. Without ctime the time of change
// may be another: that of a rename is not always kept by a power cut. What turns out
// to be something else afterwards is given back, or whatever astray does.
func move(ctx context.Context, from vfs.Dir, name string, expect vfs.Entry, ctime bool, to vfs.Dir, toName string,
	astray func(ctx context.Context, to vfs.Dir, toName string, from vfs.Dir, name string) error) (vfs.Entry, error) {
	is, err := from.Stat(ctx, name)
	if err == nil && !same(expect, is, ctime && expect.Links <= 1) {
		err = errDrift
	}
	if err == nil {
		err = from.Rename(ctx, name, to, toName, vfs.NoReplace)
	}
	if err != nil {
		return vfs.Entry{}, at(name, err)
	}
	ctx = context.WithoutCancel(ctx)
	is, err = to.Stat(ctx, toName)
	if err != nil {
		return vfs.Entry{}, at(name, err)
	}
	if same(expect, is, false) {
		return is, nil
	}
	if err := astray(ctx, to, toName, from, name); err != nil {
		return vfs.Entry{}, at(name, err)
	}
	return vfs.Entry{}, at(name, errDrift)
}

var errDrift = errs.New(errs.Conflict, "it is not what it was when this was planned").Try("Look at it, and plan anew.")

func at(name string, err error) error {
	return &errs.Error{Path: name, Kind: errs.KindOf(err), Remedy: errs.RemedyOf(err), Err: copier.Bare(err)}
}

// Cancel gives up a reserved slot into which nothing was put. After a crash it
// tells what became of the slot: with full the thing is in it, and it stays.
func (b *Bin) Cancel(ctx context.Context, s Slot) (full bool, err error) {
	files, err := b.open(ctx, s, filesDir)
	if errs.Is(err, errs.NotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer files.Close()
	if _, err := files.Stat(ctx, s.Name); !errs.Is(err, errs.NotFound) {
		return err == nil, err
	}
	return false, b.forget(ctx, s)
}

// forget removes the info of a slot.
func (b *Bin) forget(ctx context.Context, s Slot) error {
	infos, err := b.open(ctx, s, infoDir)
	if errs.Is(err, errs.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	defer infos.Close()
	if len(s.Name)+len(infoExt) > 255 {
		return nil // it never had one
	}
	if err := infos.Unlink(ctx, s.Name+infoExt); err != nil && !errs.Is(err, errs.NotFound) {
		return err
	}
	return nil
}

// Sync returns when the names in the trash, and what was written of them, would
// survive a power cut.
func (b *Bin) Sync(ctx context.Context) error {
	for _, folder := range b.folders() {
		for _, part := range []string{infoDir, filesDir} {
			if err := b.syncPart(ctx, vfs.Join(folder, part)); err != nil && !errs.Is(err, errs.NotFound) {
				return err
			}
		}
	}
	return nil
}

func (b *Bin) syncPart(ctx context.Context, path string) error {
	dir, err := b.writing.Dir(ctx, path)
	if err != nil {
		if errs.Is(err, errs.Denied) || errs.Is(err, errs.Unsupported) { // not a folder we could have written to
			return nil
		}
		return err
	}
	defer dir.Close()
	b.each.Do(func() { b.syncEach = dir.SyncAll(ctx) != nil })
	if b.syncEach {
		return dir.Sync(ctx)
	}
	return dir.SyncAll(ctx)
}
