package content

import (
	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/ident"
)

// nearest finds which of some folders is the nearest above an entry.
type nearest struct {
	some  map[ident.EntryID]bool
	known map[ident.EntryID]ident.EntryID // of folders that were asked for; 0: none
}

// maxKnown bounds what nearest remembers.
const maxKnown = 1 << 18

// above returns it for entries that stand in the folder parent, 0 if there is none.
func (n *nearest) above(r *catalog.Reader, volume ident.VolumeID, parent ident.EntryID) (ident.EntryID, error) {
	if len(n.some) == 0 {
		return 0, nil
	}
	if at, ok := n.known[parent]; ok {
		return at, nil
	}
	up, err := r.Ancestors(&catalog.Entry{Volume: volume, Parent: parent})
	if err != nil {
		return 0, err
	}
	if n.known == nil || len(n.known) > maxKnown {
		n.known = map[ident.EntryID]ident.EntryID{}
	}
	var at ident.EntryID
	for i := len(up) - 1; i >= 0 && at == 0; i-- {
		if n.some[up[i].ID] {
			at = up[i].ID
		}
	}
	n.known[parent] = at
	return at, nil
}

// entrySet holds ids of entries, a bit each.
type entrySet []uint64

func (s *entrySet) add(id ident.EntryID) {
	word := int(id >> 6)
	for len(*s) <= word {
		*s = append(*s, make([]uint64, word+1-len(*s)+1024)...)
	}
	(*s)[word] |= 1 << (id & 63)
}

func (s entrySet) has(id ident.EntryID) bool {
	word := int(id >> 6)
	return word < len(s) && s[word]&(1<<(id&63)) != 0
}
