package cli

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/stardrive/stardrive/internal/config"
	"github.com/stardrive/stardrive/internal/errs"
)

// layout finds the data folder. It creates nothing.
func (s *shell) layout() (config.Layout, error) {
	dir, err := config.Dir(s.dataFlag, s.deps.Env)
	return config.Layout{Dir: dir}, err
}

// checkFolder refuses a data folder that is somebody else's: a daemon keeps its
// folder from other users, and --data /tmp would keep them from theirs.
func checkFolder(l config.Layout) error {
	for _, ours := range []string{l.SpawnLock(), l.DaemonLock(), l.Token(), l.Settings(), l.Libraries()} {
		if _, err := os.Lstat(ours); err == nil {
			return nil
		}
	}
	f, err := os.Open(l.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		defer f.Close()
		_, err = f.Readdirnames(1)
	}
	switch {
	case errors.Is(err, io.EOF): // empty
		return nil
	case err != nil:
		return errs.New(errs.KindOf(err), "cannot look into the data folder: %w", err).Try("Say where to keep the data with --data DIR.")
	}
	return errs.New(errs.Invalid, "this folder holds other things than Stardrive's data").At(l.Dir).
		Try("Give --data a folder of its own.")
}

// makeFolder makes a folder and those above it for their owner alone, whatever
// the umask is. One that exists stays as it is: whose it is and who may see it
// is for the daemon to judge.
func makeFolder(dir string) error {
	err := os.Mkdir(dir, 0o700)
	switch {
	case errors.Is(err, fs.ErrExist):
		return nil
	case errors.Is(err, fs.ErrNotExist) && filepath.Dir(dir) != dir:
		if err := makeFolder(filepath.Dir(dir)); err != nil {
			return err
		}
		if err = os.Mkdir(dir, 0o700); errors.Is(err, fs.ErrExist) {
			return nil
		}
	}
	if err == nil {
		err = os.Chmod(dir, 0o700)
	}
	if err != nil {
		return errs.New(errs.KindOf(err), "cannot make the data folder: %w", err).Try("Say where to keep the data with --data DIR.")
	}
	return nil
}
