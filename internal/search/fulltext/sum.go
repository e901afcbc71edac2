package fulltext

import (
	"encoding/json"
	"errors"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/stardrive/stardrive/internal/durable"
)

// A file of words that was closed in good order has its checksum beside it, which
// is taken away before the first change: SQLite itself does not notice when a bit
// of its pages flips. While there is one, the file must be as it says.
type sum struct {
	path string
	mu   sync.Mutex
	gone bool
}

type sumFile struct {
	Size int64  `json:"size"`
	CRC  uint32 `json:"crc32c"`
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func sumOf(path string) (s sumFile, err error) {
	f, err := os.Open(path)
	if err != nil {
		return s, err
	}
	defer f.Close()
	h := crc32.New(castagnoli)
	s.Size, err = io.CopyBuffer(struct{ io.Writer }{h}, struct{ io.Reader }{f}, make([]byte, 1<<20))
	s.CRC = h.Sum32()
	return s, err
}

// check holds the file of words against its checksum, if it has one.
func (s *sum) check(of string) error {
	b, err := os.ReadFile(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var want sumFile
	if json.Unmarshal(b, &want) != nil {
		return errDamaged
	}
	got, err := sumOf(of)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if got != want {
		return errDamaged
	}
	return nil
}

// drop takes the checksum away, before the file changes.
func (s *sum) drop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone {
		return nil
	}
	err := os.Remove(s.path)
	if err == nil {
		err = durable.SyncFolder(filepath.Dir(s.path))
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	s.gone = true
	return nil
}

// isGone reports whether the file may have changed.
func (s *sum) isGone() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.gone
}

// make notes the checksum of a file that was closed, unless it has one already.
func (s *sum) make(of string) error {
	if _, err := os.Lstat(s.path); err == nil {
		return nil
	}
	now, err := sumOf(of)
	if err != nil {
		return err
	}
	b, err := json.Marshal(now)
	if err != nil {
		return err
	}
	return durable.Replace(s.path, b)
}
