//go:build linux

package fileops

import (
	"context"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/errs"
)

func wantKind(t *testing.T, err error, kind errs.Kind) {
	t.Helper()
	if !errs.Is(err, kind) {
		t.Errorf("error is %v (%s), want %s", err, errs.KindOf(err), kind)
	}
}

func TestConflictPolicies(t *testing.T) {
	for _, c := range []struct {
		policy Policy
		choose string
		want   string // of e/two
		both   bool
	}{
		{policy: Skip, want: "older"},
		{policy: KeepBoth, want: "older", both: true},
		{policy: Replace, want: "22"},
		{policy: Newer, want: "older"},
		{policy: Larger, want: "older"},
		{policy: Ask, choose: chooseReplace, want: "22"},
		{policy: Ask, choose: chooseBoth, want: "older", both: true},
		{policy: Ask, choose: chooseSkip, want: "older"},
	} {
		for _, act := range []string{"files.copy", "files.move"} {
			t.Run(string(c.policy)+" "+c.choose+" "+act, func(t *testing.T) {
				w := newTestWorld(t)
				w.write("d/two", "22")
				w.write("e/two", "older")
				before := w.tree()
				var args any = CopyIn{Sources: w.src("d/two"), Destination: w.path("e"), Conflict: c.policy}
				if act == "files.move" {
					args = MoveIn{Sources: w.src("d/two"), Destination: w.path("e"), Conflict: c.policy}
				}
				p := w.plan(act, args)
				if c.policy == Ask {
					if _, err := w.plans.Commit(t.Context(), p.ID, ""); !errs.Is(err, errs.Conflict) || p.Undecided != 1 {
						t.Fatalf("undecided: %+v, %v", p, err)
					}
					var err error
					if p, err = w.plans.Choose(t.Context(), p.ID, nil, c.choose); err != nil {
						t.Fatal(err)
					}
				}
				p = w.do(p, action.Done)
				w.has("e/two", c.want)
				if c.both {
					w.has("e/two (2)", "22")
				}
				if p.Undoable {
					w.undo(p, action.Done)
				}
				if got := w.tree(); got != before {
					t.Errorf("after undo\n%s\nbefore\n%s", got, before)
				}
			})
		}
	}
}

// What stands at a target gives way to one thing of a plan, not to two.
func TestPromise_P5_TwoThingsReplaceOne(t *testing.T) {
	for _, act := range []string{"files.copy", "files.move"} {
		w := newTestWorld(t)
		w.write("d/two", "first")
		w.write("b:two", "second")
		w.write("e/two", "old")
		before := w.tree()
		var args any = CopyIn{Sources: w.src("d/two", "b:two"), Destination: w.path("e"), Conflict: Replace}
		if act == "files.move" {
			args = MoveIn{Sources: w.src("d/two", "b:two"), Destination: w.path("e"), Conflict: Replace}
		}
		p := w.do(w.plan(act, args), action.Done)
		w.has("e/two", "first")
		w.has("b:two", "second")
		w.undo(p, action.Done)
		if got := w.tree(); got != before {
			t.Errorf("%s: after undo\n%s\nbefore\n%s", act, got, before)
		}
	}
}

// Merging never drops what is only in the target.
func TestFault_C26_MergeKeepsWhatIsOnlyInTheTarget(t *testing.T) {
	for _, act := range []string{"files.copy", "files.move"} {
		for _, to := range []string{"e", "b:e"} {
			w := newTestWorld(t)
			w.write("d/x/two", "22")
			w.write("d/x/deep/new", "n")
			w.write(to+"/d/x/mine", "m")
			w.write(to+"/d/x/two", "old")
			before := w.tree()
			var args any = CopyIn{Sources: w.src("d"), Destination: w.path(to), Conflict: Replace}
			if act == "files.move" {
				args = MoveIn{Sources: w.src("d"), Destination: w.path(to), Conflict: Replace}
			}
			p := w.do(w.plan(act, args), action.Done)
			w.has(to+"/d/x/mine", "m")
			w.has(to+"/d/x/two", "22")
			w.has(to+"/d/x/deep/new", "n")
			if act == "files.move" {
				w.hasNot("d")
			}
			w.undo(p, action.Done)
			if got := w.tree(); got != before {
				t.Errorf("%s to %s: after undo\n%s\nbefore\n%s", act, to, got, before)
			}
		}
	}
}

