//go:build linux

package fileops

import (
	"archive/zip"
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/vfs"
)

// What is half written in a folder, a file or a folder, is not copied, packed, sent or
// counted with it; a folder that moves to another volume stays for it.
func TestHalfWrittenIsNobodys(t *testing.T) {
	w := newTestWorld(t)
	file, folder := vfs.PrivateName(), vfs.AsideOf(vfs.PrivateName())
	w.write("d/one", "1")
	w.write("d/sub/two", "22")
	w.write("d/sub/"+file, "half of it")
	w.write("d/"+folder+"/three", "333")
	check := func(p action.Plan, bytes int64) {
		t.Helper()
		if p.Summary.Files != 2 || p.Summary.Bytes != bytes {
			t.Errorf("%s: %+v", p.Title, p.Summary)
		}
	}
	p := w.plan("files.copy", CopyIn{Sources: w.src("d"), Destination: w.path("b:copy")})
	check(p, 3)
	w.do(p, action.Done)
	p = w.plan("files.compress", CompressIn{Sources: w.src("d"), Destination: w.path("b:d.zip")})
	check(p, 3)
	w.do(p, action.Done)
	p = w.plan("files.trash", TrashIn{Sources: w.src("d")})
	check(p, 3)
	p = w.plan("files.move", MoveIn{Sources: w.src("d"), Destination: w.path("b:")})
	check(p, 3)
	sent, err := w.download(t.Context(), DownloadIn{Sources: w.src("d")})
	if err != nil || sent.Files != 2 || sent.Bytes != 3 {
		t.Errorf("download %+v %v", sent, err)
	}
	_, write, err := w.Download(strings.TrimPrefix(sent.URL, "/v1/zip/"))
	if err != nil {
		t.Fatal(err)
	}
	var zipped bytes.Buffer
	if err := write(t.Context(), &zipped); err != nil {
		t.Fatal(err)
	}
	packed, err := os.ReadFile(w.path("b:d.zip"))
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{"download": zipped.Bytes(), "archive": packed} {
		z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range z.File {
			if strings.Contains(f.Name, ".sd-") {
				t.Errorf("%s holds %s", name, f.Name)
			}
		}
	}
	w.do(p, action.Done)
	for _, at := range []string{"sub/" + file, folder + "/three"} {
		if !w.is("d/" + at) {
			t.Errorf("%s is gone", at)
		}
		w.hasNot("b:d/" + at)
		w.hasNot("b:copy/" + at)
	}
	w.has("b:copy/sub/two", "22")
	w.has("b:d/sub/two", "22")
	w.hasNot("d/one")
}
