//go:build unix

package config

import (
	"errors"
	"os"
	"syscall"
)

// shortTemp is the same for every process of the machine, unlike $TMPDIR, which
// a daemon and a shell may not share.
func shortTemp() string { return "/tmp" }

// private makes sure that folder belongs to this user alone.
func private(folder string) error {
	info, err := os.Lstat(folder)
	if err != nil {
		return err
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !info.IsDir() || !ok || int(owner.Uid) != os.Getuid() {
		return errors.New("somebody else made it")
	}
	if info.Mode().Perm() != 0o700 {
		return os.Chmod(folder, 0o700)
	}
	return nil
}