func TestFault_B16_FileAndFolderOfOneName(t *testing.T) {
	w := newTestWorld(t)
	w.write("d/two/x", "22")
	w.write("e/two", "file")
	p := w.plan("files.copy", CopyIn{Sources: w.src("d/two"), Destination: w.path("e")})
	if _, err := w.plans.Choose(t.Context(), p.ID, nil, chooseReplace); !errs.Is(err, errs.Invalid) {
		t.Errorf("a folder may replace a file: %v", err)
	}
	w.do(w.plan("files.copy", CopyIn{Sources: w.src("d/two"), Destination: w.path("e"), Conflict: Replace}), action.Done)
	w.has("e/two", "file")
}

func TestFault_B17_IntoItself(t *testing.T) {
	w := newTestWorld(t)
	w.write("d/sub/two", "22")
	if err := os.Symlink(w.path("d/sub"), w.path("way")); err != nil {
		t.Fatal(err)
	}
	for _, to := range []string{"d", "d/sub", "way"} {
		_, err := w.propose("files.copy", CopyIn{Sources: w.src("d"), Destination: w.path(to)})
		wantKind(t, err, errs.Invalid)
		_, err = w.propose("files.move", MoveIn{Sources: w.src("d"), Destination: w.path(to)})
		wantKind(t, err, errs.Invalid)
	}
	_, err := w.propose("files.copy", CopyIn{Sources: w.src("d/sub/two"), Destination: w.path("way")})
	wantKind(t, err, errs.Invalid) // onto itself
	_, err = w.propose("files.trash", TrashIn{Sources: []string{w.a}})
	wantKind(t, err, errs.Denied) // a volume as a whole
}

// What changed between preview and commit is left alone, and the rest is done.
func TestPromise_P5_WhatMovedOnIsRefused(t *testing.T) {
	for _, c := range []struct {
		name  string
		drift func(w *testWorld)
		want  func(w *testWorld)
		state action.State
	}{
		{"new file in the folder", func(w *testWorld) { w.write("d/late", "late") }, func(w *testWorld) { w.hasNot("b:d/late"); w.has("b:d/two", "22") }, action.Partial},
		{"file edited", func(w *testWorld) { w.write("d/two", "edited") }, func(w *testWorld) { w.hasNot("b:d/two"); w.has("b:d/three", "333") }, action.Partial},
		{"file replaced by a symlink", func(w *testWorld) { _ = os.Remove(w.path("d/two")); _ = os.Symlink("/etc/passwd", w.path("d/two")) }, func(w *testWorld) { w.hasNot("b:d/two"); w.has("b:d/three", "333") }, action.Partial},
		{"source gone", func(w *testWorld) { _ = os.RemoveAll(w.path("d")) }, func(w *testWorld) { w.hasNot("b:d") }, action.Failed},
		{"target appeared", func(w *testWorld) { w.write("b:d/two", "theirs") }, func(w *testWorld) { w.has("b:d/two", "theirs"); w.hasNot("b:d/three") }, action.Failed},
		{"target folder swapped", func(w *testWorld) {
			_ = os.Rename(w.b+"/in", w.b+"/away")
			_ = os.Mkdir(w.b+"/in", 0o755)
		}, func(w *testWorld) { w.hasNot("b:in/d"); w.hasNot("b:away/d") }, action.Failed},
		{"target folder became a symlink", func(w *testWorld) {
			_ = os.Rename(w.b+"/in", w.b+"/away")
			_ = os.Symlink(w.a, w.b+"/in")
		}, func(w *testWorld) { w.has("d/two", "22"); w.hasNot("b:away/d") }, action.Failed},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newTestWorld(t)
			w.write("d/two", "22")
			w.write("d/three", "333")
			to := "b:"
			if strings.HasPrefix(c.name, "target folder") {
				to = "b:in"
				w.write("b:in/.keep", "")
			}
			p := w.plan("files.copy", CopyIn{Sources: w.src("d"), Destination: w.path(to)})
			c.drift(w)
			w.do(p, c.state)
			c.want(w)
			w.clean()
		})
	}
}

