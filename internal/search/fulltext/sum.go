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

// A file of words to which nothing was written for a while, or that was closed in
// good order, has its checksum beside it, which is taken away before the first
// change: SQLite itself does not notice when a bit of its pages flips. A file
// without one is not used.
type sum struct {
	path    string
	mu      sync.Mutex
	gone    bool
	changes int
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

// check holds the file of words against its checksum. Errors: errDamaged, those of
// the disk.
func (s *sum) check(of string) error {
	b, err := os.ReadFile(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return errDamaged
	}
	if err != nil {
		return err
	}
	var want sumFile
	if json.Unmarshal(b, &want) != nil {
		return errDamaged
	}
	// What stands in a log beside it would count, too.
	if fi, err := os.Lstat(of + "-wal"); err == nil && fi.Size() > 0 {
		return errDamaged
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
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
	s.changes++
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

// state tells whether the file may be another than the checksum says, and how often
// it was about to change.
func (s *sum) state() (gone bool, changes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.gone, s.changes
}

// make notes the checksum of a file that holds all that was written to it until so
// many changes, unless there were more since, or it has one.
func (s *sum) make(of string, changes int) error {
	if gone, _ := s.state(); !gone {
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
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.changes != changes {
		return nil
	}
	if err := durable.Replace(s.path, b); err != nil {
		return err
	}
	s.gone = false
	return nil
}
