//go:build linux

package fileops

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
	"github.com/stardrive/stardrive/internal/vfs/memfs"
)

// Whatever others do between the preview and the commit: a plan changes nothing but
// what it lists, and of that only what is as it was seen. The rest of it is refused,
// each thing by itself and with a reason; and all that nobody touched is done.
func TestPromise_P4_NothingIsDoneThatThePlanDoesNotList(t *testing.T) {
	t.Parallel()
	const workers = 4
	for i := range workers {
		t.Run(fmt.Sprint("in memory ", i), func(t *testing.T) {
			t.Parallel()
			var w *testWorld
			n := 0
			sum := tally{}
			rapid.Check(t, func(r *rapid.T) {
				if n++; n%100 == 1 {
					now := ticks()
					w = newTestWorldAs(t, func(w *testWorld) {
						w.inMemoryOf(memfs.NewWith(memfs.Options{NoClone: i > 0, NoExchange: i == 1, Now: now}), memfs.NewWith(memfs.Options{NoClone: true, Now: now}))
						w.tune = func(s *Service) { s.now = now }
					})
				}
				runDrift(w, r, "p", &sum)
			})
			t.Logf("%d plans, %d of them disturbed, %d refused some of it", sum.plans, sum.disturbed, sum.refused)
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
			runDrift(w, r, fmt.Sprint("p", n), &tally{})
		})
	})
}

// tally counts what a test met.
type tally struct{ plans, disturbed, refused int }

func runDrift(w *testWorld, r *rapid.T, base string, sum *tally) {
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
	if len(p.things(false)) == 0 {
		return
	}
	d := &drifting{program: p}
	if !d.propose() {
		return
	}
	for range rapid.IntRange(0, 4).Draw(r, "drifts") {
		d.drift()
	}
	d.found = w.picture()
	d.plan = w.end(d.plan)
	d.left = w.picture()
	sum.plans++
	if d.judge(); len(d.touched) > 0 {
		sum.disturbed++
	}
	if d.plan.Failed > 0 {
		sum.refused++
	}
	w.clean()
}

// drifting is a plan that is committed when the world is another one.
type drifting struct {
	*program
	plan  action.Plan
	undo  bool
	items []listed
	// when the plan was made, when it was committed, and after
	seen, found, left picture
	touched           map[catalog.Spot]bool // what is otherwise than it was seen
	n                 int
	log               []string
}

// propose makes a plan; false: what was drawn cannot be done.
func (d *drifting) propose() bool {
	if rapid.IntRange(0, 4).Draw(d.r, "undo") == 0 {
		one, ok := d.step()
		if !ok {
			return false
		}
		u, err := d.plans.Undo(d.r.Context(), one.plan.ID, action.User)
		if err != nil {
			d.r.Fatal(err)
		}
		d.plan, d.undo = u, true
	} else {
		name, args := d.actMore()
		p, err := d.program.propose(name, args)
		if errs.KindOf(err) == errs.Internal {
			d.r.Fatalf("%s %+v: %v", name, args, err)
		}
		if err != nil {
			return false
		}
		d.plan = p
		d.log = append(d.log, fmt.Sprintf("%s %+v", name, args))
	}
	d.items = d.testWorld.items(d.plan)
	d.seen = d.picture()
	return true
}

// actMore is act, with what cannot be undone, too.
func (d *drifting) actMore() (name string, args any) {
	some := func() []string { return []string{d.path(d.thing()), d.path(d.thing())} }
	switch rapid.IntRange(0, 8).Draw(d.r, "more") {
	case 0:
		return "files.destroy", DestroyIn{Sources: some()}
	case 1:
		return "files.touch", TouchIn{Sources: some(), Time: time.Unix(1_234_567_890, 0)}
	case 2:
		return "files.compress", CompressIn{Sources: some(), Destination: d.path("b:" + d.base + "/all.tar"), Conflict: Replace}
	case 3:
		gone := some()[:1]
		if p, err := d.program.propose("files.trash", TrashIn{Sources: gone}); err != nil || d.end(p).State != action.Done {
			d.r.Fatal(err, p.State)
		}
		return "trash.restore", RestoreIn{Items: gone, Conflict: KeepBoth}
	}
	return d.act()
}

