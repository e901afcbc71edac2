//go:build linux

package fileops

import (
	"fmt"
	"strings"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/store"
	"github.com/stardrive/stardrive/internal/vfs"
)

// What may come of a plan is judged by what it listed and by three pictures: it
// knows nothing of how plans are done.

// judge compares what was done with what the plan listed.
func (d *drifting) judge() {
	d.touched = map[catalog.Spot]bool{}
	for _, one := range []picture{d.seen, d.found} {
		for at := range one {
			was, before := d.seen[at]
			is, now := d.found[at]
			if !before || !now || !still(was, is) {
				d.touched[at] = true
			}
		}
	}
	for at, was := range d.found {
		d.judgeOld(at, was)
	}
	for at, is := range d.left {
		d.judgeNew(at, is)
	}
	d.judgeLost()
	d.judgeRefusals()
}

func (d *drifting) fail(at catalog.Spot, format string, args ...any) {
	d.r.Helper()
	var items []string
	for _, it := range d.items {
		items = append(items, fmt.Sprintf("%d %s %v → %v: %s %s", it.N, it.Verb, it.from, it.to, it.Conflict, it.Choice))
	}
	d.r.Fatalf("%s at %s %q\n%s (%s, %s)\n%s\n%s\nfailures:\n%swas\n%s\nfound\n%s\nleft\n%s", fmt.Sprintf(format, args...), at.Volume, at.Path,
		d.plan.Title, d.plan.State, d.plan.Error, strings.Join(d.log, "\n"), strings.Join(items, "\n"), d.failures(d.plan.ID), d.seen, d.found, d.left)
}

func isNote(at catalog.Spot) bool { return strings.HasSuffix(at.Path, ".trashinfo") }

// judgeOld looks at what stood somewhere when the plan was committed.
func (d *drifting) judgeOld(at catalog.Spot, was thing) {
	is, there := d.left[at]
	switch {
	case isNote(at):
	case !there || is.kind != was.kind || is.inode != was.inode:
		if !d.mayGo(at) {
			d.fail(at, "it went, and was not to")
		}
	case is.text != was.text:
		d.fail(at, "its bytes are others")
	case (is.mode != was.mode || is.attrs != was.attrs || is.kind == vfs.File && is.modified != was.modified) && !d.mayChange(was):
		d.fail(at, "it carries something else")
	}
}

// takes reports whether an item takes what it names away.
func (it *listed) takes() bool {
	switch it.Verb {
	case "move", "rename", "trash", "destroy", "restore":
		return true
	}
	return it.Verb == "conflict" || it.Verb == "merge"
}

// wholly reports whether a folder goes with all that is in it by then.
func (it *listed) wholly() bool {
	return it.Verb == "rename" || it.Verb == "restore" || it.from.Volume == it.to.Volume && it.Verb != "copy"
}

// mayGo reports whether what stood at a place was to leave it, and was as it was seen.
func (d *drifting) mayGo(at catalog.Spot) bool {
	moves := false // parts of copies do not
	for _, it := range d.items {
		moves = moves || it.takes() && it.Verb != "conflict" && it.Verb != "merge"
	}
	for _, it := range d.items {
		if it.Choice == chooseSkip {
			continue
		}
		if it.Choice == chooseReplace && it.to == at && d.asSeen(at) {
			return true
		}
		if it.Verb == "restore" && it.from.Volume == "" && at.Volume == it.to.Volume && d.found.inTrash(at) {
			return true // an undo names the slot in its journal only
		}
		if moves && it.takes() && covers(it.from, at) && (d.asSeen(at) || it.wholly() && d.goesWith(&it, at)) {
			return true
		}
	}
	return false
}

func (d *drifting) asSeen(at catalog.Spot) bool {
	was, before := d.seen[at]
	is, now := d.found[at]
	return before && now && sure(was, is)
}

// goesWith reports whether a folder above a place, which the item names or which is
// in that, was as it was seen: then all in it goes with it. Folders that are merged
// give up what they hold one by one.
func (d *drifting) goesWith(it *listed, at catalog.Spot) bool {
	for at.Path != it.from.Path {
		at, _ = at.In()
		if d.asSeen(at) && !d.merged(at) {
			return true
		}
	}
	return false
}

