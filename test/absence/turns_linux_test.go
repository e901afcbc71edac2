package absence

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stardrive/stardrive/test/daemon"
)

// TestFault_D3_D4_RealDrivesTakeTurns: two drives take turns at one mount point,
// and at others, on devices that change; each keeps its own index.
func TestFault_D3_D4_RealDrivesTakeTurns(t *testing.T) {
	dir := scratch(t)
	w := newWorld(t, filepath.Join(dir, "data"))
	s := newStage(t, filepath.Join(dir, "stage"))
	s.drive("a.img", "usb", "photos")
	s.write("usb/photos/only on a.txt")
	a := w.add(t, s.path("usb/photos"))
	s.umount("usb")
	s.drive("b.img", "usb", "photos")
	s.write("usb/photos/only on b.txt")
	b := w.add(t, s.path("usb/photos"))
	la, lb := w.location(t, a.id), w.location(t, b.id)
	if a.entry == b.entry || la.VolumeID == lb.VolumeID {
		t.Fatalf("they are one: %+v, %+v", la, lb)
	}
	if la.Volume != "photos" || lb.Volume != "photos 2" {
		t.Errorf("two drives with one label are called %q and %q", la.Volume, lb.Volume)
	}
	in := []string{"", "usb"} // where a and b are mounted
	turn := func(atA, atB string) {
		t.Helper()
		for _, i := range []int{1, 0} { // b may be mounted on a
			if to := []string{atA, atB}[i]; in[i] != "" && in[i] != to {
				s.umount(in[i])
				in[i] = ""
			}
		}
		for i, to := range []string{atA, atB} {
			if to != "" && in[i] == "" {
				s.loop([]string{"a.img", "b.img"}[i], to)
				in[i] = to
			}
		}
		for i, x := range []*indexed{a, b} {
			if in[i] == "" {
				want := []string{"sd://photos/photos", "sd://photos 2/photos"}[i]
				if l := w.rescan(t, x); l.State != "offline" || l.Path != want {
					t.Errorf("the drive in the drawer is %s at %s, want %s", l.State, l.Path, want)
				}
				w.noneAbsent(t, x)
				continue
			}
			if l := w.settled(t, x, "ready"); l.State != "ready" || l.Path != "sd://local"+s.path(in[i]+"/photos") {
				t.Errorf("the drive at %s is %s at %s; %s", in[i], l.State, l.Path, w.why(t, l))
			}
			w.whole(t, x)
		}
	}
	turn("usb", "")
	turn("", "usb")
	turn("other", "usb")
	turn("usb", "other")
	w.restart(t)
	turn("usb", "")
	w.stop(t)
	s.umount("usb")
	s.loop("b.img", "usb")
	in = []string{"", "usb"}
	w.start(t)
	turn("", "usb")
	turn("", "")
	turn("usb", "usb/inside")
	turn("", "")
	// What changes on one while the other is away is found on that one.
	s.loop("a.img", "usb")
	in[0] = "usb"
	must(t, os.Remove(s.path("usb/photos/only on a.txt")))
	w.settled(t, a, "ready")
	if _, absent := w.states(t, a); len(absent) != 1 || absent[0] != "only on a.txt" {
		t.Errorf("absent on a: %q", absent)
	}
	delete(a.known, "only on a.txt")
	turn("", "usb")
}

// TestFault_D5_CopyOfADrive: a drive that was copied block by block is not taken
// for the one that is indexed, before and after the user says what it is.
func TestFault_D5_CopyOfADrive(t *testing.T) {
	dir := scratch(t)
	w := newWorld(t, filepath.Join(dir, "data"))
	s := newStage(t, filepath.Join(dir, "stage"))
	s.drive("a.img", "usb", "photos")
	a := w.add(t, s.path("usb/photos"))
	s.flush("usb")
	s.umount("usb")
	s.copied("a.img", "copy.img")
	s.loop("a.img", "usb")
	w.settled(t, a, "ready")
	s.loop("copy.img", "second")
	s.remove("second/photos/2024") // else nobody could tell what is listed
	var refused *daemon.Problem
	if err := w.d.Call(t.Context(), "location.add", fields{"path": s.path("second/photos")}, nil); !errors.As(err, &refused) || refused.Kind != "conflict" {
		t.Errorf("the copy is indexed as if it were the original: %v", err)
	}
	type volume struct{ Identity, Name, State, Remedy string }
	if v := call[volume](t, w, "volume.info", fields{"volume": s.path("second")}); v.State != "clone" || v.Name != "photos 2" || v.Remedy == "" {
		t.Errorf("%+v", v)
	}
	w.rescan(t, a)
	w.whole(t, a)
	alone := func(want string) {
		t.Helper()
		s.umount("usb")
		s.umount("second")
		s.loop("copy.img", "usb") // where the original was
		for range 2 {
			if l := w.settled(t, a, "offline"); l.State != "offline" {
				t.Errorf("with the copy alone, the location is %s; %s", l.State, w.why(t, l))
			}
			w.noneAbsent(t, a)
			if v := call[volume](t, w, "volume.info", fields{"volume": s.path("usb")}); v.State != want {
				t.Errorf("the copy alone is %+v", v)
			}
			w.restart(t)
		}
		s.umount("usb")
		s.loop("a.img", "usb")
		s.loop("copy.img", "second")
		w.settled(t, a, "ready")
		w.whole(t, a)
	}
	alone("clone")
	own := call[volume](t, w, "volume.adopt", fields{"volume": "photos 2"})
	if own.State != "online" || own.Name != "photos 2" {
		t.Errorf("%+v", own)
	}
	b := w.add(t, s.path("second/photos"))
	alone("online")
	w.settled(t, b, "ready")
	w.whole(t, b)
	w.whole(t, a)
}

// TestFault_D2_RealDrivePulledAtAnyMoment: again and again a drive is pulled
// while it is scanned, and another one may take its place.
func TestFault_D2_RealDrivePulledAtAnyMoment(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	dir := scratch(t)
	w := newWorld(t, filepath.Join(dir, "data"))
	s := newStage(t, filepath.Join(dir, "stage"))
	s.imageOf("a.img", "photos", 32<<20)
	s.image("b.img", "empty")
	s.loop("a.img", "usb")
	many(s, "usb/photos", 500)
	x := w.add(t, s.path("usb/photos"))
	began := time.Now()
	w.rescan(t, x)
	took := time.Since(began)
	for i := range 6 {
		must(t, os.WriteFile(s.path("usb/photos/d00/000.jpg"), make([]byte, i), 0o644))
		must(t, w.d.Call(t.Context(), "location.rescan", fields{"location": x.id}, nil))
		time.Sleep(time.Duration(r.Int64N(int64(took))))
		s.umount("usb")
		if i%2 == 1 {
			s.loop("b.img", "usb")
			s.mkdir("usb/photos/d07")
		}
		if l := w.settled(t, x, "offline"); l.State != "offline" {
			t.Errorf("the location is %s; %s", l.State, w.why(t, l))
		}
		w.noneAbsent(t, x)
		if i%2 == 1 {
			s.umount("usb")
		}
		if i%4 == 3 {
			w.restart(t)
		}
		s.loop("a.img", "usb")
		w.settled(t, x, "ready")
	}
	w.whole(t, x)
}
