//go:build !windows

package device

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestF10UmaskChangesNothing(t *testing.T) {
	for _, umask := range []int{0, 0o077, 0o777} {
		dir := t.TempDir()
		old := syscall.Umask(umask) // of the whole process: no test here runs in parallel
		d, err := Open(options(dir))
		if err == nil {
			_, err = d.Rename(t.Context(), "x")
		}
		syscall.Umask(old)
		if err != nil {
			t.Fatalf("umask %03o: %v", umask, err)
		}
		for _, name := range []string{KeyFile, InfoFile} {
			fi, err := os.Stat(filepath.Join(dir, name))
			if err != nil || fi.Mode().Perm() != 0o600 {
				t.Errorf("umask %03o: %s has mode %v, %v", umask, name, fi.Mode(), err)
			}
		}
	}
}
