//go:build linux

package fileops

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
	"github.com/stardrive/stardrive/internal/vfs/memfs"
)

// program is a random tree on two volumes, and what is done to it.
type program struct {
	*testWorld
	r    *rapid.T
	base string // the folder of this program, on both volumes
	text int
}

var names = []string{"x", "y", "Z", "a\xff", "long name.tar.gz", ".h"}

func (p *program) name() string { return rapid.SampledFrom(names).Draw(p.r, "name") }

// folders and things of the tree as it is now, as paths of testWorld.
func (p *program) things(folders bool) (all []string) {
	for _, side := range []string{"", "b:"} {
		if folders {
			all = append(all, side+p.base)
		}
		p.walk(side, p.base, func(path string, folder bool) {
			if !folders || folder {
				all = append(all, path)
			}
		})
	}
	return all
}

// walk calls fn with all below a folder, sorted.
func (p *program) walk(side, folder string, fn func(path string, folder bool)) {
	if fs := p.sites.memory; fs != nil {
		on, _ := p.inMemory(side)
		_ = walkMemory(on, folder, func(path string, e vfs.Entry, _ vfs.Meta) error {
			fn(side+path, e.Kind == vfs.Folder)
			return nil
		})
		return
	}
	root := p.path(side + folder)
	_ = filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err == nil && path != root {
			rel, _ := filepath.Rel(root, path)
			fn(side+filepath.Join(folder, rel), d.IsDir())
		}
		return err
	})
}

func (p *program) thing() string  { return rapid.SampledFrom(p.things(false)).Draw(p.r, "thing") }
func (p *program) folder() string { return rapid.SampledFrom(p.things(true)).Draw(p.r, "folder") }

func (p *program) grow() {
	for range rapid.IntRange(2, 8).Draw(p.r, "files") {
		p.text++
		folder := rapid.SampledFrom([]string{"", "/x", "/x/y", "/Z", "/y"}).Draw(p.r, "in")
		side := rapid.SampledFrom([]string{"", "b:"}).Draw(p.r, "side")
		at := side + p.base + folder + "/" + p.name()
		if p.is(at) || !p.makeFolder(filepath.Dir(at)) {
			continue // a file bears the folder's name
		}
		switch rapid.IntRange(0, 6).Draw(p.r, "kind") {
		case 0:
			_ = p.symlink("nowhere", at)
		case 1:
			p.makeFolder(at)
		default:
			p.write(at, fmt.Sprintf("text %d", p.text))
			if fs, path := p.inMemory(at); fs != nil && p.text%3 == 0 {
				_ = fs.SetXattr(path, "user.tag", []byte(fmt.Sprint("tag ", p.text)))
			}
		}
	}
}

// makeFolder makes a folder with those above it, and reports whether it is there.
func (p *program) makeFolder(at string) bool {
	if fs, path := p.inMemory(at); fs != nil {
		_ = fs.MkdirAll(path)
		is, err := fs.Stat(context.Background(), path)
		return err == nil && is.Kind == vfs.Folder
	}
	return os.MkdirAll(p.path(at), 0o755) == nil
}

// act draws a change.
func (p *program) act() (name string, args any) {
	some := func() []string {
		var all []string
		for range rapid.IntRange(1, 3).Draw(p.r, "many") {
			all = append(all, p.path(p.thing()))
		}
		return all
	}
	policy := rapid.SampledFrom([]Policy{Skip, KeepBoth, Replace, Newer, Larger}).Draw(p.r, "policy")
	switch rapid.IntRange(0, 10).Draw(p.r, "act") {
	case 0:
		return "files.mkdir", MkdirIn{Path: p.path(p.folder() + "/" + p.name())}
	case 1:
		return "files.create", CreateIn{Path: p.path(p.folder() + "/" + p.name())}
	case 2:
		return "files.rename", RenameIn{Path: p.path(p.thing()), Name: p.name()}
	case 3:
		return "files.trash", TrashIn{Sources: some()}
	case 4:
		return "files.duplicate", DuplicateIn{Sources: some()}
	case 5:
		return "files.chmod", ChmodIn{Sources: some(), Mode: rapid.SampledFrom([]string{"700", "750", "755"}).Draw(p.r, "mode")}
	case 6:
		return "files.link", LinkIn{Sources: some(), Destination: p.path(p.folder()), Kind: rapid.SampledFrom([]LinkKind{Hard, Sym}).Draw(p.r, "link")}
	case 7:
		return "files.batch_rename", BatchRenameIn{Sources: some(), Replace: rapid.SampledFrom([]string{"n{n}", "{name}-{n3}", "x"}).Draw(p.r, "pattern")}
	case 8, 9:
		return "files.move", MoveIn{Sources: some(), Destination: p.path(p.folder()), Conflict: policy}
	}
	return "files.copy", CopyIn{Sources: some(), Destination: p.path(p.folder()), Conflict: policy}
}

