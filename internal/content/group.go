package content

import (
	"context"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/ident"
)

// copyOf is one entry of a group.
type copyOf struct {
	id     ident.EntryID
	volume ident.VolumeID
	parent ident.EntryID
	inode  int64
	links  int64
	read   int64 // when it was read last
	lies   int64 // where its blocks lie on the volume, as a hash; 0: unknown
	file   int   // which file of the group it is a name of, from 1
	body   int   // which bytes on a disk it is made of, from 1: other files may share them

	reference bool // it stands in a reference folder
}

// group is a content with the entries of which it is known that they have it:
// present, read whole, not changed since, and not damaged. On volumes that are
// offline they count as they were seen last.
type group struct {
	content ident.ContentID
	size    int64
	copies  []copyOf
	files   int   // names of one file count once
	bodies  int   // so do files that share their blocks
	bodyOf  []int // of the files, in the order of their numbers
	linked  map[link]int
	shared  map[link]int
}

// link tells names of one file, or files on the same blocks, from others.
type link struct {
	volume ident.VolumeID
	number int64
}

// add takes one more copy in.
func (g *group) add(c copyOf) {
	key := link{c.volume, c.inode}
	if c.links < 2 || c.inode == 0 {
		key = link{}
	}
	before := g.files
	if c.file = number(&g.linked, key, &g.files); g.files > before {
		key = link{c.volume, c.lies}
		if c.lies == 0 {
			key = link{}
		}
		g.bodyOf = append(g.bodyOf, number(&g.shared, key, &g.bodies))
	}
	c.body = g.bodyOf[c.file-1]
	g.copies = append(g.copies, c)
}

// number returns the number of what has a key, which it counts if it is new. The zero
// key is that of nothing else.
func number(known *map[link]int, key link, count *int) int {
	if n := (*known)[key]; n != 0 {
		return n
	}
	*count++
	if key != (link{}) {
		if *known == nil {
			*known = map[link]int{}
		}
		(*known)[key] = *count
	}
	return *count
}

// reset empties g, and keeps its room.
func (g *group) reset(content ident.ContentID, size int64) {
	clear(g.linked)
	clear(g.shared)
	*g = group{content: content, size: size, copies: g.copies[:0], bodyOf: g.bodyOf[:0], linked: g.linked, shared: g.shared}
}

// groupsOf is the query for the copies of the contents that wanted selects as k,
// in their order.
func groupsOf(wanted string) string {
	return `SELECT k, content.size, entry.id, volume_id, parent_id, inode, links, read_ns, extents
		FROM (` + wanted + `) CROSS JOIN content ON content.id = k CROSS JOIN entry ON entry.content_id = k JOIN proof ON proof.entry_id = entry.id
		LEFT JOIN damage ON damage.entry_id = entry.id
		WHERE state = 1 AND changed_ns = ctime_ns AND damage.entry_id IS NULL AND content.size >= ? ORDER BY k, entry.id`
}

// eachGroup calls fn with the groups that a query as groupsOf makes it tells of.
// The group is fn's only until it returns.
func eachGroup(r *catalog.Reader, query string, fn func(*group) error, args ...any) error {
	rows, err := r.Store().Query(query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	var g group
	for rows.Next() {
		var k ident.ContentID
		var size int64
		var c copyOf
		if err := rows.Scan((*int64)(&k), &size, (*int64)(&c.id), (*int64)(&c.volume), (*int64)(&c.parent), &c.inode, &c.links, &c.read, &c.lies); err != nil {
			return err
		}
		if k != g.content {
			if len(g.copies) > 0 {
				if err := fn(&g); err != nil {
					return err
				}
			}
			g.reset(k, size)
		}
		g.add(c)
	}
	if err := rows.Err(); err != nil || len(g.copies) == 0 {
		return err
	}
	return fn(&g)
}

// groupOf returns the group of one content.
func groupOf(r *catalog.Reader, id ident.ContentID) (out group, err error) {
	err = eachGroup(r, groupsOf("SELECT ? AS k"), func(g *group) error { out = *g; return nil }, int64(id), 0)
	return out, err
}

// Contents by how many entries bear them, whatever is known of these.
const (
	shared = "SELECT content_id AS k FROM entry WHERE content_id > ? GROUP BY content_id HAVING count(*) > 1 LIMIT ?"
	every  = "SELECT DISTINCT content_id AS k FROM entry WHERE content_id > ? ORDER BY content_id LIMIT ?"
)

// pageGroups is how many contents are looked at in one read.
const pageGroups = 20000

// groups calls fn with all groups of at least so many bytes, in the order of
// their contents, page by page: it may take long, and holds no snapshot.
func (s *Service) groups(ctx context.Context, wanted string, least int64, fn func(*catalog.Reader, *group) error) error {
	for after, n := int64(0), int64(pageGroups); n == pageGroups; {
		err := s.Catalog.Read(ctx, func(r *catalog.Reader) error {
			from := after
			err := r.Store().QueryRow("SELECT count(*), coalesce(max(k), 0) FROM ("+wanted+")", after, pageGroups).Scan(&n, &after)
			if err != nil || n == 0 {
				return err
			}
			return eachGroup(r, groupsOf(wanted), func(g *group) error { return fn(r, g) }, from, pageGroups, least)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
