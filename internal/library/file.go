package library

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/stardrive/stardrive/internal/durable"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
)

// format is the version of a library's folder. A newer one is refused.
const format = 1

// stored is what library.json holds.
type stored struct {
	ID      ident.LibraryID `json:"id"`
	Name    string          `json:"name"` // follows the folder's name
	Created time.Time       `json:"created"`
	Format  int             `json:"format"`
}

const restore = "Restore it from a backup of the library's folder."

// load reads the library.json of a library's folder. What is wrong with it is
// errs.Invalid, or errs.Conflict if a newer Stardrive wrote it.
func load(folder string) (s stored, err error) {
	path := filepath.Join(folder, infoFile)
	damaged := func(why error) (stored, error) {
		return stored{}, errs.New(errs.Invalid, "the library's description is damaged: %w", why).At(path).Try(restore)
	}
	fi, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return damaged(errors.New("it is missing"))
	case err != nil:
		return s, errs.New(errs.KindOf(err), "%w", err).At(path)
	case !fi.Mode().IsRegular() || fi.Size() > 64<<10:
		return damaged(errors.New("it is no small file"))
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return s, errs.New(errs.KindOf(err), "%w", err).At(path).Try("Make the library's folder readable for you.")
	}
	var version struct {
		Format int `json:"format"`
	}
	if err := json.Unmarshal(b, &version); err != nil {
		return damaged(err)
	}
	if version.Format > format {
		return s, errs.New(errs.Conflict, "a newer Stardrive made this library: its format is %d, and this one knows formats up to %d", version.Format, format).
			At(folder).Try("Upgrade Stardrive.")
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&s); err != nil {
		return damaged(err)
	}
	if _, more := dec.Token(); !errors.Is(more, io.EOF) {
		return damaged(errors.New("something follows its end"))
	}
	if s.Format != format || !looksLikeID(string(s.ID)) {
		return damaged(errors.New("it names no library"))
	}
	return s, nil
}

// save writes library.json at one blow, for nobody else to read.
func save(folder string, s stored) error {
	b, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return errs.New(errs.Internal, "%w", err)
	}
	path := filepath.Join(folder, infoFile)
	if err := durable.Replace(path, append(b, '\n')); err != nil {
		return errs.New(errs.KindOf(err), "describe the library: %w", err).At(path)
	}
	return nil
}

// makeFolder makes a folder that only the user may enter, whatever the umask.
func makeFolder(path string) error {
	if err := os.Mkdir(path, 0o700); err != nil {
		return err
	}
	return os.Chmod(path, 0o700)
}

// ensureFolder makes a folder unless it is there.
func ensureFolder(path string) error {
	err := makeFolder(path)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}

// move renames a folder to a name that is free, and makes that durable.
func move(from, to string) error {
	if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) && !sameFolder(from, to) {
		return errs.New(errs.Conflict, "there is something of that name already").At(to)
	}
	if err := os.Rename(from, to); err != nil {
		return errs.New(errs.KindOf(err), "%w", err).At(from)
	}
	if err := durable.SyncFolder(filepath.Dir(to)); err != nil {
		return errs.New(errs.KindOf(err), "%w", err).At(to)
	}
	if filepath.Dir(from) != filepath.Dir(to) {
		if err := durable.SyncFolder(filepath.Dir(from)); err != nil {
			return errs.New(errs.KindOf(err), "%w", err).At(from)
		}
	}
	return nil
}

// sameFolder reports whether two names lead to one folder, as names that differ
// in case do on some file systems.
func sameFolder(a, b string) bool {
	x, err := os.Lstat(a)
	if err != nil {
		return false
	}
	y, err := os.Lstat(b)
	return err == nil && os.SameFile(x, y)
}
