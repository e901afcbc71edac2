//go:build linux

package fileops

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"strings"
	"time"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/vfs"
	"github.com/stardrive/stardrive/internal/vfs/memfs"
)

// scenario is something that is done to what fill makes, and is cut off and fails
// at each change.
type scenario struct {
	name string
	plan func(w *testWorld) action.Plan
	a, b memfs.Options
	// fresh: what it makes bears the time of its making.
	fresh bool
	// loses: it is there to lose something.
	loses bool
}

// a scenario of one action.
func one(name, act string, args func(w *testWorld) any) scenario {
	return scenario{name: name, plan: func(w *testWorld) action.Plan { return w.plan(act, args(w)) }}
}

func copying(name, to string, policy Policy, from ...string) scenario {
	return one("copy "+name, "files.copy", func(w *testWorld) any {
		return CopyIn{Sources: w.src(from...), Destination: w.path(to), Conflict: policy}
	})
}

func moving(name, to string, policy Policy, from ...string) scenario {
	return one("move "+name, "files.move", func(w *testWorld) any {
		return MoveIn{Sources: w.src(from...), Destination: w.path(to), Conflict: policy}
	})
}

// undoing is the scenario that takes another one back; redoing does it once more.
func undoOf(c scenario) scenario {
	plan := c.plan
	c.name = "undo " + c.name
	c.plan = func(w *testWorld) action.Plan {
		p := w.do(plan(w), action.Done)
		u, err := w.plans.Undo(context.Background(), p.ID, action.User)
		if err != nil {
			w.t.Fatal(err)
		}
		return u
	}
	return c
}

func (c scenario) with(name string, a, b memfs.Options) scenario {
	c.name, c.a, c.b = c.name+", "+name, a, b
	return c
}

func (c scenario) fromNow() scenario {
	c.fresh = true
	return c
}

func (c scenario) losing() scenario {
	c.loses = true
	return c
}

