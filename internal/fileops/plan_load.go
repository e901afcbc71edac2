package fileops

import (
	"context"
	"fmt"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/vfs"
)

// load is what is to be written, as far as the preview can tell.
type load struct {
	files, bytes int64 // files that are copied; those that share theirs bring no bytes
	made         int64 // files, folders and symlinks that come to the volume
}

// weigh tells what a thing costs to be written.
func (t *transfer) weigh(ctx context.Context, do mode, src *source, path string, is *vfs.Entry, choice string) {
	if do == moveWithin || is.Mount || choice == chooseSkip || choice == chooseMerge || t.left {
		return
	}
	l := t.loads[src.v]
	if l == nil {
		l = &load{}
		t.loads[src.v] = l
	}
	switch is.Kind {
	case vfs.Folder, vfs.Symlink:
		l.made++
		return
	case vfs.File:
		l.made++
		l.files++
	default:
		return
	}
	shared := src.v == t.to.v && t.to.v.writing.Clones
	if !shared {
		_, _, shared = t.alike(ctx, src.v, path, is, t.to.v)
	}
	if shared {
		t.d.Summary.Saved += is.Size
		return
	}
	t.d.Summary.Write += is.Size
	l.bytes += is.Size
}

// keepSame decides a conflict where what stands there is known to hold the same
// bytes, if that is what was asked for.
func (t *transfer) keepSame(ctx context.Context, it *action.Item, st *step, src *source, is *vfs.Entry) {
	there := st.Over
	if t.policy != KeepSame || there == nil || it.Choice != "" || is.Kind != vfs.File || there.Kind != vfs.File || is.Size != there.Size ||
		!t.sameContent(ctx, src.v, st.From.Path, is, t.to.v, st.To.Path, there) {
		return
	}
	it.Choice, it.Note = chooseSkip, "the same bytes are there already"
	t.d.Summary.Saved += is.Size
}

// rooms tells of the room on the volumes that change, and how long it will take.
func (t *transfer) rooms(ctx context.Context) error {
	sum, all := &t.d.Summary, load{}
	for from, l := range t.loads {
		all.bytes, all.made = all.bytes+l.bytes, all.made+l.made
		p, err := t.s.paceOf(ctx, from, t.to.v, t.verify || t.do == moveAcross)
		if err != nil {
			return err
		}
		sum.Seconds += p.seconds(l.files, l.bytes)
		sum.Guess = sum.Guess || p.guess(t.s.now())
		if limit := t.s.limited(t.limit); limit > 0 {
			sum.Seconds = max(sum.Seconds, float64(l.bytes)/float64(limit))
		}
	}
	if len(t.loads) == 0 {
		return nil
	}
	t.room(ctx, t.d, t.to.v, all.bytes, all.made)
	for from, l := range t.loads {
		if t.do == moveAcross && from != t.to.v {
			t.room(ctx, t.d, from, -l.bytes, -l.made)
		}
	}
	return nil
}

// room tells of the room on a volume to which so many bytes and things come, or
// from which they go, and warns if it is too small.
func (w *world) room(ctx context.Context, d *action.Draft, v *volume, bytes, made int64) {
	space := v.Driver.Features().Space
	if space == nil {
		return
	}
	now, err := space(ctx)
	if err != nil {
		return // a figure less
	}
	name := catalog.PlainName(v.Ground.Name)
	d.Summary.Room = append(d.Summary.Room, action.Room{Volume: name, Before: now.Free, After: now.Free - bytes, Files: max(now.Files, 0), Needs: max(made, 0)})
	if bytes > 0 && bytes > now.Free {
		d.Warn(fmt.Sprintf("The volume %s has room for %s, and %s are to be written: it will not all fit.", name, size(now.Free), size(bytes)))
	}
	if made > 0 && now.Files != 0 && made > max(now.Files, 0) {
		d.Warn(fmt.Sprintf("The volume %s can hold %s more, and %s are to come: it will not all fit.", name, number(max(now.Files, 0), "file"), number(made, "thing")))
	}
}
