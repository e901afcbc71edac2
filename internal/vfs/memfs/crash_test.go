package memfs_test

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
	"github.com/stardrive/stardrive/internal/vfs/memfs"
)

type tb interface {
	Helper()
	Fatal(args ...any)
	Errorf(format string, args ...any)
}

func ok(t tb, all ...error) {
	t.Helper()
	for _, err := range all {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// dump is everything on the volume: kind, inode and bytes by path.
func dump(t tb, f *memfs.FS) map[string]string {
	t.Helper()
	all := map[string]string{}
	for todo := []string{""}; len(todo) > 0; {
		dir := todo[0]
		todo = todo[1:]
		ok(t, f.List(ctx, dir, func(batch []vfs.Entry) error {
			for _, e := range batch {
				path := vfs.Join(dir, e.Name)
				all[path] = fmt.Sprintf("%s %d %d ", e.Kind, e.Inode, e.Links)
				if e.Kind == vfs.Folder {
					todo = append(todo, path)
				}
				if e.Kind == vfs.File {
					h, err := f.Open(ctx, path)
					ok(t, err)
					data, err := io.ReadAll(h)
					ok(t, err, h.Close())
					all[path] += string(data)
				}
			}
			return nil
		}))
	}
	return all
}

func dir(t tb, f *memfs.FS, path string) vfs.Dir {
	t.Helper()
	d, err := f.Features().Writing.Dir(ctx, path)
	ok(t, err)
	return d
}

func file(t tb, d vfs.Dir, name, data string) vfs.WriteHandle {
	t.Helper()
	h, err := d.Create(ctx, name, 0o644)
	ok(t, err)
	_, err = io.WriteString(h, data)
	ok(t, err)
	return h
}

// names of what a crash may leave, over many seeds.
func outcomes(t tb, f *memfs.FS, percent int, of func(*memfs.FS) string) map[string]int {
	all := map[string]int{}
	for seed := range uint64(200) {
		all[of(f.Crash(seed, percent))]++
	}
	return all
}

func TestPromise_P1_WhatIsNotSyncedGoes(t *testing.T) {
	for _, c := range []struct {
		name               string
		syncFile, syncDir  bool
		syncAll            bool
		none, all, between string
	}{
		{name: "nothing", none: "-", all: "data", between: "- zero data"},
		{name: "file", syncFile: true, none: "-", all: "data", between: "- data"},
		{name: "folder", syncDir: true, none: "zero", all: "data", between: "zero data"},
		{name: "both", syncFile: true, syncDir: true, none: "data", all: "data", between: "data"},
		{name: "everything", syncAll: true, none: "data", all: "data", between: "data"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := memfs.New(nil)
			d := dir(t, f, "")
			h := file(t, d, "f", "data")
			if c.syncFile {
				ok(t, h.Sync())
			}
			if c.syncDir {
				ok(t, d.Sync(ctx))
			}
			if c.syncAll {
				ok(t, d.SyncAll(ctx))
			}
			look := func(f *memfs.FS) string {
				h, err := f.Open(ctx, "f")
				if errs.Is(err, errs.NotFound) {
					return "-"
				}
				ok(t, err)
				data, err := io.ReadAll(h)
				ok(t, err)
				if string(data) == "data" {
					return "data"
				}
				if len(bytes.Trim(data, "\x00")) == 0 {
					return "zero" // empty, or as long as it was to be
				}
				return string(data)
			}
			for percent, want := range map[int]string{0: c.none, 100: c.all} {
				if got := outcomes(t, f, percent, look); len(got) != 1 || got[want] == 0 {
					t.Errorf("%d%%: %v, want %s", percent, got, want)
				}
			}
			got := outcomes(t, f, 50, look)
			if want := strings.Fields(c.between); !slices.Equal(slices.Sorted(maps.Keys(got)), slices.Sorted(slices.Values(want))) {
				t.Errorf("50%%: %v, want all of %v", got, want)
			}
		})
	}
}

func TestPromise_P1_RenamesAreWhole(t *testing.T) {
	f := memfs.New(nil)
	ok(t, f.Mkdir("a"), f.Mkdir("b"), f.WriteFile("a/x", []byte("x")), f.WriteFile("b/y", []byte("y")))
	a, b := dir(t, f, "a"), dir(t, f, "b")
	look := func(f *memfs.FS) string { return fmt.Sprint(slices.Sorted(maps.Keys(dump(t, f)))) }
	ok(t, a.Rename(ctx, "x", b, "z", vfs.NoReplace))
	if got := outcomes(t, f, 50, look); len(got) != 2 || got["[a a/x b b/y]"] == 0 || got["[a b b/y b/z]"] == 0 {
		t.Errorf("%v", got)
	}
	ok(t, b.Sync(ctx))
	if got := outcomes(t, f, 0, look); len(got) != 1 || got["[a b b/y b/z]"] == 0 {
		t.Errorf("synced: %v", got)
	}
	ok(t, b.Rename(ctx, "y", b, "z", vfs.Exchange))
	bytes := func(f *memfs.FS) string {
		d := dump(t, f)
		return d["b/y"][len(d["b/y"])-1:] + d["b/z"][len(d["b/z"])-1:]
	}
	if got := outcomes(t, f, 50, bytes); len(got) != 2 || got["yx"] == 0 || got["xy"] == 0 {
		t.Errorf("exchanged: %v", got)
	}
}

// A file in a new folder that is not there after the crash has not left the old one.
func TestPromise_P3_NothingGoesWithAFolder(t *testing.T) {
	f := memfs.New(nil)
	ok(t, f.Mkdir("old"), f.WriteFile("old/f", []byte("precious")))
	top, old := dir(t, f, ""), dir(t, f, "old")
	ok(t, top.Mkdir(ctx, "new", 0o755))
	to, err := top.Sub(ctx, "new")
	ok(t, err, old.Rename(ctx, "f", to, "f", vfs.NoReplace), top.Rmdir(ctx, "old"))
	for _, percent := range []int{0, 30, 50, 70, 100} {
		for seed := range uint64(200) {
			got := dump(t, f.Crash(seed, percent))
			if (got["old/f"] == "") == (got["new/f"] == "") {
				t.Fatalf("%d%%, seed %d: %v", percent, seed, got)
			}
		}
	}
	ok(t, old.Sync(ctx)) // the folder it left: the whole step is there
	if got := dump(t, f.Crash(1, 0)); got["new/f"] == "" {
		t.Errorf("%v", got)
	}
}

func TestTornWrites(t *testing.T) {
	f := memfs.New(nil)
	ok(t, f.WriteFile("f", bytes.Repeat([]byte("a"), 64<<10)))
	h, err := dir(t, f, "").Write(ctx, "f")
	ok(t, err)
	_, err = h.WriteAt(bytes.Repeat([]byte("b"), 32<<10), 16<<10)
	ok(t, err)
	torn := 0
	for seed := range uint64(50) {
		r, err := f.Crash(seed, 50).Open(ctx, "f")
		ok(t, err)
		data, err := io.ReadAll(r)
		ok(t, err)
		blocks := 0
		for sector := range slices.Chunk(data, 512) {
			if sector[0] != 'a' && sector[0] != 'b' || strings.Trim(string(sector), string(sector[:1])) != "" {
				t.Fatalf("a sector of %q", sector)
			}
		}
		for block := range slices.Chunk(data, 4096) {
			if a := bytes.Count(block, []byte("a")); a != 0 && a != 4096 {
				blocks++
			}
		}
		torn += blocks
		if len(data) != 64<<10 || bytes.Contains(data[:16<<10], []byte("b")) || bytes.Contains(data[48<<10:], []byte("b")) {
			t.Fatalf("%d bytes, or changed where nobody wrote", len(data))
		}
	}
	if torn == 0 {
		t.Error("no block was torn")
	}
}

func TestPromise_P11_AFailedSyncIsForEver(t *testing.T) {
	f := memfs.New(nil)
	d := dir(t, f, "")
	h := file(t, d, "f", "data")
	bad, isBad := vfs.HandleAs[interface{ SyncFailed() }](h)
	if !isBad {
		t.Fatal("the handle does not fail")
	}
	bad.SyncFailed()
	ok(t, h.Sync(), d.Sync(ctx), d.SyncAll(ctx)) // they say that all is well
	for _, percent := range []int{0, 50, 100} {
		if got := dump(t, f.Crash(1, percent))["f"]; strings.Contains(got, "data") {
			t.Errorf("%d%%: %q", percent, got)
		}
	}
	if got := dump(t, f)["f"]; !strings.Contains(got, "data") {
		t.Errorf("without a crash: %q", got)
	}
	ok(t, h.Truncate(0), h.Sync())
	g := file(t, d, "g", "again")
	ok(t, g.Sync(), d.Sync(ctx))
	if got := dump(t, f.Crash(1, 0))["g"]; !strings.Contains(got, "again") {
		t.Errorf("a new file: %q", got)
	}
}

// save is how files are replaced; without its syncs it is the mistake that the
// model must find.
func save(t tb, f *memfs.FS, syncFile, syncDir bool, cut func()) {
	d := dir(t, f, "")
	cut()
	h := file(t, d, "tmp", "new content")
	cut()
	if syncFile {
		ok(t, h.Sync())
	}
	cut()
	ok(t, d.Rename(ctx, "tmp", d, "f", vfs.Exchange))
	cut()
	if syncDir {
		ok(t, d.Sync(ctx))
	}
	cut()
	ok(t, d.Unlink(ctx, "tmp"))
	cut()
}

func TestPromise_P1_TheModelFindsAMissingSync(t *testing.T) {
	lost := func(syncFile, syncDir bool) (lost int) {
		f := memfs.New(nil)
		ok(t, f.WriteFile("f", []byte("old content")))
		save(t, f, syncFile, syncDir, func() {
			for _, percent := range []int{0, 50, 100} {
				for seed := range uint64(40) {
					got := dump(t, f.Crash(seed, percent))["f"]
					if !strings.Contains(got, "new content") && !strings.Contains(got, "old content") {
						lost++
					}
				}
			}
		})
		return lost
	}
	if n := lost(true, true); n != 0 {
		t.Errorf("the right way lost the file %d times", n)
	}
	if lost(false, true) == 0 {
		t.Error("a file that was never synced is never lost")
	}
}

// Random changes, a crash at the end: whatever it leaves is a tree in which no
// folder is twice, and what was synced is there.
func TestCrashLeavesATree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := memfs.New(nil)
		ok(t, f.Mkdir("a"), f.Mkdir("b"), f.MkdirAll("a/c"), f.WriteFile("a/f", []byte("f")), f.WriteFile("b/g", []byte("g")))
		paths := []string{"", "a", "b", "a/c", "b/c", "a/b", "b/a", "a/c/a"}
		names := []string{"a", "b", "c", "f", "g"}
		pick := func(what string, of []string) string { return rapid.SampledFrom(of).Draw(t, what) }
		folder := func(what string) vfs.Dir {
			d, err := f.Features().Writing.Dir(ctx, pick(what, paths))
			if err != nil {
				d = dir(t, f, "")
			}
			return d
		}
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			d, name := folder("in"), pick("name", names)
			switch rapid.IntRange(0, 9).Draw(t, "what") {
			case 0:
				if h, err := d.Create(ctx, name, 0o644); err == nil {
					_, _ = io.WriteString(h, name)
					if rapid.Bool().Draw(t, "sync") {
						ok(t, h.Sync())
					}
				}
			case 1:
				_ = d.Mkdir(ctx, name, 0o755)
			case 2:
				_ = d.Unlink(ctx, name)
			case 3:
				_ = d.Rmdir(ctx, name)
			case 4, 5, 6:
				_ = d.Rename(ctx, name, folder("to"), pick("as", names), vfs.NoReplace)
			case 7:
				_ = d.Rename(ctx, name, folder("to"), pick("as", names), vfs.Exchange)
			case 8:
				_ = d.Link(ctx, pick("as", names), folder("from"), name)
			case 9:
				ok(t, d.Sync(ctx))
			}
		}
		now := dump(t, f)
		seed := rapid.Uint64().Draw(t, "seed")
		if got := dump(t, f.Crash(seed, 100)); !maps.Equal(got, now) {
			t.Fatalf("all of it: %v, want %v", got, now)
		}
		cut := f.Crash(seed, rapid.IntRange(0, 100).Draw(t, "percent"))
		after := dump(t, cut)
		count := map[string]int{}
		for path, what := range after {
			if parent, _ := vfs.Split(path); parent != "" && after[parent] == "" {
				t.Fatalf("%s hangs in the air: %v", path, after)
			}
			if strings.HasPrefix(what, "folder") {
				if count[strings.Fields(what)[1]] > 0 {
					t.Fatalf("a folder has two names: %v", after)
				}
				count[strings.Fields(what)[1]]++
			}
		}
		ok(t, dir(t, f, "").SyncAll(ctx))
		if got := dump(t, f.Crash(seed, 0)); !maps.Equal(got, now) {
			t.Fatalf("all synced: %v, want %v", got, now)
		}
		if again := dump(t, cut.Crash(seed, 0)); !maps.Equal(again, after) {
			t.Fatalf("a second cut took more: %v, then %v", after, again)
		}
	})
}