// scenarios are all of them.
func scenarios() []scenario {
	acrossFolder := moving("a folder across", "b:", "", "d")
	acrossFile := moving("a file across", "b:", "", "one")
	within := moving("a folder", "e/new", "", "d")
	replace := copying("and replace", "e", Replace, "one")
	all := []scenario{
		copying("a file across", "b:", "", "one"),
		copying("a file", "e", KeepBoth, "one"),
		copying("a large file across", "b:", "", "large"),
		copying("a folder across", "b:", "", "d"),
		copying("a folder", "e/new", "", "d"),
		copying("several", "b:", "", "one", "d", "link", "large"),
		copying("into a merge", "e", Replace, "d"),
		copying("into a merge, both kept", "e", KeepBoth, "d"),
		copying("a symlink across", "b:", "", "link"),
		copying("names of one file", "b:", "", "h"),
		copying("an empty folder", "b:", "", "empty"),
		copying("a deep folder", "b:", "", "p"),
		replace,
		replace.with("no exchange", memfs.Options{NoExchange: true}, memfs.Options{}),
		copying("several across", "b:", "", "one", "d").with("no sync of all", memfs.Options{}, memfs.Options{NoSyncAll: true}),
		copying("a folder across", "b:", "", "d").with("fewer parts kept", memfs.Options{}, memfs.Options{Loses: vfs.PartXattrs | vfs.PartMode, TimeStep: 2 * time.Second}),
		one("copy and verify", "files.copy", func(w *testWorld) any {
			return CopyIn{Sources: w.src("d", "large"), Destination: w.path("b:"), Verify: true}
		}),
		one("duplicate", "files.duplicate", func(w *testWorld) any { return DuplicateIn{Sources: w.src("one", "d")} }),
		one("duplicate by cloning", "files.duplicate", func(w *testWorld) any { return DuplicateIn{Sources: w.src("large")} }).with("clones", memfs.Options{}, memfs.Options{}),
		moving("a file", "e", KeepBoth, "one"),
		within,
		moving("and replace", "e", Replace, "one"),
		moving("into a merge", "e", Replace, "d"),
		moving("into a merge, some skipped", "e", Skip, "d"),
		acrossFile,
		acrossFile.with("no exchange, no sync of all", memfs.Options{NoExchange: true}, memfs.Options{NoExchange: true, NoSyncAll: true}),
		acrossFolder,
		moving("a deep folder across", "b:", "", "p", "empty"),
		moving("names of one file across", "b:", "", "h"),
		moving("a symlink across", "b:", "", "link"),
		moving("across and replace", "b:e", Replace, "d"),
		moving("across, both kept", "b:e", KeepBoth, "d"),
		one("rename", "files.rename", func(w *testWorld) any { return RenameIn{Path: w.path("d"), Name: "D2"} }),
		one("rename in other letters", "files.rename", func(w *testWorld) any { return RenameIn{Path: w.path("one"), Name: "ONE"} }).with("folding", memfs.Options{Folding: true}, memfs.Options{}),
		one("rename many", "files.batch_rename", func(w *testWorld) any {
			return BatchRenameIn{Sources: w.src("one", "e/d/two", "large"), Replace: "n{n}"}
		}),
		one("swap", "files.batch_rename", func(w *testWorld) any {
			return BatchRenameIn{Sources: w.src("e/d/two", "e/d/xtwo"), Regex: true, Find: "^(x?)(two)$", Replace: "y$1$2"}
		}),
		one("trash", "files.trash", func(w *testWorld) any { return TrashIn{Sources: w.src("d", "one", "link")} }),
		one("make a folder", "files.mkdir", func(w *testWorld) any { return MkdirIn{Path: w.path("new")} }),
		one("make folders", "files.mkdir", func(w *testWorld) any { return MkdirIn{Path: w.path("b:new/er/est"), Parents: true} }),
		one("make a file", "files.create", func(w *testWorld) any { return CreateIn{Path: w.path("new")} }).fromNow(),
		one("link", "files.link", func(w *testWorld) any { return LinkIn{Sources: w.src("one"), Destination: w.path("p")} }),
		one("link hard", "files.link", func(w *testWorld) any { return LinkIn{Sources: w.src("one"), Destination: w.path("p"), Kind: Hard} }),
		one("chmod", "files.chmod", func(w *testWorld) any { return ChmodIn{Sources: w.src("one", "d"), Mode: "700"} }),
		one("touch", "files.touch", func(w *testWorld) any {
			return TouchIn{Sources: w.src("one", "d/two"), Time: time.Unix(1_234_567_890, 0)}
		}),
		one("pack", "files.compress", func(w *testWorld) any {
			return CompressIn{Sources: w.src("d", "one"), Destination: w.path("b:all.zip")}
		}).fromNow(),
		one("pack a tar", "files.compress", func(w *testWorld) any { return CompressIn{Sources: w.src("d"), Destination: w.path("d.tar.gz")} }).fromNow(),
		one("unpack", "files.extract", func(w *testWorld) any { return ExtractIn{Path: w.path("all.zip"), Destination: w.path("b:")} }),
		one("unpack here", "files.extract", func(w *testWorld) any { return ExtractIn{Path: w.path("all.zip")} }),
		one("destroy", "files.destroy", func(w *testWorld) any { return DestroyIn{Sources: w.src("one", "d")} }).losing(),
		{name: "restore", plan: func(w *testWorld) action.Plan {
			w.do(w.plan("files.trash", TrashIn{Sources: w.src("d", "one")}), action.Done)
			return w.plan("trash.restore", RestoreIn{Items: w.src("d", "one")})
		}},
		{name: "restore and replace", plan: func(w *testWorld) action.Plan {
			w.do(w.plan("files.trash", TrashIn{Sources: w.src("one")}), action.Done)
			w.write("one", "uno")
			return w.plan("trash.restore", RestoreIn{Items: w.src("one"), Conflict: Replace})
		}},
		{name: "empty the trash", loses: true, plan: func(w *testWorld) action.Plan {
			w.do(w.plan("files.trash", TrashIn{Sources: w.src("d", "one")}), action.Done)
			w.MoreVolumes = func(context.Context) []string { return []string{"vol-a", "vol-b"} }
			return w.plan("trash.empty", EmptyIn{})
		}},
	}
	for _, c := range []scenario{acrossFolder, acrossFile, within, replace, copying("a folder across", "b:", "", "d"), undoOf(acrossFile)} {
		all = append(all, undoOf(c))
	}
	return all
}

// fill makes what scenarios are about.
func fill(w *testWorld) {
	w.write("one", "1")
	w.write("d/two", "22")
	w.write("d/sub/three", "333")
	w.write("e/d/two", "other")
	w.write("e/d/three", "3")
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range []string{"in/one", "two"} {
		f, err := z.CreateHeader(&zip.FileHeader{Name: name, Modified: time.Unix(1_500_000_000, 0)})
		if err == nil {
			_, err = f.Write([]byte(name))
		}
		if err != nil {
			w.t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		w.t.Fatal(err)
	}
	w.write("all.zip", b.String())
}

// fillMore makes what the rest of them is about.
func fillMore(w *testWorld) {
	fill(w)
	w.write("large", strings.Repeat("large ", 3000))
	w.write("e/one", "uno")
	w.write("e/d/xtwo", "x")
	w.write("p/q/r/s", "deep")
	w.write("h/x", "of several names")
	w.write("b:e/d/two", "far")
	fs := w.sites.memory["vol-a"]
	err := errors.Join(w.hardLink("h/x", "h/y"), w.symlink("one", "link"), fs.Mkdir("empty"), fs.Chmod("empty", 0o710), fs.Chmod("d/sub", 0o750),
		fs.SetXattr("d/two", "user.tag", []byte("red")), fs.SetXattr("one", "user.tag", []byte("blue")))
	if err != nil {
		w.t.Fatal(err)
	}
}
