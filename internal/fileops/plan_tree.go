package fileops

import (
	"context"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/collate"
	"github.com/stardrive/stardrive/internal/vfs"
)

// look is a folder that the preview has still to go through.
type look struct {
	from  catalog.Spot
	to    catalog.Spot
	merge bool // the target has it, too
}

// through goes through a source: it counts, notes what it saw, and finds the
// conflicts inside.
func (t *transfer) through(ctx context.Context, do mode, src *source, to catalog.Spot, merge bool) error {
	if err := t.see(ctx, do, src.at(), &src.is); err != nil {
		return err
	}
	if src.is.Kind != vfs.Folder || src.is.Mount {
		return nil
	}
	if do == moveWithin && !merge {
		if sum, ok := t.indexed(ctx, src); ok {
			add(&t.d.Summary, action.Summary{Files: sum.Files, Folders: sum.Folders, Bytes: sum.Bytes}) // itself was seen
		}
		return nil
	}
	stack := []look{{src.at(), to, merge}}
	for len(stack) > 0 {
		l := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		children, _, err := inFolder(ctx, src.v, l.from.Path)
		if err != nil {
			if ctx.Err() != nil {
				return err
			}
			t.d.Warn(src.v.address(l.from.Path) + " cannot be read, and stays: " + err.Error())
			continue
		}
		twins := t.twins(children)
		for i := range children {
			c := &children[i]
			down, err := t.child(ctx, do, src, l, c, twins[c.Name])
			if err != nil {
				return err
			}
			if down != nil {
				stack = append(stack, *down)
			}
		}
	}
	return nil
}

// child looks at one thing in a folder; it returns where to go on, if it is one.
func (t *transfer) child(ctx context.Context, do mode, src *source, l look, c *vfs.Entry, twin bool) (*look, error) {
	from, to := catalog.Spot{Volume: l.from.Volume, Path: vfs.Join(l.from.Path, c.Name)}, catalog.Spot{Volume: l.to.Volume, Path: vfs.Join(l.to.Path, c.Name)}
	if err := t.see(ctx, do, from, c); err != nil {
		return nil, err
	}
	it := action.Item{Verb: "conflict", To: t.to.v.address(to.Path)}
	k := task{Part: true, Step: step{Verb: vWrite, From: from, To: to, Seen: c}}
	there := place{v: t.to.v, folder: l.to.Path}
	if l.merge {
		if err := t.occupied(ctx, &it, &k, &there, c.Name, *c, t.policy, t.names); err != nil {
			return nil, err
		}
	}
	if twin && it.Conflict == "" {
		it.Conflict, it.Choices = "the volume takes its name for that of another in this folder", []string{chooseSkip, chooseBoth}
		it.Choice = decide(t.policy, *c, vfs.Entry{}, it.Choices)
		var err error
		if k.Free, err = t.freeName(ctx, t.to.v, l.to.Path, c.Name, nil); err != nil {
			return nil, err
		}
	}
	if err := t.holds(&it, c.Name, c); err != nil {
		return nil, err
	}
	t.keepSame(ctx, &it, &k.Step, src, c)
	t.weigh(ctx, do, src, from.Path, c, it.Choice)
	if it.Conflict != "" {
		if !t.sent {
			it.From = src.v.address(from.Path)
		}
		if it.Choice == chooseMerge {
			it.Verb, it.Choices = "merge", []string{chooseMerge, chooseSkip}
		}
		if _, err := t.d.Add(ctx, it, k); err != nil {
			return nil, err
		}
	}
	if it.Choice == chooseReplace {
		t.d.Summary.Replaced++
	}
	merged := it.Choice == chooseMerge
	if c.Kind != vfs.Folder || c.Mount || do == moveWithin && !merged {
		return nil, nil
	}
	return &look{from, to, merged}, nil
}

// see counts a thing and notes what it is.
func (t *transfer) see(ctx context.Context, do mode, at catalog.Spot, is *vfs.Entry) error {
	if is.Mount || is.Kind != vfs.File && is.Kind != vfs.Folder && is.Kind != vfs.Symlink && do != moveWithin {
		t.odd++
		return t.seer.add(ctx, print(at, is, true))
	}
	count(&t.d.Summary, is)
	return t.seer.add(ctx, print(at, is, true))
}

// twins are names that the target takes for others of the same folder.
func (t *transfer) twins(es []vfs.Entry) map[string]bool {
	same := t.to.v.writing.Same
	if same == nil {
		return nil
	}
	out := map[string]bool{}
	by := map[string][]string{}
	for i := range es {
		key := collate.Fold(es[i].Name)
		for _, other := range by[key] {
			if same(other, es[i].Name) {
				out[es[i].Name] = true
			}
		}
		by[key] = append(by[key], es[i].Name)
	}
	return out
}
