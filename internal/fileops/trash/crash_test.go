package trash_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/fileops/copier"
	"github.com/stardrive/stardrive/internal/fileops/trash"
	"github.com/stardrive/stardrive/internal/vfs"
	"github.com/stardrive/stardrive/internal/vfs/faultfs"
	"github.com/stardrive/stardrive/internal/vfs/memfs"
)

var when = time.Date(2020, 5, 6, 7, 8, 9, 0, time.UTC)

// used is a volume with a trash that was used before.
func used(t *testing.T) *memfs.FS {
	f := memfs.New(nil)
	for _, err := range []error{
		f.MkdirAll(".Trash-7/files"), f.MkdirAll(".Trash-7/info"), f.MkdirAll(".Trash-7/expunged"), f.Chown(".Trash-7", 7, 7),
		f.MkdirAll("docs"), f.WriteFile("docs/a", []byte("precious")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return f
}

func binOf(t *testing.T, d vfs.Driver) *trash.Bin {
	b, err := trash.Of(context.Background(), trash.Volume{Driver: d, Mount: "/mnt", UID: 7})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// noted is what the caller had written down when the power went.
type noted struct {
	slot      *trash.Slot
	was       vfs.Entry // docs/a before
	trash     vfs.Entry // how it stands in the trash, if that was noted
	restoring bool
	acked     string // where it is, as was reported
}

// away puts docs/a into the trash, syncing as the executor does, and brings it back.
func away(ctx context.Context, d vfs.Driver, b *trash.Bin, n *noted) error {
	dir, err := d.Features().Writing.Dir(ctx, "docs")
	if err != nil {
		return err
	}
	defer dir.Close()
	if n.was, err = dir.Stat(ctx, "a"); err != nil {
		return err
	}
	s, err := b.Propose(ctx, "a")
	if err != nil {
		return err
	}
	n.slot = &s
	if err := b.Reserve(ctx, s, "docs/a", when); err != nil {
		return err
	}
	if err := b.Sync(ctx); err != nil {
		return err
	}
	is, err := b.Put(ctx, dir, "a", n.was, s)
	if err != nil {
		return err
	}
	if err := dir.Sync(ctx); err != nil {
		return err
	}
	if err := b.Sync(ctx); err != nil {
		return err
	}
	n.trash, n.acked = is, "trash"
	n.acked, n.restoring = "", true
	if _, err := b.Restore(ctx, s, n.trash, dir, "a"); err != nil {
		return err
	}
	n.acked = "docs"
	return nil
}

// TestPromise_P10_PowerCutWhileTrashing cuts the power before each change, with
// nothing, half and all of what is not synced on the medium: the file is either
// where it was or in the trash, whole, and recovery leaves no slot behind.
func TestPromise_P10_PowerCutWhileTrashing(t *testing.T) {
	f := used(t)
	var n noted
	cuts := 0
	y := faultfs.New(f)
	y.Yield(func(faultfs.Op, string) {
		for percent := 0; percent <= 100; percent += 50 {
			cuts++
			found(t, f.Crash(uint64(cuts), percent), n)
		}
	})
	if err := away(t.Context(), y, binOf(t, y), &n); err != nil {
		t.Fatal(err)
	}
	found(t, f.Crash(0, 0), n)
	if cuts < 60 {
		t.Errorf("only %d power cuts", cuts)
	}
}

func found(t *testing.T, f *memfs.FS, n noted) {
	t.Helper()
	ctx := context.Background()
	b := binOf(t, f)
	dir, err := f.Features().Writing.Dir(ctx, "docs")
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	inTrash := false
	if n.slot != nil {
		switch full, err := b.Cancel(ctx, *n.slot); {
		case err != nil:
			t.Errorf("recovery: %v", err)
		case full:
			it, err := b.Stat(ctx, *n.slot)
			if err != nil || it.Was != "docs/a" || it.Orphan != trash.Whole || !copier.Same(n.was, it.Is, false) {
				t.Errorf("in the trash, and not as it was: %+v, %v", it, err)
			}
			inTrash = true
		}
	}
	is, err := dir.Stat(ctx, "a")
	atHome := err == nil && copier.Same(n.was, is, false)
	if n.slot == nil {
		return
	}
	if inTrash == atHome {
		t.Errorf("in the trash: %v, at home: %v", inTrash, atHome)
	}
	if n.acked == "docs" && !atHome {
		t.Error("it was reported to be back, and is not")
	}
	if n.restoring && inTrash {
		if _, err := b.Restore(ctx, *n.slot, n.trash, dir, "a"); err != nil {
			t.Errorf("restoring cannot go on: %v", err)
		}
	}
	items := 0
	if err := b.List(ctx, func(all []trash.Item) error { items += len(all); return nil }); err != nil {
		t.Error(err)
	}
	if want := inTrash && !n.restoring; (items > 0) != want {
		t.Errorf("%d items in the trash", items)
	}
}

// TestPromise_P3_FailEachTrashCall lets each changing call fail, once and from
// then on: the file is in one of the two places.
func TestPromise_P3_FailEachTrashCall(t *testing.T) {
	for _, on := range []bool{false, true} {
		for call := 1; ; call++ {
			f := used(t)
			y := faultfs.New(f, rules(t, script(call, on))...)
			var n noted
			err := away(t.Context(), y, binOf(t, y), &n)
			if y.Changes() < call { // nothing was left to fail
				if err != nil || call < 8 {
					t.Errorf("%d calls, %v", call, err)
				}
				break
			}
			home, _ := f.Stat(t.Context(), "docs/a")
			there := false
			if n.slot != nil {
				is, err := f.Stat(t.Context(), n.slot.Folder+"/files/"+n.slot.Name)
				there = err == nil && is.Inode == n.was.Inode
			}
			if there == (home.Kind == vfs.File) {
				t.Errorf("call %d, on %v: in the trash: %v, at home: %+v (%v)", call, on, there, home, err)
			}
		}
	}
}

func script(call int, on bool) string {
	if on {
		return fmt.Sprintf("change ** from=%d error=EIO", call)
	}
	return fmt.Sprintf("change ** call=%d error=EIO", call)
}

// TestPromise_P10_KillWhileDestroying stops at each change and goes on.
func TestPromise_P10_KillWhileDestroying(t *testing.T) {
	build := func() *memfs.FS {
		f := used(t)
		for _, name := range []string{"docs/d/e/f", "docs/d/g", "docs/h"} {
			dir, _ := vfs.Split(name)
			if err := f.MkdirAll(dir); err != nil {
				t.Fatal(err)
			}
			if err := f.WriteFile(name, []byte("x")); err != nil {
				t.Fatal(err)
			}
		}
		return f
	}
	for call := 1; call < 100; call++ {
		f := build()
		is, err := f.Stat(t.Context(), "docs")
		if err != nil {
			t.Fatal(err)
		}
		temp := vfs.PrivateName()
		o := trash.Options{NotAfter: 1 << 62}
		y := faultfs.New(f, rules(t, fmt.Sprintf("change ** call=%d kill", call))...)
		destroy := func(d vfs.Driver) error {
			top, err := d.Features().Writing.Dir(t.Context(), "")
			if err != nil {
				return err
			}
			defer top.Close()
			_, err = trash.Destroy(t.Context(), top, "docs", top, temp, is, o)
			return err
		}
		first := destroy(y)
		if err := destroy(f); err != nil {
			t.Errorf("killed at %d (%v): cannot go on: %v", call, first, err)
		}
		for _, path := range []string{"docs", temp, temp + "o"} {
			if _, err := f.Stat(t.Context(), path); !errs.Is(err, errs.NotFound) {
				t.Errorf("killed at %d: %q is still there", call, path)
			}
		}
		if first == nil {
			return
		}
	}
	t.Error("it never came to an end")
}

func rules(t *testing.T, script string) []faultfs.Rule {
	t.Helper()
	all, err := faultfs.Parse(script)
	if err != nil {
		t.Fatal(err)
	}
	return all
}