// Undo refuses what the user changed since, and takes back the rest.
func TestFault_C25_UndoLeavesWhatWasEdited(t *testing.T) {
	w := newTestWorld(t)
	w.write("d/two", "22")
	w.write("d/sub/three", "333")
	p := w.do(w.plan("files.copy", CopyIn{Sources: w.src("d"), Destination: w.path("b:")}), action.Done)
	w.write("b:d/two", "my own words")
	w.write("b:d/more", "mine")
	w.undo(p, action.Partial)
	w.has("b:d/two", "my own words")
	w.has("b:d/more", "mine")
	w.hasNot("b:d/sub")
	w.has("d/two", "22")
}

// A partial plan goes on when it is committed again.
func TestPartialPlanIsRetried(t *testing.T) {
	if os.Getuid() == 0 {
		t.Log("as root nothing is unreadable; a taken name stands for it")
	}
	w := newTestWorld(t)
	w.write("one", "1")
	w.write("two", "22")
	p := w.plan("files.copy", CopyIn{Sources: w.src("one", "two"), Destination: w.path("b:")})
	w.write("b:two", "in the way")
	p = w.do(p, action.Partial)
	w.has("b:one", "1")
	if err := os.Remove(w.path("b:two")); err != nil {
		t.Fatal(err)
	}
	p = w.do(p, action.Done)
	w.has("b:two", "22")
	w.undo(p, action.Done)
	w.hasNot("b:one")
	w.hasNot("b:two")
}

