//go:build linux

package fileops

import (
	"archive/zip"
	"bytes"
	"strings"
	"testing"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/errs"
)

// refusedMembers makes an archive of which two members are not unpacked.
func refusedMembers(w *testWorld) {
	w.t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, m := range [][2]string{{"a/photo.jpg", "first"}, {"a/photo.jpg", "other bytes"}, {"a", "a file"}, {"fine", "1234"}} {
		f, err := z.Create(m[0])
		if err == nil {
			_, err = f.Write([]byte(m[1]))
		}
		if err != nil {
			w.t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		w.t.Fatal(err)
	}
	w.write("all.zip", b.String())
}

// They are told as well when the process died at any moment of unpacking.
func TestPromise_P5_P10_MembersThatAreNotUnpackedAreToldAfterAKill(t *testing.T) {
	changes := 1
	for n := 0; n <= changes; n++ { // the first time it lives
		l := &life{at: n, after: true}
		w := newMortalWorld(t, l)
		refusedMembers(w)
		p := w.plan("files.extract", ExtractIn{Path: w.path("all.zip")})
		if p = w.liveOnce(l, p); n == 0 {
			changes = l.n
		}
		if told := w.failures(p.ID); p.State != action.Partial || strings.Count(told, "not unpacked") != 2 {
			t.Fatalf("killed after change %d of %d: %s\n%s", n, changes, p.State, told)
		}
		w.has("all/a/photo.jpg", "first")
		w.clean()
		w.stop()
	}
}

// Members of an archive that are not unpacked are told, before and after.
func TestPromise_P5_MembersThatAreNotUnpackedAreTold(t *testing.T) {
	w := newTestWorld(t)
	refusedMembers(w)
	p := w.plan("files.extract", ExtractIn{Path: w.path("all.zip")})
	if p.Summary.Files != 2 || p.Summary.Bytes != 9 || len(p.Warnings) != 1 || !strings.Contains(p.Warnings[0], "2 members") || !strings.Contains(p.Warnings[0], "a/photo.jpg") {
		t.Errorf("told before: %+v, %q", p.Summary, p.Warnings)
	}
	for range 2 { // the second time nothing is left to do, and it is told again
		p = w.do(p, action.Partial)
		w.has("all/a/photo.jpg", "first")
		w.has("all/fine", "1234")
		if told := w.failures(p.ID); strings.Count(told, "not unpacked") != 2 || !strings.Contains(told, "a/photo.jpg") {
			t.Errorf("told after: %s", told)
		}
	}
	w.undo(p, action.Done)
	w.hasNot("all")
	w.clean()
}

// A part of an archive is unpacked by a plan that tells so, and taken back as any.
func TestPromise_P5_P7_APartOfAnArchive(t *testing.T) {
	w := newTestWorld(t)
	refusedMembers(w)
	p := w.plan("files.extract", ExtractIn{Path: w.path("all.zip"), Members: []string{"fine"}})
	if p.Summary.Files != 1 || p.Summary.Bytes != 4 || len(p.Warnings) != 0 || p.Title != "Unpack fine of all.zip into all" {
		t.Errorf("told before: %q %+v %q", p.Title, p.Summary, p.Warnings)
	}
	p = w.do(p, action.Done)
	w.has("all/fine", "1234")
	w.hasNot("all/a")
	w.undo(p, action.Done)
	w.hasNot("all")
	w.clean()
	if _, err := w.propose("files.extract", ExtractIn{Path: w.path("all.zip"), Members: []string{"no such thing"}}); !errs.Is(err, errs.NotFound) {
		t.Errorf("of what is not there: %v", err)
	}
}
