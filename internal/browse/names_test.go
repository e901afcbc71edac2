package browse

import (
	"context"
	"strings"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/collate"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// memory is Names as it was when it was learnt.
type memory struct {
	seq   int64
	rows  []catalog.Brief
	keys  [][]byte
	asked int
}

// learn makes the service ask a memory of the catalogue as it is now.
func (w *world) learn() *memory {
	w.t.Helper()
	m := &memory{}
	seq, err := w.c.Scan(context.Background(), func(b *catalog.Brief) error {
		if b.State == catalog.Present && b.Parent != 0 {
			m.rows = append(m.rows, *b)
			m.keys = append(m.keys, []byte(collate.Fold(b.Name)))
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	m.seq = seq
	w.Names = m
	return m
}

// Children tells what was there.
func (m *memory) Children(folder ident.EntryID, fn func(id ident.EntryID, kind vfs.Kind, hidden bool, folded []byte, size, modified int64)) (int64, bool) {
	m.asked++
	for i, b := range m.rows {
		if b.Parent == folder {
			fn(b.ID, b.Kind, strings.HasPrefix(b.Name, "."), m.keys[i], b.Size, b.Modified)
		}
	}
	return m.seq, true
}
