package catalog

import (
	"database/sql"
	"errors"

	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// arrive notes that the folder e came from another place with all that is below
// it, if something else is to be done with the files there than where it was.
func (tx *Tx) arrive(e *Entry, from ident.EntryID, seq int64) error {
	if from == e.Parent {
		return nil
	}
	ls, err := tx.Locations()
	if err != nil {
		return err
	}
	modes := map[ident.EntryID]string{}
	for _, l := range ls {
		modes[l.Entry] = l.Mode
	}
	if _, own := modes[e.ID]; own {
		return nil
	}
	was, err := tx.modeAbove(from, modes)
	if err != nil && !errors.Is(err, sql.ErrNoRows) { // the folder it left may be forgotten
		return err
	}
	is, err := tx.modeAbove(e.Parent, modes)
	if err != nil || is == was || is == "" {
		return err
	}
	_, err = tx.tx.Exec("INSERT INTO arrival (folder_id, seq) VALUES (?, ?) ON CONFLICT (folder_id) DO UPDATE SET seq = excluded.seq", int64(e.ID), seq)
	return err
}

// modeAbove returns the mode of the nearest location that is folder or above it.
func (tx *Tx) modeAbove(folder ident.EntryID, modes map[ident.EntryID]string) (string, error) {
	for steps := 0; folder != 0; steps++ {
		if mode, ok := modes[folder]; ok {
			return mode, nil
		}
		if steps > maxDepth {
			return "", circle(folder)
		}
		above, err := tx.parentOf(folder)
		if err != nil {
			return "", err
		}
		folder = above
	}
	return "", nil
}

// Arrival is a folder that came into a location with all that is below it, of
// which the change feed has yet to tell.
type Arrival struct {
	Folder ident.EntryID
	Seq    int64 // of its move
}

// Arrivals returns the folders that came into other locations, in the order of
// their moves.
func (r *Reader) Arrivals() (out []Arrival, err error) {
	err = r.each("SELECT folder_id, seq FROM arrival ORDER BY seq", func(row scanner) error {
		var a Arrival
		err := row.Scan((*int64)(&a.Folder), &a.Seq)
		out = append(out, a)
		return err
	})
	return out, err
}

// Tell has the change feed tell of the files of these folders as if they had
// changed, and returns the folders in them, to be told of in turn. A folder has at
// most so many files as one listing had.
func (tx *Tx) Tell(folders []ident.EntryID) (below []ident.EntryID, files int, err error) {
	for _, f := range folders {
		var ids []ident.EntryID
		err := tx.Children(f, func(c *Entry) error {
			switch {
			case c.Kind == vfs.Folder:
				below = append(below, c.ID)
			case c.Kind == vfs.File && c.State == Present:
				ids = append(ids, c.ID)
			}
			return nil
		})
		if err != nil {
			return nil, 0, err
		}
		for _, id := range ids {
			if _, err := tx.tx.Exec("UPDATE entry SET happened = ?, seq = ? WHERE id = ?", int64(Changed), tx.nextSeq(), int64(id)); err != nil {
				return nil, 0, err
			}
		}
		files += len(ids)
	}
	return below, files, nil
}

// Arrived forgets an arrival whose files were all told of, unless the folder moved
// once more since.
func (tx *Tx) Arrived(a Arrival) error {
	_, err := tx.tx.Exec("DELETE FROM arrival WHERE folder_id = ? AND seq = ?", int64(a.Folder), a.Seq)
	return err
}
