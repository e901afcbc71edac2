package fileops

import (
	"context"
	"fmt"
	"slices"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/collate"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/fileops/copier"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Policy is what is done where something of the same name is there already.
type Policy string

// The policies.
const (
	Ask      Policy = "ask"
	Skip     Policy = "skip"
	KeepBoth Policy = "keep-both"
	Replace  Policy = "replace"
	Newer    Policy = "newer"
	Larger   Policy = "larger"
)

// Enum lists the policies.
func (Policy) Enum() []string {
	return []string{string(Ask), string(Skip), string(KeepBoth), string(Replace), string(Newer), string(Larger)}
}

// TypeName is what clients call the type.
func (Policy) TypeName() string { return "ConflictPolicy" }

// CopyIn says what is to be copied where.
type CopyIn struct {
	Sources     []string        `json:"sources,omitempty" cli:"rest" jsonschema:"files and folders: SdPaths or OS paths"`
	IDs         []ident.EntryID `json:"ids,omitempty" cli:"-" jsonschema:"the same by entry id"`
	Query       string          `json:"query,omitempty" jsonschema:"the same by a query in the language of search: what it finds, at most 100,000 entries"`
	Destination string          `json:"destination" cli:"-" jsonschema:"a folder that exists, to copy into; or the new name of one thing"`
	Conflict    Policy          `json:"conflict,omitempty" jsonschema:"where something of that name is there already: ask (default), skip, keep-both, replace (the old one goes to the trash), newer (replace what is older), larger (replace what is smaller)"`
	Verify      bool            `json:"verify,omitempty" jsonschema:"read every copy back from the medium and compare it"`
	Owner       bool            `json:"owner,omitempty" jsonschema:"keep owner and group, as far as the system lets us"`
	Setuid      bool            `json:"setuid,omitempty" jsonschema:"keep setuid and setgid bits"`
}

// MoveIn says what is to be moved where.
type MoveIn struct {
	Sources     []string        `json:"sources,omitempty" cli:"rest" jsonschema:"files and folders: SdPaths or OS paths"`
	IDs         []ident.EntryID `json:"ids,omitempty" cli:"-" jsonschema:"the same by entry id"`
	Query       string          `json:"query,omitempty" jsonschema:"the same by a query in the language of search: what it finds, at most 100,000 entries"`
	Destination string          `json:"destination" cli:"-" jsonschema:"a folder that exists, to move into; or the new name of one thing"`
	Conflict    Policy          `json:"conflict,omitempty" jsonschema:"where something of that name is there already: ask (default), skip, keep-both, replace (the old one goes to the trash), newer, larger"`
}

func (s *Service) planCopy(ctx context.Context, in CopyIn, d *action.Draft) error {
	t := &transfer{world: s.world(), d: d, policy: in.Conflict, do: copyTree}
	t.keep, t.verify = copier.Keep{Owner: in.Owner, Setuid: in.Setuid}, in.Verify
	return t.plan(ctx, named{in.Sources, in.IDs, in.Query}, in.Destination, "Copy")
}

func (s *Service) planMove(ctx context.Context, in MoveIn, d *action.Draft) error {
	t := &transfer{world: s.world(), d: d, policy: in.Conflict, do: moveAcross}
	t.keep = copier.Keep{Owner: true, Setuid: true} // it is the user's own, and stays what it is
	return t.plan(ctx, named{in.Sources, in.IDs, in.Query}, in.Destination, "Move")
}

// DuplicateIn names what is to be copied beside itself.
type DuplicateIn struct {
	Sources []string        `json:"sources,omitempty" cli:"rest" jsonschema:"files and folders: SdPaths or OS paths"`
	IDs     []ident.EntryID `json:"ids,omitempty" cli:"-" jsonschema:"the same by entry id"`
	Query   string          `json:"query,omitempty" jsonschema:"the same by a query in the language of search: what it finds, at most 100,000 entries"`
}

func (s *Service) planDuplicate(ctx context.Context, in DuplicateIn, d *action.Draft) error {
	t := &transfer{world: s.world(), d: d, policy: KeepBoth, do: copyTree, beside: true}
	all, err := t.sources(ctx, named(in))
	if err != nil {
		return err
	}
	d.Title = "Duplicate " + several(all)
	t.begin(all)
	for _, src := range all {
		folder, name := vfs.Split(src.path)
		is, err := src.v.Driver.Stat(ctx, folder)
		if err != nil {
			return src.v.at(folder, err)
		}
		if t.to, err = t.newPlace(ctx, src.v, folder, is); err != nil {
			return err
		}
		if err := t.source(ctx, src, name); err != nil {
			return err
		}
	}
	return t.end(ctx)
}

// transfer makes a plan that copies or moves.
type transfer struct {
	*world
	d       *action.Draft
	policy  Policy
	do      mode
	keep    copier.Keep
	verify  bool
	beside  bool // copies come beside their sources
	to      *place
	seer    *seer
	claimed map[catalog.Spot]bool // names that this plan gives
	folded  map[catalog.Spot][]string
	odd     int // things that are left out
	across  map[*volume]bool
	writes  map[*volume]int64
}

func (t *transfer) begin(all []*source) {
	t.seer = &seer{d: t.d}
	t.claimed, t.folded = map[catalog.Spot]bool{}, map[catalog.Spot][]string{}
	t.across, t.writes = map[*volume]bool{}, map[*volume]int64{}
}

func (t *transfer) newPlace(ctx context.Context, v *volume, folder string, is vfs.Entry) (*place, error) {
	v, err := t.writable(ctx, v.id)
	return &place{v: v, folder: folder, is: is}, err
}

func (t *transfer) plan(ctx context.Context, in named, destination, verb string) error {
	all, err := t.sources(ctx, in)
	if err != nil {
		return err
	}
	if t.to, err = t.destination(ctx, destination, len(all) > 1); err != nil {
		return err
	}
	_, into := vfs.Split(t.to.folder)
	if into == "" {
		into = t.to.v.Ground.Name
	}
	t.d.Title = fmt.Sprintf("%s %s to %s", verb, several(all), catalog.PlainName(into))
	t.begin(all)
	for _, src := range all {
		_, name := vfs.Split(src.path)
		if t.to.name != "" {
			name = t.to.name
		}
		if err := t.source(ctx, src, name); err != nil {
			return err
		}
	}
	return t.end(ctx)
}

// source plans one thing that was named.
func (t *transfer) source(ctx context.Context, src *source, name string) error {
	if !t.beside {
		if err := t.guard(ctx, src, t.to, name); err != nil {
			return err
		}
	}
	do := t.do
	if do == moveAcross {
		if src.v == t.to.v {
			do = moveWithin
		}
		if err := t.removable(ctx, t.d, src); err != nil {
			return err
		}
	}
	if do != moveWithin && src.v != t.to.v {
		t.across[src.v] = true
	}
	to := t.to.at(name)
	it := action.Item{Verb: "copy", From: src.address(), To: t.to.v.address(to.Path)}
	if t.do != copyTree {
		it.Verb = "move"
	}
	k := task{Do: do, Into: t.to.is.Inode, Keep: t.keep, Verify: t.verify, Step: step{Verb: vWrite, From: src.at(), To: to, Seen: &src.is}}
	if do == moveWithin {
		k.Step.Verb = vRename
	}
	if err := t.occupied(ctx, &it, &k, t.to, name, src.is, t.policy, t.claimed); err != nil {
		return err
	}
	if err := t.holds(&it, name, &src.is); err != nil {
		return err
	}
	before := t.d.Summary
	if err := t.through(ctx, do, src, to, k.Step.Over != nil && k.Step.Over.Kind == vfs.Folder && it.Choice == chooseMerge); err != nil {
		return err
	}
	sum := t.d.Summary
	it.Files, it.Folders, it.Bytes = sum.Files-before.Files, sum.Folders-before.Folders, sum.Bytes-before.Bytes
	_, err := t.d.Add(ctx, it, k)
	return err
}

// holds notes that the target cannot hold a thing: then it can only be left out.
func (t *transfer) holds(it *action.Item, name string, is *vfs.Entry) error {
	why := ""
	w := t.to.v.writing
	if it.Choice == chooseBoth {
		return nil
	}
	switch err := checkName(t.to.v, name); {
	case err != nil:
		why = err.Error()
	case is.Kind == vfs.Symlink && w.Keeps&vfs.PartSymlinks == 0:
		why = "the volume cannot hold symlinks"
	case is.Kind == vfs.File && w.MaxFile > 0 && is.Size > w.MaxFile:
		why = "the file is larger than the volume can hold"
	default:
		return nil
	}
	it.Conflict, it.Choices, it.Choice = why, []string{chooseSkip}, ""
	if t.policy != Ask && t.policy != "" {
		it.Choice = chooseSkip
	}
	return nil
}

// occupied looks whether a name is taken, by what is there or by another thing of
// the plan, and makes a conflict of it.
func (w *world) occupied(ctx context.Context, it *action.Item, k *task, to *place, name string, is vfs.Entry, policy Policy, claimed map[catalog.Spot]bool) error {
	at := to.at(name)
	there, err := to.v.Driver.Stat(ctx, at.Path)
	if err != nil && !errs.Is(err, errs.NotFound) {
		return to.v.at(at.Path, err)
	}
	free := err != nil
	if free && !claimed[at] {
		claimed[at] = true
		return nil
	}
	if k.Free, err = w.freeName(ctx, to.v, to.folder, name, func(n string) bool { return claimed[to.at(n)] }); err != nil {
		return err
	}
	claimed[to.at(k.Free)] = true
	if free {
		it.Conflict, it.Choices = "another thing of this plan gets the same name", []string{chooseSkip, chooseBoth}
		it.Choice = decide(policy, is, vfs.Entry{}, it.Choices)
		return nil
	}
	k.Step.Over = &there
	it.Conflict, it.Choices = clash(is, there)
	if claimed[at] { // what stands there gives way once
		it.Conflict, it.Choices = "another thing of this plan gets the same name", []string{chooseSkip, chooseBoth}
	}
	it.Choice = decide(policy, is, there, it.Choices)
	if it.Choice == chooseReplace || it.Choice == "" && slices.Contains(it.Choices, chooseReplace) {
		claimed[at] = true
	}
	return nil
}

// clash names a conflict, and what can be done about it.
func clash(is, there vfs.Entry) (why string, choices []string) {
	switch {
	case is.Kind == vfs.Folder && there.Kind == vfs.Folder && !there.Mount:
		return "a folder of this name is there already", []string{chooseMerge, chooseBoth, chooseSkip}
	case is.Kind == vfs.Folder || there.Kind == vfs.Folder:
		return fmt.Sprintf("a %s of this name is there already", there.Kind), []string{chooseSkip, chooseBoth}
	}
	return fmt.Sprintf("a %s of this name is there already", there.Kind), []string{chooseSkip, chooseBoth, chooseReplace}
}

// decide is what a policy chooses; "": the user must.
func decide(p Policy, is, there vfs.Entry, choices []string) string {
	merge, replace := false, false
	for _, c := range choices {
		merge, replace = merge || c == chooseMerge, replace || c == chooseReplace
	}
	switch {
	case p == Skip:
		return chooseSkip
	case p == KeepBoth:
		return chooseBoth
	case merge: // what is in both is asked about by itself
		return chooseMerge
	case p == Ask || p == "":
		return ""
	case replace && (p == Replace || p == Newer && is.Modified > there.Modified || p == Larger && is.Size > there.Size):
		return chooseReplace
	}
	return chooseSkip
}

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
			t.d.Summary.Files, t.d.Summary.Folders, t.d.Summary.Bytes = t.d.Summary.Files+sum.Files, t.d.Summary.Folders+sum.Folders, t.d.Summary.Bytes+sum.Bytes
		}
		return nil
	}
	stack := []look{{src.at(), to, merge}}
	for len(stack) > 0 {
		l := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		var children []vfs.Entry
		err := src.v.Driver.List(ctx, l.from.Path, func(batch []vfs.Entry) error {
			children = append(children, batch...)
			return nil
		})
		if err != nil {
			if ctx.Err() != nil {
				return err
			}
			t.d.Warn(src.v.address(l.from.Path) + " cannot be read, and stays: " + err.Error())
			continue
		}
		sortEntries(children)
		twins := t.twins(children)
		for i := range children {
			c := &children[i]
			down, err := t.child(ctx, do, l, c, twins[c.Name])
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
func (t *transfer) child(ctx context.Context, do mode, l look, c *vfs.Entry, twin bool) (*look, error) {
	from, to := catalog.Spot{Volume: l.from.Volume, Path: vfs.Join(l.from.Path, c.Name)}, catalog.Spot{Volume: l.to.Volume, Path: vfs.Join(l.to.Path, c.Name)}
	if err := t.see(ctx, do, from, c); err != nil {
		return nil, err
	}
	it := action.Item{Verb: "conflict", To: t.to.v.address(to.Path)}
	k := task{Part: true, Step: step{Verb: vWrite, From: from, To: to, Seen: c}}
	there := place{v: t.to.v, folder: l.to.Path}
	if l.merge {
		if err := t.occupied(ctx, &it, &k, &there, c.Name, *c, t.policy, t.claimed); err != nil {
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
	if it.Conflict != "" {
		src, err := t.volume(ctx, from.Volume)
		if err != nil {
			return nil, err
		}
		it.From = src.address(from.Path)
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
	if do != moveWithin && is.Kind == vfs.File {
		if at.Volume == t.to.v.id && t.to.v.writing.Clones {
			t.d.Summary.Saved += is.Size
		} else {
			t.d.Summary.Write += is.Size
			t.writes[t.to.v] += is.Size
		}
	}
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

// end tells what the plan comes to.
func (t *transfer) end(ctx context.Context) error {
	if err := t.seer.flush(ctx); err != nil {
		return err
	}
	if t.odd > 0 {
		t.d.Warn(number(int64(t.odd), "thing") + " that are no files or folders (pipes, sockets, devices, other volumes mounted there) stay where they are.")
	}
	for from := range t.across {
		if text := lost(from, t.to.v); text != "" {
			t.d.Warn(text)
		}
	}
	sum := &t.d.Summary
	for v, n := range t.writes {
		space := v.Driver.Features().Space
		if space == nil {
			continue
		}
		now, err := space(ctx)
		if err != nil {
			continue // a figure less
		}
		sum.Room = append(sum.Room, action.Room{Volume: catalog.PlainName(v.Ground.Name), Before: now.Free, After: now.Free - n})
		if n > now.Free {
			t.d.Warn(fmt.Sprintf("The volume %s has room for %s, and %s are to be written: it will not all fit.", catalog.PlainName(v.Ground.Name), size(now.Free), size(n)))
		}
		if v.Write > 0 {
			sum.Seconds += float64(n) / v.Write
			if t.verify || t.do == moveAcross {
				sum.Seconds += float64(n) / max(v.Read, v.Write)
			}
		}
	}
	return nil
}

// lost tells in words what a volume cannot keep that another keeps.
func lost(from, to *volume) string {
	had := ^vfs.Parts(0)
	if from.writing != nil {
		had = from.writing.Keeps
	}
	text := partNames(had &^ to.writing.Keeps)
	if text == "" {
		return ""
	}
	return "The volume " + catalog.PlainName(to.Ground.Name) + " does not keep: " + text + "."
}

// missed are the parts that a volume lost though it is one that keeps them: no
// plan told of that.
func (v *volume) missed(lost vfs.Parts) vfs.Parts {
	return lost & v.writing.Keeps & (vfs.PartMode | vfs.PartModified | vfs.PartXattrs | vfs.PartACL)
}

// partNames tells parts in words.
func partNames(parts vfs.Parts) (text string) {
	for _, p := range []struct {
		part vfs.Parts
		name string
	}{
		{vfs.PartMode, "access rights"}, {vfs.PartModified, "times"}, {vfs.PartOwner, "owners"}, {vfs.PartXattrs, "extended attributes"},
		{vfs.PartACL, "access control lists"}, {vfs.PartLinks, "hard links"}, {vfs.PartHoles, "holes"}, {vfs.PartSymlinks, "symlinks"},
	} {
		if parts&p.part != 0 {
			if text != "" {
				text += ", "
			}
			text += p.name
		}
	}
	return text
}

// size writes "14.2 MB".
func size(n int64) string {
	units := []string{"bytes", "kB", "MB", "GB", "TB", "PB"}
	f, i := float64(n), 0
	for f >= 1000 && i < len(units)-1 {
		f, i = f/1000, i+1
	}
	if i == 0 {
		return fmt.Sprintf("%d bytes", n)
	}
	return fmt.Sprintf("%.1f %s", f, units[i])
}
