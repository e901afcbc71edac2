package treegen

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Scan describes the tree below root as it is on disk, by the plainest walk
// there is.
func Scan(root string) (Manifest, error) {
	var s sum
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil || p == root {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		k := file
		switch d.Type() {
		case fs.ModeDir:
			k = folder
		case fs.ModeSymlink:
			k = symlink
		case 0:
		default:
			return fmt.Errorf("%s: a %v in a generated tree", p, d.Type())
		}
		s.entry(filepath.ToSlash(strings.TrimPrefix(p, root+string(os.PathSeparator))), k, info.Size(), info.ModTime().UnixNano())
		return nil
	})
	return s.manifest(0), err
}

// Matches reports whether m describes the same tree as o.
func (m Manifest) Matches(o Manifest) bool {
	return m.Version == o.Version && m.Entries == o.Entries && m.Hash == o.Hash
}
