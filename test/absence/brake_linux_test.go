package absence

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// many makes a location with n files in folders of 50.
func many(s *stage, rel string, n int) {
	s.Helper()
	for i := range n {
		s.write(fmt.Sprintf("%s/d%02d/%03d.jpg", rel, i/50, i))
	}
}

// brakeScenes take away more than max(100, 10 %) of a location: that is not
// believed until the user says so.
var brakeScenes = []scene{
	{
		name:  "P8 three of four folders deleted",
		build: func(s *stage) { s.tmpfs("vol"); many(s, "vol/photos", 200) },
		breaks: func(s *stage) {
			for d := range 3 {
				s.rename(fmt.Sprintf("vol/photos/d%02d", d), fmt.Sprintf("vol/d%02d", d))
			}
		},
		repairs: func(s *stage) {
			for d := range 3 {
				s.rename(fmt.Sprintf("vol/d%02d", d), fmt.Sprintf("vol/photos/d%02d", d))
			}
		},
	},
	{
		name:   "P8 everything in a location deleted",
		build:  func(s *stage) { s.tmpfs("vol"); many(s, "vol/photos", 200) },
		breaks: func(s *stage) { s.mkdir("vol/all"); s.every("vol/photos", "vol/all") },
		repairs: func(s *stage) {
			s.every("vol/all", "vol/photos")
		},
	},
	{
		name:   "P8 files deleted one by one in all folders",
		build:  func(s *stage) { s.tmpfs("vol"); many(s, "vol/photos", 300) },
		breaks: func(s *stage) { s.each(300, 2, "vol/photos", "vol/away") }, repairs: func(s *stage) { s.each(300, 2, "vol/away", "vol/photos") },
	},
	{
		name:  "P8 a folder that holds the most is replaced by a file",
		build: func(s *stage) { s.tmpfs("vol"); many(s, "vol/photos/all", 200); s.write("vol/photos/x") },
		breaks: func(s *stage) {
			s.rename("vol/photos/all", "vol/all")
			s.write("vol/photos/all")
		},
		repairs: func(s *stage) { s.remove("vol/photos/all"); s.rename("vol/all", "vol/photos/all") },
	},
	{
		name:    "P8 a folder that holds the most moves within the location",
		build:   func(s *stage) { s.tmpfs("vol"); many(s, "vol/photos/all", 200); s.mkdir("vol/photos/attic") },
		breaks:  func(s *stage) { s.rename("vol/photos/all", "vol/photos/attic/all") },
		repairs: func(s *stage) { s.rename("vol/photos/attic/all", "vol/photos/all") }, says: states("ready"),
	},
}

// every moves all that is in one folder to another.
func (s *stage) every(from, to string) {
	s.Helper()
	es, err := os.ReadDir(s.path(from))
	must(s, err)
	for _, e := range es {
		s.rename(filepath.Join(from, e.Name()), filepath.Join(to, e.Name()))
	}
}

// each moves all but every nth of the files that many made.
func (s *stage) each(files, n int, from, to string) {
	s.Helper()
	for i := range files {
		if i%n != 0 {
			dir := fmt.Sprintf("d%02d", i/50)
			s.mkdir(filepath.Join(to, dir))
			s.rename(fmt.Sprintf("%s/%s/%03d.jpg", from, dir, i), fmt.Sprintf("%s/%s/%03d.jpg", to, dir, i))
		}
	}
}

func TestPromise_P8_Brake(t *testing.T) {
	dir := scratch(t)
	perform(t, newWorld(t, filepath.Join(dir, "data")), dir, brakeScenes)
}

// TestPromise_P8_BrakeIsReleased: what the user says is gone, is gone; less than
// the brake allows needs nobody's word.
func TestPromise_P8_BrakeIsReleased(t *testing.T) {
	dir := scratch(t)
	w := newWorld(t, filepath.Join(dir, "data"))
	s := newStage(t, filepath.Join(dir, "stage"))
	s.tmpfs("vol")
	many(s, "vol/photos", 300)
	x := w.add(t, s.path("vol/photos"))
	gone := func(want int) {
		t.Helper()
		if _, absent := w.states(t, x); len(absent) != want {
			t.Errorf("%d are absent, want %d; %s", len(absent), want, w.why(t, w.location(t, x.id)))
		}
	}
	s.remove("vol/photos/d00") // 51 entries
	w.rescan(t, x)
	gone(51)
	for d := 1; d < 4; d++ { // 153
		s.remove(fmt.Sprintf("vol/photos/d%02d", d))
	}
	for range 2 {
		l := w.rescan(t, x)
		gone(51)
		if l.State != "held" {
			t.Errorf("the location is %s; %s", l.State, w.why(t, l))
		}
	}
	consent := func(n int) {
		t.Helper()
		must(t, w.d.Call(t.Context(), "location.rescan", fields{"location": x.id, "accept_missing": n}, nil))
		w.rests(t, x.id)
	}
	consent(100) // of 153
	gone(51)
	w.restart(t)
	w.rests(t, x.id)
	gone(51)
	consent(153)
	gone(51 + 153)
	if l := w.rescan(t, x); l.State != "ready" {
		t.Errorf("in the end the location is %s; %s", l.State, w.why(t, l))
	}
}
