//go:build unix

package config_test

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stardrive/stardrive/internal/config"
)

// TestSecureSocketWorks uses the real folder below /tmp, and leaves it there:
// a daemon of this user may be using it.
func TestSecureSocketWorks(t *testing.T) {
	l := config.Layout{Dir: filepath.Join(t.TempDir(), strings.Repeat("long/", 30))}
	for range 2 {
		if err := l.SecureSocket(); err != nil {
			t.Fatal(err)
		}
	}
	info, err := os.Lstat(filepath.Dir(l.Socket()))
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info, err)
	}
	listener, err := net.Listen("unix", l.Socket())
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
}

func TestShortSocketNeedsNothing(t *testing.T) {
	l := config.Layout{Dir: "/nowhere/at/all"}
	if err := l.SecureSocket(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(l.Dir); err == nil {
		t.Error("a folder was made")
	}
}