func (p *program) tree() string {
	if fs := p.sites.memory; fs != nil {
		return dumpMemory(p.t, fs["vol-a"], p.base, false) + "--\n" + dumpMemory(p.t, fs["vol-b"], p.base, false)
	}
	return dump(p.t, p.path(p.base), false) + "--\n" + dump(p.t, p.path("b:"+p.base), false)
}

// Whatever is done is taken back by undoing it, and done again by undoing that; no
// content is lost on the way, and a process that begins in the middle makes no
// difference.
func TestPromise_P6_DoUndoIsIdentity(t *testing.T) {
	t.Parallel()
	const workers = 4
	for i := range workers {
		t.Run(fmt.Sprint("in memory ", i), func(t *testing.T) {
			t.Parallel()
			var w *testWorld
			n := 0
			rapid.Check(t, func(r *rapid.T) {
				if n++; n%100 == 1 { // the library grows, and takes its time then
					w, _, _ = newMemoryWorld(t, memfs.Options{NoClone: i > 0, Now: ticks()}, memfs.Options{NoClone: true, Now: ticks()})
				}
				runProgram(w, r, "p")
			})
		})
	}
	t.Run("on disks", func(t *testing.T) {
		t.Parallel()
		w := newTestWorld(t)
		n := 0
		rapid.Check(t, func(r *rapid.T) {
			if n++; n%10 > 1 && soak == 0 {
				return // they are slow
			}
			runProgram(w, r, fmt.Sprint("p", n))
		})
	})
}

// deed is a plan that was done, and what was there before.
type deed struct {
	plan   action.Plan
	before string
}

func runProgram(w *testWorld, r *rapid.T, base string) {
	p := &program{testWorld: w, r: r, base: base}
	for _, side := range []string{"", "b:"} {
		if !p.makeFolder(side + base) {
			r.Fatal("no folder for the program")
		}
	}
	defer func() {
		for _, at := range []string{base, "b:" + base, ".Trash-0", "b:.Trash-0"} {
			_ = w.remove(at)
		}
	}()
	p.grow()
	var all []deed
	for range rapid.IntRange(1, 3).Draw(r, "acts") {
		if len(p.things(false)) == 0 {
			break
		}
		if d, ok := p.step(); ok {
			all = append(all, d)
		}
		if rapid.IntRange(0, 19).Draw(r, "restart") == 0 {
			w.restart()
		}
	}
	for _, d := range slices.Backward(all) {
		p.takeBack(d)
	}
	w.clean()
}

// step does one thing.
func (p *program) step() (d deed, ok bool) {
	name, args := p.act()
	before, texts := p.tree(), p.texts()
	plan, err := p.propose(name, args)
	if err != nil {
		if errs.KindOf(err) == errs.Internal {
			p.r.Fatalf("%s %+v: %v", name, args, err)
		}
		return d, false
	}
	if got := p.tree(); got != before {
		p.r.Fatalf("the preview of %s changed something\n%s\n%s", name, before, got)
	}
	plan = p.end(plan)
	if plan.State != action.Done {
		p.r.Fatalf("%s %+v is %s (%s)\n%s\n%s", name, args, plan.State, plan.Error, p.failures(plan.ID), before)
	}
	if lost := missing(texts, p.texts()); lost != nil {
		p.r.Fatalf("%s %+v lost %q", name, args, lost)
	}
	return deed{plan, before}, plan.Undoable
}

// takeBack undoes a plan, and now and then does it again and undoes that.
func (p *program) takeBack(d deed) {
	after := p.tree()
	u := p.turn(d.plan, d.before)
	if rapid.IntRange(0, 4).Draw(p.r, "redo") == 0 {
		p.turn(p.turn(u, after), d.before)
	}
}

// turn takes a plan back, after which it must be as it was.
func (p *program) turn(plan action.Plan, want string) action.Plan {
	u, err := p.plans.Undo(p.r.Context(), plan.ID, action.User)
	if err != nil {
		p.r.Fatal(err)
	}
	if u = p.end(u); u.State != action.Done {
		p.r.Fatalf("%q is %s (%s)\n%s", u.Title, u.State, u.Error, p.failures(u.ID))
	}
	if got := p.tree(); got != want {
		p.r.Fatalf("%q: it is (-), and was (+)\n%s", u.Title, differences(got, want))
	}
	return u
}
