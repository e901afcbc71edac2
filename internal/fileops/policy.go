package fileops

import (
	"context"
	"fmt"
	"slices"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
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
	KeepSame Policy = "keep-same"
)

// Enum lists the policies.
func (Policy) Enum() []string {
	return []string{string(Ask), string(Skip), string(KeepBoth), string(Replace), string(Newer), string(Larger), string(KeepSame)}
}

// TypeName is what clients call the type.
func (Policy) TypeName() string { return "ConflictPolicy" }

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
	case p == Ask || p == KeepSame || p == "":
		return ""
	case replace && (p == Replace || p == Newer && is.Modified > there.Modified || p == Larger && is.Size > there.Size):
		return chooseReplace
	}
	return chooseSkip
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

// naming is what a plan knows of names while it is made.
type naming struct {
	given   map[catalog.Spot]bool // by the plan
	sources map[catalog.Spot]bool // what the plan is about: it may be another thing, or elsewhere, when its turn comes
}

func namingOf(all []*source) *naming {
	n := &naming{given: map[catalog.Spot]bool{}, sources: map[catalog.Spot]bool{}}
	for _, src := range all {
		n.sources[src.at()] = true
	}
	return n
}

// occupied looks whether a name is taken, by what is there or by another thing of
// the plan, and makes a conflict of it.
func (w *world) occupied(ctx context.Context, it *action.Item, k *task, to *place, name string, is vfs.Entry, policy Policy, n *naming) error {
	at := to.at(name)
	there, err := to.v.Driver.Stat(ctx, at.Path)
	if err != nil && !errs.Is(err, errs.NotFound) {
		return to.v.at(at.Path, err)
	}
	free := err != nil
	if free && !n.given[at] {
		n.given[at] = true
		return nil
	}
	if k.Free, err = w.freeName(ctx, to.v, to.folder, name, func(free string) bool { return n.given[to.at(free)] }); err != nil {
		return err
	}
	n.given[to.at(k.Free)] = true
	if free {
		it.Conflict, it.Choices = "another thing of this plan gets the same name", []string{chooseSkip, chooseBoth}
		it.Choice = decide(policy, is, vfs.Entry{}, it.Choices)
		return nil
	}
	k.Step.Over = &there
	it.Conflict, it.Choices = clash(is, there)
	switch {
	case n.given[at]: // what stands there gives way once
		it.Conflict, it.Choices = "another thing of this plan gets the same name", []string{chooseSkip, chooseBoth}
	case n.sources[at] || inOther(at, n.sources):
		it.Conflict, it.Choices = "what is there is itself a thing of this plan", []string{chooseSkip, chooseBoth}
	}
	it.Choice = decide(policy, is, there, it.Choices)
	if it.Choice == chooseReplace || it.Choice == "" && slices.Contains(it.Choices, chooseReplace) {
		n.given[at] = true
	}
	return nil
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
