package embed

import (
	"cmp"
	"context"
	"encoding/binary"
	"hash/crc32"
	"io"
	"slices"

	"github.com/stardrive/stardrive/internal/errs"
)

// ref names a row of one of several parts.
type ref struct{ part, row int32 }

// blockWriter writes the rows of some parts that count as one block.
type blockWriter struct {
	head  head
	shape shape
	from  []*part
	rows  []ref // sorted by owner, and by chunk
	gone  []int64
}

// merge makes a block of the rows of parts that count. What it says is gone are
// the owners in gone and those that the parts say, as far as before has them.
func merge(s shape, parts, before []*part, gone map[int64]struct{}) *blockWriter {
	b := &blockWriter{shape: s, from: parts}
	for i, p := range parts {
		for _, owner := range p.gone {
			gone[owner] = struct{}{}
		}
		p.each(span{0, p.rows()}, func(row int) { b.rows = append(b.rows, ref{int32(i), int32(row)}) })
	}
	slices.SortFunc(b.rows, func(x, y ref) int {
		p, q := parts[x.part], parts[y.part]
		return cmp.Or(cmp.Compare(p.owners[x.row], q.owners[y.row]), cmp.Compare(p.chunks[x.row], q.chunks[y.row]))
	})
	for owner := range gone {
		if slices.ContainsFunc(before, func(p *part) bool { return !p.find(owner).empty() }) {
			b.gone = append(b.gone, owner)
		}
	}
	slices.Sort(b.gone)
	b.head = head{Rows: uint32(len(b.rows)), Gone: uint32(len(b.gone))}
	copy(b.head.Magic[:], blockMagic)
	return b
}

// length is how many bytes write writes.
func (b *blockWriter) length() int64 {
	return blockHead + b.shape.blockBytes(int64(len(b.rows)), int64(len(b.gone))) + 8
}

// write writes the block: its head, columns and checksum.
func (b *blockWriter) write(ctx context.Context, to io.Writer) error {
	sum := crc32.New(castagnoli)
	w := io.MultiWriter(to, sum)
	if _, err := w.Write(append(sealed(&b.head), make([]byte, blockHead)...)[:blockHead]); err != nil {
		return err
	}
	dim, words := b.shape.dim, b.shape.words
	for _, column := range []func(p *part, i int) []byte{
		func(p *part, i int) []byte { return bytesOf(p.owners[i : i+1]) },
		func(p *part, i int) []byte { return bytesOf(p.signs[i*words : (i+1)*words]) },
		func(p *part, i int) []byte { return bytesOf(p.scales[i : i+1]) },
		func(p *part, i int) []byte { return bytesOf(p.chunks[i : i+1]) },
		func(p *part, i int) []byte { return bytesOf(p.numbers[i*dim : (i+1)*dim]) },
	} {
		if err := b.writeColumn(ctx, w, column); err != nil {
			return err
		}
	}
	if _, err := w.Write(bytesOf(b.gone)); err != nil {
		return err
	}
	_, err := to.Write(binary.NativeEndian.AppendUint64(nil, uint64(sum.Sum32())))
	return err
}

func (b *blockWriter) writeColumn(ctx context.Context, w io.Writer, column func(p *part, i int) []byte) error {
	buf := make([]byte, 0, 64<<10)
	n := 0
	for i, r := range b.rows {
		buf = append(buf, column(b.from[r.part], int(r.row))...)
		if len(buf) < cap(buf)/2 && i < len(b.rows)-1 {
			continue
		}
		if err := ctx.Err(); err != nil {
			return errs.In("embed", err)
		}
		n += len(buf)
		if _, err := w.Write(buf); err != nil {
			return err
		}
		buf = buf[:0]
	}
	_, err := w.Write(make([]byte, -n&7)) // to a multiple of eight
	return err
}
