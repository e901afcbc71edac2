//go:build linux

package fileops

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/errs"
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
		root := p.path(side + p.base)
		_ = filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
			if err != nil {
				return err
			}
			rel, _ := filepath.Rel(root, path)
			if (!folders && rel != ".") || folders && d.IsDir() {
				all = append(all, side+filepath.Join(p.base, rel))
			}
			return nil
		})
	}
	return all
}

func (p *program) thing() string  { return rapid.SampledFrom(p.things(false)).Draw(p.r, "thing") }
func (p *program) folder() string { return rapid.SampledFrom(p.things(true)).Draw(p.r, "folder") }

func (p *program) grow() {
	for range rapid.IntRange(2, 8).Draw(p.r, "files") {
		p.text++
		folder := rapid.SampledFrom([]string{"", "/x", "/x/y", "/Z", "/y"}).Draw(p.r, "in")
		side := rapid.SampledFrom([]string{"", "b:"}).Draw(p.r, "side")
		at := side + p.base + folder + "/" + p.name()
		if _, err := os.Lstat(p.path(at)); err == nil {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(p.path(at)), 0o755); err != nil {
			continue // a file bears the folder's name
		}
		switch rapid.IntRange(0, 6).Draw(p.r, "kind") {
		case 0:
			_ = os.Symlink("nowhere", p.path(at))
		case 1:
			_ = os.Mkdir(p.path(at), 0o750)
		default:
			p.write(at, fmt.Sprintf("text %d", p.text))
		}
	}
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
	return dump(p.t, p.path(p.base), false) + "--\n" + dump(p.t, p.path("b:"+p.base), false)
}

// contents are the texts of all files, those in the trash too.
func (p *program) contents() map[string]bool {
	all := map[string]bool{}
	for _, root := range []string{p.a, p.b} {
		_ = filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() && !strings.HasSuffix(path, ".trashinfo") {
				b, _ := os.ReadFile(path)
				all[string(b)] = true
			}
			return nil
		})
	}
	return all
}

// Whatever is done is taken back by undoing it, and done again by undoing that;
// no content is lost on the way.
func TestPromise_P6_DoUndoIsIdentity(t *testing.T) {
	w := newTestWorld(t)
	n := 0
	rapid.Check(t, func(r *rapid.T) {
		n++
		p := &program{testWorld: w, r: r, base: fmt.Sprintf("p%d", n)}
		for _, side := range []string{"", "b:"} {
			if err := os.MkdirAll(p.path(side+p.base), 0o755); err != nil {
				r.Fatal(err)
			}
		}
		defer func() {
			_ = os.RemoveAll(p.path(p.base))
			_ = os.RemoveAll(p.path("b:" + p.base))
		}()
		p.grow()
		if len(p.things(false)) == 0 {
			return
		}
		type done struct {
			plan   action.Plan
			before string
		}
		var all []done
		for range rapid.IntRange(1, 6).Draw(r, "acts") {
			if len(p.things(false)) == 0 {
				break
			}
			name, args := p.act()
			before, texts := p.tree(), p.contents()
			plan, err := w.propose(name, args)
			if err != nil {
				if k := errs.KindOf(err); k == errs.Internal {
					r.Fatalf("%s %+v: %v", name, args, err)
				}
				continue
			}
			if got := p.tree(); got != before {
				r.Fatalf("the preview of %s changed something\n%s\n%s", name, before, got)
			}
			plan = w.end(plan)
			if plan.State != action.Done {
				r.Fatalf("%s %+v is %s (%s)\n%s\n%s", name, args, plan.State, plan.Error, w.failures(plan.ID), before)
			}
			now := p.contents()
			for text := range texts {
				if !now[text] {
					r.Fatalf("%s %+v lost %q", name, args, text)
				}
			}
			if plan.Undoable {
				all = append(all, done{plan, before})
			}
		}
		if rapid.IntRange(0, 9).Draw(r, "restart") == 0 {
			w.restart()
		}
		for i := len(all) - 1; i >= 0; i-- {
			after := p.tree()
			u, err := w.plans.Undo(r.Context(), all[i].plan.ID, action.User)
			if err != nil {
				r.Fatal(err)
			}
			if u = w.end(u); u.State != action.Done {
				r.Fatalf("undo of %q is %s (%s)\n%s", all[i].plan.Title, u.State, u.Error, w.failures(u.ID))
			}
			if got := p.tree(); got != all[i].before {
				r.Fatalf("%q undone:\n%s\nbefore it:\n%s\nafter it:\n%s", all[i].plan.Title, got, all[i].before, after)
			}
			if rapid.IntRange(0, 4).Draw(r, "redo") > 0 {
				continue
			}
			again, err := w.plans.Undo(r.Context(), u.ID, action.User)
			if err != nil {
				r.Fatal(err)
			}
			if again = w.end(again); again.State != action.Done {
				r.Fatalf("redo of %q is %s\n%s", all[i].plan.Title, again.State, w.failures(again.ID))
			}
			if got := p.tree(); got != after {
				r.Fatalf("%q done again:\n%s\nat first:\n%s", all[i].plan.Title, got, after)
			}
			back, err := w.plans.Undo(r.Context(), again.ID, action.User)
			if err != nil {
				r.Fatal(err)
			}
			if back = w.end(back); back.State != action.Done || p.tree() != all[i].before {
				r.Fatalf("%q undone again is %s\n%s\n%s", all[i].plan.Title, back.State, w.failures(back.ID), p.tree())
			}
		}
		w.clean()
	})
}
