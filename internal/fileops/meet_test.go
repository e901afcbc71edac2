//go:build linux

package fileops

import (
	"os"
	"testing"

	"github.com/stardrive/stardrive/internal/action"
)

// What a plan does to one of its things may change another one, or what stands in
// its way: the preview tells of that, so that the plan is done as it was shown.
func TestPromise_P2_ThingsOfOnePlanThatMeet(t *testing.T) {
	for name, c := range map[string]struct {
		files   []string
		sources []string
		policy  Policy
	}{
		"a merge comes into the folder that is moved":          {[]string{"y/x/y/x/y/h", "y/x/y/f"}, []string{"y/x/y"}, Newer},
		"one moves away what another is to replace":            {[]string{"y/h", "x/y/h", "x/y/n"}, []string{"y/h", "x/y"}, Replace},
		"one moves away what another volume's is to replace":   {[]string{"y/h", "b:x/y/h"}, []string{"y/h", "b:x/y"}, Replace},
		"one is to replace what another moves away afterwards": {[]string{"y/h", "x/y/h"}, []string{"x/y", "y/h"}, Replace},
	} {
		for _, verb := range []string{"files.move", "files.copy"} {
			t.Run(verb+" "+name, func(t *testing.T) {
				w := newTestWorld(t)
				for _, f := range c.files {
					w.write(f, "text of "+f)
				}
				before := w.tree()
				var args any = MoveIn{Sources: w.src(c.sources...), Destination: w.a, Conflict: c.policy}
				if verb == "files.copy" {
					args = CopyIn{Sources: w.src(c.sources...), Destination: w.a, Conflict: c.policy}
				}
				p := w.do(w.plan(verb, args), action.Done)
				if p.Skipped == 0 {
					t.Errorf("nothing was left alone:\n%s", w.tree())
				}
				w.undo(p, action.Done)
				if got := w.tree(); got != before {
					t.Errorf("undone:\n%s\nbefore:\n%s", got, before)
				}
			})
		}
	}
}

// Names of one file carry the same rights and times: to change them under two
// names is one change.
func TestPromise_P6_NamesOfOneFileChangeOnce(t *testing.T) {
	for _, c := range []struct {
		action string
		args   func(all []string) any
	}{
		{"files.chmod", func(all []string) any { return ChmodIn{Sources: all, Mode: "600"} }},
		{"files.touch", func(all []string) any { return TouchIn{Sources: all} }},
	} {
		w := newTestWorld(t)
		severalNames(w)
		w.write("other", "o")
		before := w.tree()
		p := w.do(w.plan(c.action, c.args(w.src("d/z", "other", "d/a"))), action.Done)
		if p.Items != 2 {
			t.Errorf("%s: %d items", c.action, p.Items)
		}
		told := map[string]bool{}
		for _, d := range w.known.told {
			told[d.To.Path] = true
		}
		for _, name := range []string{"d/z", "d/a", "other"} {
			if !told[name] {
				t.Errorf("%s: the catalogue was not told of %s", c.action, name)
			}
		}
		if is, err := os.Stat(w.path("d/y")); err != nil || c.action == "files.chmod" && is.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", c.action, is, err)
		}
		w.do(w.plan("files.trash", TrashIn{Sources: w.src("d/y")}), action.Done)
		w.undo(p, action.Done)
		w.do(w.plan("trash.restore", RestoreIn{Items: w.src("d/y")}), action.Done)
		if got := w.tree(); got != before {
			t.Errorf("%s undone:\n%s\nbefore:\n%s", c.action, got, before)
		}
	}
}
