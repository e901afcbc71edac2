package copier

import (
	"context"
	"strconv"
	"strings"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Place gives the temp of a written piece its final name. With Over nil a name
// that is taken is errs.Conflict; else the temp and what stands there change
// places, and if what came out is not Over they change back and it is
// errs.Conflict. After an error the name is as before, and the temp stands
// (Discard it). Whatever somebody else puts in the way meanwhile stays: if it
// cannot stay under its name it gets another one, which the error tells. The
// caller syncs Into afterwards; only then it is durable.
//
// Where a volume cannot exchange names (FAT), what is replaced is first put
// aside: for a moment nothing stands under the name. Settle knows that state.
func (e *Engine) Place(ctx context.Context, p Piece, w Written) (Placed, error) {
	pl := &placing{into: p.Into, name: p.Name, temp: p.Temp, made: w.Is}
	var err error
	if p.Over == nil {
		err = pl.into.Rename(ctx, pl.temp, pl.into, pl.name, vfs.NoReplace)
	} else {
		err = pl.replace(ctx, *p.Over)
	}
	if err != nil {
		return Placed{}, tell(ctx, &p, err)
	}
	is, err := pl.into.Stat(ctx, pl.name)
	if err != nil || !Same(w.Is, is, false) {
		is = w.Is // it was placed; what others did with it since is another matter
		is.Name = p.Name
	}
	return Placed{Is: is, Out: pl.out}, nil
}

// placing is how one temp comes under its name.
type placing struct {
	into       vfs.Dir
	name, temp string
	made       vfs.Entry  // the temp
	out        *vfs.Entry // what was replaced, and stands under temp
}

// replace puts the temp in the place of over.
func (pl *placing) replace(ctx context.Context, over vfs.Entry) error {
	there, err := pl.into.Stat(ctx, pl.name)
	if errs.Is(err, errs.NotFound) || err == nil && !Same(over, there, true) {
		return errTaken
	}
	if err != nil {
		return err
	}
	err = pl.into.Rename(ctx, pl.temp, pl.into, pl.name, vfs.Exchange)
	switch {
	case errs.Is(err, errs.Unsupported):
		return pl.asideReplace(ctx, over)
	case errs.Is(err, errs.NotFound):
		return errTaken
	case err != nil:
		return err
	}
	ctx = context.WithoutCancel(ctx) // what was begun is brought to an end
	out, err := pl.into.Stat(ctx, pl.temp)
	if err == nil && Same(over, out, false) {
		pl.out = &out
		return nil
	}
	return pl.back(ctx)
}

// back undoes an exchange that brought out something else than what was to be
// replaced. Others may go on with changing both names; each thing keeps a name.
func (pl *placing) back(ctx context.Context) error {
	for range 8 {
		there, err := pl.into.Stat(ctx, pl.temp)
		if errs.Is(err, errs.NotFound) || err == nil && pl.is(there) {
			return errTaken // nothing but our own is there
		}
		if err != nil {
			return err
		}
		now, err := pl.into.Stat(ctx, pl.name)
		switch {
		case err == nil && pl.is(now):
			err = pl.into.Rename(ctx, pl.temp, pl.into, pl.name, vfs.Exchange)
		case errs.Is(err, errs.NotFound):
			err = pl.into.Rename(ctx, pl.temp, pl.into, pl.name, vfs.NoReplace)
		case err == nil: // ours is gone, and another stands in its place
			return pl.rescue(ctx, pl.temp)
		}
		if err != nil && !errs.Is(err, errs.NotFound) && !errs.Is(err, errs.Conflict) {
			return err
		}
	}
	return pl.rescue(ctx, pl.temp)
}

// is reports whether e is the temp, wherever it stands.
func (pl *placing) is(e vfs.Entry) bool { return Same(pl.made, e, false) }

// asideReplace is replace in three steps, for volumes that exchange no names.
func (pl *placing) asideReplace(ctx context.Context, over vfs.Entry) error {
	ctx = context.WithoutCancel(ctx)
	other := vfs.AsideOf(pl.temp)
	if err := pl.into.Rename(ctx, pl.name, pl.into, other, vfs.NoReplace); err != nil {
		if errs.Is(err, errs.NotFound) {
			return errTaken
		}
		return err
	}
	out, err := pl.into.Stat(ctx, other)
	if err == nil && Same(over, out, false) {
		err = pl.into.Rename(ctx, pl.temp, pl.into, pl.name, vfs.NoReplace)
		if err == nil {
			if err = pl.into.Rename(ctx, other, pl.into, pl.temp, vfs.NoReplace); err == nil {
				pl.out = &out
			}
			return err
		}
	} else if err == nil {
		err = errTaken
	}
	if undo := pl.restore(ctx, other); undo != nil {
		return undo
	}
	return err
}

// restore gives what stands under a private name its own one back.
func (pl *placing) restore(ctx context.Context, private string) error {
	return GiveBack(ctx, pl.into, private, pl.into, pl.name)
}

// rescue gives what somebody else put in our way a name that people see.
func (pl *placing) rescue(ctx context.Context, private string) error {
	return rescue(ctx, pl.into, private, pl.into, pl.name)
}

// GiveBack moves what stands under a private name in the folder from to its own
// name in the folder home. If that is taken by now it gets a free one beside it,
// and the errs.Conflict tells which.
func GiveBack(ctx context.Context, from vfs.Dir, private string, home vfs.Dir, name string) error {
	err := from.Rename(ctx, private, home, name, vfs.NoReplace)
	if errs.Is(err, errs.Conflict) {
		return rescue(ctx, from, private, home, name)
	}
	return err
}

func rescue(ctx context.Context, from vfs.Dir, private string, home vfs.Dir, name string) error {
	for n := 2; n < 1000; n++ {
		free := Numbered(name, n, 0)
		err := from.Rename(ctx, private, home, free, vfs.NoReplace)
		if err == nil {
			return conflict("%q was changed by somebody else at the same time; what stood there is now %q", name, free).Try("Look at both.")
		}
		if !errs.Is(err, errs.Conflict) {
			return err
		}
	}
	return conflict("what stood at %q is now %q", name, private).Try("Look at both.")
}

// Numbered returns name with a number before its extension: "photo (2).jpg". It
// is cut so that it has at most longest bytes (0: 255).
func Numbered(name string, n, longest int) string {
	if longest <= 0 {
		longest = 255
	}
	base, ext := name, ""
	if i := strings.LastIndexByte(name, '.'); i > 0 && len(name)-i <= 16 {
		base, ext = name[:i], name[i:]
	}
	tail := " (" + strconv.Itoa(n) + ")" + ext
	return Cut(base, longest-len(tail)) + tail
}

// Cut returns the beginning of s, at most n bytes, that ends with a whole character.
func Cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	n = max(n, 0)
	for i := n; i > 0 && n-i < 4; i-- {
		if s[i]&0xc0 != 0x80 {
			return s[:i]
		}
	}
	return s[:n] // it is no UTF-8
}

