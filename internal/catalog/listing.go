package catalog

import (
	"encoding/binary"
	"strings"

	"github.com/stardrive/stardrive/internal/ident"
)

// Digest stands for all that a listing of a folder shows.
type Digest [16]byte

// Listing remembers the last complete listing of a folder that the catalogue
// took over: while the folder's listing has the same Digest, its entries are as
// the catalogue has them. A change of one of them from elsewhere forgets it.
type Listing struct {
	Folder  ident.EntryID
	Digest  Digest
	Folders []ident.EntryID // in it, mounts left out, in the byte order of their names
}

// Listings returns what is remembered of the folders; others are left out.
func (r *Reader) Listings(folders []ident.EntryID) (map[ident.EntryID]*Listing, error) {
	found := make(map[ident.EntryID]*Listing, len(folders))
	take := func(row scanner) error {
		l := &Listing{}
		var digest, in []byte
		if err := row.Scan(&l.Folder, &digest, &in); err != nil {
			return err
		}
		copy(l.Digest[:], digest)
		l.Folders = unpackIDs(l.Folder, in)
		found[l.Folder] = l
		return nil
	}
	const columns = "SELECT folder_id, digest, folders FROM listing WHERE folder_id "
	if first, last, dense := spread(folders); dense { // new folders of one folder get consecutive ids
		return found, r.each(columns+"BETWEEN ? AND ?", take, int64(first), int64(last))
	}
	const chunk = 50 // one statement text, prepared once
	query := columns + "IN (" + strings.Repeat("?,", chunk-1) + "?)"
	for rest := folders; len(rest) > 0; rest = rest[min(chunk, len(rest)):] {
		args := make([]any, chunk)
		for i := range args {
			args[i] = int64(rest[min(i, len(rest)-1)])
		}
		if err := r.each(query, take, args...); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// spread tells the lowest and highest of ids, and whether few others are
// between them.
func spread(ids []ident.EntryID) (first, last ident.EntryID, dense bool) {
	if len(ids) == 0 {
		return 0, 0, true
	}
	first, last = ids[0], ids[0]
	for _, id := range ids {
		first, last = min(first, id), max(last, id)
	}
	return first, last, int64(last-first) < 2*int64(len(ids))+8
}

// remember stores listings, but not those of folders in left, and forgets those
// of the other folders in touched.
func (tx *Tx) remember(listings []Listing, touched, left map[ident.EntryID]bool) error {
	ins := tx.tx.InsertMany("INSERT OR REPLACE INTO listing (folder_id, digest, folders) VALUES", 3, 50, "")
	for i := range listings {
		if i%wayEvery == 0 {
			tx.c.Way.Wait()
		}
		l := &listings[i]
		if left[l.Folder] {
			continue
		}
		delete(touched, l.Folder)
		if err := ins.Add(int64(l.Folder), l.Digest[:], packIDs(l.Folder, l.Folders)); err != nil {
			return err
		}
	}
	if err := ins.Flush(); err != nil {
		return err
	}
	for folder := range touched {
		if err := tx.forgetListing(folder); err != nil {
			return err
		}
	}
	return nil
}

func (tx *Tx) forgetListing(folder ident.EntryID) error {
	_, err := tx.tx.Exec("DELETE FROM listing WHERE folder_id = ?", int64(folder))
	return err
}

func packIDs(base ident.EntryID, ids []ident.EntryID) []byte {
	b := make([]byte, 0, 2*len(ids))
	for _, id := range ids {
		b = binary.AppendVarint(b, int64(id-base))
		base = id
	}
	return b
}

// unpackIDs returns none where the bytes are damaged: then their number is
// wrong, and the folder is compared row by row.
func unpackIDs(base ident.EntryID, b []byte) []ident.EntryID {
	var ids []ident.EntryID
	for len(b) > 0 {
		d, n := binary.Varint(b)
		if n <= 0 {
			return nil
		}
		base += ident.EntryID(d)
		ids = append(ids, base)
		b = b[n:]
	}
	return ids
}
