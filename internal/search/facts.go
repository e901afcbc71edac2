package search

import (
	"context"
	"database/sql"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"sync"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/collate"
	"github.com/stardrive/stardrive/internal/ident"
)

// Fields of what is known of contents are asked of the database when the query is run.

// column asks for rows by a condition on one column of facts.
func (p *parser) column(text, condition string, args ...any) node {
	return p.among(text, func(ctx context.Context, of *among) (bool, error) {
		return true, p.each(ctx, "SELECT content_id AS n FROM facts WHERE "+condition, args, of.some.add)
	}).reads()
}

// textColumn makes a field that looks for a text in a column, which is folded. All of
// the column's index is read, but no row.
func textColumn(name, column string) func(p *parser, value string) (node, string) {
	return func(p *parser, value string) (node, string) {
		return p.column(name+":"+value, column+" IS NOT NULL AND instr("+column+", ?) > 0", collate.Fold(value)), ""
	}
}

// cameraField looks for a text in the names of cameras. There are few, each of many
// photos: its index is asked for one after the other.
func (p *parser) cameraField(value string) (node, string) {
	return p.column("camera:"+value, `camera IN (WITH RECURSIVE each(name) AS (
			SELECT min(camera) FROM facts WHERE camera IS NOT NULL
			UNION ALL SELECT (SELECT min(camera) FROM facts WHERE camera > name) FROM each WHERE name IS NOT NULL)
		SELECT name FROM each WHERE instr(name, ?) > 0)`, collate.Fold(value)), ""
}

// numberColumn makes a field that compares a column with a number or a range.
func numberColumn(name, column, example string, read func(string) (int64, bool)) func(p *parser, value string) (node, string) {
	return func(p *parser, value string) (node, string) {
		from, to, ok := parseRange(strings.ToLower(value), read)
		if !ok {
			return nil, "this is no number; such as " + example
		}
		return p.column(name+":"+value, column+" BETWEEN ? AND ?", from, to), ""
	}
}

func (p *parser) takenField(value string) (node, string) {
	from, to, ok := parseWhen(value, p.now)
	if !ok {
		return nil, noTime
	}
	return p.column("taken:"+value, "taken_ns >= ? AND taken_ns < ?", from, to), ""
}

// duplicated finds the contents of which there are several files. Names of one and the
// same file are one, and files without a byte are no duplicates.
func (s *Service) duplicated(ctx context.Context, of *among) (whole bool, err error) {
	var twice set
	whole, err = s.on(ctx, func(ctx context.Context, t *table) error {
		var once set
		twice = set{}
		var mu sync.Mutex
		return t.scan(ctx, hasContent{}, scanner{look: func(w *worker) {
			mu.Lock()
			defer mu.Unlock()
			w.rows.each(func(row int) {
				if c := int64(w.seg.contents[row]); w.seg.sizes[row] == 0 {
				} else if once.has(c) {
					twice.add(c)
				} else {
					once.add(c)
				}
			})
		}})
	})
	if err != nil {
		return false, err
	}
	const page = 1000
	some := make([]int64, 0, page)
	ask := func() error {
		defer func() { some = some[:0] }()
		list, err := json.Marshal(some)
		if err != nil {
			return err
		}
		return s.each(ctx, `SELECT content_id AS n FROM entry WHERE content_id IN (SELECT value FROM json_each(?)) AND state = 1
			GROUP BY content_id HAVING count(DISTINCT CASE WHEN inode = 0 THEN 'e' || id ELSE volume_id || ' ' || inode END) > 1`, []any{string(list)}, of.some.add)
	}
	twice.each(func(n int64) bool {
		if some = append(some, n); len(some) == page {
			err = ask()
		}
		return err == nil
	})
	if err == nil && len(some) > 0 {
		err = ask()
	}
	return whole, err
}

