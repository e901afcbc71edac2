package volumes

import (
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/stardrive/stardrive/internal/errs"
)

// Mark tells a copy from the volume it is a copy of, on every machine. It is a
// small file in the volume's root folder, written only when a person agreed. A
// mark that was copied to another volume says itself that it does not count.
type Mark struct {
	ID  string // 16 hexadecimal digits
	For string // the identity that the volume shares with others
}

// markFile is the name of the file.
const markFile = ".stardrive-volume"

const maxMark = 512 // bytes that are read

func (m Mark) text() string {
	return m.ID + "\n" + m.For + "\nStardrive knows this volume by the first line. Without this file it is taken for another one.\n"
}

// parseMark reads what text wrote; ok is false for anything else.
func parseMark(text string) (m Mark, ok bool) {
	id, rest, _ := strings.Cut(text, "\n")
	of, _, ok := strings.Cut(rest, "\n")
	if b, err := hex.DecodeString(id); err != nil || len(b) != 8 || strings.ToLower(id) != id || !ok || printable(of) != of || of == "" {
		return Mark{}, false
	}
	return Mark{id, of}, true
}

// readMark returns the mark of the volume at a mount point, the zero Mark where
// there is none. Nothing but a file is opened.
func readMark(point string) Mark {
	path := filepath.Join(filepath.FromSlash(point), markFile)
	seen, err := os.Lstat(path)
	if err != nil || !seen.Mode().IsRegular() || seen.Size() > maxMark {
		return Mark{}
	}
	f, err := os.Open(path)
	if err != nil {
		return Mark{}
	}
	defer f.Close()
	if opened, err := f.Stat(); err != nil || !os.SameFile(seen, opened) {
		return Mark{}
	}
	b, err := io.ReadAll(io.LimitReader(f, maxMark))
	if err != nil {
		return Mark{}
	}
	m, _ := parseMark(string(b))
	return m
}

// writeMark leaves the mark, whole or not at all.
func writeMark(point string, m Mark) (err error) {
	root, err := os.OpenRoot(filepath.FromSlash(point))
	if err != nil {
		return fmt.Errorf("open the volume: %w", err)
	}
	defer root.Close()
	temp := markFile + "-" + m.ID
	f, err := root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return errs.New(errs.KindOf(err), "the mark cannot be written: %w", err)
	}
	defer func() {
		if err != nil {
			_ = root.Remove(temp) // the first error tells more
		}
	}()
	if _, err = f.WriteString(m.text()); err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = root.Rename(temp, markFile)
	}
	if err == nil {
		err = syncFolder(root)
	}
	return err
}

// syncFolder makes the names in the volume's root folder durable, where the
// system can.
func syncFolder(root *os.Root) error {
	d, err := root.Open(".")
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errs.Is(err, errs.Unsupported) && !errs.Is(err, errs.Invalid) {
		return err
	}
	return nil
}
