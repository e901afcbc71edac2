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
	"time"

	"github.com/stardrive/stardrive/internal/durable"
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
	if err := durable.Replace(path, append(b, '\n')); err != nil {
		return errs.New(errs.KindOf(err), "store the device's name: %w", err).At(path).
			Try("Make the data folder " + filepath.Dir(path) + " writable, with some space left.")
	}
	return nil
}