// Discard removes the temp of a piece: only a file or symlink under a private
// name, and of the inode of made where that is not the zero Entry. What is not
// there any more is no error; what is something else is errs.Conflict.
func (e *Engine) Discard(ctx context.Context, into vfs.Dir, temp string, made vfs.Entry) error {
	if !vfs.IsPrivate(temp) {
		return errs.New(errs.Invalid, "%q is no private name", temp)
	}
	is, err := into.Stat(ctx, temp)
	if errs.Is(err, errs.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if is.Kind != vfs.File && is.Kind != vfs.Symlink || made.Kind != vfs.Unknown && (is.Kind != made.Kind || is.Inode != made.Inode) {
		return conflict("%q is not what was made under that name", temp)
	}
	if err := into.Unlink(ctx, temp); err != nil && !errs.Is(err, errs.NotFound) {
		return err
	}
	return nil
}

// Settle tells after a crash what became of a piece, by what stands in into, and
// removes its temp unless it was placed. made is Written.Is as it was noted before
// Place; a piece whose made was never noted was never placed and needs Discard
// only. It may be called again and again. With placed false there is nothing of
// the piece left, and what was to be replaced stands under its name.
func (e *Engine) Settle(ctx context.Context, into vfs.Dir, name, temp string, over *vfs.Entry, made vfs.Entry) (p Placed, placed bool, err error) {
	if !vfs.IsPrivate(temp) {
		return p, false, errs.New(errs.Invalid, "%q is no private name", temp)
	}
	pl := &placing{into: into, name: name, temp: temp, made: made}
	var s [3]vfs.Entry // what stands under the name, the temp, aside; zero: nothing
	for i, n := range []string{name, temp, vfs.AsideOf(temp)} {
		if s[i], err = into.Stat(ctx, n); err != nil && !errs.Is(err, errs.NotFound) {
			return p, false, err
		}
	}
	here := func(e vfs.Entry) bool { return e.Kind != vfs.Unknown }
	ours := here(s[0]) && pl.is(s[0])
	switch named, temped, other := s[0], s[1], s[2]; {
	case here(other) && ours && !here(temped): // the last of the three steps is missing
		return Placed{Is: named, Out: &other}, true, into.Rename(ctx, vfs.AsideOf(temp), into, temp, vfs.NoReplace)
	case here(other):
		if err := pl.restore(ctx, vfs.AsideOf(temp)); err != nil {
			return p, false, err
		}
		return p, false, e.Discard(ctx, into, temp, made)
	case ours && !here(temped):
		return Placed{Is: named}, true, nil
	case ours && over == nil && !pl.is(temped): // not ours, whatever it is
		return Placed{Is: named}, true, nil
	case ours && over != nil && Same(*over, temped, false):
		return Placed{Is: named, Out: &temped}, true, nil
	case ours && pl.is(temped): // two names of one file: a rename in two steps
		return Placed{Is: named}, true, e.Discard(ctx, into, temp, made)
	case ours: // exchanged, and what came out was not looked at
		if err := pl.back(ctx); !errs.Is(err, errs.Conflict) {
			return p, false, err
		}
		return p, false, e.Discard(ctx, into, temp, made)
	case here(temped) && !pl.is(temped): // ours is gone; what it had replaced goes home
		return p, false, pl.restore(ctx, temp)
	}
	return p, false, e.Discard(ctx, into, temp, made)
}

// Remove takes one file, symlink or special thing away for good, the last step of
// a move: it is first renamed to temp in its folder, looked at there, and removed
// only if it is is (kind, size, times, inode); else it gets its name back and the
// answer is errs.Conflict. After a crash, call it again: it finds what stands
// under temp. What is gone already is no error.
func (e *Engine) Remove(ctx context.Context, dir vfs.Dir, name, temp string, is vfs.Entry) error {
	if !vfs.IsPrivate(temp) || is.Kind == vfs.Folder || is.Kind == vfs.Unknown {
		return errs.New(errs.Invalid, "only what is known and no folder is removed, by a private name").At(name)
	}
	now, err := dir.Stat(ctx, temp)
	if errs.Is(err, errs.NotFound) {
		now, err = dir.Stat(ctx, name)
		if errs.Is(err, errs.NotFound) {
			return nil
		}
		// another name of the same file that went before has moved the time of change
		if err == nil && !Same(is, now, is.Links <= 1) {
			err = errDrift
		}
		if err == nil {
			err = dir.Rename(ctx, name, dir, temp, vfs.NoReplace)
		}
		if err == nil {
			ctx = context.WithoutCancel(ctx)
			now, err = dir.Stat(ctx, temp)
		}
	}
	if err != nil {
		return &errs.Error{Op: "remove", Path: name, Kind: errs.KindOf(err), Remedy: errs.RemedyOf(err), Err: Bare(err)}
	}
	if !Same(is, now, false) {
		back := &placing{into: dir, name: name}
		if err := back.restore(ctx, temp); err != nil {
			return err
		}
		return errDrift.At(name)
	}
	if err := dir.Unlink(ctx, temp); err != nil && !errs.Is(err, errs.NotFound) {
		back := &placing{into: dir, name: name}
		if undo := back.restore(ctx, temp); undo != nil {
			return undo
		}
		return err
	}
	return nil
}
