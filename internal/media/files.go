package media

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/durable"
	"github.com/stardrive/stardrive/internal/errs"
)

// maxPicture bounds what a decoder may have us keep for a picture.
const maxPicture = 16 << 20

// formats are what pictures may be, with how their files begin and are called.
// Browsers show them as what they are and nothing else.
var formats = []struct{ mime, ext, magic string }{
	{"image/jpeg", "jpg", "\xff\xd8\xff"},
	{"image/png", "png", "\x89PNG\r\n\x1a\n"},
}

// name is what a picture's file is known by.
type name struct {
	hash    catalog.Hash
	kind    Kind
	version int
	mime    string
}

func (n name) ext() string {
	for _, f := range formats {
		if f.mime == n.mime {
			return f.ext
		}
	}
	return "bin"
}

// file is its path below the folder of sidecars.
func (n name) file() string {
	hex := hex.EncodeToString(n.hash[:])
	return filepath.Join(hex[:2], hex[2:4], fmt.Sprintf("%s-%s.%d.%s", hex, n.kind, n.version, n.ext()))
}

// parseName undoes file, but for the folders: base is the file's own name.
func parseName(base string) (n name, ok bool) {
	hash, rest, _ := strings.Cut(base, "-")
	parts := strings.Split(rest, ".")
	b, err := hex.DecodeString(hash)
	if err != nil || len(b) != len(n.hash) || len(parts) != 3 {
		return n, false
	}
	copy(n.hash[:], b)
	n.kind = Kind(parts[0])
	n.version, err = strconv.Atoi(parts[1])
	for _, f := range formats {
		if f.ext == parts[2] {
			n.mime = f.mime
		}
	}
	return n, err == nil && n.mime != "" && sorts[n.kind].side > 0
}

// files are the pictures in the library's folder. All of them can be made again.
type files struct{ folder string }

// checkPicture returns why a picture cannot be kept, for people; "" if it can.
func checkPicture(p Picture) string {
	for _, f := range formats {
		if f.mime == p.MIME {
			if len(p.Bytes) > maxPicture {
				return "the picture made of it is too large"
			}
			if !bytes.HasPrefix(p.Bytes, []byte(f.magic)) {
				return "the picture made of it is none"
			}
			return ""
		}
	}
	return fmt.Sprintf("the picture made of it is of a strange type: %q", p.MIME)
}

// write stores a picture, in place of one of the same name.
func (f files) write(n name, b []byte) error {
	path := filepath.Join(f.folder, n.file())
	err := durable.Cache(path, b)
	if errors.Is(err, fs.ErrNotExist) {
		if err = f.makeFolders(filepath.Dir(path)); err == nil {
			err = durable.Cache(path, b)
		}
	}
	if err != nil {
		return errs.New(errs.KindOf(err), "a picture cannot be stored: %w", err).At(path)
	}
	return nil
}

// makeFolders makes dir, which is two levels below the folder of all pictures,
// its owner's alone, whatever the umask.
func (f files) makeFolders(dir string) error {
	for _, d := range []string{f.folder, filepath.Dir(dir), dir} {
		err := os.Mkdir(d, 0o700)
		if err == nil {
			err = os.Chmod(d, 0o700)
		}
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return nil
}

// open returns a picture that has size bytes and begins as its type demands; a
// power cut may have left something else. The caller closes it. Errors:
// errs.NotFound.
func (f files) open(n name, size int64) (*os.File, error) {
	path := filepath.Join(f.folder, n.file())
	file, err := os.Open(path)
	if err != nil {
		return nil, errs.New(errs.KindOf(err), "%w", err)
	}
	if whole(file, n, size) {
		return file, nil
	}
	_ = file.Close() // it was only read
	return nil, errs.New(errs.NotFound, "it is not what was stored").At(path)
}

func whole(file *os.File, n name, size int64) bool {
	fi, err := file.Stat()
	if err != nil || fi.Size() != size {
		return false
	}
	for _, f := range formats {
		if f.mime == n.mime {
			head := make([]byte, len(f.magic))
			_, err := file.ReadAt(head, 0)
			return (err == nil || errors.Is(err, io.EOF)) && string(head) == f.magic
		}
	}
	return false
}

// remove takes a picture away; one that is not there is no error.
func (f files) remove(n name) error {
	err := os.Remove(filepath.Join(f.folder, n.file()))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return errs.New(errs.KindOf(err), "%w", err)
	}
	return nil
}

// removeStray removes a file that walk found, if no link leads to it by now.
func (f files) removeStray(path string) error {
	root, err := os.OpenRoot(f.folder)
	if err != nil {
		return err
	}
	defer root.Close() //nolint:errcheck // nothing is written by it
	dir, base := filepath.Split(path)
	for at := filepath.Clean(dir); at != "."; at = filepath.Dir(at) {
		if fi, err := root.Lstat(at); err != nil || !fi.IsDir() {
			return errs.New(errs.Conflict, "it is no folder of ours").At(at)
		}
	}
	return root.Remove(filepath.Join(dir, base))
}

// found is a file in the folder.
type found struct {
	path     string // below the folder
	name     name
	ours     bool // it is named as a picture, or as one that is being written
	inPlace  bool // it is a picture of this name where it belongs
	size     int64
	modified time.Time
}

// temporary is how the names of files end that are being written.
var temporary = regexp.MustCompile(`\.[0-9]+\.tmp$`)

// walk calls fn with all files that are in the folder; what is no regular file is
// none. Errors of single folders are left out: what cannot be read cannot be
// cleaned either. A folder that is a link is not ours to look into.
func (f files) walk(ctx context.Context, fn func(found) error) error {
	return filepath.WalkDir(f.folder, func(path string, d fs.DirEntry, err error) error {
		if e := ctx.Err(); e != nil {
			return e
		}
		if err != nil || !d.Type().IsRegular() {
			return nil
		}
		fi, err := d.Info()
		if err != nil {
			return nil
		}
		rel, err := filepath.Rel(f.folder, path)
		if err != nil {
			return nil
		}
		one := found{path: rel, size: fi.Size(), modified: fi.ModTime()}
		if one.name, one.ours = parseName(d.Name()); one.ours {
			one.inPlace = one.name.file() == rel
		} else {
			_, one.ours = parseName(temporary.ReplaceAllString(d.Name(), ""))
		}
		return fn(one)
	})
}
