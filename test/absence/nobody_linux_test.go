package absence

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

const nobody = 65534

// as makes a program that runs the daemon as another user.
func as(t *testing.T, dir string, uid int) string {
	t.Helper()
	setpriv, err := exec.LookPath("setpriv")
	if err != nil {
		t.Skip("there is no setpriv")
	}
	bin, err := program()
	must(t, err)
	path := filepath.Join(dir, "stardrive-as")
	script := fmt.Sprintf("#!/bin/sh\nexec %s --reuid=%d --regid=%d --clear-groups --pdeathsig=KILL %s \"$@\"\n", setpriv, uid, uid, bin)
	must(t, os.WriteFile(path, []byte(script), 0o755))
	return path
}

// give makes all below rel the other user's.
func (s *stage) give(rel string, uid int) {
	s.Helper()
	must(s, filepath.WalkDir(s.path(rel), func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, uid, uid)
	}))
}

func (s *stage) chmod(rel string, mode os.FileMode) { s.Helper(); must(s, os.Chmod(s.path(rel), mode)) }

func (s *stage) chown(rel string, uid int) { s.Helper(); must(s, os.Chown(s.path(rel), uid, uid)) }

// TestFault_B15_PermissionLost: what may not be read any more is not gone.
func TestFault_B15_PermissionLost(t *testing.T) {
	dir := scratch(t)
	data := filepath.Join(dir, "data")
	must(t, os.Mkdir(data, 0o700))
	must(t, os.Chown(data, nobody, nobody))
	w := startWorld(t, as(t, dir, nobody), data)
	mine := func(s *stage) { s.volume("vol"); s.give("vol/photos", nobody) }
	modes := func(rel string, broken, whole os.FileMode) scene {
		return scene{
			name:  fmt.Sprintf("B15 %s is %04o", filepath.Base(rel), broken),
			build: mine, breaks: func(s *stage) { s.chmod(rel, broken) }, repairs: func(s *stage) { s.chmod(rel, whole) },
		}
	}
	says := func(sc scene, what ...string) scene { sc.says = states(what...); return sc }
	perform(t, w, dir, []scene{
		says(modes("vol/photos/2024", 0, 0o755), "incomplete"),
		says(modes("vol/photos/2024", 0o444, 0o755), "incomplete"), // names, but nothing about them
		says(modes("vol/photos/2024", 0o111, 0o755), "incomplete"), // no names
		says(modes("vol/photos/2024/beach/raw", 0, 0o755), "incomplete"),
		modes("vol/photos", 0, 0o755),
		modes("vol/photos", 0o444, 0o755),
		modes("vol/photos", 0o111, 0o755),
		modes("vol", 0o700, 0o755),
		says(modes("vol/photos/notes.txt", 0, 0o644), "ready"),
		{
			name: "B15 a folder is another user's", build: mine, says: states("incomplete"),
			breaks:  func(s *stage) { s.chown("vol/photos/2024", 0); s.chmod("vol/photos/2024", 0o700) },
			repairs: func(s *stage) { s.chown("vol/photos/2024", nobody); s.chmod("vol/photos/2024", 0o755) },
		},
		{
			name: "B15 a folder above the location is closed", at: "vol/home/photos",
			build:  func(s *stage) { s.tmpfs("vol"); tree(s, s.mkdir("vol/home/photos")); s.give("vol/home/photos", nobody) },
			breaks: func(s *stage) { s.chmod("vol/home", 0o700) }, repairs: func(s *stage) { s.chmod("vol/home", 0o755) },
		},
		{
			name: "B15 a closed folder is renamed", build: mine,
			breaks: func(s *stage) {
				s.chmod("vol/photos/2024/beach", 0)
				s.rename("vol/photos/2024", "vol/photos/2023")
			},
			repairs: func(s *stage) {
				s.rename("vol/photos/2023", "vol/photos/2024")
				s.chmod("vol/photos/2024/beach", 0o755)
			},
		},
		{name: "D1 unplugged, as another user", build: mine, says: states("offline"),
			breaks: func(s *stage) { s.take("vol") }, repairs: func(s *stage) { s.bring("vol") }},
	})
}
