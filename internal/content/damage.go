package content

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/event"
	"github.com/stardrive/stardrive/internal/ident"
)

// Damages is the list of damaged files.
type Damages struct {
	Items []Damage `json:"items" jsonschema:"the files, those first that were found first"`
	Next  string   `json:"next" jsonschema:"cursor of the next page; empty at the end"`
}

// DamageIn asks for damaged files.
type DamageIn struct {
	Cursor string `json:"cursor,omitempty" jsonschema:"where to go on: next of the page before"`
	Limit  int    `json:"limit,omitempty" jsonschema:"files a page; default 100" min:"0" max:"1000"`
}

// Damage is one damaged file.
type Damage struct {
	catalog.View
	Location string    `json:"location,omitempty" jsonschema:"name of the location it stands in"`
	Harm     Harm      `json:"harm" jsonschema:"changed: its bytes are others, though nobody wrote to it; unreadable: the disk does not give them"`
	Reason   string    `json:"reason,omitempty" jsonschema:"why it cannot be read"`
	Hash     string    `json:"hash" jsonschema:"BLAKE3 of what it should hold"`
	Found    string    `json:"found,omitempty" jsonschema:"BLAKE3 of what it holds"`
	Since    time.Time `json:"since" jsonschema:"when that was found first"`
	Good     time.Time `json:"good" jsonschema:"when it was read last and was as it should be"`
	Copies   []Copy    `json:"copies" jsonschema:"files that hold what it should, at most a hundred"`
}

// harmed is a row of damage whose file is present and was not edited since: that
// takes its content away. Another name or other attributes heal nothing.
const harmed = ` FROM damage JOIN entry ON entry.id = damage.entry_id JOIN proof ON proof.entry_id = entry.id
	WHERE state = 1 AND entry.content_id = damage.content_id`

func (s *Service) damage(ctx context.Context, in DamageIn) (out Damages, err error) {
	from, err := parsePlace(in.Cursor)
	if err != nil {
		return out, err
	}
	if from == nil {
		from = &place{}
	}
	limit := in.Limit
	if limit == 0 {
		limit = pageDuplicates
	}
	out.Items = []Damage{}
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		b, err := s.beholder(r)
		if err != nil {
			return err
		}
		type row struct {
			id    ident.EntryID
			found []byte
			Damage
			since, good int64
		}
		var list []row
		rows, err := r.Store().Query("SELECT damage.entry_id, found, reason, found_ns, read_ns"+harmed+" AND (found_ns, damage.entry_id) > (?, ?) ORDER BY found_ns, damage.entry_id LIMIT ?",
			from.bytes, int64(from.content), limit+1)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var d row
			if err := rows.Scan((*int64)(&d.id), &d.found, &d.Reason, &d.since, &d.good); err != nil {
				return err
			}
			list = append(list, d)
		}
		if err := rows.Err(); err != nil {
			return err
		}
		for i, d := range list {
			if i == limit {
				last := &list[i-1]
				out.Next = place{last.since, ident.ContentID(last.id)}.String()
				break
			}
			e, err := r.Entry(d.id)
			if err != nil {
				return err
			}
			c, err := r.Content(e.Content)
			if err != nil {
				return err
			}
			if d.View, d.Location, err = b.view(&e); err != nil {
				return err
			}
			d.Harm, d.Hash = Unreadable, hex.EncodeToString(c.Hash[:])
			if len(d.found) > 0 {
				d.Harm, d.Found = OtherBytes, hex.EncodeToString(d.found)
			}
			d.Since, d.Good = time.Unix(0, d.since).UTC(), time.Unix(0, d.good).UTC()
			g, err := groupOf(r, c.ID)
			if err != nil {
				return err
			}
			if d.Copies, _, err = b.copies(&g, nil); err != nil {
				return err
			}
			out.Items = append(out.Items, d.Damage)
		}
		return nil
	})
	return out, err
}

// tell tells of the files that were found damaged when they were read for another
// reason than to see that.
func (s *Service) tell(ctx context.Context, all []found) error {
	for i := range all {
		if !all[i].harmed || s.Bus == nil {
			continue
		}
		err := s.Catalog.Read(ctx, func(r *catalog.Reader) error {
			e, err := r.Entry(all[i].id)
			if err != nil {
				return err
			}
			v, err := r.Volume(e.Volume)
			if err != nil {
				return err
			}
			path, err := r.Path(&e)
			if err != nil {
				return err
			}
			id, _ := e.ID.MarshalText()
			event.Publish(s.Bus, damageNews, DamageNews{string(id), s.Volumes.Ground(v).SdPath(path).String(), OtherBytes})
			return nil
		})
		if err != nil && !errs.Is(err, errs.NotFound) {
			return err
		}
	}
	return nil
}

// Damaged returns how many files are known to be damaged.
func (s *Service) Damaged(ctx context.Context) (n int64, err error) {
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		return r.Store().QueryRow("SELECT count(*)" + harmed).Scan(&n)
	})
	return n, err
}

// ForgetDamageIn names damaged files.
type ForgetDamageIn struct {
	Path string `json:"path,omitempty" cli:"1" jsonschema:"the damaged file"`
	ID   string `json:"id,omitempty" jsonschema:"the same, by entry id"`
	All  bool   `json:"all,omitempty" jsonschema:"all damaged files"`
}

// ForgetDamageOut tells what was done.
type ForgetDamageOut struct {
	Forgotten int64 `json:"forgotten" jsonschema:"files that are taken as they are"`
}

// forgetDamage takes damaged files as they are: nothing is claimed of them until
// they were read again.
func (s *Service) forgetDamage(ctx context.Context, in ForgetDamageIn) (out ForgetDamageOut, err error) {
	var only ident.EntryID
	if !in.All {
		e, _, err := s.find(ctx, in.Path, in.ID)
		if err != nil {
			return out, err
		}
		only = e.ID
	} else if in.Path != "" || in.ID != "" {
		return out, errs.New(errs.Invalid, "say which file, or all, not both")
	}
	err = s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		ids, err := damagedIDs(tx, only)
		if err != nil {
			return err
		}
		if len(ids) == 0 && only != 0 {
			return errs.New(errs.NotFound, "the file is not known to be damaged")
		}
		for _, id := range ids {
			if err := tx.Unproven(id); err != nil {
				return err
			}
		}
		out.Forgotten = int64(len(ids))
		return nil
	})
	return out, err
}

// damagedIDs returns the ids of all damaged files, or of one if it is.
func damagedIDs(tx *catalog.Tx, only ident.EntryID) (ids []ident.EntryID, err error) {
	rows, err := tx.Store().Query("SELECT entry_id FROM damage WHERE ?1 = 0 OR entry_id = ?1", int64(only))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id ident.EntryID
		if err := rows.Scan((*int64)(&id)); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// isDamaged reports whether a file stands among the damaged ones.
func isDamaged(r *catalog.Reader, id ident.EntryID) (bool, error) {
	var one int
	err := r.Store().QueryRow("SELECT 1 FROM damage WHERE entry_id = ?", int64(id)).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}
