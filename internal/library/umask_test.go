//go:build unix

package library

import (
	"io/fs"
	"path/filepath"
	"syscall"
	"testing"
)

func TestF10UmaskChangesNothing(t *testing.T) {
	for _, umask := range []int{0, 0o077, 0o777} {
		dir := t.TempDir()
		old := syscall.Umask(umask) // of the whole process: no test here runs in parallel
		err := func() error {
			defer syscall.Umask(old)
			m := manager(t, dir)
			l, err := m.Create(t.Context(), "Home")
			if err != nil {
				return err
			}
			write(t, l, "x")
			if _, err := m.Rename(t.Context(), "Home", "Other"); err != nil {
				return err
			}
			return m.Remove(t.Context(), "Other", false)
		}()
		if err != nil {
			t.Fatalf("umask %03o: %v", umask, err)
		}
		err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || path == dir {
				return err
			}
			fi, err := d.Info()
			if err != nil {
				return err
			}
			want := fs.FileMode(0o600)
			if d.IsDir() {
				want = 0o700
			}
			if fi.Mode().Perm() != want {
				t.Errorf("umask %03o: %s has mode %v", umask, path, fi.Mode())
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
