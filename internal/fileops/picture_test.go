//go:build linux

package fileops

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/sdpath"
	"github.com/stardrive/stardrive/internal/vfs"
)

// picture is all that stands on both volumes, the trash too.
type picture map[catalog.Spot]thing

// thing is what stands at a place.
type thing struct {
	kind     vfs.Kind
	inode    uint64
	links    uint32
	mode     uint32
	modified int64
	changed  int64
	text     string // the bytes of a file, the target of a symlink
	attrs    string
}

func (w *testWorld) picture() picture {
	w.t.Helper()
	all := picture{}
	for _, id := range []string{"vol-a", "vol-b"} {
		d, err := w.sites.driver(id)
		if err != nil {
			w.t.Fatal(err)
		}
		err = walkMemory(d, "", func(path string, e vfs.Entry, m vfs.Meta) (err error) {
			is := thing{kind: e.Kind, inode: e.Inode, links: e.Links, mode: e.Mode, modified: e.Modified, changed: e.Changed}
			switch e.Kind {
			case vfs.File:
				is.text, err = read(d, path)
			case vfs.Symlink:
				is.text, err = d.Features().Readlink(context.Background(), path)
			}
			for _, name := range slices.Sorted(maps.Keys(m.Xattrs)) {
				is.attrs += fmt.Sprintf("%s=%q ", name, m.Xattrs[name])
			}
			all[catalog.Spot{Volume: id, Path: path}] = is
			return err
		})
		if err != nil {
			w.t.Fatal(err)
		}
	}
	return all
}

// sure reports whether a and b are the same thing, with the same bytes: what any
// change of a plan demands. Folders are the same whatever is in them.
func sure(a, b thing) bool {
	if a.kind != b.kind || a.inode != b.inode {
		return false
	}
	return a.kind == vfs.Folder || a.text == b.text && a.modified == b.modified
}

// still reports whether nothing at all happened to a thing, but that things came
// into a folder and left it.
func still(a, b thing) bool {
	return sure(a, b) && a.mode == b.mode && a.attrs == b.attrs && (a.kind == vfs.Folder || a.changed == b.changed && a.links == b.links)
}

func (p picture) inTrash(at catalog.Spot) bool { return strings.HasPrefix(at.Path, ".Trash-0") }

func (p picture) texts() map[string]bool {
	all := map[string]bool{}
	for at, is := range p {
		if is.kind == vfs.File && !strings.HasSuffix(at.Path, ".trashinfo") {
			all[is.text] = true
		}
	}
	return all
}

// String tells what stands where, but for the trash's own notes.
func (p picture) String() (text string) {
	var lines []string
	for at, is := range p {
		if !strings.HasSuffix(at.Path, ".trashinfo") {
			lines = append(lines, fmt.Sprintf("%s %q %s %d %o %q %s", at.Volume, at.Path, is.kind, is.inode, is.mode, is.text, is.attrs))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// listed is an item of a plan, as it is shown.
type listed struct {
	action.Item
	from, to catalog.Spot // of no volume: none
}

// items are those of a plan.
func (w *testWorld) items(p action.Plan) (all []listed) {
	w.t.Helper()
	for _, def := range w.plans.Ops() {
		if def.Name != "plan.items" {
			continue
		}
		var out struct {
			Items []action.Item
			Next  string
		}
		b, err := def.Call(context.Background(), fmt.Appendf(nil, `{"plan": "%d", "limit": 1000}`, p.ID))
		if err == nil {
			err = json.Unmarshal(b, &out)
		}
		if err != nil || out.Next != "" {
			w.t.Fatal(err, out.Next)
		}
		for _, it := range out.Items {
			all = append(all, listed{it, w.spot(it.From), w.spot(it.To)})
		}
	}
	return all
}

// spot finds the place of an address.
func (w *testWorld) spot(address string) catalog.Spot {
	w.t.Helper()
	if address == "" {
		return catalog.Spot{}
	}
	var p sdpath.Path
	if err := p.UnmarshalText([]byte(address)); err != nil {
		w.t.Fatal(err)
	}
	for id, root := range w.sites.roots {
		if rest, ok := sdpath.Cut(strings.Trim(root, "/"), p.Rel); ok {
			return catalog.Spot{Volume: id, Path: rest}
		}
	}
	w.t.Fatalf("%s is on no volume", address)
	return catalog.Spot{}
}

// covers reports whether at is the place or in it.
func covers(place, at catalog.Spot) bool {
	return place.Volume != "" && place.Volume == at.Volume && within(place.Path, at.Path)
}

var numbered = regexp.MustCompile(` \(\d+\)`)

// near reports whether a name is one that keep-both may give instead of another.
func near(name, free string) bool {
	for _, at := range numbered.FindAllStringIndex(free, -1) {
		if free[:at[0]]+free[at[1]:] == name {
			return true
		}
	}
	return false
}
