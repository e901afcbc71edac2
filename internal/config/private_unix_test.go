//go:build unix

package config

import (
	"os"
	"path/filepath"
	"testing"
)

// TestStrangersFolderIsRefused: what another user may have put where our socket
// goes is not used.
func TestStrangersFolderIsRefused(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "x")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := private(folder); err != nil {
		t.Errorf("our own: %v", err)
	}
	if info, err := os.Stat(folder); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("our own stays open to others: %v, %v", info.Mode(), err)
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(folder, link); err != nil {
		t.Fatal(err)
	}
	if private(link) == nil {
		t.Error("a symlink is accepted")
	}
	if os.Getuid() == 0 {
		if err := os.Chown(folder, 12345, -1); err != nil {
			t.Fatal(err)
		}
		if private(folder) == nil {
			t.Error("another user's folder is accepted")
		}
	}
}
