package search

import (
	"encoding/binary"
	"hash/crc32"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/ident"
)

// mark is that an entry changed: when, and to what.
type mark struct {
	ID  ident.EntryID
	Seq int64
	Sum uint64
}

// recents are the last changes of entries that an index has taken over. A
// catalogue that does not know them is not the one that the index was made of,
// such as one restored from a backup that has been changed since.
type recents [16]mark

// markOf is the mark of e as it is now. It works in buf, which it returns.
func markOf(e *catalog.Brief, buf []byte) (mark, []byte) {
	b := append(buf[:0], e.Name...)
	for _, v := range []int64{int64(e.Parent), int64(e.Kind), int64(e.State), e.Size, e.Modified, e.Created, int64(e.Content)} {
		b = binary.LittleEndian.AppendUint64(b, uint64(v))
	}
	return mark{e.ID, e.Seq, uint64(len(e.Name))<<32 | uint64(crc32.Checksum(b, castagnoli))}, b
}

// note takes a change in, in the place of an older one of the same entry or of
// the oldest of all. Most changes come in order. It works in buf, which it returns.
func (r *recents) note(e *catalog.Brief, buf []byte) []byte {
	to := 0
	for i := range r {
		if r[i].ID == e.ID {
			to = i
			break
		}
		if r[i].Seq < r[to].Seq {
			to = i
		}
	}
	if e.Seq > r[to].Seq {
		r[to], buf = markOf(e, buf)
	}
	return buf
}

// forget drops an entry that is no more.
func (r *recents) forget(id ident.EntryID) {
	for i := range r {
		if r[i].ID == id {
			r[i] = mark{}
		}
	}
}