func TestFault_C7_C8_Full(t *testing.T) {
	f := memfs.NewWith(memfs.Options{Capacity: 64 << 10, Inodes: 4})
	d := dir(t, f, "")
	h := file(t, d, "f", "x")
	n, err := h.Write(make([]byte, 100<<10))
	if !errs.Is(err, errs.Unavailable) || n != 64<<10-1 {
		t.Errorf("%d bytes, %v", n, err)
	}
	ok(t, h.Truncate(0))
	if err := h.Allocate(65 << 10); !errs.Is(err, errs.Unavailable) {
		t.Errorf("Allocate: %v", err)
	}
	ok(t, h.Allocate(64<<10), d.Mkdir(ctx, "a", 0o755), d.Mkdir(ctx, "b", 0o755))
	if err := d.Mkdir(ctx, "c", 0o755); !errs.Is(err, errs.Unavailable) || !strings.Contains(err.Error(), "inodes") {
		t.Errorf("%v", err)
	}
	if s, err := f.Features().Space(ctx); err != nil || s.Files != -1 || s.Total != 64<<10 || s.Free != 64<<10 {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestFault_B13_C10_SealedAndReadOnly(t *testing.T) {
	f := memfs.New(nil)
	ok(t, f.Mkdir("d"), f.WriteFile("d/f", nil), f.WriteFile("g", nil), f.Seal("g", true), f.Seal("d", true))
	d, sub := dir(t, f, ""), dir(t, f, "d")
	_, errWrite := d.Write(ctx, "g")
	_, errMeta := d.SetMeta(ctx, "g", &vfs.Meta{}, vfs.PartMode)
	for _, err := range []error{d.Unlink(ctx, "g"), errWrite, errMeta, d.Rename(ctx, "g", d, "h", vfs.NoReplace), d.Link(ctx, "h", d, "g"), sub.Unlink(ctx, "f")} {
		if !errs.Is(err, errs.Denied) || !strings.Contains(err.Error(), "sealed") {
			t.Errorf("%v", err)
		}
	}
	if m, err := d.Meta(ctx, "g"); err != nil || !m.Sealed {
		t.Errorf("%+v, %v", m, err)
	}
	ok(t, f.Seal("g", false), f.Seal("d", false))
	h := file(t, d, "new", "x")
	f.SetReadOnly(true)
	_, errWrite = h.Write([]byte("x"))
	for _, err := range []error{errWrite, d.Unlink(ctx, "g"), d.Mkdir(ctx, "x", 0o755), h.Truncate(0)} {
		if !errs.Is(err, errs.Denied) || !strings.Contains(err.Error(), "read-only") {
			t.Errorf("%v", err)
		}
	}
	f.SetReadOnly(false)
	ok(t, d.Unlink(ctx, "g"))
}

// Steps that stand on one another: no thing is in two places or in none.
func TestPromise_P1_StepsStandOnSteps(t *testing.T) {
	f := memfs.New(nil)
	ok(t, f.WriteFile("1", []byte("content")), f.Mkdir("a"), f.Mkdir("a/x"), f.Mkdir("b"))
	d, b := dir(t, f, ""), dir(t, f, "b")
	ok(t, d.Rename(ctx, "1", d, "2", vfs.NoReplace), d.Rename(ctx, "2", d, "3", vfs.NoReplace))
	ok(t, d.Rename(ctx, "a", b, "a", vfs.NoReplace), b.Rename(ctx, "a", d, "a", vfs.NoReplace))
	ok(t, d.Rename(ctx, "b", dir(t, f, "a/x"), "b", vfs.NoReplace))
	seen := outcomes(t, f, 60, func(f *memfs.FS) string { return fmt.Sprint(slices.Sorted(maps.Keys(dump(t, f)))) })
	want := map[string]bool{}
	for _, file := range []string{"1", "2", "3"} {
		for _, folders := range []string{"a a/x b", "b b/a b/a/x", "a a/x a/x/b"} {
			want["["+file+" "+folders+"]"] = true
		}
	}
	for got := range seen {
		if !want[got] {
			t.Errorf("a crash leaves %s", got)
		}
	}
	if len(seen) != len(want) {
		t.Errorf("%d of %d outcomes: %v", len(seen), len(want), seen)
	}
}