// place draws where something happens: mostly where the plan is about to do something.
func (d *drifting) place() string {
	all := d.things(false)
	for _, it := range d.items {
		for _, at := range []catalog.Spot{it.from, it.to} {
			if at.Volume == "" || !within(d.base, at.Path) {
				continue
			}
			side := map[string]string{"vol-a": "", "vol-b": "b:"}[at.Volume]
			folder, _ := vfs.Split(at.Path)
			all = append(all, side+at.Path, side+at.Path, side+at.Path, side+at.Path, side+at.Path+"/inside", side+folder)
		}
	}
	if len(all) == 0 {
		return d.base
	}
	return rapid.SampledFrom(all).Draw(d.r, "where")
}

// drift does one thing that somebody else might.
func (d *drifting) drift() {
	d.n++
	at, mine := d.place(), fmt.Sprintf("theirs %d %s", d.n, strings.Repeat("x", d.n))
	aside := fmt.Sprintf("%s/aside%d", d.base, d.n)
	if strings.HasPrefix(at, "b:") {
		aside = "b:" + aside
	}
	if at == d.base || at == "b:"+d.base {
		return
	}
	there := d.is(at)
	var what string
	var err error
	switch kind := rapid.IntRange(0, 9).Draw(d.r, "drift"); {
	case !there && kind < 4:
		what, err = "makes a folder", map[bool]error{false: errors.New("cannot")}[d.makeFolder(at)]
	case !there && kind < 6:
		what, err = "makes a symlink", d.symlink("elsewhere", at)
	case !there:
		what, err = "makes a file", d.put(at, mine)
	case kind == 0:
		what, err = "removes", d.remove(at)
	case kind == 1:
		what, err = "moves away", d.replace(at, aside)
	case kind == 2:
		if what, err = "puts another in the place of", d.replace(at, aside); err == nil {
			err = d.put(at, mine)
		}
	case kind == 3:
		if what, err = "puts a folder in the place of", d.replace(at, aside); err == nil && d.makeFolder(at) {
			err = d.put(at+"/theirs", mine)
		}
	case kind == 4:
		if what, err = "puts a symlink in the place of", d.replace(at, aside); err == nil {
			err = d.symlink(d.path(aside), at)
		}
	case kind == 5:
		what, err = "swaps with another", d.swap(at, aside)
	case kind == 6:
		what, err = "puts something into", d.put(at+"/theirs", mine)
	case kind == 7:
		what, err = "gives another name to", d.hardLinkOf(at, aside)
	default:
		what, err = "edits", d.put(at, mine)
	}
	d.log = append(d.log, fmt.Sprintf("%s %q: %v", what, at, err))
}

// put writes a file, if its folder is there and no folder bears the name.
func (d *drifting) put(at, text string) error {
	folder, _ := vfs.Split(at)
	if !d.isFolder(folder) || d.isFolder(at) || d.isLink(at) {
		return errors.New("cannot")
	}
	d.write(at, text)
	return nil
}

func (d *drifting) isFolder(at string) bool {
	_, err := d.list(at)
	return err == nil && !d.isLink(at)
}

func (d *drifting) isLink(at string) bool {
	_, err := d.readlink(at)
	return err == nil
}

// swap makes a thing and another one of its volume change places.
func (d *drifting) swap(at, aside string) error {
	other := d.thing()
	one, two := strings.TrimPrefix(at, "b:"), strings.TrimPrefix(other, "b:")
	if strings.HasPrefix(at, "b:") != strings.HasPrefix(other, "b:") || within(one, two) || within(two, one) {
		return errors.New("cannot")
	}
	return errors.Join(d.replace(at, aside), d.replace(other, at), d.replace(aside, other))
}

// hardLinkOf gives a file of the first volume another name.
func (d *drifting) hardLinkOf(at, name string) error {
	if strings.HasPrefix(at, "b:") || d.isFolder(at) || d.isLink(at) {
		return errors.New("cannot")
	}
	return d.hardLink(at, name)
}
