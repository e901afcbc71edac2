package embed

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
)

const (
	maxModelFile = 4 << 30
	maxTensorDir = 16 << 20
)

// tensors is a file of named arrays of numbers (safetensors). Nothing it says is
// believed before it fits the file's length, so that what is held in memory is
// never more than four bytes for each two of the file.
type tensors struct {
	f    *os.File
	data int64 // where the numbers begin
	dir  map[string]tensor
}

type tensor struct {
	Type    string   `json:"dtype"`
	Shape   []int64  `json:"shape"`
	Offsets [2]int64 `json:"data_offsets"`
}

// width is how many bytes a number of the type has; 0: it is none we read.
func (t *tensor) width() int64 {
	switch t.Type {
	case "F32":
		return 4
	case "F16", "BF16":
		return 2
	}
	return 0
}

func readTensors(f *os.File) (*tensors, error) {
	fi, err := f.Stat()
	if err != nil {
		return nil, err
	}
	size := fi.Size()
	if size > maxModelFile {
		return nil, fmt.Errorf("it has %d bytes, more than the %d allowed", size, int64(maxModelFile))
	}
	var length [8]byte
	if _, err := f.ReadAt(length[:], 0); err != nil {
		return nil, errors.New("it is too short to be a safetensors file")
	}
	n := binary.LittleEndian.Uint64(length[:])
	if n > maxTensorDir || int64(n) > size-8 {
		return nil, errors.New("it is no safetensors file: the length of its directory cannot be")
	}
	text := make([]byte, n)
	if _, err := f.ReadAt(text, 8); err != nil {
		return nil, err
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(text, &raw); err != nil {
		return nil, fmt.Errorf("its directory cannot be read: %w", err)
	}
	t := &tensors{f, 8 + int64(n), map[string]tensor{}}
	for name, entry := range raw {
		if name == "__metadata__" {
			continue
		}
		var x tensor
		if err := json.Unmarshal(entry, &x); err != nil {
			return nil, fmt.Errorf("its directory cannot be read at %.80q: %w", name, err)
		}
		lo, hi := x.Offsets[0], x.Offsets[1]
		if lo < 0 || hi < lo || hi > size-t.data {
			return nil, fmt.Errorf("%.80q lies outside of the file", name)
		}
		t.dir[name] = x
	}
	return t, nil
}

// load reads an array, which must have that shape and nothing but finite numbers.
func (t *tensors) load(name string, shape ...int) ([]float32, error) {
	x, ok := t.dir[name]
	if !ok {
		return nil, fmt.Errorf("it has no %q", name)
	}
	count := int64(1)
	for _, n := range shape {
		count *= int64(n) // of small numbers: see bertConfig.check
	}
	if !slices.EqualFunc(x.Shape, shape, func(a int64, b int) bool { return a == int64(b) }) {
		return nil, fmt.Errorf("%q has the shape %v, and the configuration asks for %v", name, x.Shape, shape)
	}
	width := x.width()
	if width == 0 {
		return nil, fmt.Errorf("%q is of type %.20q: only F32, F16 and BF16 can be read", name, x.Type)
	}
	if x.Offsets[1]-x.Offsets[0] != count*width {
		return nil, fmt.Errorf("%q has %d bytes, and its shape needs %d", name, x.Offsets[1]-x.Offsets[0], count*width)
	}
	out := make([]float32, 0, count)
	buf := make([]byte, 64<<10)
	for from := io.NewSectionReader(t.f, t.data+x.Offsets[0], count*width); int64(len(out)) < count; {
		n, err := io.ReadFull(from, buf[:min(int64(len(buf)), (count-int64(len(out)))*width)])
		if err != nil {
			return nil, err
		}
		out = x.decode(out, buf[:n])
	}
	if !finite(out) {
		return nil, fmt.Errorf("%q holds something that is no number", name)
	}
	return out, nil
}

// decode appends the numbers in b, which has whole ones only.
func (t *tensor) decode(out []float32, b []byte) []float32 {
	for ; len(b) > 0; b = b[t.width():] {
		switch t.Type {
		case "F32":
			out = append(out, math.Float32frombits(binary.LittleEndian.Uint32(b)))
		case "BF16":
			out = append(out, math.Float32frombits(uint32(binary.LittleEndian.Uint16(b))<<16))
		default:
			out = append(out, half(binary.LittleEndian.Uint16(b)))
		}
	}
	return out
}

// half returns the number that 16 bits mean (IEEE 754 binary16).
func half(h uint16) float32 {
	exponent, fraction := int(h>>10&31), float64(h&1023)
	var x float64
	switch exponent {
	case 0:
		x = math.Ldexp(fraction, -24)
	case 31:
		x = math.Inf(1)
		if fraction != 0 {
			x = math.NaN()
		}
	default:
		x = math.Ldexp(1024+fraction, exponent-25)
	}
	if h&0x8000 != 0 {
		x = -x
	}
	return float32(x)
}
