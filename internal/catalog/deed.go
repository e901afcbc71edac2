package catalog

import (
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Spot is a path on a volume.
type Spot struct {
	Volume string // identity; "": nowhere
	Path   string // in the form of package vfs
}

// In is the folder in which s stands, and its name there.
func (s Spot) In() (dir Spot, name string) {
	path, name := vfs.Split(s.Path)
	return Spot{s.Volume, path}, name
}

// Deed is one thing that this program did to a tree of files itself: made,
// moved, changed or removed something.
type Deed struct {
	From Spot      // where it stood; nowhere: it is new
	To   Spot      // where it stands; nowhere: it is gone
	Is   vfs.Entry // what stands at To now
	Hash *Hash     // of its bytes, where they were read whole; nil: nobody knows
}

// Presume notes which content a file has that was just written with it. Nothing
// is claimed of it until somebody has read the file. A content that the library
// does not know is left for whoever reads it.
func (tx *Tx) Presume(id ident.EntryID, h Hash) error {
	c, err := tx.ContentByHash(h)
	if errs.Is(err, errs.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = tx.tx.Exec("UPDATE entry SET content_id = ?, seq = ? WHERE id = ? AND content_id IS NULL AND kind = 1", int64(c.ID), tx.nextSeq(), int64(id))
	return err
}
