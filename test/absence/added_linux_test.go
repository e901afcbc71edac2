package absence

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// added is what was added to a file, as organize.of tells.
type added struct {
	Tags []struct {
		Tag  struct{ Name string }
		Here bool
	}
	Favourite bool
	Rating    int
	Note      string
}

func (a added) String() string {
	var parts []string
	for _, t := range a.Tags {
		parts = append(parts, t.Tag.Name)
	}
	slices.Sort(parts)
	if a.Favourite {
		parts = append(parts, "favourite")
	}
	if a.Rating > 0 {
		parts = append(parts, fmt.Sprint(a.Rating))
	}
	return strings.Join(append(parts, a.Note), " ")
}

const (
	everything = "beach here favourite 4 with Mia"
	copied     = "beach favourite 4 with Mia" // without what is for the one place
)

// follows waits until a file has what was added, and a search for it finds so many.
func (w *world) follows(t testing.TB, path, want string, hits int) {
	t.Helper()
	var got added
	var found struct{ Total int }
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		err := w.d.Call(t.Context(), "organize.of", fields{"path": path}, &got)
		if err == nil {
			err = w.d.Call(t.Context(), "search.query", fields{"query": "tag:beach rating:4 note:mia is:favourite"}, &found)
		}
		if err == nil && got.String() == want && found.Total == hits {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s has %q and not %q, and a search finds %d and not %d: %v", path, got, want, found.Total, hits, err)
		}
	}
}

func (w *world) addAll(t testing.TB, path string) {
	t.Helper()
	call[any](t, w, "tag.apply", fields{"tag": "beach", "create": true, "paths": []string{path}})
	call[any](t, w, "tag.apply", fields{"tag": "here", "create": true, "here": true, "paths": []string{path}})
	call[any](t, w, "favourite.set", fields{"paths": []string{path}})
	call[any](t, w, "rate.set", fields{"stars": 4, "paths": []string{path}})
	call[any](t, w, "note.set", fields{"path": path, "text": "with Mia"})
}

// drives are two drives with files that were read, all of them.
func drives(t *testing.T) (s *stage, w *world, one, two *indexed) {
	t.Helper()
	s = newStage(t, filepath.Join(scratch(t), "added"))
	w = newWorld(t, s.path("data"))
	for _, name := range []string{"one", "two"} {
		s.loopOf(s.imageOn(t.TempDir(), "mkfs.ext4", 16<<20), name)
		must(t, os.MkdirAll(s.path(name+"/photos/sub"), 0o755))
		must(t, os.WriteFile(s.path(name+"/photos/other.jpg"), []byte("another "+name), 0o600))
	}
	must(t, os.WriteFile(s.path("one/photos/a.jpg"), []byte("a picture"), 0o600))
	one, two = w.add(t, s.path("one/photos")), w.add(t, s.path("two/photos"))
	w.identified(t, s.path("one/photos"))
	w.identified(t, s.path("two/photos"))
	return s, w, one, two
}

// TestPromise_P5_WhatUsersAddFollowsAFile: a tag, a rating, a note and a favourite go with
// a file wherever it goes, while the daemon runs and while it does not; what is for one
// place alone does not go with copies.
func TestPromise_P5_WhatUsersAddFollowsAFile(t *testing.T) {
	s, w, one, two := drives(t)
	at := "one/photos/a.jpg"
	w.addAll(t, s.path(at))
	move := func(to string) {
		s.rename(at, to)
		at = to
	}
	s.TB = t
	move("one/photos/sub/b.jpg")
	w.rescan(t, one)
	w.follows(t, s.path(at), everything, 1)

	w.stop(t)
	move("one/photos/c.jpg")
	w.start(t)
	w.rescan(t, one)
	w.follows(t, s.path(at), everything, 1)

	body, err := os.ReadFile(s.path(at))
	must(t, err)
	must(t, os.WriteFile(s.path("one/photos/copy.jpg"), body, 0o600))
	w.rescan(t, one)
	w.identified(t, s.path("one/photos"))
	w.follows(t, s.path("one/photos/copy.jpg"), copied, 2)
	w.follows(t, s.path(at), everything, 2)
	must(t, os.Remove(s.path("one/photos/copy.jpg")))
	w.rescan(t, one)

	p := call[struct{ ID string }](t, w, "files.move", fields{"sources": []string{s.path(at)}, "destination": s.path("two/photos")})
	if done := call[struct{ State string }](t, w, "plan.commit", fields{"plan": p.ID, "wait": 60}); done.State != "done" {
		t.Fatal(done)
	}
	at = "two/photos/c.jpg"
	w.follows(t, s.path(at), everything, 1)
	w.stop(t)
	w.start(t)
	w.follows(t, s.path(at), everything, 1)

	s.take("two")
	w.rests(t, two.id)
	w.waitState(t, two, "offline")
	call[any](t, w, "tag.apply", fields{"tag": "away", "create": true, "query": "name:c.jpg"})
	w.restart(t)
	s.bring("two")
	w.waitState(t, two, "ready")
	w.follows(t, s.path(at), "away "+everything, 1)
}

// waitState waits until a location is in a state.
func (w *world) waitState(t testing.TB, x *indexed, want string) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		l := w.rests(t, x.id)
		if l.State == want {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the location is %s, not %s", l.State, want)
		}
	}
}

// TestPromise_P22_WhatUsersAddOutlivesTheIndex: library.db is deleted, and made anew of the
// disks, with a daemon that is killed again and again meanwhile; and the library's folder
// is taken from a backup.
func TestPromise_P22_WhatUsersAddOutlivesTheIndex(t *testing.T) {
	s, w, _, _ := drives(t)
	w.addAll(t, s.path("one/photos/a.jpg"))
	call[any](t, w, "tag.apply", fields{"tag": "folder", "create": true, "paths": []string{s.path("one/photos/sub")}})
	library := call[struct{ Path string }](t, w, "library.info", fields{}).Path
	w.stop(t)
	backup := s.path("backup")
	must(t, os.CopyFS(backup, os.DirFS(library)))

	lose := func() {
		all, err := os.ReadDir(library)
		must(t, err)
		for _, e := range all {
			if !strings.HasPrefix(e.Name(), "user.db") && e.Name() != "library.json" {
				must(t, os.RemoveAll(filepath.Join(library, e.Name())))
			}
		}
	}
	lose()
	s.TB = t
	s.rename("one/photos/a.jpg", "one/photos/renamed.jpg")
	w.start(t)
	call[any](t, w, "library.rebuild", fields{"name": "Home"})
	for i, path := range []string{"one/photos", "two/photos"} {
		w.add(t, s.path(path))
		w.d.Kill()
		w.start(t)
		if i == 0 { // known by what it is on its volume, before it is read
			w.follows(t, s.path("one/photos/renamed.jpg"), everything, 1)
		}
	}
	w.identified(t, s.path("one/photos"))
	w.follows(t, s.path("one/photos/renamed.jpg"), everything, 1)
	w.d.Kill()
	w.start(t)
	w.follows(t, s.path("one/photos/renamed.jpg"), everything, 1)
	if got := call[added](t, w, "organize.of", fields{"path": s.path("one/photos/sub")}); len(got.Tags) != 1 {
		t.Errorf("the folder has %q", got)
	}

	w.stop(t)
	must(t, os.RemoveAll(library))
	must(t, os.CopyFS(library, os.DirFS(backup)))
	w.start(t)
	w.follows(t, s.path("one/photos/renamed.jpg"), everything, 1)
}
