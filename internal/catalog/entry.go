package catalog

import (
	"database/sql"
	"errors"
	"strings"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// State tells how an entry stands. The numbers are stored.
type State uint8

// The stored states. Whether an entry is offline is its volume's state. The
// first two bear a name in their folder; the others keep their rows alone, and
// with them their ids and all that hangs on them.
const (
	Present  State = 1 // seen by the last look at its folder
	Known    State = 2 // exists above a location, never listed
	Absent   State = 3 // a complete listing of its folder did not have it
	Excluded State = 4 // there, as far as is known, but the rules leave it out
)

// There reports whether an entry of this state bears its name.
func (s State) There() bool { return s < Absent }

// Entry is one row of the catalogue: a file, folder, symlink or special file.
type Entry struct {
	ID       ident.EntryID
	Volume   ident.VolumeID
	Parent   ident.EntryID // 0: the root folder of its volume
	Name     string        // raw bytes; a root's is the identity of its volume
	Kind     vfs.Kind
	State    State
	Size     int64
	Modified int64 // nanoseconds since 1970, like Changed and Created
	Changed  int64
	Created  int64
	Inode    uint64
	Mode     uint32
	Links    uint32
	Content  ident.ContentID // 0: not hashed
	Totals   Totals          // of a folder's subtree, without itself
	Happened Happening
	Seq      int64
}

// Totals sums up what is present below a folder.
type Totals struct {
	Files   int64 // all that is not a folder
	Folders int64
	Bytes   int64 // sizes of the files
}

func (t Totals) plus(o Totals) Totals {
	return Totals{t.Files + o.Files, t.Folders + o.Folders, t.Bytes + o.Bytes}
}

func (t Totals) negated() Totals { return Totals{-t.Files, -t.Folders, -t.Bytes} }

// weight is what e adds to the totals of the folders above it.
func (e *Entry) weight() Totals {
	switch {
	case !e.State.There():
		return Totals{}
	case e.Kind == vfs.Folder && e.State == Known: // counts for nothing itself
		return e.Totals
	case e.Kind == vfs.Folder:
		return e.Totals.plus(Totals{Folders: 1})
	case e.Kind == vfs.File:
		return Totals{Files: 1, Bytes: e.Size}
	}
	return Totals{Files: 1}
}

// Seen takes over what a driver shows of the entry now.
func (e *Entry) Seen(v vfs.Entry) {
	e.Kind, e.Size, e.Mode, e.Links, e.Inode = v.Kind, v.Size, v.Mode, v.Links, v.Inode
	e.Modified, e.Changed, e.Created = v.Modified, v.Changed, v.Created
}

// Same reports whether v shows nothing that e does not say already. A folder's
// size and link count are its driver's business, and do not count.
func (e *Entry) Same(v *vfs.Entry) bool {
	return e.Kind == v.Kind && e.Size == v.Size && e.Modified == v.Modified && e.Changed == v.Changed &&
		e.Mode == v.Mode && e.Inode == v.Inode && (e.Links == v.Links || e.Kind == vfs.Folder)
}

const entryColumns = "id, volume_id, parent_id, name, kind, state, size, mtime_ns, ctime_ns, btime_ns, inode, mode, links, coalesce(content_id, 0), files, folders, bytes, happened, seq"

type scanner interface{ Scan(dest ...any) error }

func scanEntry(row scanner, e *Entry) error {
	var name sql.RawBytes
	var plain []byte
	var inode int64
	dest := []any{&e.ID, &e.Volume, &e.Parent, &name, &e.Kind, &e.State, &e.Size, &e.Modified, &e.Changed, &e.Created,
		&inode, &e.Mode, &e.Links, &e.Content, &e.Totals.Files, &e.Totals.Folders, &e.Totals.Bytes, &e.Happened, &e.Seq}
	if _, one := row.(*sql.Row); one { // a Row is closed by its Scan, so it lends no bytes
		dest[3] = &plain
	}
	if err := row.Scan(dest...); err != nil {
		return err
	}
	e.Name, e.Inode = string(name)+string(plain), uint64(inode)
	return nil
}

// entries runs a query for entryColumns and calls fn with each row. The Entry
// is fn's only until it returns.
func (r *Reader) entries(fn func(*Entry) error, query string, args ...any) error {
	rows, err := r.tx.Query(query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	var e Entry
	for rows.Next() {
		if err := scanEntry(rows, &e); err != nil {
			return err
		}
		if err := fn(&e); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (r *Reader) one(what string, query string, args ...any) (Entry, error) {
	var e Entry
	err := scanEntry(r.tx.QueryRow(query, args...), &e)
	if errors.Is(err, sql.ErrNoRows) {
		return e, errs.New(errs.NotFound, "no such entry in the library").At(what)
	}
	return e, err
}

// Entry returns the entry with id, whatever its state; errs.NotFound if the
// library has none.
func (r *Reader) Entry(id ident.EntryID) (Entry, error) {
	b, _ := id.MarshalText()
	return r.one("entry "+string(b), "SELECT "+entryColumns+" FROM entry WHERE id = ?", int64(id))
}

// Child returns the entry that bears name in the folder parent now.
func (r *Reader) Child(parent ident.EntryID, name string) (Entry, error) {
	return r.one(name, "SELECT "+entryColumns+" FROM entry WHERE parent_id = ? AND name = ? AND "+there, int64(parent), []byte(name))
}

// Children calls fn with what bears a name in the folder parent now, in the
// byte order of the names.
func (r *Reader) Children(parent ident.EntryID, fn func(*Entry) error) error {
	return r.entries(fn, "SELECT "+entryColumns+" FROM entry WHERE parent_id = ? AND "+there+" ORDER BY name", int64(parent))
}

// Absent calls fn with what bore a name in the folder parent once and does not
// now: what is gone, and what the rules leave out.
func (r *Reader) Absent(parent ident.EntryID, fn func(*Entry) error) error {
	return r.entries(fn, "SELECT "+entryColumns+" FROM entry WHERE parent_id = ? AND "+away+" ORDER BY name, id DESC", int64(parent))
}

// AbsentAs is Absent for those that bore name.
func (r *Reader) AbsentAs(parent ident.EntryID, name string, fn func(*Entry) error) error {
	return r.entries(fn, "SELECT "+entryColumns+" FROM entry WHERE parent_id = ? AND name = ? AND "+away+" ORDER BY id DESC", int64(parent), []byte(name))
}

// What the indexes of names cover.
const (
	there = "state < 3"
	away  = "state > 2"
)

// ByInode calls fn with the entries of a volume that bore one of these numbers
// when they were last seen, whatever their state.
func (r *Reader) ByInode(volume ident.VolumeID, inodes []uint64, fn func(*Entry) error) error {
	const chunk = 50 // one statement text, prepared once
	query := "SELECT " + entryColumns + " FROM entry WHERE inode IN (" + strings.Repeat("?,", chunk-1) + "?) AND volume_id = ?"
	for rest := inodes; len(rest) > 0; rest = rest[min(chunk, len(rest)):] {
		args := make([]any, chunk, chunk+1)
		for i := range args {
			args[i] = int64(rest[min(i, len(rest)-1)])
		}
		if err := r.entries(fn, query, append(args, int64(volume))...); err != nil {
			return err
		}
	}
	return nil
}

// EntriesByID returns the entries with ids in the order of ids; unknown ids
// are left out.
func (r *Reader) EntriesByID(ids []ident.EntryID) ([]Entry, error) {
	const chunk = 100 // one statement text, prepared once
	found := make(map[ident.EntryID]Entry, len(ids))
	query := "SELECT " + entryColumns + " FROM entry WHERE id IN (" + strings.Repeat("?,", chunk-1) + "?)"
	for rest := ids; len(rest) > 0; rest = rest[min(chunk, len(rest)):] {
		args := make([]any, chunk)
		for i := range args {
			args[i] = int64(rest[min(i, len(rest)-1)])
		}
		if err := r.entries(func(e *Entry) error { found[e.ID] = *e; return nil }, query, args...); err != nil {
			return nil, err
		}
	}
	out := make([]Entry, 0, len(ids))
	for _, id := range ids {
		if e, ok := found[id]; ok {
			out = append(out, e)
		}
	}
	return out, nil
}