// each calls fn with every number that a query of the database gives, in a column
// n. They come as one text: to fetch row after row takes three times as long.
func (s *Service) each(ctx context.Context, query string, args []any, fn func(int64)) error {
	return column(ctx, s, "SELECT coalesce(group_concat(n, ' '), '') FROM ("+query+")", args, func(all sql.RawBytes) {
		n := int64(0)
		for _, c := range all {
			if c == ' ' {
				fn(n)
				n = 0
			} else {
				n = 10*n + int64(c-'0')
			}
		}
		if len(all) > 0 {
			fn(n)
		}
	})
}

// texts likewise, with texts.
func (s *Service) texts(ctx context.Context, query string, args []any, fn func(string)) error {
	return column(ctx, s, query, args, fn)
}

func column[T any](ctx context.Context, s *Service, query string, args []any, fn func(T)) error {
	return s.Catalog.Read(ctx, func(r *catalog.Reader) error {
		rows, err := r.Store().Query(query, args...)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var v T
			if err := rows.Scan(&v); err != nil {
				return err
			}
			fn(v)
		}
		return rows.Err()
	})
}

// devices are the folders of volumes, by the device they are on.
func devices(vols []catalog.Volume, known []catalog.Device) (out []anchor) {
	names := map[ident.DeviceID]string{}
	for _, d := range known {
		names[d.ID] = d.Name + "\x00" + d.Slug // found by both
	}
	for _, v := range vols {
		out = append(out, anchor{id: v.Root, name: names[v.Device]})
	}
	return out
}

// parseRange reads a number or a range of numbers: "5", ">5", "5..9". from and to
// are both inside.
func parseRange(text string, read func(string) (int64, bool)) (from, to int64, ok bool) {
	if a, b, ranged := strings.Cut(text, ".."); ranged {
		from, ok1 := read(a)
		to, ok2 := read(b)
		return from, to, ok1 && ok2
	}
	op, rest := operator(text)
	n, ok := read(rest)
	switch op {
	case ">":
		return min(n, math.MaxInt64-1) + 1, math.MaxInt64, ok
	case ">=":
		return n, math.MaxInt64, ok
	case "<":
		return 0, n - 1, ok
	case "<=":
		return 0, n, ok
	}
	return n, n, ok
}

func wholeNumber(text string) (int64, bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil && n >= 0
}

// durationField reads a length of time to the second, since nobody knows films by
// milliseconds: "90s", "5m", "1h30m", "3:20".
func (p *parser) durationField(value string) (node, string) {
	from, to, ok := parseRange(strings.ToLower(value), secondsOf)
	if !ok {
		return nil, "this is no length of time; such as >5m, 90s, 3:20, 1h..2h"
	}
	const most = math.MaxInt64 / 1000
	return p.column("duration:"+value, "duration_ms BETWEEN ? AND ?", min(from, most-1)*1000-500, min(to, most-1)*1000+499), ""
}

// secondsOf reads a length of time, in seconds where it has no unit.
func secondsOf(text string) (total int64, ok bool) {
	const most = 1 << 40
	if parts := strings.Split(text, ":"); len(parts) > 1 && len(parts) <= 3 {
		for _, part := range parts {
			n, ok := wholeNumber(part)
			if !ok || n > most/60 {
				return 0, false
			}
			total = min(most, total*60+n)
		}
		return total, true
	}
	for rest := text; rest != ""; {
		i := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
		if i < 0 {
			i = len(rest)
		}
		n, ok := wholeNumber(rest[:i])
		if !ok || n > most {
			return 0, false
		}
		unit := rest[i:]
		if j := strings.IndexAny(unit, "0123456789"); j >= 0 {
			unit = unit[:j]
		}
		rest = rest[i+len(unit):]
		switch unit {
		case "", "s", "sec":
		case "m", "min":
			n *= 60
		case "h":
			n *= 3600
		default:
			return 0, false
		}
		total = min(most, total+n)
	}
	return total, text != ""
}
