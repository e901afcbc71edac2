//go:build linux

package fileops

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/vfs"
	"github.com/stardrive/stardrive/internal/vfs/faultfs"
	"github.com/stardrive/stardrive/internal/vfs/memfs"
)

// adversary changes the volumes between any two calls of a plan, as somebody else
// who may write there would: in the folder "in" of both, and never in "out".
type adversary struct {
	w    *testWorld
	dice *rand.Rand

	mu    sync.Mutex
	armed bool
	acts  int
	n     int
	want  map[string]bool // texts that must not be lost
	own   map[string]bool // those that it made
	log   []string
}

func (a *adversary) act(faultfs.Op, string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.armed || a.acts == 0 || a.dice.IntN(12) > 0 {
		return
	}
	a.acts--
	a.n++
	before := a.visible()
	a.log = append(a.log, a.change())
	now := a.visible()
	for text := range before { // what it overwrote itself is its own business
		if !now[text] {
			delete(a.want, text)
		}
	}
	for text := range now {
		if !before[text] {
			a.want[text], a.own[text] = true, true
		}
	}
}

// visible are the texts of files, but for those of the plan under private names.
func (a *adversary) visible() map[string]bool {
	all := map[string]bool{}
	for _, fs := range a.w.sites.memory {
		_ = walkMemory(fs, "", func(path string, e vfs.Entry, _ vfs.Meta) error {
			if e.Kind == vfs.File && !strings.Contains(path, ".sd-") {
				text, _ := read(fs, path)
				all[text] = true
			}
			return nil
		})
	}
	return all
}

// change does one thing somewhere, and tells what.
func (a *adversary) change() string {
	side := []string{"", "b:"}[a.dice.IntN(2)]
	fs, _ := a.w.inMemory(side)
	var files, folders []string
	_ = walkMemory(fs, "in", func(path string, e vfs.Entry, _ vfs.Meta) error {
		switch {
		case strings.HasPrefix(e.Name, "."):
			return errSkip
		case e.Kind == vfs.Folder:
			folders = append(folders, path)
		default:
			files = append(files, path)
		}
		return nil
	})
	some := func(all []string) string {
		if len(all) == 0 {
			return "in/none"
		}
		return all[a.dice.IntN(len(all))]
	}
	file, folder, aside, mine := some(files), some(folders), fmt.Sprintf("in/moved%d", a.n), []byte(fmt.Sprintf("theirs %d", a.n))
	var what string
	var err error
	switch a.dice.IntN(8) {
	case 0:
		at := some([]string{"in/d", "in/one", "in/e/d/two", "in/d/two", "in/uno", "in/all", "in/new"})
		what = "makes " + at
		if _, missing := fs.Stat(a.w.t.Context(), at); missing != nil {
			err = fs.WriteFile(at, mine)
		}
	case 1:
		what = "puts another in the place of " + file
		if err = fs.Rename(file, aside); err == nil {
			err = fs.WriteFile(file, mine)
		}
	case 2:
		what = "moves away " + file
		err = fs.Rename(file, aside)
	case 3:
		what = "edits " + file
		if is, missing := fs.Stat(a.w.t.Context(), file); missing == nil && is.Kind == vfs.File {
			err = fs.WriteFile(file, mine)
		}
	case 4:
		what = "puts a symlink to the outside in the place of " + folder
		if err = fs.Rename(folder, aside); err == nil {
			err = fs.Symlink(strings.Repeat("../", strings.Count(folder, "/"))+"out", folder)
		}
	case 5:
		other := some(folders)
		what = "swaps " + folder + " and " + other
		if err = fs.Rename(folder, aside); err == nil {
			if err = fs.Rename(other, folder); err == nil {
				err = fs.Rename(aside, other)
			}
		}
	case 6:
		what = "puts a symlink to the outside in the place of " + file
		if err = fs.Rename(file, aside); err == nil {
			err = fs.Symlink(strings.Repeat("../", strings.Count(file, "/"))+"out/canary", file)
		}
	case 7:
		what = "puts something into " + folder
		err = fs.WriteFile(folder+"/theirs"+strconv.Itoa(a.n), mine)
	}
	return fmt.Sprintf("%s%s (%v)", side, what, err)
}

