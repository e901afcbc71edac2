package powercut

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/fileops/copier"
	"github.com/stardrive/stardrive/internal/vfs"
)

// recover does after a power cut what the program does: it finishes or takes back
// the open change, by its journal and by what stands there. Then everything must
// be what was acknowledged; what was under way is old or new, and whole.
func (w *worker) recover(ctx context.Context, d vfs.Driver) error {
	dir, err := d.Features().Writing.Dir(ctx, w.folder)
	if err != nil {
		return err
	}
	defer dir.Close()
	in, err := dir.Sub(ctx, "in")
	if err != nil {
		return err
	}
	defer in.Close()
	if w.open != nil {
		if err := w.settle(ctx, dir, in); err != nil {
			return fmt.Errorf("recovering: %w", err)
		}
		w.open = nil
	}
	return errors.Join(w.check(ctx, dir, ""), w.check(ctx, in, "in/"))
}

func (w *worker) settle(ctx context.Context, dir, in vfs.Dir) error {
	engine, c := copier.New(), w.open
	switch c.what {
	case "rename":
		return w.either(ctx, dir, c.rename[0], c.rename[1])
	case "remove":
		i := c.pieces[0]
		if err := engine.Remove(ctx, dir, i.name, c.temp, c.gone); err != nil {
			return err
		}
		delete(w.is, i.name)
		return dir.Sync(ctx)
	}
	for n := range c.pieces {
		if err := w.settlePiece(ctx, dir, &c.pieces[n]); err != nil {
			return err
		}
	}
	if c.moved == "" || !c.acked { // the source goes only after that
		return nil
	}
	if err := engine.Remove(ctx, in, c.moved[len("in/"):], c.temp, c.gone); err != nil {
		return err
	}
	delete(w.is, c.moved)
	return in.Sync(ctx)
}

func (w *worker) settlePiece(ctx context.Context, dir vfs.Dir, i *intent) error {
	engine := copier.New()
	if i.made.Kind == vfs.Unknown { // it was never noted as written, so it was never placed
		return errors.Join(engine.Discard(ctx, dir, i.temp, vfs.Entry{}), dir.Sync(ctx))
	}
	named, _ := dir.Stat(ctx, i.name)
	temped, _ := dir.Stat(ctx, i.temp)
	p, placed, err := engine.Settle(ctx, dir, i.name, i.temp, i.over, i.made)
	if err != nil {
		return fmt.Errorf("%w; under the name was %+v, under the temp %+v, to be replaced %+v, made %+v", err, named, temped, i.over, i.made)
	}
	if w.open.acked && !placed {
		return fmt.Errorf("%s was acknowledged and is not there; under the name was %+v, under the temp %+v, made %+v", i.name, named, temped, i.made)
	}
	if placed {
		w.is[i.name] = i.new
		if p.Out != nil {
			if err := dir.Unlink(ctx, i.temp); err != nil {
				return err
			}
		}
	}
	return dir.Sync(ctx)
}

// either finds out which of two names a file has.
func (w *worker) either(ctx context.Context, dir vfs.Dir, from, to string) error {
	c := w.is[from]
	if c == 0 {
		c = w.is[to]
	}
	for _, names := range [][2]string{{from, to}, {to, from}} {
		there, err := holds(ctx, dir, names[0], c)
		if err != nil {
			return err
		}
		free, err := holds(ctx, dir, names[1], 0)
		if err != nil {
			return err
		}
		if there && free {
			if w.open.acked && names[0] == from {
				return fmt.Errorf("%s has its old name again", to)
			}
			delete(w.is, names[1])
			w.is[names[0]] = c
			return nil
		}
	}
	return fmt.Errorf("neither %s nor %s is the file", from, to)
}

// check holds all that stands in a folder against what must stand there.
func (w *worker) check(ctx context.Context, dir vfs.Dir, prefix string) error {
	found := map[string]bool{}
	err := dir.List(ctx, func(batch []vfs.Entry) error {
		for _, e := range batch {
			if e.Kind == vfs.Folder {
				continue
			}
			if found[e.Name] = true; w.is[prefix+e.Name] == 0 {
				return errs.New(errs.Internal, "%s%s is there and should not be", prefix, e.Name)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for path, c := range w.is {
		name, ours := strings.CutPrefix(path, prefix)
		if !ours || strings.Contains(name, "/") || c == 0 {
			continue
		}
		if same, err := holds(ctx, dir, name, c); err != nil || !same {
			return fmt.Errorf("%s is not content %d (%v); it is there: %v", path, c, err, found[name])
		}
	}
	return nil
}
