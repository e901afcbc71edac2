package watch

import (
	"encoding/binary"
	"path/filepath"
	"slices"
)

// decodeReadDirectory reads what ReadDirectoryChangesW wrote of the tree at
// root: records of the offset of the next one, an action, and the length and
// UTF-16 text of a path below root. Nothing, or what makes no sense, means that
// changes were lost. text makes a string of UTF-16.
func decodeReadDirectory(root string, b []byte, text func([]uint16) string) []change {
	const head = 12
	var cs []change
	for {
		if len(b) < head {
			return append(cs, change{lost: true})
		}
		next, size := uint64(binary.LittleEndian.Uint32(b)), uint64(binary.LittleEndian.Uint32(b[8:]))
		if head+size > uint64(len(b)) || next >= uint64(len(b)) || next > 0 && next < head+size {
			return append(cs, change{lost: true})
		}
		name := make([]uint16, 0, size/2)
		for p := b[head : head+size]; len(p) >= 2; p = p[2:] {
			name = append(name, binary.LittleEndian.Uint16(p))
		}
		folder := root
		if i := lastIndex(name, '\\'); i >= 0 {
			folder = filepath.Join(root, text(name[:i]))
		}
		if len(cs) == 0 || cs[len(cs)-1].folder != folder {
			cs = append(cs, change{folder: folder})
		}
		if next == 0 {
			return cs
		}
		b = b[next:]
	}
}

func lastIndex(s []uint16, c uint16) int {
	for i, x := range slices.Backward(s) {
		if x == c {
			return i
		}
	}
	return -1
}
