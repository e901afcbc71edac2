package fileops

import (
	"context"
	"encoding/binary"
	"hash/fnv"
	"slices"

	"github.com/stardrive/stardrive/internal/action"
	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Folders are planned as a whole, and done piece by piece. What the preview saw in
// them is kept as one number of 64 bits a thing: whatever has another number when
// it is done was not in the preview, and is left alone.

// print is the number of what stands at a place; strict: with the time of change,
// which tells of more than other bytes.
func print(at catalog.Spot, e *vfs.Entry, strict bool) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(at.Volume))
	_, _ = h.Write([]byte{0})
	_, _ = h.Write([]byte(at.Path))
	b := make([]byte, 0, 48)
	b = append(b, 0, byte(e.Kind))
	b = binary.LittleEndian.AppendUint64(b, e.Inode)
	if e.Kind != vfs.Folder {
		b = binary.LittleEndian.AppendUint64(b, uint64(e.Size))
		b = binary.LittleEndian.AppendUint64(b, uint64(e.Modified))
		if strict && e.Links <= 1 { // removing another name of it changes the time of change
			b = binary.LittleEndian.AppendUint64(b, uint64(e.Changed))
		}
	}
	_, _ = h.Write(b)
	return h.Sum64()
}

// seer collects prints for a plan.
type seer struct {
	d      *action.Draft
	prints []uint64
}

const printsInRow = 1 << 16

func (s *seer) add(ctx context.Context, n uint64) error {
	if s.prints = append(s.prints, n); len(s.prints) < printsInRow {
		return nil
	}
	return s.flush(ctx)
}

func (s *seer) flush(ctx context.Context) error {
	if len(s.prints) == 0 {
		return nil
	}
	b := make([]byte, 0, 8*len(s.prints))
	for _, n := range s.prints {
		b = binary.LittleEndian.AppendUint64(b, n)
	}
	s.prints = s.prints[:0]
	return s.d.Keep(ctx, b)
}

// previewed are the prints of a plan, sorted.
type previewed []uint64

func readPreviewed(ctx context.Context, r *action.Run) (previewed, error) {
	var all previewed
	err := r.Kept(ctx, func(b []byte) error {
		for ; len(b) >= 8; b = b[8:] {
			all = append(all, binary.LittleEndian.Uint64(b))
		}
		return nil
	})
	slices.Sort(all)
	return all, err
}

// saw reports whether the preview saw this: with the time of change, or, of a file
// that had more names then and of what an undo takes back, without it.
func (p previewed) saw(at catalog.Spot, e *vfs.Entry) bool {
	for _, strict := range []bool{true, false} {
		if _, ok := slices.BinarySearch(p, print(at, e, strict)); ok {
			return true
		}
	}
	return false
}
