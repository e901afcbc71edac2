package fileops

import (
	"context"
	"fmt"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/fileops/copier"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// CopyIn says what is to be copied where.
type CopyIn struct {
	Sources     []string        `json:"sources,omitempty" cli:"rest" jsonschema:"files and folders: SdPaths or OS paths"`
	IDs         []ident.EntryID `json:"ids,omitempty" cli:"-" jsonschema:"the same by entry id"`
	Query       string          `json:"query,omitempty" jsonschema:"the same by a query in the language of search: what it finds, at most 100,000 entries"`
	Destination string          `json:"destination" cli:"-" jsonschema:"a folder that exists, to copy into; or the new name of one thing"`
	Conflict    Policy          `json:"conflict,omitempty" jsonschema:"where something of that name is there already: ask (default), skip, keep-both, replace (the old one goes to the trash), newer (replace what is older), larger (replace what is smaller), keep-same (what is known to hold the same bytes stays, the rest is asked about)"`
	Verify      bool            `json:"verify,omitempty" jsonschema:"read every copy back from the medium and compare it"`
	Owner       bool            `json:"owner,omitempty" jsonschema:"keep owner and group, as far as the system lets us"`
	Setuid      bool            `json:"setuid,omitempty" jsonschema:"keep setuid and setgid bits"`
	Limit       int64           `json:"limit,omitempty" jsonschema:"most bytes a second; 0 (default): only the setting copy_limit holds" min:"0"`
}

// MoveIn says what is to be moved where.
type MoveIn struct {
	Sources     []string        `json:"sources,omitempty" cli:"rest" jsonschema:"files and folders: SdPaths or OS paths"`
	IDs         []ident.EntryID `json:"ids,omitempty" cli:"-" jsonschema:"the same by entry id"`
	Query       string          `json:"query,omitempty" jsonschema:"the same by a query in the language of search: what it finds, at most 100,000 entries"`
	Destination string          `json:"destination" cli:"-" jsonschema:"a folder that exists, to move into; or the new name of one thing"`
	Conflict    Policy          `json:"conflict,omitempty" jsonschema:"where something of that name is there already: ask (default), skip, keep-both, replace (the old one goes to the trash), newer, larger, keep-same (what is known to hold the same bytes stays, the rest is asked about)"`
	Limit       int64           `json:"limit,omitempty" jsonschema:"most bytes a second between volumes; 0 (default): only the setting copy_limit holds" min:"0"`
}

func (s *Service) planCopy(ctx context.Context, in CopyIn, d *action.Draft) error {
	t := &transfer{world: s.world(), d: d, policy: in.Conflict, do: copyTree}
	t.keep, t.verify, t.limit = copier.Keep{Owner: in.Owner, Setuid: in.Setuid}, in.Verify, in.Limit
	return t.plan(ctx, named{in.Sources, in.IDs, in.Query}, in.Destination, "Copy")
}

func (s *Service) planMove(ctx context.Context, in MoveIn, d *action.Draft) error {
	t := &transfer{world: s.world(), d: d, policy: in.Conflict, do: moveAcross}
	t.limit = in.Limit
	t.keep = keepAll()
	return t.plan(ctx, named{in.Sources, in.IDs, in.Query}, in.Destination, "Move")
}

// keepAll is what is kept of what moves: it is the user's own, and stays what it is.
func keepAll() copier.Keep { return copier.Keep{Owner: true, Setuid: true, Labels: true} }

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
	d      *action.Draft
	policy Policy
	do     mode
	keep   copier.Keep
	verify bool
	beside bool // copies come beside their sources
	sent   bool // they come from outside, and stand in a private folder meanwhile
	to     *place
	seer   *seer
	names  *naming
	odd    int // things that are left out
	across map[*volume]bool
	loads  map[*volume]*load // of what is written, by where it comes from
	left   bool              // what is gone through stays where it is
	limit  int64             // bytes a second
}

func (t *transfer) begin(all []*source) {
	t.seer = &seer{d: t.d}
	t.names = namingOf(all)
	t.across, t.loads = map[*volume]bool{}, map[*volume]*load{}
}

func (t *transfer) newPlace(ctx context.Context, v *volume, folder string, is vfs.Entry) (*place, error) {
	v, err := t.writable(ctx, v.id)
	if err == nil {
		err = v.at(folder, v.mayChange(ctx, folder, ""))
	}
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
	if t.to.name != "" {
		into = t.to.name
	} else if into == "" {
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
		if err := t.removable(ctx, src); err != nil {
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
	if t.sent {
		it.Verb, it.From = "upload", ""
	}
	k := task{Do: do, Into: t.to.is.Inode, Keep: t.keep, Verify: t.verify, Limit: t.limit, Step: step{Verb: vWrite, From: src.at(), To: to, Seen: &src.is}}
	if do == moveWithin {
		k.Step.Verb = vRename
	}
	if err := t.occupied(ctx, &it, &k, t.to, name, src.is, t.policy, t.names); err != nil {
		return err
	}
	if err := t.holds(&it, name, &src.is); err != nil {
		return err
	}
	if t.keepSame(ctx, &it, &k.Step, src, &src.is); ctx.Err() != nil {
		return ctx.Err()
	}
	before := t.d.Summary
	if t.left = it.Choice == chooseSkip && src.is.Kind == vfs.Folder; !t.left {
		t.weigh(ctx, do, src, src.path, &src.is, it.Choice)
	}
	if err := t.through(ctx, do, src, to, k.Step.Over != nil && k.Step.Over.Kind == vfs.Folder && it.Choice == chooseMerge); err != nil {
		return err
	}
	sum := t.d.Summary
	it.Files, it.Folders, it.Bytes = sum.Files-before.Files, sum.Folders-before.Folders, sum.Bytes-before.Bytes
	_, err := t.d.Add(ctx, it, k)
	return err
}