func (d *drifting) merged(at catalog.Spot) bool {
	for _, it := range d.items {
		if it.from == at && it.Choice == chooseMerge {
			return true
		}
	}
	return false
}

// mayChange reports whether the rights and times of a file were to change, under
// whatever name it was named.
func (d *drifting) mayChange(was thing) bool {
	for _, it := range d.items {
		if it.Verb == "change" && d.asSeen(it.to) && d.found[it.to].inode == was.inode {
			return true
		}
	}
	return false
}

// judgeNew looks at what stands somewhere since.
func (d *drifting) judgeNew(at catalog.Spot, is thing) {
	was, there := d.found[at]
	if there && was.kind == is.kind && was.inode == is.inode || isNote(at) {
		return
	}
	old, moved := d.old(at, is)
	if moved && (old.text != is.text || old.attrs != is.attrs || old.mode != is.mode) && !d.mayChange(old) {
		d.fail(at, "what moved carries something else")
	}
	if d.left.inTrash(at) {
		if !moved && strings.Count(at.Path, "/") > 1 {
			d.fail(at, "something new is in the trash")
		}
		return
	}
	why := "nothing was to come here"
	for _, it := range d.items {
		if it.Choice == chooseSkip || !d.comesTo(&it, at) {
			continue
		}
		if why = d.origin(&it, at, is, moved); why == "" {
			break
		}
	}
	if why != "" {
		d.fail(at, "%s", why)
	}
	folder, _ := at.In()
	if into, before := d.found[folder]; before && !d.undo && folder.Path != "" && into.inode == d.left[folder].inode && d.seen[folder].inode != into.inode {
		d.fail(at, "it came into a folder that was not there")
	}
}

// old finds what a thing was when the plan was committed.
func (d *drifting) old(at catalog.Spot, is thing) (thing, bool) {
	for from, was := range d.found {
		if from.Volume == at.Volume && was.inode == is.inode && was.kind == is.kind {
			return was, true
		}
	}
	return thing{}, false
}

// comesTo reports whether an item says that something comes to a place, or to one
// beside it of a name that is free.
func (d *drifting) comesTo(it *listed, at catalog.Spot) bool {
	if covers(it.to, at) {
		return true
	}
	if it.to.Volume != at.Volume || it.Choice != chooseBoth {
		return false
	}
	folder, name := it.to.In()
	rest := at.Path
	if folder.Path != "" {
		if !within(folder.Path, at.Path) {
			return false
		}
		rest = strings.TrimPrefix(at.Path, folder.Path+"/")
	}
	first, _, _ := strings.Cut(rest, "/")
	return near(name, first)
}

// origin tells why a thing that came to where an item says does not come from there.
func (d *drifting) origin(it *listed, at catalog.Spot, is thing, moved bool) string {
	_, name := at.In()
	switch it.Verb {
	case "compress", "create":
		return ""
	case "mkdir":
		return map[bool]string{false: "it is no folder"}[is.kind == vfs.Folder]
	case "link":
		if is.kind == vfs.Symlink && is.text == d.osPath(it.from) {
			return ""
		}
	}
	for from, was := range d.found {
		if !covers(it.from, from) {
			if it.Verb == "restore" && it.from.Volume == "" && d.found.inTrash(from) && moved && was.inode == is.inode {
				return ""
			}
			continue
		}
		_, base := from.In()
		switch {
		case moved && was.inode == is.inode && (d.asSeen(from) || it.wholly() && d.goesWith(it, from)):
			return ""
		case moved || !d.asSeen(from) || is.kind != was.kind:
		case is.kind == vfs.Folder && (base == name || near(base, name) || it.to == at):
			return ""
		case is.kind != vfs.Folder && is.text == was.text && is.attrs == was.attrs && is.modified == was.modified && (is.mode == was.mode || is.kind == vfs.Symlink):
			return ""
		case is.kind == vfs.Symlink && is.text == was.text: // whose time cannot always be set
			return ""
		}
	}
	return "it is nothing that was seen where it is said to come from"
}

func (d *drifting) osPath(at catalog.Spot) string {
	return d.sites.roots[at.Volume] + "/" + at.Path
}

