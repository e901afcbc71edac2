package absence

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// rule adds a rule to the location of the scene.
func (s *stage) rule(kind, value string) {
	s.Helper()
	must(s, s.play.w.d.Call(s.Context(), "rules.add", fields{"location": s.play.x.id, "kind": kind, "value": value}, nil))
	s.play.w.rests(s, s.play.x.id)
}

// lawless removes all rules of the location.
func (s *stage) lawless() {
	s.Helper()
	for {
		rules := call[struct{ Items []struct{ ID int } }](s, s.play.w, "rules.list", fields{"location": s.play.x.id})
		if len(rules.Items) == 0 {
			return
		}
		must(s, s.play.w.d.Call(s.Context(), "rules.remove", fields{"location": s.play.x.id, "rule": rules.Items[0].ID}, nil))
		s.play.w.rests(s, s.play.x.id)
	}
}

// text writes a file; "" removes it.
func (s *stage) text(rel, text string) {
	s.Helper()
	if text == "" {
		must(s, os.Remove(s.path(rel)))
		return
	}
	must(s, os.WriteFile(s.path(rel), []byte(text), 0o644))
}

// leavesOut makes sure that the rules did leave something out.
func leavesOut(s *stage, p *play) {
	if count, _ := p.w.states(s, p.x); count["present"] == len(p.x.known) {
		s.Errorf("nothing is left out: %v", count)
	}
}

// ruleScenes leave out what was indexed: that it is not looked at any more says
// nothing about whether it is there.
func ruleScenes() []scene {
	git := func(name, file, text string) scene {
		return scene{
			name:   "P8 .gitignore: " + name,
			breaks: func(s *stage) { s.rule("gitignore", ""); s.text(file, text) }, repairs: func(s *stage) { s.text(file, ""); s.lawless() },
			says: states("ready"), also: leavesOut,
		}
	}
	rule := func(kind, value string) scene {
		return scene{
			name: "P8 rule " + kind + " " + value, breaks: func(s *stage) { s.rule(kind, value) }, repairs: func(s *stage) { s.lawless() },
			says: states("ready"), also: leavesOut,
		}
	}
	failing, hidden := newFUSE("photos/.gitignore", "photos/a/1", "photos/a/2", "photos/b/1", "photos/b/2", "photos/c", "photos/d", "photos/e"), "hidden"
	return []scene{
		git("files", "vol/photos/.gitignore", "*.jpg\n"),
		git("a folder", "vol/photos/.gitignore", "2024/\n"),
		git("everything", "vol/photos/.gitignore", "*\n"),
		git("nested", "vol/photos/2024/.gitignore", "beach\n"),
		git("in a hidden folder", "vol/photos/.hidden/.gitignore", "g\n"),
		rule("pattern", "*.jpg"), rule("pattern", "/2024/"), rule("pattern", "*"), rule("larger", "15"), rule("smaller", "15"), rule("preset", hidden),
		{
			name: "P8 rule added while the volume is away", says: states("offline"),
			breaks: func(s *stage) { s.take("vol"); s.rule("pattern", "*.jpg") }, repairs: func(s *stage) { s.bring("vol"); s.lawless() },
		},
		{
			name:    "P8 a folder that is left out is deleted and comes back",
			breaks:  func(s *stage) { s.rule("pattern", "/2024/"); s.rename("vol/photos/2024", "vol/2024") },
			repairs: func(s *stage) { s.rename("vol/2024", "vol/photos/2024"); s.lawless() }, also: leavesOut,
		},
		{
			name: "P8 .gitignore cannot be read", build: func(s *stage) { s.fuse(failing, "vol") },
			breaks: func(s *stage) {
				failingAt := func(_, p string, _ int) unix.Errno {
					if p == "photos/.gitignore" {
						return unix.EIO
					}
					return 0
				}
				failing.fails(failingAt)
				s.rule("gitignore", "")
			},
			repairs: func(s *stage) { failing.fails(nil); s.lawless() },
		},
	}
}

func TestPromise_P8_RulesChange(t *testing.T) {
	dir := scratch(t)
	perform(t, newWorld(t, filepath.Join(dir, "data")), dir, ruleScenes())
}
