package trash

import (
	"context"
	"errors"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/fileops/copier"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Options are those of destroying.
type Options struct {
	// NotAfter refuses what changed, or holds something that changed, later (ns since
	// 1970, by the volume's clock): it was not in the preview. 0: whatever is there
	// goes.
	NotAfter int64
	// Progress tells what is gone so far; it is called now and then.
	Progress func(Removed)
	// Gone is told of each thing that is gone, by its path below the destroyed one
	// ("" itself), children before their folder. nil: nobody asks.
	Gone func(path string, was vfs.Entry)
}

// Removed is what is gone, and what is not.
type Removed struct {
	Files, Folders int64 // Files: everything that is no folder
	Bytes          int64 // of files whose last name it was
	Failed         int64
	Failures       []Failure // the first hundred
}

// Failure is one thing that could not be removed.
type Failure struct {
	Path string // below the destroyed one; "" itself
	Err  error
}

const maxFailures = 100

func (r *Removed) fail(path string, err error) {
	r.Failed++
	if len(r.Failures) < maxFailures {
		r.Failures = append(r.Failures, Failure{path, err})
	}
}

// Destroy removes the entry name of the folder dir and everything in it, for good.
// It is first renamed to temp in the folder into of the same volume (dir itself
// will do), so that nobody can come between by its name, and looked through: if it
// is not expect, or NotAfter forbids, it gets its name back with nothing removed,
// errs.Conflict. It works by handles, at most some dozens at any depth, follows no
// symlink and never leaves the file system: what is mounted in it stays. What cannot
// be removed stays too, gets its name back, and is told in Removed; then the error is
// that of the first failure. When ctx ends while things are removed, what is left
// keeps a private name: call it again to go on, also after a crash. What is gone
// already is no error. (Two private names are used: temp, and vfs.AsideOf it.)
func Destroy(ctx context.Context, dir vfs.Dir, name string, into vfs.Dir, temp string, expect vfs.Entry, o Options) (Removed, error) {
	if err := checkTemp(temp); err != nil {
		return Removed{}, err
	}
	d := &destroying{dir: dir, name: name, into: into, temp: temp, expect: expect, o: o}
	if err := d.run(ctx); err != nil {
		return d.gone, at(name, err)
	}
	return d.gone, nil
}

type destroying struct {
	dir, into  vfs.Dir
	name, temp string
	expect     vfs.Entry
	o          Options
	gone       Removed
}

func (d *destroying) run(ctx context.Context) error {
	last := vfs.AsideOf(d.temp) // since it was looked through: from then on it goes
	_, err := d.into.Stat(ctx, last)
	if err == nil {
		return d.remove(ctx, last)
	}
	if !errs.Is(err, errs.NotFound) {
		return err
	}
	if _, err = d.into.Stat(ctx, d.temp); errs.Is(err, errs.NotFound) {
		err = d.take(ctx)
	}
	if errs.Is(err, errs.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	err = d.look(ctx)
	if err == nil {
		err = d.into.Rename(ctx, d.temp, d.into, last, vfs.NoReplace)
	}
	if err != nil {
		if back := copier.GiveBack(context.WithoutCancel(ctx), d.into, d.temp, d.dir, d.name); back != nil {
			return back
		}
		return err
	}
	return d.remove(ctx, last)
}

// take renames what is expected to its private name.
func (d *destroying) take(ctx context.Context) error {
	is, err := d.dir.Stat(ctx, d.name)
	if err != nil {
		return err
	}
	if is.Mount {
		return errs.New(errs.Conflict, "another file system is mounted there").Try("Unmount it first.")
	}
	if d.o.NotAfter != 0 && is.Changed > d.o.NotAfter && is.Links <= 1 {
		return errDrift
	}
	_, err = move(ctx, d.dir, d.name, d.expect, true, d.into, d.temp, copier.GiveBack)
	return err
}

// look goes through all of it and changes nothing.
func (d *destroying) look(ctx context.Context) error {
	is, err := d.into.Stat(ctx, d.temp)
	if err != nil {
		return err
	}
	if !same(d.expect, is, false) {
		return errDrift
	}
	if is.Kind != vfs.Folder || d.o.NotAfter == 0 {
		return nil
	}
	return Unchanged(ctx, d.into, d.temp, d.o.NotAfter)
}

// Unchanged goes through the folder name of dir and reports as errs.Conflict that
// something in it changed, or came into it, after notAfter (ns since 1970, by the
// volume's clock). Of files with several names nobody can tell: giving or taking one
// of them another name counts as a change. What cannot be opened is passed over.
func Unchanged(ctx context.Context, dir vfs.Dir, name string, notAfter int64) error {
	top, err := dir.Sub(ctx, name)
	if err != nil {
		return err
	}
	_, err = (&walk{visitor: looking{notAfter}}).run(ctx, top)
	var own *stopped
	if errors.As(err, &own) {
		return own.error
	}
	return err
}

// looking refuses a tree in which something changed.
type looking struct{ notAfter int64 }

func (l looking) enter(path func() string, e vfs.Entry) error {
	if e.Changed > l.notAfter && (e.Kind == vfs.Folder || e.Links <= 1) {
		return errs.New(errs.Conflict, "%q in it changed since this was planned", path()).Try(errDrift.Remedy)
	}
	return nil
}

func (looking) file(context.Context, vfs.Dir, func() string, vfs.Entry) (bool, error) {
	return false, nil
}

func (looking) leave(context.Context, vfs.Dir, func() string, vfs.Entry, error) (verdict, error) {
	return left, nil
}

// remove takes it away. What fails keeps the rest from its name no longer.
func (d *destroying) remove(ctx context.Context, private string) error {
	is, err := d.into.Stat(ctx, private)
	if err != nil {
		return err
	}
	if !same(d.expect, is, false) {
		return errs.New(errs.Conflict, "%q is not what was put there", private)
	}
	if is.Kind != vfs.Folder {
		err = d.into.Unlink(ctx, private)
		d.count("", is, err)
	} else if err = d.tree(ctx, private, is); err != nil {
		return err
	}
	if d.o.Progress != nil {
		d.o.Progress(d.gone)
	}
	if d.gone.Failed == 0 {
		return nil
	}
	if err := copier.GiveBack(context.WithoutCancel(ctx), d.into, private, d.dir, d.name); err != nil {
		return err
	}
	return d.gone.Failures[0].Err
}

// tree removes a folder with everything in it. An error means that it was broken off.
func (d *destroying) tree(ctx context.Context, private string, is vfs.Entry) error {
	for range maxPasses {
		top, err := d.into.Sub(ctx, private)
		if err != nil {
			d.count("", is, err)
			return nil
		}
		kept, err := (&walk{visitor: removing{d}}).run(ctx, top)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			d.count("", is, err)
			return nil
		case kept:
			return nil
		}
		err = d.into.Rmdir(ctx, private)
		if !errs.Is(err, errs.Conflict) {
			d.count("", is, err)
			return nil
		}
	}
	d.count("", is, errs.New(errs.Unavailable, "somebody puts things into it all the time"))
	return nil
}

// removing takes away what it sees.
type removing struct{ d *destroying }

func (removing) enter(func() string, vfs.Entry) error { return nil }

func (r removing) file(ctx context.Context, dir vfs.Dir, path func() string, e vfs.Entry) (bool, error) {
	err := error(errDrift)
	if r.d.o.NotAfter == 0 || e.Changed <= r.d.o.NotAfter || e.Links > 1 {
		err = dir.Unlink(ctx, e.Name)
	}
	if err != nil && ctx.Err() != nil {
		return true, ctx.Err()
	}
	return r.d.tell(path, e, err), nil
}

func (r removing) leave(ctx context.Context, parent vfs.Dir, path func() string, e vfs.Entry, why error) (verdict, error) {
	if why == nil {
		why = parent.Rmdir(ctx, e.Name)
		if errs.Is(why, errs.Conflict) && ctx.Err() == nil {
			return again, nil
		}
	}
	if why != nil && ctx.Err() != nil {
		return kept, ctx.Err()
	}
	if r.d.tell(path, e, why) {
		return kept, nil
	}
	return left, nil
}

// count notes what became of the thing itself.
func (d *destroying) count(path string, e vfs.Entry, err error) {
	d.tell(func() string { return path }, e, err)
}

// tell notes what became of one thing; kept: it is still there.
func (d *destroying) tell(path func() string, e vfs.Entry, err error) (kept bool) {
	switch {
	case errs.Is(err, errs.NotFound): // somebody else was faster
		return false
	case err != nil:
		d.gone.fail(path(), at("", err))
		return true
	case e.Kind == vfs.Folder:
		d.gone.Folders++
	default:
		d.gone.Files++
		if e.Links <= 1 {
			d.gone.Bytes += e.Size
		}
	}
	if d.o.Gone != nil {
		d.o.Gone(path(), e)
	}
	if n := d.gone.Files + d.gone.Folders; n%1024 == 0 && d.o.Progress != nil {
		d.o.Progress(d.gone)
	}
	return false
}
