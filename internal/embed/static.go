package embed

import (
	"context"
	_ "embed" // the built-in model
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/stardrive/stardrive/internal/errs"
)

// staticModel is read where it lies in the program: it costs no heap.
//
//go:embed model/static.bin
var staticModel string

// The model's file begins with a head, all numbers little-endian: magic, version,
// dim, number of pieces, length of the name, length of the vocabulary. The name,
// the vocabulary (one piece a line), the scales (float32) and the rows (int8[dim])
// of the pieces follow. A piece's vector is its scale times its row.
const (
	staticMagic   = "SDstatic"
	staticVersion = 1
	staticHead    = 28
)

// static sums the vectors of a text's pieces. The vectors hold how much a piece
// counts as well, so that "the" hardly does.
type static struct {
	*wordPiece
	name   string
	dim    int
	scales string
	rows   string
}

// Static returns the built-in model: word vectors drawn from a sentence
// transformer for English, quick and small, without any network. It takes some
// milliseconds and two megabytes: make one and keep it.
func Static() Embedder {
	s, err := newStatic(staticModel)
	if err != nil {
		panic("the built-in model: " + err.Error()) // the program was not built right: a test opens it
	}
	return s
}

func newStatic(b string) (*static, error) {
	if len(b) < staticHead || b[:len(staticMagic)] != staticMagic {
		return nil, errors.New("it is no static model")
	}
	number := func(i int) int64 { return int64(binary.LittleEndian.Uint32([]byte(b[8+4*i : 12+4*i]))) }
	version, dim, count, name, vocab := number(0), number(1), number(2), number(3), number(4)
	if version != staticVersion {
		return nil, fmt.Errorf("its version is %d, and not %d", version, staticVersion)
	}
	if dim < 1 || dim > maxDim || name < 1 || name > MaxName || staticHead+name+vocab+count*(4+dim) != int64(len(b)) {
		return nil, errors.New("its length does not fit its head")
	}
	b = b[staticHead:]
	s := &static{name: b[:name], dim: int(dim)}
	text := b[name : name+vocab]
	s.scales, s.rows = b[name+vocab:name+vocab+4*count], b[name+vocab+4*count:]
	if int64(strings.Count(text, "\n")) != count {
		return nil, errors.New("its vocabulary has not as many lines as pieces")
	}
	for i := range int(count) {
		if x := float64(s.scale(i)); math.IsNaN(x) || math.IsInf(x, 0) {
			return nil, fmt.Errorf("the scale of piece %d is no number", i)
		}
	}
	var err error
	s.wordPiece, err = newWordPiece(text)
	return s, err
}

func (s *static) Dim() int     { return s.dim }
func (s *static) Name() string { return s.name }

func (s *static) scale(piece int) float32 {
	x := s.scales[4*piece:]
	return math.Float32frombits(uint32(x[0]) | uint32(x[1])<<8 | uint32(x[2])<<16 | uint32(x[3])<<24)
}

// Embed is as Embedder says; only a cancelled context makes it fail.
func (s *static) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	out := make([][]float32, len(texts))
	all := make([]float32, len(texts)*s.dim)
	for i, text := range texts {
		if err := ctx.Err(); err != nil {
			return nil, errs.In("embed", err)
		}
		v := all[i*s.dim : (i+1)*s.dim : (i+1)*s.dim]
		s.pieces(text, func(id int32) bool {
			if id != s.unknown {
				s.add(v, int(id))
			}
			return true
		})
		normalize(v)
		out[i] = v
	}
	return out, nil
}

// add adds the vector of a piece to v.
func (s *static) add(v []float32, piece int) {
	scale := s.scale(piece)
	row := s.rows[piece*s.dim : (piece+1)*s.dim]
	v = v[:len(row)]
	for i := range v {
		v[i] += scale * float32(int8(row[i]))
	}
}
