package portable

import (
	"bufio"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	json1 "encoding/json"
	"hash"
	"io"

	"github.com/go-json-experiment/json"

	"github.com/stardrive/stardrive/internal/vfs"
)

// Writer writes one file: the header, then folder by folder, beginning with that
// of the location. After a folder comes the one that was added last and has not
// had its turn.
type Writer struct {
	gz      *gzip.Writer
	buf     *bufio.Writer
	sum     hash.Hash
	entries int64
	todo    []uint64 // folders to come
	folders uint64   // numbers given out
}

// NewWriter begins a file on w, which stays the caller's.
func NewWriter(w io.Writer, h Header) (*Writer, error) {
	gz, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	for _, o := range []*json1.RawMessage{&h.Volume.Facts, &h.Location.Settings} {
		if len(*o) == 0 {
			*o = nil
		}
	}
	x := &Writer{gz: gz, sum: sha256.New(), todo: []uint64{1}, folders: 1}
	x.buf = bufio.NewWriterSize(io.MultiWriter(gz, x.sum), 64<<10)
	return x, x.put(head{format, version, h})
}

// Folder begins the next folder. What stands in it is added before the next call:
// what bears a name in the byte order of the names, then the rest likewise.
func (w *Writer) Folder() error {
	n := w.todo[len(w.todo)-1]
	w.todo = w.todo[:len(w.todo)-1]
	return w.put(line{Folder: n})
}

// Add adds an entry to the folder. A folder will have its turn.
func (w *Writer) Add(e Entry) error {
	w.entries++
	if e.Kind == vfs.Folder {
		w.folders++
		w.todo = append(w.todo, w.folders)
	}
	return w.put(line{entryLine: e.line()})
}

// Close ends the file. A file without it is refused.
func (w *Writer) Close() error {
	if err := w.buf.Flush(); err != nil {
		return err
	}
	if err := w.put(line{End: &end{w.entries, hex.EncodeToString(w.sum.Sum(nil))}}); err != nil {
		return err
	}
	if err := w.buf.Flush(); err != nil {
		return err
	}
	return w.gz.Close()
}

func (w *Writer) put(v any) error {
	b, err := json.Marshal(v, json.Deterministic(true))
	if err != nil {
		return err
	}
	_, err = w.buf.Write(append(b, '\n'))
	return err
}
