//go:build linux

package fileops

import (
	"archive/zip"
	"bytes"
	"strings"
	"testing"

	"github.com/stardrive/stardrive/internal/action"
)

// Members of an archive that are not unpacked are told, before and after.
func TestPromise_P5_MembersThatAreNotUnpackedAreTold(t *testing.T) {
	w := newTestWorld(t)
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, m := range [][2]string{{"a/photo.jpg", "first"}, {"a/photo.jpg", "other bytes"}, {"a", "a file"}, {"fine", "1234"}} {
		f, err := z.Create(m[0])
		if err == nil {
			_, err = f.Write([]byte(m[1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	w.write("all.zip", b.String())
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
