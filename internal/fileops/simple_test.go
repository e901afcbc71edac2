//go:build linux

package fileops

import (
	"os"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/action"
)

func TestEachActionIsUndoneAndDoneAgain(t *testing.T) {
	for _, c := range []struct {
		name string
		args func(w *testWorld) any
		want func(w *testWorld)
	}{
		{"files.mkdir", func(w *testWorld) any { return MkdirIn{Path: w.path("x/y/z"), Parents: true} }, func(w *testWorld) { w.hasNot("x/y/z/none") }},
		{"files.create", func(w *testWorld) any { return CreateIn{Path: w.path("new")} }, func(w *testWorld) { w.has("new", "") }},
		{"files.rename", func(w *testWorld) any { return RenameIn{Path: w.path("one"), Name: "uno"} }, func(w *testWorld) { w.has("uno", "1"); w.hasNot("one") }},
		{"files.trash", func(w *testWorld) any { return TrashIn{Sources: w.src("one", "d")} }, func(w *testWorld) { w.hasNot("one"); w.hasNot("d") }},
		{"files.copy", func(w *testWorld) any { return CopyIn{Sources: w.src("d"), Destination: w.path("e")} }, func(w *testWorld) { w.has("e/d/sub/three", "333"); w.has("d/two", "22") }},
		{"files.copy", func(w *testWorld) any { return CopyIn{Sources: w.src("d", "one"), Destination: w.path("b:")} }, func(w *testWorld) { w.has("b:d/sub/three", "333"); w.has("b:one", "1") }},
		{"files.copy", func(w *testWorld) any {
			return CopyIn{Sources: w.src("one"), Destination: w.path("e/two"), Conflict: Replace}
		}, func(w *testWorld) { w.has("e/two", "1") }},
		{"files.move", func(w *testWorld) any { return MoveIn{Sources: w.src("d"), Destination: w.path("e")} }, func(w *testWorld) { w.has("e/d/two", "22"); w.hasNot("d") }},
		{"files.move", func(w *testWorld) any { return MoveIn{Sources: w.src("d", "one"), Destination: w.path("b:")} }, func(w *testWorld) { w.has("b:d/sub/three", "333"); w.hasNot("d"); w.hasNot("one") }},
		{"files.duplicate", func(w *testWorld) any { return DuplicateIn{Sources: w.src("d")} }, func(w *testWorld) { w.has("d (2)/two", "22") }},
		{"files.chmod", func(w *testWorld) any { return ChmodIn{Sources: w.src("one"), Mode: "600"} }, func(w *testWorld) { w.has("one", "1") }},
		{"files.touch", func(w *testWorld) any { return TouchIn{Sources: w.src("one", "d/two")} }, func(w *testWorld) { w.has("one", "1") }},
		{"files.link", func(w *testWorld) any { return LinkIn{Sources: w.src("one"), Destination: w.path("e"), Kind: Hard} }, func(w *testWorld) { w.has("e/one", "1") }},
		{"files.link", func(w *testWorld) any { return LinkIn{Sources: w.src("d"), Destination: w.path("e")} }, func(w *testWorld) { w.has("e/d/two", "22") }},
		{"files.compress", func(w *testWorld) any {
			return CompressIn{Sources: w.src("d", "one"), Destination: w.path("b:all.tar.gz")}
		}, func(w *testWorld) {
			x := w.do(w.plan("files.extract", ExtractIn{Path: w.path("b:all.tar.gz")}), action.Done)
			w.has("b:all/d/sub/three", "333")
			w.has("b:all/one", "1")
			w.write("b:all/mine", "m")
			w.undo(x, action.Failed) // something of the user's is in it
			w.has("b:all/mine", "m")
			if err := os.Remove(w.path("b:all/mine")); err != nil {
				w.t.Fatal(err)
			}
			w.undo(x, action.Done)
			w.hasNot("b:all")
		}},
		{"files.batch_rename", func(w *testWorld) any {
			return BatchRenameIn{Sources: w.src("one", "e/two"), Replace: "pic-{n3}"}
		}, func(w *testWorld) { w.has("pic-001", "1"); w.has("e/pic-002", "other") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newTestWorld(t)
			w.write("one", "1")
			w.write("d/two", "22")
			w.write("d/sub/three", "333")
			w.write("e/two", "other")
			before := w.tree()
			p := w.plan(c.name, c.args(w))
			if got := w.tree(); got != before {
				t.Fatalf("the preview changed something:\n%s\n%s", before, got)
			}
			p = w.do(p, action.Done)
			c.want(w)
			after := w.tree()
			w.restart()
			u := w.undo(p, action.Done)
			if got := w.tree(); got != before {
				t.Errorf("after undo\n%s\nbefore\n%s", got, before)
			}
			w.undo(u, action.Done)
			if got := w.tree(); got != after {
				t.Errorf("after redo\n%s\nat first\n%s", got, after)
			}
			w.clean()
		})
	}
}

