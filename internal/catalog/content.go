package catalog

import (
	"database/sql"
	"errors"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/filekind"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/store"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Hash is the BLAKE3 hash of all bytes of a content.
type Hash [32]byte

// Content is what files' bytes are, independent of name and place.
type Content struct {
	ID   ident.ContentID
	Hash Hash
	Size int64
	Kind string // a filekind.Kind's name
	MIME string
	Seq  int64
}

const contentColumns = "id, hash, size, kind, mime, seq"

func scanContent(row scanner) (c Content, err error) {
	var hash []byte
	if err = row.Scan(&c.ID, &hash, &c.Size, &c.Kind, &c.MIME, &c.Seq); err != nil {
		return c, err
	}
	if copy(c.Hash[:], hash) != len(c.Hash) {
		return c, errs.New(errs.Internal, "content %d has no whole hash", c.ID)
	}
	return c, nil
}

// Content returns the content with id, or errs.NotFound.
func (r *Reader) Content(id ident.ContentID) (Content, error) {
	c, err := scanContent(r.tx.QueryRow("SELECT "+contentColumns+" FROM content WHERE id = ?", int64(id)))
	return c, notFound(err, "content")
}

// ContentByHash returns the content with this hash, or errs.NotFound.
func (r *Reader) ContentByHash(h Hash) (Content, error) {
	c, err := scanContent(r.tx.QueryRow("SELECT "+contentColumns+" FROM content WHERE hash = ?", h[:]))
	return c, notFound(err, "content")
}

// Copies calls fn with every entry of a content, whatever its state. The Entry
// is fn's only until it returns.
func (r *Reader) Copies(id ident.ContentID, fn func(*Entry) error) error {
	return r.entries(fn, "SELECT "+entryColumns+" FROM entry WHERE content_id = ?", int64(id))
}

// PutContent returns the id of the content with c's hash, which it adds if there
// is none; ID and Seq of c are ignored. Kind and MIME are those that it was
// stored with first, whatever its other copies are called; only a kind that was
// not known gives way to one that is.
func (tx *Tx) PutContent(c Content) (ident.ContentID, error) {
	old, err := tx.ContentByHash(c.Hash)
	switch {
	case errs.Is(err, errs.NotFound):
		res, err := tx.tx.Exec("INSERT INTO content (hash, size, kind, mime, seq) VALUES (?, ?, ?, ?, ?)", c.Hash[:], c.Size, c.Kind, c.MIME, tx.nextSeq())
		if err != nil {
			return 0, err
		}
		id, err := res.LastInsertId()
		return ident.ContentID(id), err
	case err != nil:
		return 0, err
	case old.Size != c.Size: // it cannot be: then a size is wrong, and nothing may be claimed
		return 0, errs.New(errs.Internal, "two sizes for the hash %x: %d and %d", c.Hash, old.Size, c.Size)
	case old.Kind != filekind.Other.String() || c.Kind == old.Kind:
		return old.ID, nil
	}
	_, err = tx.tx.Exec("UPDATE content SET kind = ?, mime = ?, seq = ? WHERE id = ?", c.Kind, c.MIME, tx.nextSeq(), int64(old.ID))
	return old.ID, err
}

// Identify notes that the entry, read whole while the disk showed seen before
// and after, has this content, and returns which it has now. That is 0, and nothing
// is written, unless the entry is present and the catalogue has it as seen: then it
// changed meanwhile, and is read again later. It is another than content if
// nothing but attributes or the name changed since the file was proven to have
// that: such a file is damaged, and not edited. read is when the reading began, in
// nanoseconds since 1970.
func (tx *Tx) Identify(id ident.EntryID, seen vfs.Entry, content ident.ContentID, read int64) (has ident.ContentID, err error) {
	e, err := tx.Entry(id)
	if errs.Is(err, errs.NotFound) {
		return 0, nil
	}
	if err != nil || e.State != Present || !e.Same(&seen) {
		return 0, err
	}
	p, proved, err := tx.Proof(id)
	if err != nil {
		return 0, err
	}
	if e.Content != 0 && e.Content != content && proved { // what changes size, mtime or inode takes the content away
		return e.Content, tx.harm(&e, content)
	}
	if e.Content != content || p.Changed != e.Changed { // followers hear of it when it is beyond doubt, too
		_, err = tx.tx.Exec("UPDATE entry SET content_id = ?, happened = ?, seq = ? WHERE id = ?", int64(content), int64(Changed), tx.nextSeq(), int64(id))
		if err != nil {
			return 0, err
		}
	}
	_, err = tx.tx.Exec(`INSERT INTO proof (entry_id, changed_ns, read_ns, extents) VALUES (?, ?, ?, 0)
		ON CONFLICT (entry_id) DO UPDATE SET changed_ns = excluded.changed_ns, read_ns = excluded.read_ns, extents = 0`, int64(id), seen.Changed, read)
	if err == nil {
		_, err = tx.tx.Exec("DELETE FROM damage WHERE entry_id = ?", int64(id)) // it is as it should be
	}
	return content, err
}

// harm notes that a file holds another content than it should. It keeps that, and
// when it was read last and was well; the change of its ctime is dealt with.
func (tx *Tx) harm(e *Entry, found ident.ContentID) error {
	c, err := tx.Content(found)
	if err != nil {
		return err
	}
	_, err = tx.tx.Exec(`INSERT INTO damage (entry_id, content_id, found, reason, found_ns) VALUES (?, ?, ?, '', ?)
		ON CONFLICT (entry_id) DO UPDATE SET content_id = excluded.content_id, found = excluded.found, reason = ''`,
		int64(e.ID), int64(e.Content), c.Hash[:], time.Now().UnixNano())
	if err == nil {
		_, err = tx.tx.Exec("UPDATE proof SET changed_ns = ? WHERE entry_id = ?", e.Changed, int64(e.ID))
	}
	if err == nil {
		_, err = tx.tx.Exec("UPDATE entry SET happened = ?, seq = ? WHERE id = ?", int64(Changed), tx.nextSeq(), int64(e.ID))
	}
	return err
}

// Lies notes where the blocks of a file that was just identified lie on its volume: a
// hash of that, the same for files that share their blocks.
func (tx *Tx) Lies(id ident.EntryID, extents int64) error {
	_, err := tx.tx.Exec("UPDATE proof SET extents = ? WHERE entry_id = ?", extents, int64(id))
	return err
}

// Unproven forgets that the entry was read, so that nothing is claimed of it
// until it is read again, and counts as a change, so that it will be.
func (tx *Tx) Unproven(id ident.EntryID) error {
	if _, err := tx.tx.Exec("DELETE FROM proof WHERE entry_id = ?", int64(id)); err != nil {
		return err
	}
	if _, err := tx.tx.Exec("DELETE FROM damage WHERE entry_id = ?", int64(id)); err != nil {
		return err
	}
	_, err := tx.tx.Exec("UPDATE entry SET happened = ?, seq = ? WHERE id = ?", int64(Changed), tx.nextSeq(), int64(id))
	return err
}

// Proof is how it is known what an entry's content is.
type Proof struct {
	Changed int64 // the file's ctime when it was read, in nanoseconds
	Read    int64 // when
}

// Proof returns the entry's; ok is false if it was never read.
func (r *Reader) Proof(id ident.EntryID) (p Proof, ok bool, err error) {
	err = r.tx.QueryRow("SELECT changed_ns, read_ns FROM proof WHERE entry_id = ?", int64(id)).Scan(&p.Changed, &p.Read)
	if errors.Is(err, sql.ErrNoRows) {
		return p, false, nil
	}
	return p, err == nil, err
}

// Unidentified returns up to limit present files of a volume that changed after
// since, in the order of seq, of whose bytes nothing can be claimed: they were
// never read whole, or their ctime is another than it was then. Files that could not
// be read at that change are left out, if that was tried at tried or later
// (nanoseconds since 1970).
func (r *Reader) Unidentified(volume ident.VolumeID, since, tried int64, limit int) (out []Entry, err error) {
	err = r.entries(func(e *Entry) error { out = append(out, *e); return nil },
		"SELECT "+entryColumns+` FROM entry LEFT JOIN proof ON entry_id = id
		WHERE seq > ? AND volume_id = ? AND kind = 1 AND state = 1 AND (content_id IS NULL OR changed_ns IS NOT ctime_ns)
		AND NOT EXISTS (SELECT 1 FROM unread WHERE unread.entry_id = entry.id AND unread.seq = entry.seq AND tried_ns >= ?)
		ORDER BY seq LIMIT ?`, since, int64(volume), tried, limit)
	return out, err
}

// Proven is a file of which it is known what it holds.
type Proven struct {
	Entry
	Proof Proof
}

// provenBefore is what ProvenBefore reads, without columns and order.
const provenBefore = ` FROM proof CROSS JOIN entry ON id = entry_id WHERE read_ns < ?1 AND (read_ns, entry_id) > (?2, ?3)
	AND volume_id = ?4 AND state = 1 AND kind = 1 AND changed_ns = ctime_ns AND content_id IS NOT NULL`

// ProvenBefore returns up to limit files of a volume whose proofs hold and that
// were read whole last before a moment (nanoseconds since 1970), those first that
// wait longest, from behind the one that was read at since and has the id after on.
func (r *Reader) ProvenBefore(volume ident.VolumeID, before, since int64, after ident.EntryID, limit int) (out []Proven, err error) {
	err = r.entries(func(e *Entry) error { out = append(out, Proven{Entry: *e}); return nil },
		"SELECT "+entryColumns+provenBefore+" ORDER BY read_ns, entry_id LIMIT ?5", before, since, int64(after), int64(volume), limit)
	for i := range out {
		if err == nil {
			out[i].Proof, _, err = r.Proof(out[i].ID)
		}
	}
	return out, err
}

// CountProvenBefore counts all that ProvenBefore would return.
func (r *Reader) CountProvenBefore(volume ident.VolumeID, before, since int64, after ident.EntryID) (files, bytes int64, err error) {
	err = r.tx.QueryRow("SELECT count(*), coalesce(sum(size), 0)"+provenBefore, before, since, int64(after), int64(volume)).Scan(&files, &bytes)
	return files, bytes, err
}

// Reread notes that a file whose proof holds was read whole again, and is as it
// should be.
func (tx *Tx) Reread(id ident.EntryID, changed, read int64) error {
	if _, err := tx.tx.Exec("UPDATE proof SET read_ns = ? WHERE entry_id = ? AND changed_ns = ?", read, int64(id), changed); err != nil {
		return err
	}
	res, err := tx.tx.Exec("DELETE FROM damage WHERE entry_id = ?", int64(id))
	if err != nil {
		return err
	}
	if well, err := res.RowsAffected(); err != nil || well == 0 {
		return err
	}
	_, err = tx.tx.Exec("UPDATE entry SET happened = ?, seq = ? WHERE id = ?", int64(Changed), tx.nextSeq(), int64(id)) // followers passed it by
	return err
}

// UnidentifiedIn returns how many of the files that Unidentified would find are
// in each folder.
func (r *Reader) UnidentifiedIn(volume ident.VolumeID, since int64) (map[ident.EntryID]int64, error) {
	folders := map[ident.EntryID]int64{}
	err := r.each(`SELECT parent_id, count(*) FROM entry LEFT JOIN proof ON entry_id = id
		WHERE seq > ? AND volume_id = ? AND kind = 1 AND state = 1 AND (content_id IS NULL OR changed_ns IS NOT ctime_ns) GROUP BY parent_id`,
		func(row scanner) error {
			var folder ident.EntryID
			var n int64
			err := row.Scan((*int64)(&folder), &n)
			folders[folder] = n
			return err
		}, since, int64(volume))
	return folders, err
}

// Store is the transaction itself, for owners of other tables of the database,
// who read the same snapshot, or commit together with the catalogue.
func (r *Reader) Store() *store.Tx { return r.tx }

// Follower returns how far the follower of the change feed with this name has
// come; 0: it never came anywhere.
func (r *Reader) Follower(name string) (seq int64, err error) {
	err = r.tx.QueryRow("SELECT seq FROM follower WHERE name = ?", name).Scan(&seq)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return seq, err
}

// SetFollower notes how far it has come, in the transaction of what it did.
func (tx *Tx) SetFollower(name string, seq int64) error {
	_, err := tx.tx.Exec("INSERT INTO follower (name, seq) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET seq = excluded.seq", name, seq)
	return err
}

// DropFollowers forgets the followers whose names begin with family, but for the
// one named but.
func (tx *Tx) DropFollowers(family, but string) error {
	_, err := tx.tx.Exec("DELETE FROM follower WHERE substr(name, 1, length(?1)) = ?1 AND name <> ?2", family, but)
	return err
}
