package fileops

import (
	"context"
	"fmt"
	"slices"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// undoArgs name the plan to be taken back.
type undoArgs struct {
	Plan  ident.PlanID
	Title string
	Sent  bool // what the plan moved came from outside: it does not go back
}

// planUndo plans the inverses of a plan's steps, the last one first. Each is
// refused by itself when what stands there is not what its step left.
func (s *Service) planUndo(ctx context.Context, in undoArgs, d *action.Draft) error {
	u := &undoing{
		world: s.world(), d: d, sent: in.Sent, made: map[catalog.Spot]bool{}, back: map[catalog.Spot]bool{}, needs: map[catalog.Spot][]catalog.Spot{},
		comes: map[*volume]*load{}, seer: &seer{d: d},
	}
	d.Title = "Undo: " + in.Title
	err := s.plans.Journal(ctx, in.Plan, false, func(b action.Batch) error {
		return eachStep(b, false, func(st *step) error {
			if st.Verb == vMkdir {
				u.made[st.To] = true
			}
			return nil
		})
	})
	if err != nil {
		return err
	}
	if err := u.again(ctx, in.Plan); err != nil {
		return err
	}
	err = s.plans.Journal(ctx, in.Plan, true, func(b action.Batch) error {
		return eachStep(b, true, func(st *step) error { return u.inverse(ctx, st) })
	})
	if err != nil {
		return err
	}
	if u.lost > 0 {
		d.Warn(fmt.Sprintf("%d things were destroyed and cannot be brought back.", u.lost))
	}
	if u.items == 0 {
		return errs.New(errs.Unsupported, "nothing of this plan can be undone")
	}
	for v, l := range u.comes {
		u.room(ctx, d, v, l.bytes, l.made)
	}
	return u.seer.flush(ctx)
}

func eachStep(b action.Batch, backward bool, fn func(*step) error) error {
	if b.Open {
		return nil // its plan puts it right first
	}
	var steps []*step
	if err := b.Steps(&steps); err != nil {
		return err
	}
	for i := range steps {
		st := steps[i]
		if backward {
			st = steps[len(steps)-1-i]
		}
		if err := fn(st); err != nil {
			return err
		}
	}
	return nil
}

// undoing makes a plan of inverses.
type undoing struct {
	*world
	d     *action.Draft
	sent  bool
	made  map[catalog.Spot]bool           // folders that the plan made
	back  map[catalog.Spot]bool           // what this plan brings back from the trash
	needs map[catalog.Spot][]catalog.Spot // of a folder that it takes back: what must have come back before
	comes map[*volume]*load               // what is made anew on each volume
	seer  *seer
	items int
	lost  int
	anew  map[linked]uint64 // numbers of things that were brought back by making them anew
}

// again learns which things are known by other numbers since the plan was done.
func (u *undoing) again(ctx context.Context, id ident.PlanID) error {
	u.anew = map[linked]uint64{}
	later, err := u.s.plans.BackSince(ctx, id)
	if err != nil {
		return err
	}
	for _, other := range later {
		err := u.s.plans.Journal(ctx, other, false, func(b action.Batch) error {
			return eachStep(b, false, func(st *step) error {
				if st.For != nil && st.Is != nil && st.For.Inode != 0 {
					u.anew[linked{st.To.Volume, st.For.Inode}] = st.Is.Inode
				}
				return nil
			})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// now is what was seen, by the number that it has now.
func (u *undoing) now(volume string, was *vfs.Entry) *vfs.Entry {
	if was == nil {
		return nil
	}
	is := *was
	for range 1000 { // a number may come round again
		next, ok := u.anew[linked{volume, is.Inode}]
		if !ok || next == is.Inode {
			break
		}
		is.Inode = next
	}
	return &is
}

// needsOf finds what must have come back from the trash before the copy that a step
// made of it may go: when a move to another volume was undone and is done again.
func (u *undoing) needsOf(st *step) []catalog.Spot {
	for at := st.From; st.back() && at.Path != ""; at, _ = at.In() {
		if u.back[at] {
			return []catalog.Spot{at}
		}
	}
	return nil
}

// takenWith notes that a thing goes with the outermost folder above it that the
// plan made, and what that needs.
func (u *undoing) takenWith(st *step) {
	top := st.To
	for {
		folder, _ := top.In()
		if !u.made[folder] {
			break
		}
		top = folder
	}
	for _, need := range u.needsOf(st) {
		if !slices.Contains(u.needs[top], need) { // few: the folders that went to the trash as a whole, mostly
			u.needs[top] = append(u.needs[top], need)
		}
	}
}

// inMade reports whether a thing stands in a folder that the plan made: then it
// goes with that.
func (u *undoing) inMade(at catalog.Spot) bool {
	folder, _ := at.In()
	return u.made[folder]
}

func (u *undoing) inverse(ctx context.Context, st *step) error {
	at := st.To.Volume
	if at == "" {
		at = st.From.Volume
	}
	st.Is, st.Over = u.now(at, st.Is), u.now(at, st.Over)
	switch st.Verb {
	case vMkdir:
		if st.Is == nil {
			return nil
		}
		if u.inMade(st.To) {
			return u.seer.add(ctx, print(st.To, st.Is, false))
		}
		return u.add(ctx, "trash", st.To, catalog.Spot{}, task{Do: takeBack, Step: step{Verb: vTrash, From: st.To, Seen: st.Is, Needs: u.needs[st.To]}})
	case vWrite, vSymlink:
		if st.Over == nil && u.inMade(st.To) {
			u.takenWith(st)
			return u.seer.add(ctx, print(st.To, st.Is, false))
		}
		if err := u.once(ctx, "trash", step{Verb: vTrash, From: st.To, Seen: st.Is, Needs: u.needsOf(st)}); err != nil || st.Over == nil {
			return err
		}
		return u.once(ctx, "restore", step{Verb: vRestore, Slot: st.Slot, To: st.To, Seen: st.Over})
	case vRename:
		if u.sent {
			return u.once(ctx, "trash", step{Verb: vTrash, From: st.To, Seen: st.Is})
		}
		return u.once(ctx, "rename", step{Verb: vRename, From: st.To, To: st.From, Seen: st.Is})
	case vTrash:
		u.back[st.From] = true
		return u.once(ctx, "restore", step{Verb: vRestore, Slot: st.Slot, To: st.From, Seen: st.Is})
	case vRestore:
		return u.once(ctx, "trash", step{Verb: vTrash, From: st.To, Seen: st.Is})
	case vRemove:
		return u.add(ctx, "copy", st.To, st.From, task{Keep: keepAll(), Verify: true, Step: step{Verb: vWrite, From: st.To, To: st.From, Seen: st.Is, For: st.Seen}})
	case vRmdir:
		if u.sent {
			return nil
		}
		m, parts := st.Old, vfs.PartMode|vfs.PartModified|vfs.PartOwner|vfs.PartXattrs|vfs.PartACL|vfs.PartLabels
		if m == nil {
			m, parts = &vfs.Meta{Mode: st.Seen.Mode, Modified: st.Seen.Modified}, vfs.PartMode|vfs.PartModified
		} else if st.Seen != nil {
			m.Modified = st.Seen.Modified // before it was emptied
		}
		m.Accessed = 0
		again := step{Verb: vMkdir, To: st.From, New: m, Parts: parts, For: st.Seen}
		if st.Is != nil {
			again.Was = &st.To
		}
		return u.once(ctx, "mkdir", again)
	case vMeta:
		return u.once(ctx, "change", step{Verb: vMeta, To: st.To, Also: st.Also, New: st.Old, Old: st.New, Parts: st.Parts, Seen: st.Is})
	case vExtract:
		return u.once(ctx, "trash", step{Verb: vTrash, From: st.To, Seen: st.Is, Files: st.Files, Bytes: st.Bytes})
	case vDestroy:
		u.lost++
	}
	return nil
}

func (u *undoing) once(ctx context.Context, verb string, st step) error {
	return u.add(ctx, verb, st.From, st.To, task{Step: st})
}

// add appends an item, and looks whether it can be done.
func (u *undoing) add(ctx context.Context, verb string, from, to catalog.Spot, t task) error {
	u.items++
	it := action.Item{Verb: verb}
	for _, side := range []struct {
		at   catalog.Spot
		text *string
	}{{from, &it.From}, {to, &it.To}} {
		if side.at.Volume == "" {
			continue
		}
		v, err := u.writable(ctx, side.at.Volume)
		if err != nil {
			return err
		}
		*side.text = v.address(side.at.Path)
	}
	if err := u.coming(ctx, &t.Step); err != nil {
		return err
	}
	count(&u.d.Summary, t.Step.Seen)
	if t.Step.Verb == vTrash {
		u.d.Summary.Trashed++
	}
	if t.Step.Verb == vWrite {
		u.d.Summary.Write += t.Step.Seen.Size
	}
	if from.Volume != "" && u.items <= 1000 {
		v, err := u.volume(ctx, from.Volume)
		if err != nil {
			return err
		}
		if is, err := v.Driver.Stat(ctx, from.Path); err != nil || !same(*t.Step.Seen, is) {
			it.Note = "it is not what the plan left there: it stays as it is"
		}
	}
	_, err := u.d.Add(ctx, it, t)
	return err
}

// coming counts what a step makes anew.
func (u *undoing) coming(ctx context.Context, st *step) error {
	if st.Verb != vWrite && st.Verb != vMkdir {
		return nil
	}
	v, err := u.volume(ctx, st.To.Volume)
	if err != nil {
		return err
	}
	l := u.comes[v]
	if l == nil {
		l = &load{}
		u.comes[v] = l
	}
	if l.made++; st.Seen != nil {
		l.bytes += st.Seen.Size
	}
	return nil
}

// count adds a thing to what a plan is about.
func count(s *action.Summary, is *vfs.Entry) {
	switch {
	case is == nil:
	case is.Kind == vfs.Folder:
		s.Folders++
	default:
		s.Files++
		s.Bytes += is.Size
	}
}
