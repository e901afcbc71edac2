package catalog

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stardrive/stardrive/internal/ident"
)

// Scope is which files of a volume something is to be done with: the nearest
// location above a file decides, by its mode. It belongs to one goroutine, and
// is good for the snapshot it was made of.
type Scope struct {
	// Name is the same as long as the same locations want it: followers of the
	// feed who do something with the files begin anew under another.
	Name string

	wanted map[ident.EntryID]bool // by a location's folder
	known  map[ident.EntryID]bool // the same of folders that were asked for
}

// Scope returns the files of a volume below locations whose mode is wanted; nil
// if there is no such location.
func (r *Reader) Scope(volume ident.VolumeID, wanted func(mode string) bool) (*Scope, error) {
	ls, err := r.Locations()
	if err != nil {
		return nil, err
	}
	sc := &Scope{wanted: map[ident.EntryID]bool{}, known: map[ident.EntryID]bool{}}
	var words []string
	some := false
	for _, l := range ls {
		if l.Volume == volume {
			want := wanted(l.Mode)
			sc.wanted[l.Entry], some = want, some || want
			words = append(words, fmt.Sprintf("%d=%t", l.Entry, want))
		}
	}
	if !some {
		return nil, nil
	}
	slices.Sort(words)
	sc.Name = fmt.Sprintf("%d:%s", volume, strings.Join(words, ","))
	return sc, nil
}

// ScopeBelow returns the files below one folder, whatever locations want.
func ScopeBelow(folder ident.EntryID) *Scope {
	return &Scope{wanted: map[ident.EntryID]bool{folder: true}, known: map[ident.EntryID]bool{}}
}

// Has reports whether the file e, of the volume of sc, belongs to it. r must be
// the Reader that made sc, or one of a snapshot that is as new.
func (sc *Scope) Has(r *Reader, e *Entry) (bool, error) {
	if wanted, ok := sc.known[e.Parent]; ok {
		return wanted, nil
	}
	up, err := r.Ancestors(e)
	if err != nil {
		return false, err
	}
	for _, a := range slices.Backward(up) {
		if wanted, ok := sc.wanted[a.ID]; ok {
			sc.known[e.Parent] = wanted
			return wanted, nil
		}
	}
	sc.known[e.Parent] = false
	return false, nil
}

// unharmed holds for files that are not known to be damaged: these have a content
// that they should hold, and hold another.
const unharmed = "NOT EXISTS (SELECT 1 FROM damage WHERE damage.entry_id = entry.id)"

// proven holds for present files of whose bytes something can be claimed.
const proven = "kind = 1 AND state = 1 AND +content_id IS NOT NULL AND changed_ns = ctime_ns AND " + unharmed

// Proven returns up to limit present files of a volume that changed after since,
// in the order of seq, whose content is known and not in doubt: no damaged ones.
func (r *Reader) Proven(volume ident.VolumeID, since int64, limit int) (out []Entry, err error) {
	err = r.entries(func(e *Entry) error { out = append(out, *e); return nil },
		"SELECT "+entryColumns+" FROM entry CROSS JOIN proof ON entry_id = id WHERE seq > ? AND volume_id = ? AND "+proven+" ORDER BY seq LIMIT ?",
		since, int64(volume), limit)
	return out, err
}

// CountProven counts the contents of these kinds among what Proven would return,
// all of it.
func (r *Reader) CountProven(volume ident.VolumeID, since int64, kinds []string) (n int64, err error) {
	args := []any{since, int64(volume)}
	for _, k := range kinds {
		args = append(args, k)
	}
	err = r.tx.QueryRow(`SELECT count(DISTINCT content_id) FROM entry CROSS JOIN proof ON entry_id = entry.id CROSS JOIN content ON content.id = content_id
		WHERE entry.seq > ? AND volume_id = ? AND entry.kind = 1 AND state = 1 AND changed_ns = ctime_ns AND `+unharmed+` AND content.kind IN (`+
		strings.TrimSuffix(strings.Repeat("?,", len(kinds)), ",")+")", args...).Scan(&n)
	return n, err
}

// ProvenCopies returns up to limit present entries of a content of which it is
// not in doubt that they have it; a damaged one does not.
func (r *Reader) ProvenCopies(id ident.ContentID, limit int) (out []Entry, err error) {
	err = r.entries(func(e *Entry) error { out = append(out, *e); return nil },
		"SELECT "+entryColumns+` FROM entry JOIN proof ON entry_id = id
		WHERE content_id = ? AND kind = 1 AND state = 1 AND changed_ns = ctime_ns AND `+unharmed+` ORDER BY id LIMIT ?`, int64(id), limit)
	return out, err
}

// CopyOf returns an entry of a content, one that is present if there is one; ok
// is false if there is none.
func (r *Reader) CopyOf(id ident.ContentID) (e Entry, ok bool, err error) {
	err = r.entries(func(one *Entry) error { e, ok = *one, true; return nil },
		"SELECT "+entryColumns+" FROM entry WHERE content_id = ? ORDER BY state, id LIMIT 1", int64(id))
	return e, ok, err
}
