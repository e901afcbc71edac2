package organize

import (
	"strconv"
	"time"

	"github.com/stardrive/stardrive/internal/vfs"
)

func appendInt(b []byte, n int64) []byte { return strconv.AppendInt(b, n, 10) }

const (
	feedPage = 2000
	// again is after how long at most what could not be found is looked for again
	// while the catalogue changes.
	again = 15 * time.Second
)

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