// TestFault_C1_ARingOfNamesGoesRoundWholeOrNotAtAll: nothing is left under a private
// name when one of them was changed since the preview.
func TestFault_C1_ARingOfNamesGoesRoundWholeOrNotAtAll(t *testing.T) {
	for _, edited := range []string{"", "1.txt", "2.txt", "3.txt"} {
		t.Run(edited, func(t *testing.T) {
			w := newTestWorld(t)
			text := map[string]string{"1.txt": "one", "2.txt": "two", "3.txt": "three"}
			for name, what := range text {
				w.write(name, what)
			}
			p := w.plan("files.batch_rename", BatchRenameIn{Sources: w.src("2.txt", "3.txt", "1.txt"), Replace: "{n}"})
			if edited == "" {
				w.do(p, action.Done)
				w.has("1.txt", "two")
				w.has("2.txt", "three")
				w.has("3.txt", "one")
				w.clean()
				return
			}
			text[edited] += " and more"
			w.write(edited, text[edited])
			w.do(p, action.Failed)
			for name, what := range text {
				w.has(name, what)
			}
			w.clean()
		})
	}
}

// What came into a folder after the preview does not go to the trash with it, nor is
// it destroyed; a file that got another name is no change.
func TestPromise_P2_WhatCameIntoAFolderDoesNotGoWithIt(t *testing.T) {
	for _, c := range []struct {
		name string
		harm func(w *testWorld) error
		ok   bool
	}{
		{"a new file", func(w *testWorld) error { w.write("d/sub/new", "n"); return nil }, false},
		{"a file that was moved in", func(w *testWorld) error { return os.Rename(w.path("other"), w.path("d/other")) }, false},
		{"a change", func(w *testWorld) error { return os.WriteFile(w.path("d/two"), []byte("XX"), 0o600) }, false},
		{"another name of a file", func(w *testWorld) error { return os.Link(w.path("d/two"), w.path("beside")) }, true},
		{"nothing", func(w *testWorld) error { return nil }, true},
	} {
		for _, verb := range []string{"files.trash", "files.destroy"} {
			t.Run(verb+" "+c.name, func(t *testing.T) {
				w := newTestWorld(t)
				w.write("d/two", "22")
				w.write("d/sub/three", "333")
				w.write("other", "o")
				time.Sleep(10 * time.Millisecond) // the clock of a volume ticks slowly
				var args any = TrashIn{Sources: w.src("d")}
				if verb == "files.destroy" {
					args = DestroyIn{Sources: w.src("d")}
				}
				p := w.plan(verb, args)
				time.Sleep(10 * time.Millisecond)
				if err := c.harm(w); err != nil {
					t.Fatal(err)
				}
				before := w.tree()
				if c.ok {
					w.do(p, action.Done)
					w.hasNot("d")
					return
				}
				w.do(p, action.Failed)
				if got := w.tree(); got != before {
					t.Errorf("after it:\n%s\nbefore it:\n%s", got, before)
				}
				w.clean()
			})
		}
	}
}