// prey are the plans that the adversary disturbs.
var prey = []scenario{
	copying("across", "b:in", Replace, "in/d", "in/one"),
	copying("and replace", "in/e", Replace, "in/d", "in/one"),
	copying("in place", "in/new", "", "in/d"),
	moving("across", "b:in", Replace, "in/d", "in/one"),
	moving("and replace", "in/e", Replace, "in/d", "in/one"),
	moving("in place", "in/new", "", "in/d"),
	one("trash", "files.trash", func(w *testWorld) any { return TrashIn{Sources: w.src("in/e/d/two", "in/one")} }),
	one("rename", "files.rename", func(w *testWorld) any { return RenameIn{Path: w.path("in/one"), Name: "uno"} }),
	one("swap", "files.batch_rename", func(w *testWorld) any {
		return BatchRenameIn{Sources: w.src("in/d/two", "in/one"), Replace: "n{n}"}
	}),
	undoOf(moving("across", "b:in/new", "", "in/d")),
	undoOf(copying("and replace", "in/e", Replace, "in/one")),
}

// Whatever somebody else who may write on the volumes does between any two calls:
// nothing is touched outside of what was named, nothing of theirs is overwritten or
// put into the trash, and no content is lost.
func TestPromise_P4_AnAdversaryAtEachCall(t *testing.T) {
	t.Parallel()
	n := 400 / thin
	if soak > 0 {
		n = soak
	}
	seed := uint64(os.Getpid())
	if text := os.Getenv("SOAK_SEED"); text != "" {
		seed, _ = strconv.ParseUint(text, 10, 64)
	}
	t.Logf("SOAK_SEED=%d", seed)
	var w *testWorld
	met := 0
	for i := range n {
		if i%100 == 0 {
			w = newTestWorldAs(t, func(w *testWorld) { w.inMemoryOf(memfs.New(nil), memfs.New(nil)) })
		}
		met += disturbed(t, w, rand.New(rand.NewPCG(seed, uint64(i))))
		if t.Failed() {
			t.Fatalf("interleaving %d", i)
		}
	}
	if met < n/2 {
		t.Errorf("in %d interleavings something was done %d times only", n, met)
	}
}

// disturbed commits a plan beside an adversary, and tells how much that did.
func disturbed(t *testing.T, w *testWorld, dice *rand.Rand) int {
	now := ticks()
	w.inMemoryOf(memfs.NewWith(memfs.Options{NoClone: dice.IntN(2) == 0, NoExchange: dice.IntN(4) == 0, Now: now}), memfs.NewWith(memfs.Options{NoClone: true, Now: now}))
	a := &adversary{w: w, dice: dice, acts: 1 + dice.IntN(5), own: map[string]bool{}}
	outside := map[string]string{}
	for path, text := range map[string]string{"in/one": "1", "in/d/two": "22", "in/d/sub/three": "333", "in/e/d/two": "other", "in/e/one": "uno", "out/canary": "canary", "out/two": "canary 2"} {
		w.write(path, text)
		w.write("b:"+path, "far "+text)
	}
	for id, fs := range w.sites.memory {
		d := faultfs.New(outliving{fs})
		d.Yield(a.act)
		w.sites.drivers[id] = d
		outside[id] = dumpMemory(t, fs, "out", true)
	}
	c := prey[dice.IntN(len(prey))]
	p := c.plan(w)
	a.mu.Lock()
	a.want, a.armed = maps.Clone(w.texts()), true
	a.mu.Unlock()
	p = w.end(p)
	a.mu.Lock()
	a.armed = false
	a.mu.Unlock()
	tell := func(format string, args ...any) {
		t.Helper()
		t.Errorf("%s, which is %s (%s): %s\n%s\n%s", c.name, p.State, p.Error, fmt.Sprintf(format, args...), strings.Join(a.log, "\n"), w.failures(p.ID))
	}
	if strings.Contains(w.dump(true), "\"in") && strings.Contains(w.dump(true), ".sd-") && p.State != action.Done {
		p = w.end(p) // what could not be cleaned up is, when the plan goes on
	}
	if strings.Contains(w.dump(true), ".sd-") {
		tell("left is\n%s", w.dump(true))
	}
	for id, was := range outside {
		if is := dumpMemory(t, w.sites.memory[id], "out", true); is != was {
			tell("outside it was\n%s\nand is\n%s", was, is)
		}
	}
	if lost := missing(a.want, w.texts()); lost != nil {
		tell("lost is %q\n%s", lost, w.dump(true))
	}
	// What was put into a folder in the last moment goes with it, and is there.
	inTrash := regexp.MustCompile(`(?m)^"\.Trash-0/files/[^/"]*" file [0-7]+ (".*") `)
	for _, match := range inTrash.FindAllStringSubmatch(w.dump(true), -1) {
		if text, err := strconv.Unquote(match[1]); err != nil || a.own[text] {
			tell("theirs is in the trash: %q\n%s", text, w.dump(true))
		}
	}
	return a.n
}
