package actions

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestSmallRun(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("it drives the Linux driver, cp and sync")
	}
	var log, out bytes.Buffer
	tree := t.TempDir()
	if err := errors.Join(os.WriteFile(filepath.Join(tree, "file"), []byte("x"), 0o600), os.Symlink("nowhere", filepath.Join(tree, "link")), os.Mkdir(filepath.Join(tree, "empty"), 0o700)); err != nil {
		t.Fatal(err)
	}
	rows, err := Run(t.Context(), Options{Dir: t.TempDir(), Large: 2 << 20, Small: 120, Tree: tree, Log: &log})
	if err != nil {
		t.Fatal(err, log.String())
	}
	if _, err := Show(&out, rows); err != nil || len(rows) < 12 || strings.Count(out.String(), "\n") < len(rows) {
		t.Errorf("%v, %d rows:\n%s", err, len(rows), out.String())
	}
}
