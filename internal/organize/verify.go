package organize

import (
	"context"
	"database/sql"
	"strconv"
	"strings"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/store"
	"github.com/stardrive/stardrive/internal/vfs"
)

// recognise finds out whether the catalogue is the one whose entries were noted: then
// an entry is the file that it was, whatever became of that meanwhile. One that was
// made anew, or taken from a backup, gives the same numbers to other files.
func (s *Service) recognise(ctx context.Context) error {
	const key = "organize"
	var token string
	err := s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		err := tx.Store().QueryRow("SELECT value FROM meta WHERE key = ?", key).Scan(&token)
		if noRows(err) {
			token = newID()
			_, err = tx.Store().Exec("INSERT INTO meta (key, value) VALUES (?, ?)", key, token)
		}
		return err
	})
	if err != nil {
		return err
	}
	s.pen.Lock()
	defer s.pen.Unlock()
	own := map[string]string{}
	_, err = s.book.write(ctx, func(p *page) error {
		err := each(p.tx, "SELECT key, value FROM own", nil, func(rows *sql.Rows) error {
			var k, v string
			err := rows.Scan(&k, &v)
			own[k] = v
			return err
		})
		if err != nil {
			return err
		}
		return setOwn(p.tx, "catalogue", token)
	})
	reached, _ := strconv.ParseInt("0"+own["reached"], 10, 64)
	s.trusted = own["catalogue"] == token && s.before >= reached && s.before >= 0
	return err
}

// kept is a row of the table place.
type kept struct {
	target string
	no     int64
	entry  ident.EntryID
	volume string
	inode  uint64
	born   int64
	path   string
	kind   vfs.Kind
	size   int64
	mtime  int64
	turns  bool
}

// is reports whether an entry is, as far as can be told, the file that stood there:
// the same on its volume, or where that tells nothing, what looks the same at its
// place.
func (k *kept) is(t *thing) bool {
	if t.volume != k.volume || t.Kind != k.kind {
		return false
	}
	if k.inode != 0 && k.inode == t.Inode && k.born == t.Created {
		return k.born != 0 || t.path == k.path || t.Size == k.size && t.Modified == k.mtime
	}
	return t.path == k.path && (k.kind == vfs.Folder || t.Size == k.size)
}

// verify holds all places against the catalogue: which entries they are, whether they
// are still the files that they were, and where these stand.
func (s *Service) verify(ctx context.Context) error {
	s.checking.Lock()
	defer s.checking.Unlock()
	if err := s.findContents(ctx); err != nil {
		return err
	}
	s.model.mu.Lock()
	s.model.lost = 0
	s.model.mu.Unlock()
	last := [2]int64{-1, -1}
	for {
		some, err := s.places(ctx, "WHERE (place.target, place.entry) > (?, ?) ORDER BY place.target, place.entry LIMIT 2000", last[0], last[1])
		if err != nil || len(some) == 0 {
			return err
		}
		end := some[len(some)-1]
		last = [2]int64{end.no, int64(end.entry)}
		if err := s.verifySome(ctx, some); err != nil {
			return err
		}
	}
}

func (s *Service) places(ctx context.Context, where string, args ...any) (out []kept, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		return each(tx, `SELECT target.id, place.target, entry, volume, inode, born_ns, path, kind, size, mtime_ns, turns
			FROM place JOIN target ON target.no = place.target `+where, args, func(rows *sql.Rows) error {
			var k kept
			var inode int64
			var path sql.RawBytes
			err := rows.Scan(&k.target, &k.no, (*int64)(&k.entry), &k.volume, &inode, &k.born, &path, (*uint8)(&k.kind), &k.size, &k.mtime, &k.turns)
			k.inode, k.path = uint64(inode), string(path) //nolint:gosec // bits of a number
			out = append(out, k)
			return err
		})
	})
	return out, err
}

// findContents notes which rows of the catalogue the contents are.
func (s *Service) findContents(ctx context.Context) error {
	var hashes []string
	s.model.mu.RLock()
	byHash := make(map[string]*file, len(s.model.files))
	for _, f := range s.model.files {
		if h, ok := hashOf(f.target); ok {
			hashes = append(hashes, strings.ToUpper(f.target[len(contentTarget):]))
			byHash[string(h[:])] = f
		}
	}
	s.model.mu.RUnlock()
	const chunk = 5000
	rows := map[*file]ident.ContentID{}
	for len(hashes) > 0 {
		n := min(chunk, len(hashes))
		list := `["` + strings.Join(hashes[:n], `","`) + `"]`
		hashes = hashes[n:]
		err := s.Catalog.Read(ctx, func(r *catalog.Reader) error {
			return each(r.Store(), "SELECT id, hash FROM content WHERE hash IN (SELECT unhex(value) FROM json_each(?))", []any{list}, func(q *sql.Rows) error {
				var id int64
				var hash sql.RawBytes
				if err := q.Scan(&id, &hash); err != nil {
					return err
				}
				rows[byHash[string(hash)]] = ident.ContentID(id)
				return nil
			})
		})
		if err != nil {
			return err
		}
	}
	s.model.mu.Lock()
	defer s.model.mu.Unlock()
	for _, f := range byHash {
		if f.content != rows[f] {
			s.model.setContent(f, rows[f])
		}
	}
	return nil
}

// verifySome verifies a page of places.
func (s *Service) verifySome(ctx context.Context, rows []kept) error {
	now := make([]*thing, len(rows)) // by place, where it stands; nil: nowhere
	err := s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		ids := make([]ident.EntryID, len(rows))
		for i := range rows {
			ids[i] = rows[i].entry
		}
		some, err := things(r, ids)
		if err != nil {
			return err
		}
		byID := map[ident.EntryID]*thing{}
		for i := range some {
			byID[some[i].ID] = &some[i]
		}
		lost := map[string][]int{} // by volume
		for i := range rows {
			t := byID[rows[i].entry]
			if t != nil && (s.trusted && t.Kind == rows[i].kind || rows[i].is(t) || s.tied(rows[i].target, t.ID)) {
				now[i] = t
			} else {
				lost[rows[i].volume] = append(lost[rows[i].volume], i)
			}
		}
		return findAgain(r, rows, lost, now)
	})
	if err != nil {
		return err
	}
	var some []thing
	s.pen.Lock()
	if otherwise(rows, now) {
		_, err = s.book.write(ctx, func(p *page) error { return p.move(rows, now) })
	}
	if err == nil {
		some = s.tie(rows, now)
	}
	s.pen.Unlock()
	if err != nil {
		return err
	}
	return s.settle(ctx, some, false)
}

// tied reports whether an entry was known as the target since this process began: then
// the feed told of all that became of it since.
func (s *Service) tied(target string, id ident.EntryID) bool {
	s.model.mu.RLock()
	defer s.model.mu.RUnlock()
	for _, f := range s.model.byEntry[id] {
		if f.target == target {
			return true
		}
	}
	return false
}
