//go:build unix

package store

import (
	"os"
	"syscall"
	"testing"
)

// TestFault_F10_Umask: the database is the user's alone, whatever the umask.
func TestFault_F10_Umask(t *testing.T) {
	for _, mask := range []int{0, 0o022, 0o777} {
		o := testOptions(t)
		old := syscall.Umask(mask)
		db, err := Open(t.Context(), o)
		if err == nil {
			err = db.Write(t.Context(), insert("x"))
		}
		syscall.Umask(old)
		if err != nil {
			t.Fatalf("umask %o: %v", mask, err)
		}
		for _, suffix := range []string{"", "-wal", "-shm"} {
			info, err := os.Stat(o.Path + suffix)
			if err != nil {
				t.Fatal(err)
			}
			if info.Mode().Perm() != 0o600 {
				t.Errorf("umask %o: %s has mode %o", mask, suffix, info.Mode().Perm())
			}
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}
