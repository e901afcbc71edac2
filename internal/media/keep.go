package media

import (
	"context"
	"sync"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/ident"
)

const (
	keepEvery  = time.Minute         // between two looks at texts, uses and the budget
	sweepEvery = 24 * time.Hour      // between two looks for what nobody needs
	grace      = 30 * 24 * time.Hour // before sidecars of contents without entries go
	evictTo    = 0.9                 // of the budget, when it is exceeded
	lateAgain  = 20 * time.Hour      // before what took too long is tried once more
	sweepBatch = 500
)

// touches are the sidecars that were used since they were last noted.
type touches struct {
	mu sync.Mutex
	at map[flightKey]int64
}

func (t *touches) note(content ident.ContentID, kind Kind, when int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.at == nil {
		t.at = map[flightKey]int64{}
	}
	t.at[flightKey{content: content, kind: kind}] = when
}

func (t *touches) take() map[flightKey]int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	at := t.at
	t.at = nil
	return at
}

// housekeep notes what was used, keeps pictures within their budget, and takes
// away what nobody needs, until ctx ends.
func (s *Service) housekeep(ctx context.Context) {
	for rest(ctx, keepEvery) {
		err := s.tidy(ctx)
		if err == nil {
			err = s.sweep(ctx)
		}
		if err != nil && ctx.Err() == nil {
			s.Log.Warn("Looking after sidecars failed", "error", err)
		}
	}
}

// sweep cleans once a day, and has the jobs look at all contents: at what could
// not be read when its turn came, and at what came into a deep location with a
// folder, of which alone the feed tells.
func (s *Service) sweep(ctx context.Context) error {
	now := s.Now()
	var swept int64
	err := s.Catalog.Read(ctx, func(r *catalog.Reader) (err error) {
		swept, err = r.Follower(sweptFollower)
		return err
	})
	if err != nil || now.Sub(time.Unix(swept, 0)) < sweepEvery && swept <= now.Unix() {
		return err
	}
	if swept > 0 { // at first all is looked at anyway
		if _, err := s.clean(ctx, grace, true); err != nil {
			return err
		}
	}
	err = s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		_, err := tx.Store().Exec("UPDATE sidecar SET again = 1 WHERE status = ? AND reason = ? AND made_ns <= ?", string(Failed), TooLong, now.Add(-lateAgain).UnixNano())
		if err != nil {
			return err
		}
		if err := beginAgain(tx); err != nil {
			return err
		}
		return tx.SetFollower(sweptFollower, now.Unix())
	})
	if err == nil {
		_, err = s.queueDue(ctx)
	}
	return err
}

func (s *Service) tidy(ctx context.Context) error {
	if err := s.noteUses(ctx); err != nil {
		return err
	}
	if s.grown.Swap(false) {
		if _, err := s.evict(ctx, s.Budget); err != nil {
			s.grown.Store(true)
			return err
		}
	}
	before, err := s.notedStamp(ctx)
	if err != nil {
		return err
	}
	if err := s.checkTexts(ctx); err != nil && !errs.Is(err, errs.Unavailable) {
		return err
	}
	if after, err := s.notedStamp(ctx); err != nil || before == after {
		return err
	}
	_, err = s.queueDue(ctx)
	return err
}

func (s *Service) noteUses(ctx context.Context) error {
	at := s.touches.take()
	if len(at) == 0 {
		return nil
	}
	return s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		for k, when := range at {
			if _, err := tx.Store().Exec("UPDATE sidecar SET used_ns = ? WHERE content_id = ? AND kind = ?", when, int64(k.content), string(k.kind)); err != nil {
				return err
			}
		}
		return nil
	})
}

// pictureBytes is the sum of all pictures.
func (s *Service) pictureBytes(ctx context.Context) (n int64, err error) {
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		return r.Store().QueryRow("SELECT coalesce(sum(size), 0) FROM sidecar WHERE size > 0").Scan(&n)
	})
	return n, err
}

// evict takes the pictures away that were not used for the longest time, until
// there is some room below the budget. What is being worked at stays.
func (s *Service) evict(ctx context.Context, budget int64) (freed Amount, err error) {
	total, err := s.pictureBytes(ctx)
	if err != nil || total <= budget {
		return freed, err
	}
	over := total - int64(evictTo*float64(budget))
	for freed.Bytes < over {
		list, err := s.leastUsed(ctx)
		if err != nil {
			return freed, err
		}
		before := freed.Count
		for i := range list {
			if freed.Bytes >= over {
				break
			}
			release, _ := s.locks.try(list[i].row.content)
			if release == nil {
				continue
			}
			err := s.drop(ctx, &list[i])
			release()
			if err != nil {
				return freed, err
			}
			freed.add(list[i].row.size)
		}
		if freed.Count == before {
			s.grown.Store(true)
			break // all that is left is being worked at
		}
	}
	return freed, nil
}

