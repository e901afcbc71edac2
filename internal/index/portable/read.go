package portable

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"

	"github.com/go-json-experiment/json"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Reader reads one file, and refuses whatever no Writer writes: errs.Invalid, or
// errs.Unsupported for a later version. An error of the file itself is returned
// as it is.
type Reader struct {
	Header  Header
	in      *bufio.Reader
	sum     hash.Hash
	before  []byte // the sum before the line that is being read
	buf     []byte
	todo    []folder // to come; the last is next
	folders uint64   // numbers given out
	entries int64
	bytes   int64
	at      *folder
	last    string // name in it
	away    bool   // what is not there any more has begun
}

type folder struct {
	number uint64
	depth  int
	state  State
}

// Item is what Next returns: the beginning of the next folder (Entry nil), or an
// entry in it. Folders come in the order that Writer describes.
type Item struct{ Entry *Entry }

// NewReader reads the header.
func NewReader(r io.Reader) (*Reader, error) {
	gz, err := gzip.NewReader(r)
	if err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, gzip.ErrHeader) {
			return nil, notOurs()
		}
		return nil, err
	}
	x := &Reader{in: bufio.NewReaderSize(gz, 64<<10), sum: sha256.New()}
	b, err := x.line(maxHead)
	if err != nil {
		return nil, err
	}
	var is struct {
		Format  string `json:"format"`
		Version int    `json:"version"`
	}
	switch err := json.Unmarshal(b, &is); {
	case err != nil || is.Format != format || is.Version < 1:
		return nil, notOurs()
	case is.Version > version:
		return nil, errs.New(errs.Unsupported, "the file is of version %d, and this Stardrive reads up to %d", is.Version, version).
			Try("Use a newer Stardrive. Nothing was imported.")
	}
	var h head
	if err := json.Unmarshal(b, &h, json.RejectUnknownMembers(true)); err != nil {
		return nil, unreadable(err)
	}
	x.Header = h.Header
	x.folders, x.todo = 1, []folder{{1, len(h.Path), Present}}
	return x, x.Header.check()
}

func notOurs() error {
	return errs.New(errs.Invalid, "this is no exported location").Try("Export one with: stardrive location export NAME FILE")
}

// Entries is how many entries were read so far.
func (r *Reader) Entries() int64 { return r.entries }

// Next returns what comes next, and io.EOF when the file has ended as it should.
// An Entry is the caller's.
func (r *Reader) Next() (Item, error) {
	b, err := r.line(maxLine)
	if err != nil {
		return Item{}, err
	}
	var l line
	if err := json.Unmarshal(b, &l, json.RejectUnknownMembers(true)); err != nil {
		return Item{}, unreadable(err)
	}
	switch {
	case l.End != nil && l.Folder == 0 && l.Kind == "":
		return Item{}, r.end(l.End)
	case l.End != nil || (l.Folder != 0) == (l.Kind != ""):
		return Item{}, damaged("a line says nothing, or too much")
	case l.Folder != 0:
		return Item{}, r.begin(l.Folder)
	}
	e, err := l.entry()
	if err == nil {
		err = r.add(&e)
	}
	return Item{&e}, err
}

func (r *Reader) begin(number uint64) error {
	if len(r.todo) == 0 || r.todo[len(r.todo)-1].number != number {
		return damaged("folder %d comes out of its turn", number)
	}
	r.at, r.last, r.away = &folder{}, "", false
	*r.at = r.todo[len(r.todo)-1]
	r.todo = r.todo[:len(r.todo)-1]
	return nil
}

func (r *Reader) add(e *Entry) error {
	if r.at == nil {
		return damaged("%q is in no folder", e.Name)
	}
	if err := e.check(r.at.state); err != nil {
		return err
	}
	there := e.State.there()
	switch {
	case there && r.away, e.Name < r.last && there != r.away, there && e.Name == r.last:
		return damaged("%q comes out of its turn, or twice", e.Name)
	case !there && !r.away:
		r.away = true
	}
	r.last = e.Name
	r.entries++
	if e.Kind == vfs.File {
		r.bytes += e.Size
	}
	if r.bytes > maxBytes {
		return damaged("the files are larger than any disk")
	}
	if e.Kind == vfs.Folder {
		if r.at.depth >= maxDepth {
			return damaged("%q is too deep", e.Name)
		}
		r.folders++
		r.todo = append(r.todo, folder{r.folders, r.at.depth + 1, e.State})
	}
	return nil
}

func (r *Reader) end(e *end) error {
	switch {
	case len(r.todo) > 0:
		return damaged("folders are left out")
	case e.Entries != r.entries || e.SHA256 != hex.EncodeToString(r.before):
		return damaged("the file is not as it was written: its check sum is another")
	}
	switch _, err := r.in.ReadByte(); {
	case err == nil:
		return damaged("something follows the end")
	case errors.Is(err, io.EOF):
		return io.EOF
	default:
		return unpacked(err)
	}
}

// line returns the next line, without its end, until the next call.
func (r *Reader) line(most int) ([]byte, error) {
	r.before = r.sum.Sum(r.before[:0])
	r.buf = r.buf[:0]
	for {
		part, err := r.in.ReadSlice('\n')
		r.buf = append(r.buf, part...)
		switch {
		case len(r.buf) > most:
			return nil, damaged("a line is longer than %d bytes", most)
		case err == nil:
			r.sum.Write(r.buf)
			return bytes.TrimSuffix(r.buf, []byte("\n")), nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, unpacked(err)
		}
	}
}

// unpacked is the error of a line that could not be had.
func unpacked(err error) error {
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return damaged("the file ends too early")
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum):
		return damaged("the file is no exported location, or damaged")
	case errors.As(err, new(flate.CorruptInputError)):
		return damaged("the file is damaged: %w", err)
	}
	return err
}

func unreadable(err error) error {
	if errs.Is(err, errs.Invalid) {
		return err
	}
	return damaged("a line cannot be read: %w", err)
}
