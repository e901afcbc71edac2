package fulltext

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"slices"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/store"
)

// strays more than this, and more than half of all texts, are left where they are:
// then it is rather what is known of them that is wrong.
const mostStrays = 100

// compare brings together what should be here, which texts are, and whose words
// stand in the file. Before it is done, nothing is answered: so no text is ever
// shown as that of another content, whatever was restored or copied.
func (x *Index) compare(ctx context.Context, l *life) error {
	texts, err := x.bodies.list()
	if err != nil {
		return errs.New(errs.Unavailable, "the texts cannot be listed: %w", err).At(x.Folder)
	}
	docs, err := l.refs(ctx)
	if err != nil {
		return err
	}
	known := docs
	if x.Known != nil {
		known = nil
		if err := x.Known(ctx, func(id int64, h Hash) error { known = append(known, Ref{id, h}); return nil }); err != nil {
			return err
		}
	}
	has := func(h Hash) bool { _, ok := slices.BinarySearchFunc(texts, h, compareHashes); return ok }
	var drop []int64
	var todo []Ref
	var all []keyed
	hashes := make([]Hash, 0, len(known))
	for _, k := range known {
		for len(docs) > 0 && docs[0].ID < k.ID {
			drop, docs = append(drop, docs[0].ID), docs[1:]
		}
		indexed := false
		if len(docs) > 0 && docs[0].ID == k.ID {
			if indexed = docs[0].Hash == k.Hash && has(k.Hash); !indexed {
				drop = append(drop, k.ID)
			}
			docs = docs[1:]
		}
		hashes = append(hashes, k.Hash)
		switch {
		case !has(k.Hash):
			x.losses.add(k.ID, loss{hash: k.Hash, sure: true})
			continue
		case !indexed:
			todo = append(todo, k)
		}
		all = append(all, keyed{ownerOf(k.Hash), k.ID})
	}
	for _, d := range docs {
		drop = append(drop, d.ID)
	}
	l.docs = newRing(all)
	if len(drop) > 0 {
		if err := x.drop(ctx, l, drop, false); err != nil {
			return err
		}
	}
	l.todo.fill(todo)
	if x.Known != nil {
		x.dropStrays(texts, hashes)
	}
	if n := len(todo); n > 0 {
		x.Log.Info("Words of texts are indexed anew", "texts", n)
	}
	return nil
}

// refs are the documents whose words stand in the file, in the order of ids.
func (l *life) refs(ctx context.Context) ([]Ref, error) {
	return l.list(ctx, "SELECT id, hash FROM doc ORDER BY id")
}

func (l *life) list(ctx context.Context, query string) (out []Ref, err error) {
	err = l.db.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.Query(query)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id int64
			var h []byte
			if err := rows.Scan(&id, &h); err != nil {
				return err
			}
			r := Ref{ID: id}
			copy(r.Hash[:], h)
			out = append(out, r)
		}
		return rows.Err()
	})
	return out, err
}

// dropStrays takes texts away that are not known: of what was dropped when there
// was no time to do so.
func (x *Index) dropStrays(texts, known []Hash) {
	slices.SortFunc(known, compareHashes)
	var strays []Hash
	for _, h := range texts {
		for len(known) > 0 && bytes.Compare(known[0][:], h[:]) < 0 {
			known = known[1:]
		}
		if len(known) == 0 || known[0] != h {
			strays = append(strays, h)
		}
	}
	if n := len(strays); n > mostStrays && n > len(texts)/2 {
		x.Log.Warn("Most stored texts are of contents that the library does not know, and are left where they are", "folder", x.Folder, "texts", n)
		return
	}
	for _, h := range strays {
		if err := x.bodies.remove(h); err != nil {
			x.Log.Warn("A text was not removed", "error", err)
		}
	}
}

// hashOf tells by which text a document is known.
func hashOf(tx *store.Tx, id int64) (h Hash, there bool, err error) {
	rows, err := tx.Query("SELECT hash FROM doc WHERE id = ?", id)
	if err != nil {
		return h, false, err
	}
	defer rows.Close()
	for rows.Next() {
		var b []byte
		if err := rows.Scan(&b); err != nil {
			return h, false, err
		}
		copy(h[:], b)
		there = true
	}
	return h, there, rows.Err()
}

// read returns what fn makes of a content's text. A text that is not what was
// stored is looked into again, and its content told as lost; errors of the disk
// cost no text. ok: there is one, and nothing is wrong with it.
func (x *Index) read(r Ref, fn func(b *body) error) (ok bool) {
	b, err := x.bodies.open(r.Hash)
	if err == nil {
		err = fn(b)
	}
	switch {
	case err == nil:
		return true
	case errors.Is(err, errBad), errors.Is(err, fs.ErrNotExist):
		x.lose(r.ID, loss{hash: r.Hash})
	default:
		x.Log.Warn("A text cannot be read", "content", r.ID, "error", err)
	}
	return false
}

// lose has Serve look whether a text is lost.
func (x *Index) lose(id int64, l loss) {
	x.losses.add(id, l)
	x.nudge()
}

// tellLost looks into losses, forgets those that are true, and tells of them.
func (x *Index) tellLost(ctx context.Context) error {
	all := x.losses.list()
	if len(all) == 0 {
		return nil
	}
	var lost, sound []int64
	for id, l := range all {
		if !l.sure {
			switch _, err := x.bodies.document(l.hash); {
			case errors.Is(err, errBad), errors.Is(err, fs.ErrNotExist):
			default: // it was read now, or the disk cannot say
				x.Log.Warn("A text could not be read for a moment", "content", id, "error", err)
				sound = append(sound, id)
				continue
			}
		}
		lost = append(lost, id)
	}
	x.losses.settle(sound)
	if len(lost) == 0 {
		return nil
	}
	slices.Sort(lost)
	x.Log.Warn("Stored texts are lost or damaged, and are asked for again", "texts", len(lost), "first", lost[0])
	err := x.live(ctx, 0, func(l *life) error { return x.drop(ctx, l, lost, true) })
	if err == nil && x.Lost != nil {
		err = x.Lost(ctx, lost)
	}
	if err != nil {
		return err
	}
	x.losses.settle(lost)
	x.changed()
	return nil
}
