package organize

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/event"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/organize/merge"
	"github.com/stardrive/stardrive/internal/store"
	"github.com/stardrive/stardrive/internal/vfs"
)

func appendInt(b []byte, n int64) []byte { return strconv.AppendInt(b, n, 10) }

// Serve ties what users added to the entries of the catalogue, and keeps it tied as
// the feed tells of changes, until ctx ends.
func (s *Service) Serve(ctx context.Context) error {
	wake := s.Bus.Subscribe(event.Quiet())
	defer wake.Close()
	err := s.serve(ctx, wake)
	if ctx.Err() != nil {
		return nil
	}
	return err
}

const (
	feedPage = 2000
	// again is after how long at most what could not be found is looked for again
	// while the catalogue changes.
	again = 15 * time.Second
)

func (s *Service) serve(ctx context.Context, wake *event.Subscription) error {
	seen := s.Catalog.Reached()
	if err := s.recognise(ctx); err != nil {
		return err
	}
	if err := s.verify(ctx); err != nil {
		return err
	}
	s.once.Do(func() { close(s.verified) })
	checked := time.Now()
	stale := false // paths may have changed, or something is looked for
	for {
		if err := s.snapshotDue(ctx); err != nil {
			if ctx.Err() != nil {
				return err
			}
			s.Log.Warn("No snapshot of what users added could be made", "error", err)
		}
		rest := again
		if stale {
			rest = 4 * s.Rest
		}
		short, stop := context.WithTimeout(ctx, rest)
		err := wake.Wait(short, seen)
		stop()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		quiet := err != nil
		if !quiet {
			var moved bool
			if seen, moved, err = s.follow(ctx, seen); err != nil {
				return err
			}
			stale = stale || moved || s.searching()
			if err := pause(ctx, s.Rest); err != nil {
				return err
			}
		}
		if stale && (quiet || time.Since(checked) > again) {
			if err := s.verify(ctx); err != nil {
				return err
			}
			stale, checked = false, time.Now()
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// searching reports whether something is known of files that stand nowhere now.
func (s *Service) searching() bool {
	s.model.mu.RLock()
	defer s.model.mu.RUnlock()
	return s.model.lost > 0
}

// follow takes the changes of the feed over. moved: a folder stands elsewhere, and so
// do all below it.
func (s *Service) follow(ctx context.Context, since int64) (next int64, moved bool, err error) {
	for {
		changes, next, err := s.Catalog.Changes(ctx, since, feedPage)
		if err != nil || len(changes) == 0 {
			return since, moved, err
		}
		var ids []ident.EntryID
		s.model.mu.RLock()
		for _, ch := range changes {
			if ch.Entry == nil {
				continue
			}
			moved = moved || ch.Entry.Kind == vfs.Folder && ch.What == catalog.Moved
			if _, known := s.model.byEntry[ch.Entry.ID]; known {
				ids = append(ids, ch.Entry.ID)
			} else if ch.Entry.Content != 0 && s.model.lost > 0 {
				moved = true // it may be a content that is looked for
			}
		}
		s.model.mu.RUnlock()
		if len(ids) > 0 {
			var some []thing
			if err := s.Catalog.Read(ctx, func(r *catalog.Reader) (err error) {
				some, err = things(r, ids)
				return err
			}); err != nil {
				return since, moved, err
			}
			if err := s.settle(ctx, some, true); err != nil {
				return since, moved, err
			}
		}
		since = next
	}
}

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
		for i := range rows {
			t := byID[rows[i].entry]
			if t != nil && (s.trusted && t.volume == rows[i].volume && t.Kind == rows[i].kind || rows[i].is(t) || s.tied(rows[i].target, t.ID)) {
				now[i] = t
				continue
			}
			if now[i], err = search(r, &rows[i]); err != nil {
				return err
			}
		}
		return nil
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

// search looks for a file that is not the entry any more that it was: by what it is on
// its volume, and then by where it stood.
func search(r *catalog.Reader, k *kept) (*thing, error) {
	v, err := r.VolumeByIdentity(k.volume)
	if errs.Is(err, errs.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var ids []ident.EntryID
	if k.inode != 0 {
		err = r.ByInode(v.ID, []uint64{k.inode}, func(e *catalog.Entry) error {
			if e.Kind == k.kind && e.Created == k.born && e.State.There() {
				ids = append(ids, e.ID)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	e, err := r.Lookup(v.Root, k.path)
	if err == nil {
		ids = append(ids, e.ID)
	} else if !errs.Is(err, errs.NotFound) {
		return nil, err
	}
	some, err := things(r, ids)
	if err != nil {
		return nil, err
	}
	for i := range some {
		t := &some[i]
		same := k.inode != 0 && t.Inode == k.inode && t.Created == k.born
		if h, ok := hashOf(k.target); ok && !same && t.Content != 0 && h != t.hash {
			continue // another file took its place
		}
		if k.is(t) {
			return t, nil
		}
	}
	return nil, nil
}

// move writes down where things stand now. What stands nowhere in the catalogue keeps
// its place, but no number of an entry: another file may come to have that.
func (p *page) move(places []kept, now []*thing) error {
	for i := range places {
		k, t := &places[i], now[i]
		if t == nil {
			if k.entry > 0 {
				if _, err := p.tx.Exec("UPDATE OR REPLACE place SET entry = ? WHERE target = ? AND entry = ?", -int64(k.entry), k.no, int64(k.entry)); err != nil {
					return err
				}
			}
			continue
		}
		if k.stands(t) {
			continue
		}
		_, err := p.tx.Exec(`UPDATE OR REPLACE place SET entry = ?, volume = ?, inode = ?, born_ns = ?, path = ?, size = ?, mtime_ns = ? WHERE target = ? AND entry = ?`,
			int64(t.ID), t.volume, int64(t.Inode), t.Created, []byte(t.path), t.Size, t.Modified, k.no, int64(k.entry)) //nolint:gosec // bits of a number
		if err != nil {
			return err
		}
	}
	return nil
}

// stands reports whether a place is noted as it is.
func (k *kept) stands(t *thing) bool {
	return k.entry == t.ID && k.volume == t.volume && k.inode == t.Inode && k.born == t.Created && k.path == t.path && k.size == t.Size && k.mtime == t.Modified
}

// otherwise reports whether move has anything to write.
func otherwise(places []kept, now []*thing) bool {
	for i := range places {
		if t := now[i]; t == nil && places[i].entry > 0 || t != nil && !places[i].stands(t) {
			return true
		}
	}
	return false
}

// tie has the model know the entries, and returns those whose content is to be looked
// at.
func (s *Service) tie(places []kept, now []*thing) (some []thing) {
	m := s.model
	m.mu.Lock()
	defer m.mu.Unlock()
	changed := false
	for i := range places {
		k, t := &places[i], now[i]
		f := m.file(k.target)
		if t == nil || t.ID != k.entry {
			m.dropLink(f, k.entry)
		}
		if t == nil {
			if f.content == 0 {
				m.lost++
			}
			continue
		}
		l := link{entry: t.ID, turns: k.turns, open: t.Content == 0, folder: t.Kind == vfs.Folder}
		before := len(f.links)
		m.setLink(f, l)
		changed = changed || before != len(f.links)
		some = append(some, *t)
	}
	if changed {
		m.version++
	}
	return some
}

// settle looks at what became of things that something was added to: what was added
// to an entry turns into what was added to its content when that is known, and what
// was added to a content goes on to the one that the file has after it was edited. moved:
// where they stand is written down, too.
func (s *Service) settle(ctx context.Context, some []thing, moved bool) error {
	if len(some) == 0 {
		return nil
	}
	s.pen.Lock()
	defer s.pen.Unlock()
	type step struct {
		from *file
		to   string
		t    *thing
		drop bool
	}
	var steps []step
	var places []kept
	var now []*thing
	m := s.model
	m.mu.Lock()
	for i := range some {
		t := &some[i]
		for _, f := range m.byEntry[t.ID] {
			if moved {
				places, now = append(places, kept{target: f.target, no: s.book.targets[f.target], entry: t.ID}), append(now, t)
			}
			_, content := hashOf(f.target)
			for j := range f.links {
				if l := &f.links[j]; l.entry == t.ID {
					if open := t.Content == 0; open != l.open {
						l.open = open
						m.forget(f)
					}
					switch {
					case t.Content == 0 || !t.bears():
					case l.turns:
						steps = append(steps, step{f, contentTargetOf(t.hash), t, true})
					case content && f.target != contentTargetOf(t.hash):
						steps = append(steps, step{f, contentTargetOf(t.hash), t, false})
					case content && f.content != t.Content:
						m.setContent(f, t.Content)
					}
				}
			}
		}
	}
	m.mu.Unlock()
	if len(places) == 0 && len(steps) == 0 {
		return nil
	}
	var placed []placed
	touched, err := s.book.write(ctx, func(p *page) error {
		if err := p.move(places, now); err != nil {
			return err
		}
		once := map[[2]string]bool{}
		for _, st := range steps {
			if key := [2]string{st.from.target, st.to}; !once[key] {
				once[key] = true
				changes, err := p.carry(st.from.target, st.to, st.drop)
				if err != nil {
					return err
				}
				if err := p.change(changes); err != nil {
					return err
				}
			}
			no, err := p.target(st.to)
			if err == nil {
				_, err = p.tx.Exec("UPDATE OR REPLACE place SET target = ?, turns = 0 WHERE target = ? AND entry = ?", no, p.targets[st.from.target], int64(st.t.ID))
			}
			if err != nil {
				return err
			}
		}
		placed = p.placed
		return nil
	})
	if err != nil {
		return err
	}
	m.mu.Lock()
	for _, st := range steps {
		m.dropLink(st.from, st.t.ID)
		to := m.file(st.to)
		m.setLink(to, link{entry: st.t.ID}) // it is a file
		m.setContent(to, st.t.Content)
	}
	m.mu.Unlock()
	s.put(placed)
	s.show(touched)
	return nil
}

// put has the model know where targets stand that were just made.
func (s *Service) put(all []placed) {
	m := s.model
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range all {
		f := m.file(p.target)
		p.link.open = p.content == 0
		m.setLink(f, p.link)
		if _, ok := hashOf(p.target); ok && p.content != 0 {
			m.setContent(f, p.content)
		}
	}
}

// carry makes the changes that give one target what another has, where it has
// nothing of its own; drop: the other has it no more.
func (p *page) carry(from, to string, drop bool) (changes []merge.Change, err error) {
	no, ok := p.targets[from]
	if !ok {
		return nil, nil
	}
	standing := map[merge.Key][]merge.Fact{}
	var keys []merge.Key
	err = each(p.tx, "SELECT field, member, actor, n, stamp, value FROM fact WHERE target = ? ORDER BY field, member", []any{no}, func(rows *sql.Rows) error {
		k := merge.Key{Target: from}
		f, err := p.scanFact(rows, &k.Field, &k.Member)
		if standing[k] == nil {
			keys = append(keys, k)
		}
		standing[k] = append(standing[k], f)
		return err
	})
	if err == nil {
		changes, err = p.collect(from, to, drop)
	}
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		facts := standing[k]
		sortFacts(facts)
		f, _ := merge.Winner(facts)
		there := merge.Key{Target: to, Field: k.Field, Member: k.Member}
		theirs, err := p.standing(there)
		if err != nil {
			return nil, err
		}
		switch {
		case k.Field == noteField && len(theirs) == 0:
			changes = append(changes, merge.Change{Key: there, Value: notesOf(facts)})
		case k.Field == noteField && !strings.Contains(notesOf(theirs), notesOf(facts)):
			changes = append(changes, merge.Change{Key: there, Value: notesOf(theirs) + noteBreak + notesOf(facts)})
		case len(theirs) == 0:
			changes = append(changes, merge.Change{Key: there, Value: f.Value})
		}
		if drop {
			changes = append(changes, merge.Change{Key: k, Drop: true})
		}
	}
	return changes, nil
}

// collect puts one target into the collections in which another is; drop: in its
// place.
func (p *page) collect(from, to string, drop bool) (changes []merge.Change, err error) {
	err = each(p.tx, "SELECT target.id, value FROM fact JOIN target ON target.no = fact.target WHERE field = ? AND member = ?", []any{itemField, from}, func(rows *sql.Rows) error {
		var in, at string
		err := rows.Scan(&in, &at)
		changes = append(changes, merge.Change{Key: merge.Key{Target: in, Field: itemField, Member: to}, Value: at})
		if drop {
			changes = append(changes, merge.Change{Key: merge.Key{Target: in, Field: itemField, Member: from}, Drop: true})
		}
		return err
	})
	return lastOfEach(changes), err
}

// ready waits a moment until all was tied to the catalogue once.
func (s *Service) ready(ctx context.Context) error {
	t := time.NewTimer(10 * time.Second)
	defer t.Stop()
	select {
	case <-s.verified:
		return nil
	case <-t.C:
		return errs.New(errs.Unavailable, "what was added to files is not tied to them yet").Try("Try again in a moment.")
	case <-ctx.Done():
		return errors.Join(ctx.Err())
	}
}
