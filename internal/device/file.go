package device

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
)

// stored is what InfoFile holds.
type stored struct {
	ID      ident.DeviceID `json:"id"`
	Name    string         `json:"name"`
	Created time.Time      `json:"created"`
}

func (s stored) view() Info {
	return Info{ID: s.ID, Display: Display(s.ID), Name: s.Name, Slug: Slug(s.Name), Created: s.Created}
}

// loadInfo reads InfoFile; known is false if there is none.
func loadInfo(path string) (s stored, known bool, err error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return s, false, nil
	}
	if err != nil {
		return s, false, errs.New(errs.KindOf(err), "%w", err).At(path)
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	if err = dec.Decode(&s); err == nil {
		if _, more := dec.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("something follows its end")
		}
	}
	if err == nil {
		s.Name, err = checkName(s.Name)
	}
	if err == nil {
		_, err = PublicKey(s.ID)
	}
	if err != nil {
		return s, false, errs.New(errs.Invalid, "the file is damaged: %w", err).At(path).
			Try(fmt.Sprintf("Restore it from a backup, or remove it: the device keeps its id, which %s holds, and gets the host's name again.", KeyFile))
	}
	return s, true, nil
}

func saveInfo(path string, s stored) error {
	b, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return errs.New(errs.Internal, "%w", err)
	}
	if err := replaceFile(path, append(b, '\n')); err != nil {
		return errs.New(errs.KindOf(err), "store the device's name: %w", err).At(path).
			Try("Make the data folder " + filepath.Dir(path) + " writable, with some space left.")
	}
	return nil
}

// createFile makes a file that was not there: whole, on the disk and for nobody
// else, or not at all. It is fs.ErrExist if there is one, which stays as it is.
func createFile(path string, b []byte) error {
	return publish(path, b, func(temp string) error {
		err := os.Link(temp, path)
		if err == nil || errors.Is(err, fs.ErrExist) {
			return err
		}
		// A file system without hard links.
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			return fs.ErrExist
		}
		return os.Rename(temp, path)
	})
}

// replaceFile makes or replaces a file at one blow.
func replaceFile(path string, b []byte) error {
	return publish(path, b, func(temp string) error { return os.Rename(temp, path) })
}

// publish writes b to a file beside path, and has place give it its name. What
// is there when a process dies in between is one stale file, which the next one
// takes away.
func publish(path string, b []byte, place func(temp string) error) error {
	sweep(path)
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	err = f.Chmod(0o600) // whatever the umask took away
	if runtime.GOOS == "windows" {
		err = nil
	}
	if err == nil {
		_, err = f.Write(b)
	}
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = place(f.Name())
	}
	if err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// sweep removes what died before its name was given to it.
func sweep(path string) {
	stale, _ := filepath.Glob(path + ".*.tmp") // a bad pattern finds nothing, which does no harm
	for _, temp := range stale {
		if fi, err := os.Lstat(temp); err == nil && time.Since(fi.ModTime()) > time.Hour {
			_ = os.Remove(temp) // or the next one does
		}
	}
}

// syncFolder makes the names in a folder durable.
func syncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // cannot be done, and is not needed on NTFS
	}
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