func TestFault_B1_PipesAreNeverOpened(t *testing.T) {
	w := newTestWorld(t)
	w.write("d/two", "22")
	if err := syscall.Mkfifo(w.path("d/pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := w.plan("files.copy", CopyIn{Sources: w.src("d"), Destination: w.path("b:")})
	if len(p.Warnings) != 1 {
		t.Errorf("warnings: %q", p.Warnings)
	}
	if p = w.do(p, action.Done); p.Skipped != 1 {
		t.Errorf("skipped: %d", p.Skipped)
	}
	w.hasNot("b:d/pipe")
	// A move leaves it where it is, and the folder with it.
	w.do(w.plan("files.move", MoveIn{Sources: w.src("d"), Destination: w.path("b:"), Conflict: Replace}), action.Done)
	if _, err := os.Lstat(w.path("d/pipe")); err != nil {
		t.Error(err)
	}
}

func TestFault_B9_HardLinksStayOneFile(t *testing.T) {
	for _, act := range []string{"files.copy", "files.move"} {
		w := newTestWorld(t)
		w.write("d/two", "22")
		for _, other := range []string{"d/again", "d/sub"} {
			if other == "d/sub" {
				w.write("d/sub/x", "x")
				other = "d/sub/third"
			}
			if err := os.Link(w.path("d/two"), w.path(other)); err != nil {
				t.Fatal(err)
			}
		}
		before := w.tree()
		var args any = CopyIn{Sources: w.src("d"), Destination: w.path("b:")}
		if act == "files.move" {
			args = MoveIn{Sources: w.src("d"), Destination: w.path("b:")}
		}
		p := w.do(w.plan(act, args), action.Done)
		var a, b syscall.Stat_t
		if err := syscall.Stat(w.path("b:d/two"), &a); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Stat(w.path("b:d/sub/third"), &b); err != nil || a.Ino != b.Ino || a.Nlink != 3 {
			t.Errorf("%s: inodes %d and %d, %d names, %v", act, a.Ino, b.Ino, a.Nlink, err)
		}
		w.undo(p, action.Done)
		if got := w.tree(); got != before {
			t.Errorf("%s: after undo\n%s\nbefore\n%s", act, got, before)
		}
	}
}

func TestFault_A1_NamesAreBytes(t *testing.T) {
	w := newTestWorld(t)
	for _, name := range []string{"a\xff", "new\nline", "-x", " ", "a\u202eb", strings.Repeat("n", 255)} {
		w.write("d/"+name, name)
	}
	before := w.tree()
	p := w.do(w.plan("files.move", MoveIn{Sources: w.src("d"), Destination: w.path("b:")}), action.Done)
	w.has("b:d/a\xff", "a\xff")
	w.undo(p, action.Done)
	if got := w.tree(); got != before {
		t.Errorf("after undo\n%s\nbefore\n%s", got, before)
	}
	p = w.do(w.plan("files.trash", TrashIn{Sources: w.src("d/a\xff", "d/new\nline")}), action.Done)
	w.undo(p, action.Done)
	if got := w.tree(); got != before {
		t.Errorf("after undo of deleting\n%s\nbefore\n%s", got, before)
	}
}

func TestFault_C22_RestoreWherePlaceIsGoneOrTaken(t *testing.T) {
	w := newTestWorld(t)
	w.write("d/sub/two", "22")
	w.do(w.plan("files.trash", TrashIn{Sources: w.src("d/sub/two")}), action.Done)
	if err := os.RemoveAll(w.path("d")); err != nil {
		t.Fatal(err)
	}
	w.do(w.plan("trash.restore", RestoreIn{Items: w.src("d/sub/two")}), action.Done)
	w.has("d/sub/two", "22")
	w.do(w.plan("files.trash", TrashIn{Sources: w.src("d/sub/two")}), action.Done)
	w.write("d/sub/two", "new")
	if p := w.plan("trash.restore", RestoreIn{Items: w.src("d/sub/two")}); p.Undecided != 1 {
		t.Errorf("%+v", p)
	}
	p := w.do(w.plan("trash.restore", RestoreIn{Items: w.src("d/sub/two"), Conflict: KeepBoth}), action.Done)
	w.has("d/sub/two", "new")
	w.has("d/sub/two (2)", "22")
	w.undo(p, action.Done)
	w.hasNot("d/sub/two (2)")
}

func TestPromise_P8_EmptyTrashWantsItsPhrase(t *testing.T) {
	w := newTestWorld(t)
	w.write("d/two", "22")
	w.do(w.plan("files.trash", TrashIn{Sources: w.src("d")}), action.Done)
	w.Service.MoreVolumes = func(context.Context) []string { return []string{"vol-a", "vol-b"} }
	p := w.plan("trash.empty", EmptyIn{})
	if p.Confirm != "delete 1 file" || p.Summary.Files != 1 || p.Summary.Folders != 1 || p.Summary.Bytes != 2 || p.Summary.Destroyed != 2 {
		t.Errorf("phrase: %q, %+v", p.Confirm, p.Summary)
	}
	_, err := w.plans.Commit(t.Context(), p.ID, "")
	wantKind(t, err, errs.ApprovalNeeded)
	w.do(p, action.Done)
	if list, err := w.trashList(t.Context(), TrashListIn{}); err != nil || list.Total != 0 {
		t.Errorf("%+v, %v", list, err)
	}
	_, err = w.propose("trash.empty", EmptyIn{})
	wantKind(t, err, errs.NotFound)
}

// What is changed after the preview of destroying stays.
func TestPromise_P5_DestroyLeavesWhatCameLater(t *testing.T) {
	w := newTestWorld(t)
	w.write("d/two", "22")
	time.Sleep(20 * time.Millisecond) // clocks of disks go in steps
	p := w.plan("files.destroy", DestroyIn{Sources: w.src("d")})
	time.Sleep(20 * time.Millisecond)
	w.write("d/late", "late")
	p = w.end(p)
	w.has("d/late", "late")
	w.clean()
	_ = p
}

// Neither does emptying the trash take what came into it later.
func TestPromise_P5_EmptyingLeavesWhatCameLater(t *testing.T) {
	w := newTestWorld(t)
	w.Service.MoreVolumes = func(context.Context) []string { return []string{"vol-a", "vol-b"} }
	w.write("d/sub/two", "22")
	w.write("three", "333")
	w.do(w.plan("files.trash", TrashIn{Sources: w.src("d", "three")}), action.Done)
	time.Sleep(20 * time.Millisecond) // clocks of disks go in steps
	p := w.plan("trash.empty", EmptyIn{})
	time.Sleep(20 * time.Millisecond)
	in := fmt.Sprintf(".Trash-%d/files/", os.Getuid())
	w.write(in+"d/sub/late", "late")
	w.do(p, action.Partial)
	w.has(in+"d/sub/late", "late")
	w.has(in+"d/sub/two", "22")
	w.hasNot(in + "three")
	w.clean()
	w.do(w.plan("trash.empty", EmptyIn{}), action.Done)
	w.hasNot(in + "d")
}

// Plans that overlap wait for each other; others do not.
func TestFault_C17_OverlappingPlans(t *testing.T) {
	w := newTestWorld(t)
	for _, name := range []string{"x", "y"} {
		w.write("d/"+name+"/two", "22")
	}
	var ps []action.Plan
	for range 6 {
		ps = append(ps, w.plan("files.copy", CopyIn{Sources: w.src("d/x", "d/y"), Destination: w.path("b:"), Conflict: KeepBoth}))
	}
	for _, p := range ps {
		if _, err := w.plans.Commit(t.Context(), p.ID, ""); err != nil {
			t.Fatal(err)
		}
	}
	done := 0
	for _, p := range ps {
		p, err := w.plans.Wait(t.Context(), p.ID)
		if err != nil {
			t.Fatal(err)
		}
		if p.State == action.Done {
			done++
		}
	}
	if done != 1 { // the others were planned when the names were free
		t.Errorf("%d plans of 6 are done", done)
	}
	w.has("b:x/two", "22")
	w.clean()
}

// A plan that is cancelled says so, leaves nothing half done, and can be taken
// back or gone on with.
func TestFault_C18_CancelledPlan(t *testing.T) {
	for _, again := range []bool{false, true} {
		w := newTestWorld(t)
		for i := range 700 {
			w.write(fmt.Sprintf("d/%d/%d", i%7, i), fmt.Sprint("text ", i))
		}
		before := w.tree()
		p := w.plan("files.move", MoveIn{Sources: w.src("d"), Destination: w.path("b:")})
		p, err := w.plans.Commit(t.Context(), p.ID, "")
		if err != nil {
			t.Fatal(err)
		}
		for range 5000 {
			if _, err := os.Lstat(w.path("b:d/0")); err == nil {
				break
			}
			time.Sleep(time.Millisecond)
		}
		if err := w.jobs.Cancel(t.Context(), p.Job); err != nil {
			t.Fatal(err)
		}
		if p, err = w.plans.Wait(t.Context(), p.ID); err != nil || p.State != action.Cancelled && p.State != action.Done {
			t.Fatalf("%+v, %v", p, err)
		}
		w.clean()
		if again {
			w.do(p, action.Done)
			w.hasNot("d")
			w.has("b:d/6/699", "text 699")
			continue
		}
		if p.Undoable {
			w.undo(p, action.Done)
		}
		if got := w.tree(); got != before {
			t.Errorf("undone it is\n%s", got)
		}
	}
}
