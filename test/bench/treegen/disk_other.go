//go:build !linux

package treegen

import (
	"os"
	"path/filepath"
	"time"
)

// disk writes folders by path: slower than on Linux, the same tree but for the
// times of symlinks.
type disk struct{ root string }

func openDisk(root string) (*disk, error) {
	_, err := os.Stat(root)
	return &disk{root}, err
}

func (d *disk) close() {}

func (d *disk) write(into dir, entries []entry) error {
	at := filepath.Join(d.root, filepath.FromSlash(into.path))
	for _, e := range entries {
		if err := make1(filepath.Join(at, e.name), e); err != nil {
			return err
		}
	}
	if into.path == "" {
		return nil
	}
	return os.Chtimes(at, time.Unix(0, into.mtime), time.Unix(0, into.mtime))
}

func make1(path string, e entry) error {
	switch e.kind {
	case folder:
		return os.Mkdir(path, 0o755)
	case symlink:
		return os.Symlink(e.target, path)
	}
	if err := os.WriteFile(path, []byte(e.content), 0o644); err != nil {
		return err
	}
	if err := os.Truncate(path, e.size); err != nil {
		return err
	}
	return os.Chtimes(path, time.Unix(0, e.mtime), time.Unix(0, e.mtime))
}