// judgeLost looks for bytes that are nowhere any more.
func (d *drifting) judgeLost() {
	left := d.left.texts()
	for at, was := range d.found {
		if was.kind != vfs.File || isNote(at) || left[was.text] {
			continue
		}
		named := false
		for _, it := range d.items {
			named = named || it.Verb == "destroy" && covers(it.from, at)
		}
		if !named {
			d.fail(at, "its bytes are lost")
		}
	}
}

// judgeRefusals looks that what could not be done is told, and that the rest is done.
func (d *drifting) judgeRefusals() {
	rows := d.rows()
	failed := map[int64]bool{}
	for _, f := range rows {
		if failed[f.Item] = failed[f.Item] || !f.Skipped; f.Skipped {
			continue
		}
		if f.Kind == errs.Internal || f.Message == "" || f.Path == "" {
			d.fail(catalog.Spot{}, "the refusal %+v says little", f)
		}
	}
	refused := len(failed) > 0 && d.plan.Failed > 0
	if done := d.plan.State == action.Done; done == refused {
		d.fail(catalog.Spot{}, "%d refusals", d.plan.Failed)
	}
	if d.plan.ErrorKind != "" {
		d.fail(catalog.Spot{}, "it broke off")
	}
	all := true
	for _, it := range d.items {
		subject := it.from
		if it.Verb == "change" {
			subject = it.to
		}
		calm := d.calm(&it)
		all = all && calm
		alone := !d.undo && d.plan.Action != "files.batch_rename"
		switch {
		case it.Choice == chooseSkip || it.Verb == "conflict" || it.Verb == "merge" || subject.Volume == "":
		case !d.asSeen(subject) && !failed[it.N] && !(it.Verb == "link" && d.left[it.to].kind == vfs.Symlink):
			d.fail(subject, "what it is about is another thing, and nothing is said of it: item %d", it.N)
		case calm && alone && failed[it.N]:
			d.fail(subject, "nobody touched it, and it was not done: item %d", it.N)
		case calm && alone && !d.isDone(&it):
			d.fail(subject, "nobody touched it, and it is not done: item %d", it.N)
		}
	}
	if all && d.plan.State != action.Done {
		d.fail(catalog.Spot{}, "nothing that it is about was touched")
	}
}

// calm reports whether nobody touched anything that an item is about.
func (d *drifting) calm(it *listed) bool {
	for at := range d.touched {
		for _, own := range []catalog.Spot{it.from, it.to} {
			if covers(own, at) || own.Volume == at.Volume && covers(at, own) || d.comesTo(it, at) {
				return false
			}
		}
	}
	for at, was := range d.seen { // something came and went
		if covers(it.from, at) && was.changed != d.found[at].changed {
			return false
		}
	}
	return it.from.Volume != "" || d.plan.Action != "files.compress" || len(d.touched) == 0
}

// isDone reports whether what an item says can be seen.
func (d *drifting) isDone(it *listed) bool {
	gone := func() bool {
		_, there := d.left[it.from]
		return !there || d.left[it.from].inode != d.found[it.from].inode
	}
	come := func() bool {
		for at, is := range d.left {
			if was, before := d.found[at]; d.comesTo(it, at) && is.kind == d.seen[it.from].kind && is.text == d.seen[it.from].text && (!before || was.inode != is.inode || is.kind == vfs.Folder) {
				return true
			}
		}
		return false
	}
	switch it.Verb {
	case "trash", "destroy":
		return gone()
	case "rename", "restore":
		return gone() && come()
	case "copy":
		return come()
	case "move":
		return come() && (gone() || d.seen[it.from].kind == vfs.Folder)
	}
	return true
}

// rows are what the plan told of what it did not do.
func (d *drifting) rows() (all []action.Failure) {
	err := d.db.Read(d.r.Context(), func(tx *store.Tx) error {
		rows, err := tx.Query("SELECT item, path, skipped, kind, message FROM plan_failure WHERE plan_id = ? ORDER BY n", int64(d.plan.ID))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var f action.Failure
			if err := rows.Scan(&f.Item, &f.Path, &f.Skipped, &f.Kind, &f.Message); err != nil {
				return err
			}
			all = append(all, f)
		}
		return rows.Err()
	})
	if err != nil {
		d.r.Fatal(err)
	}
	return all
}
