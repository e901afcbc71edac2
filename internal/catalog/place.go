package catalog

import (
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

// Device is a machine that takes part in the library.
type Device struct {
	ID      ident.DeviceID
	Name    string
	Slug    string
	Created time.Time
}

// Volume is a storage that can come and go as a whole.
type Volume struct {
	ID       ident.VolumeID
	Device   ident.DeviceID
	Identity string // what it is known by: never a mount point
	Name     string
	Facts    json.RawMessage // what was last seen of it, in the words of package volumes
	Root     ident.EntryID
	Online   bool
	Seen     time.Time // when it was last online
}

// LocationState tells how far a location is indexed.
type LocationState string

// The states of a location.
const (
	Pending    LocationState = "pending"    // added, not scanned to the end yet
	Indexing   LocationState = "indexing"   // a scan runs
	Ready      LocationState = "ready"      // the last scan was complete
	Incomplete LocationState = "incomplete" // the last scan could not read everything
	Held       LocationState = "held"       // the last scan found so much gone that the user must say so first
)

// Location is a folder that the user asked to index.
type Location struct {
	ID      ident.LocationID
	Volume  ident.VolumeID
	Entry   ident.EntryID // its root folder
	Name    string
	Mode    string
	State   LocationState
	Skipped int64
	Errors  int64
	Indexed time.Time // end of the last scan; zero: never
	Job     ident.JobID
	Missing int64 // entries that are held
	// Settings are JSON in the words of package index.
	Settings string
}

func notFound(err error, what string) error {
	if errors.Is(err, sql.ErrNoRows) {
		return errs.New(errs.NotFound, "not in this library").At(what)
	}
	return err
}

func fromNanos(ns int64) time.Time {
	if ns == 0 {
		return time.Time{}
	}
	return time.Unix(0, ns).UTC()
}

func toNanos(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

// PutDevice adds the device or takes over its name and slug. Nothing is written
// where they are as they were.
func (tx *Tx) PutDevice(d Device) error {
	var same bool
	err := tx.tx.QueryRow("SELECT name = ? AND slug = ? FROM device WHERE id = ?", d.Name, d.Slug, string(d.ID)).Scan(&same)
	if same || err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	_, err = tx.tx.Exec(`INSERT INTO device (id, name, slug, created_ns, seq) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, slug = excluded.slug, seq = excluded.seq`,
		string(d.ID), d.Name, d.Slug, toNanos(d.Created), tx.nextSeq())
	return err
}

// Devices returns all devices of the library.
func (r *Reader) Devices() ([]Device, error) {
	var ds []Device
	err := r.each("SELECT id, name, slug, created_ns FROM device ORDER BY id", func(row scanner) error {
		var d Device
		var created int64
		err := row.Scan(&d.ID, &d.Name, &d.Slug, &created)
		d.Created = fromNanos(created)
		ds = append(ds, d)
		return err
	})
	return ds, err
}

const volumeColumns = "id, device_id, identity, name, facts, root_id, online, seen_ns"

func scanVolume(row scanner) (v Volume, err error) {
	var facts string
	var seen int64
	err = row.Scan(&v.ID, &v.Device, &v.Identity, &v.Name, &facts, &v.Root, &v.Online, &seen)
	v.Facts, v.Seen = json.RawMessage(facts), fromNanos(seen)
	return v, err
}

// Volume returns the volume with id, or errs.NotFound.
func (r *Reader) Volume(id ident.VolumeID) (Volume, error) {
	v, err := scanVolume(r.tx.QueryRow("SELECT "+volumeColumns+" FROM volume WHERE id = ?", int64(id)))
	return v, notFound(err, "volume")
}

// VolumeByIdentity returns the volume known by identity, or errs.NotFound.
func (r *Reader) VolumeByIdentity(identity string) (Volume, error) {
	v, err := scanVolume(r.tx.QueryRow("SELECT "+volumeColumns+" FROM volume WHERE identity = ?", identity))
	return v, notFound(err, "volume "+identity)
}

// Volumes returns all volumes of the library.
func (r *Reader) Volumes() ([]Volume, error) {
	var vs []Volume
	err := r.each("SELECT "+volumeColumns+" FROM volume ORDER BY id", func(row scanner) error {
		v, err := scanVolume(row)
		vs = append(vs, v)
		return err
	})
	return vs, err
}

// PutVolume adds the volume known by v.Identity together with its root entry,
// or takes over what was seen of it now; ID and Root of v are ignored. Nothing
// is written where nothing changed but the time it was seen.
func (tx *Tx) PutVolume(v Volume) (Volume, error) {
	old, err := tx.VolumeByIdentity(v.Identity)
	switch {
	case errs.Is(err, errs.NotFound):
		return tx.addVolume(v)
	case err != nil:
		return v, err
	}
	v.ID, v.Root = old.ID, old.Root
	if old.Name == v.Name && old.Device == v.Device && string(old.Facts) == string(v.Facts) && old.Online == v.Online {
		return old, nil
	}
	happened := Changed
	switch {
	case v.Online && !old.Online:
		happened = Online
	case !v.Online && old.Online:
		happened = Offline
	}
	_, err = tx.tx.Exec("UPDATE volume SET device_id = ?, name = ?, facts = ?, online = ?, seen_ns = ?, happened = ?, seq = ? WHERE id = ?",
		string(v.Device), v.Name, string(v.Facts), v.Online, toNanos(v.Seen), int64(happened), tx.nextSeq(), int64(v.ID))
	return v, err
}

func (tx *Tx) addVolume(v Volume) (Volume, error) {
	v.Root = tx.c.ReserveEntryIDs(1)
	res, err := tx.tx.Exec("INSERT INTO volume (device_id, identity, name, facts, root_id, online, seen_ns, happened, seq) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
		string(v.Device), v.Identity, v.Name, string(v.Facts), int64(v.Root), v.Online, toNanos(v.Seen), int64(Created), tx.nextSeq())
	if err != nil {
		return v, err
	}
	id, err := res.LastInsertId()
	if err != nil {
		return v, err
	}
	v.ID = ident.VolumeID(id)
	root := Entry{ID: v.Root, Volume: v.ID, Name: v.Identity, Kind: vfs.Folder, State: Known}
	return v, tx.Apply(&Batch{Create: []Entry{root}})
}

const locationColumns = "id, volume_id, entry_id, name, mode, state, skipped, errors, indexed_ns, job_id, missing, settings"

func scanLocation(row scanner) (l Location, err error) {
	var indexed int64
	err = row.Scan(&l.ID, &l.Volume, &l.Entry, &l.Name, &l.Mode, &l.State, &l.Skipped, &l.Errors, &indexed, &l.Job, &l.Missing, &l.Settings)
	l.Indexed = fromNanos(indexed)
	return l, err
}

// Location returns the location with id, or errs.NotFound.
func (r *Reader) Location(id ident.LocationID) (Location, error) {
	l, err := scanLocation(r.tx.QueryRow("SELECT "+locationColumns+" FROM location WHERE id = ?", int64(id)))
	return l, notFound(err, "location")
}

// Locations returns all locations of the library.
func (r *Reader) Locations() ([]Location, error) {
	var ls []Location
	err := r.each("SELECT "+locationColumns+" FROM location ORDER BY id", func(row scanner) error {
		l, err := scanLocation(row)
		ls = append(ls, l)
		return err
	})
	return ls, err
}

// AddLocation adds l and returns it with its id; ID of l is ignored. A folder
// that is a location already is errs.Conflict.
func (tx *Tx) AddLocation(l Location) (Location, error) {
	ls, err := tx.Locations()
	if err != nil {
		return l, err
	}
	for _, other := range ls {
		if other.Entry == l.Entry {
			return other, errs.New(errs.Conflict, "this folder is the location %q already", other.Name)
		}
	}
	res, err := tx.tx.Exec("INSERT INTO location (volume_id, entry_id, name, mode, state, skipped, errors, indexed_ns, job_id, missing, settings, happened, seq) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		int64(l.Volume), int64(l.Entry), l.Name, l.Mode, string(l.State), l.Skipped, l.Errors, toNanos(l.Indexed), int64(l.Job), l.Missing, l.Settings, int64(Created), tx.nextSeq())
	if err != nil {
		return l, err
	}
	id, err := res.LastInsertId()
	l.ID = ident.LocationID(id)
	return l, err
}

// SetLocation stores l under its id; its folder and volume stay as they were.
// Nothing is written where nothing changed.
func (tx *Tx) SetLocation(l Location) error {
	old, err := tx.Location(l.ID)
	if err != nil {
		return err
	}
	l.Volume, l.Entry = old.Volume, old.Entry
	happened := Indexed
	if old.Indexed.Equal(l.Indexed) {
		happened, old.Indexed = Changed, l.Indexed
	}
	if l == old {
		return nil
	}
	_, err = tx.tx.Exec("UPDATE location SET name = ?, mode = ?, state = ?, skipped = ?, errors = ?, indexed_ns = ?, job_id = ?, missing = ?, settings = ?, happened = ?, seq = ? WHERE id = ?",
		l.Name, l.Mode, string(l.State), l.Skipped, l.Errors, toNanos(l.Indexed), int64(l.Job), l.Missing, l.Settings, int64(happened), tx.nextSeq(), int64(l.ID))
	return err
}

// RemoveLocation forgets that a folder is a location; errs.NotFound if it is
// none. Its entries stay until Forget takes them.
func (tx *Tx) RemoveLocation(id ident.LocationID) error {
	if _, err := tx.Location(id); err != nil {
		return err
	}
	if _, err := tx.tx.Exec("DELETE FROM location WHERE id = ?", int64(id)); err != nil {
		return err
	}
	return tx.tombstone(string(NounLocation), int64(id))
}

// each runs a query and calls fn once a row.
func (r *Reader) each(query string, fn func(scanner) error, args ...any) error {
	rows, err := r.tx.Query(query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Sums are the totals of a library.
type Sums struct {
	Totals
	Contents, UniqueBytes       int64
	Devices, Volumes, Locations int64
}

// Sums adds up what the library holds. Folders that are only known, above a
// location, do not count.
func (r *Reader) Sums() (s Sums, err error) {
	err = r.tx.QueryRow(`SELECT coalesce(sum(files), 0), coalesce(sum(folders + (state = 1)), 0), coalesce(sum(bytes), 0) FROM entry
		WHERE id IN (SELECT root_id FROM volume)`).Scan(&s.Files, &s.Folders, &s.Bytes)
	if err != nil {
		return s, err
	}
	// A content that no entry has any more stays for what hangs on it, and does not count.
	err = r.tx.QueryRow(`SELECT count(*), coalesce(sum(size), 0), (SELECT count(*) FROM device), (SELECT count(*) FROM volume), (SELECT count(*) FROM location)
		FROM (SELECT DISTINCT content_id AS had FROM entry WHERE content_id IS NOT NULL) CROSS JOIN content ON content.id = had`).
		Scan(&s.Contents, &s.UniqueBytes, &s.Devices, &s.Volumes, &s.Locations)
	return s, err
}
