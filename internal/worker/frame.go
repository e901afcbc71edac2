package worker

import (
	"encoding/binary"
	"fmt"
	"io"

	"github.com/fxamacker/cbor/v2"
)

// What a frame says.
type word uint8

const (
	hello  word = iota + 1 // child: I am closed in; Walls
	ask                    // parent: Data is the ask, N the size of the source
	read                   // child: N bytes at Off, please
	block                  // parent: Data is what was read; Err
	answer                 // child: Data is the answer, N the memory it takes; Err
)

// frame is one message between parent and child: its length in four bytes, then
// itself in CBOR.
type frame struct {
	Word  word   `cbor:"1,keyasint"`
	Off   int64  `cbor:"2,keyasint,omitempty"`
	N     int64  `cbor:"3,keyasint,omitempty"`
	Data  []byte `cbor:"4,keyasint,omitempty"`
	Err   string `cbor:"5,keyasint,omitempty"`
	Walls []Wall `cbor:"6,keyasint,omitempty"`
}

// maxFrame bounds a frame: an answer holds some pictures and the text.
const maxFrame = 64 << 20

// wire encodes and decodes frames. What the other side says is not trusted: a
// child may have been taken over by the file it reads.
type wire struct {
	r   io.Reader
	w   io.Writer
	dec cbor.DecMode
}

func newWire(r io.Reader, w io.Writer) (*wire, error) {
	dec, err := cbor.DecOptions{
		MaxNestedLevels: 4, MaxArrayElements: 64, MaxMapPairs: 16,
		IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden,
		UTF8: cbor.UTF8DecodeInvalid, // an error may hold the name of a file
	}.DecMode()
	return &wire{r, w, dec}, err
}

// send writes f.
func (w *wire) send(f frame) error {
	b, err := cbor.Marshal(f)
	if err != nil {
		return err
	}
	if len(b) > maxFrame {
		return fmt.Errorf("a message of %d bytes is too long", len(b))
	}
	if _, err := w.w.Write(binary.BigEndian.AppendUint32(nil, uint32(len(b)))); err != nil {
		return err
	}
	_, err = w.w.Write(b)
	return err
}

// receive reads the next frame; io.EOF when the other side has ended.
func (w *wire) receive() (f frame, err error) {
	var head [4]byte
	if _, err := io.ReadFull(w.r, head[:]); err != nil {
		return f, err
	}
	n := binary.BigEndian.Uint32(head[:])
	if n > maxFrame {
		return f, fmt.Errorf("a message of %d bytes is too long", n)
	}
	b, err := io.ReadAll(io.LimitReader(w.r, int64(n))) // grows with what comes, not with what was promised
	if err != nil {
		return f, err
	}
	if len(b) < int(n) {
		return f, io.ErrUnexpectedEOF
	}
	return f, w.dec.Unmarshal(b, &f)
}