// stored is a picture with the hash of its content.
type stored struct {
	row  row
	hash catalog.Hash
}

func (s *Service) leastUsed(ctx context.Context) ([]stored, error) {
	return s.pictures(ctx, "size > 0 ORDER BY used_ns LIMIT ?", sweepBatch)
}

// pictures returns rows of pictures by a condition.
func (s *Service) pictures(ctx context.Context, where string, args ...any) (out []stored, err error) {
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		rows, err := r.Store().Query("SELECT "+rowColumns+", (SELECT hash FROM content WHERE id = content_id) FROM sidecar WHERE "+where, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var one stored
			var hash []byte
			if one.row, err = scanRow(rows.Scan, &hash); err != nil {
				return err
			}
			copy(one.hash[:], hash)
			out = append(out, one)
		}
		return rows.Err()
	})
	return out, err
}

// drop takes one picture away. The caller has locked its content.
func (s *Service) drop(ctx context.Context, p *stored) error {
	var n int64
	err := s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		res, err := tx.Store().Exec("UPDATE sidecar SET status = ?, size = 0, mime = '' WHERE content_id = ? AND kind = ? AND version = ? AND made_ns = ?",
			string(Evicted), int64(p.row.content), string(p.row.kind), p.row.version, p.row.made)
		if err == nil {
			n, err = res.RowsAffected()
		}
		return err
	})
	if err != nil || n == 0 { // it was made again just now
		return err
	}
	return s.files.remove(p.row.name(p.hash))
}

// Amount is some sidecars and the bytes of their files.
type Amount struct {
	Count int64 `json:"count" jsonschema:"how many"`
	Bytes int64 `json:"bytes" jsonschema:"bytes of their files"`
}

func (a *Amount) add(bytes int64) { a.Count++; a.Bytes += bytes }

// Cleaned is what cleaning takes away.
type Cleaned struct {
	Older    Amount `json:"older" jsonschema:"pictures that an older version made, and that are made again when asked for"`
	Orphaned Amount `json:"orphaned" jsonschema:"sidecars of contents that no entry has any more"`
	Stray    Amount `json:"stray" jsonschema:"files in the folder of sidecars that belong to none"`
	Over     Amount `json:"over" jsonschema:"pictures beyond the budget, those not used for the longest time"`
	Applied  bool   `json:"applied" jsonschema:"it was taken away; else this is what would be"`
}

// clean finds what nobody needs and, with apply, takes it away. Sidecars of
// contents without entries go when they have had none for the time of after.
func (s *Service) clean(ctx context.Context, after time.Duration, apply bool) (out Cleaned, err error) {
	out.Applied = apply
	for _, step := range []func(context.Context, time.Duration, *Cleaned) error{s.cleanOlder, s.cleanOrphans, s.cleanStrays} {
		if err := step(ctx, after, &out); err != nil {
			return out, err
		}
	}
	if apply {
		out.Over, err = s.evict(ctx, s.Budget)
		return out, err
	}
	total, err := s.pictureBytes(ctx)
	if total -= out.Older.Bytes + out.Orphaned.Bytes; total > s.Budget {
		out.Over.Bytes = total - s.Budget
	}
	return out, err
}

func (s *Service) cleanOlder(ctx context.Context, _ time.Duration, out *Cleaned) error {
	for _, k := range order {
		if sorts[k].side == 0 || sorts[k].background {
			continue
		}
		list, err := s.pictures(ctx, "kind = ? AND size > 0 AND version < ?", string(k), sorts[k].version)
		if err != nil {
			return err
		}
		for i := range list {
			if out.Applied {
				release, err := s.locks.take(ctx, list[i].row.content)
				if err != nil {
					return err
				}
				err = s.drop(ctx, &list[i])
				release()
				if err != nil {
					return err
				}
			}
			out.Older.add(list[i].row.size)
		}
	}
	return nil
}

// cleanOrphans goes through all sidecars in pieces. Those whose content has lost
// its last entry are marked with the time, and go when it is long ago.
func (s *Service) cleanOrphans(ctx context.Context, after time.Duration, out *Cleaned) error {
	now := s.Now().UnixNano()
	for last := int64(0); ; {
		next, err := s.piece(ctx, last)
		if err != nil || next == 0 {
			return err
		}
		if out.Applied {
			if err := s.mark(ctx, last, next, now); err != nil {
				return err
			}
		}
		ids, err := s.orphans(ctx, last, next, now-int64(after), out)
		if err != nil {
			return err
		}
		if out.Applied {
			if err := s.forget(ctx, ids); err != nil {
				return err
			}
		}
		last = next
	}
}

