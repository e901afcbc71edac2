//go:build linux

package fileops

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
)

// A selection is had as one archive: names are their bytes, two of the same name
// both come, and what cannot be read is told.
func TestDownload(t *testing.T) {
	w := newTestWorld(t)
	now := time.Now()
	w.now = func() time.Time { return now }
	for path, data := range map[string]string{"d/a.txt": "A", "d/sub/b.txt": "B", "e/a.txt": "other A", "d/bad \xff.txt": "bytes", "d/grüße": "UTF-8", "d/shut": "X"} {
		w.write(path, data)
	}
	if err := errors.Join(os.Mkdir(w.path("d/empty"), 0o700), os.Symlink("a.txt", w.path("d/link"))); err != nil {
		t.Fatal(err)
	}
	out, err := w.download(t.Context(), DownloadIn{Sources: w.src("d", "d/a.txt", "e/a.txt")})
	if err != nil || out.Files != 7 || out.Folders != 3 || out.Name != "2 things.zip" {
		t.Fatalf("%+v %v", out, err)
	}
	if err := os.Remove(w.path("d/shut")); err != nil { // it cannot be had any more, whoever runs this
		t.Fatal(err)
	}
	if err := os.Symlink("/dev/null", w.path("d/shut")); err != nil {
		t.Fatal(err)
	}
	name, write, err := w.Download(strings.TrimPrefix(out.URL, "/v1/zip/"))
	if err != nil || name != out.Name {
		t.Fatal(name, err)
	}
	var b bytes.Buffer
	if err := write(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		got[f.Name] = string(data)
		if utf8Flag := f.Flags&0x800 != 0; utf8Flag != strings.Contains(f.Name, "ü") {
			t.Errorf("%q: said to be UTF-8: %t", f.Name, utf8Flag)
		}
	}
	for name, data := range map[string]string{"d/": "", "d/a.txt": "A", "d/sub/b.txt": "B", "a.txt": "other A", "d/bad \xff.txt": "bytes", "d/grüße": "UTF-8", "d/empty/": "", "d/link": "a.txt"} {
		if is, ok := got[name]; !ok || is != data {
			t.Errorf("%q holds %q, %t", name, is, ok)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := write(ctx, io.Discard); err == nil {
		t.Error("it goes on though nobody wants it")
	}
	now = now.Add(keepPrepared + time.Second)
	if _, _, err := w.Download(strings.TrimPrefix(out.URL, "/v1/zip/")); !errs.Is(err, errs.NotFound) {
		t.Errorf("it stays for ever: %v", err)
	}
}