const noEntry = "NOT EXISTS (SELECT 1 FROM entry WHERE entry.content_id = sidecar.content_id)"

// piece returns the last content of the next ones with sidecars; 0 at the end.
func (s *Service) piece(ctx context.Context, last int64) (next int64, err error) {
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		return r.Store().QueryRow("SELECT coalesce(max(content_id), 0) FROM (SELECT DISTINCT content_id FROM sidecar WHERE content_id > ? ORDER BY content_id LIMIT ?)",
			last, sweepBatch).Scan(&next)
	})
	return next, err
}

// orphans returns the contents of a piece that had no entry since before, or, if
// nothing is to be taken away, that have none.
func (s *Service) orphans(ctx context.Context, last, next, before int64, out *Cleaned) (ids []ident.ContentID, err error) {
	err = s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		rows, err := r.Store().Query("SELECT content_id, count(*), sum(size) FROM sidecar WHERE content_id > ? AND content_id <= ? AND "+noEntry+
			" AND (? OR orphan_ns > 0 AND orphan_ns <= ?) GROUP BY content_id", last, next, !out.Applied, before)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id ident.ContentID
			var n Amount
			if err := rows.Scan(&id, &n.Count, &n.Bytes); err != nil {
				return err
			}
			ids = append(ids, id)
			out.Orphaned.Count += n.Count
			out.Orphaned.Bytes += n.Bytes
		}
		return rows.Err()
	})
	return ids, err
}

// mark notes since when contents have had no entry.
func (s *Service) mark(ctx context.Context, last, next, now int64) error {
	var some bool
	wrong := "((orphan_ns = 0) = " + noEntry + ")"
	err := s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		return r.Store().QueryRow("SELECT EXISTS (SELECT 1 FROM sidecar WHERE content_id > ? AND content_id <= ? AND "+wrong+")", last, next).Scan(&some)
	})
	if err != nil || !some {
		return err
	}
	return s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		_, err := tx.Store().Exec("UPDATE sidecar SET orphan_ns = iif(orphan_ns = 0, ?, 0) WHERE content_id > ? AND content_id <= ? AND "+wrong, now, last, next)
		return err
	})
}

// forget takes away all that was derived of contents without entries.
func (s *Service) forget(ctx context.Context, ids []ident.ContentID) error {
	if len(ids) == 0 {
		return nil
	}
	for _, id := range ids {
		release, err := s.locks.take(ctx, id)
		if err != nil {
			return err
		}
		err = s.forgetOne(ctx, id)
		release()
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) forgetOne(ctx context.Context, id ident.ContentID) error {
	list, err := s.pictures(ctx, "content_id = ? AND size > 0", int64(id))
	if err != nil {
		return err
	}
	gone := false
	err = s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		res, err := tx.Store().Exec("DELETE FROM sidecar WHERE content_id = ? AND "+noEntry, int64(id))
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		if gone = n > 0; err != nil || !gone {
			return err
		}
		return dropFacts(tx, id)
	})
	if err != nil || !gone {
		return err
	}
	if s.Texts != nil { // now, and not before: an entry may have got the content back
		if err := s.Texts.Drop(ctx, []ident.ContentID{id}); err != nil {
			return err
		}
	}
	for i := range list {
		if err := s.files.remove(list[i].row.name(list[i].hash)); err != nil {
			return err
		}
	}
	return nil
}

// strayAge is how old a file must be that no row speaks of: younger ones are
// about to get theirs.
const strayAge = time.Hour

// cleanStrays takes away what this package has left behind, and nothing else that
// may lie in the folder. It goes through no link.
func (s *Service) cleanStrays(ctx context.Context, _ time.Duration, out *Cleaned) error {
	return s.files.walk(ctx, func(f found) error {
		if !f.ours || s.Now().Sub(f.modified) < strayAge {
			return nil
		}
		if f.inPlace {
			var kept bool
			err := s.Catalog.Read(ctx, func(r *catalog.Reader) error {
				return r.Store().QueryRow(`SELECT EXISTS (SELECT 1 FROM sidecar JOIN content ON id = content_id
					WHERE hash = ? AND sidecar.kind = ? AND version = ? AND sidecar.mime = ? AND sidecar.size > 0)`,
					f.name.hash[:], string(f.name.kind), f.name.version, f.name.mime).Scan(&kept)
			})
			if err != nil || kept {
				return err
			}
		}
		out.Stray.add(f.size)
		if !out.Applied {
			return nil
		}
		if err := s.files.removeStray(f.path); err != nil {
			s.Log.Warn("A stray file was not removed", "error", err)
		}
		return nil
	})
}
