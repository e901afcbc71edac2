package search

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/vfs"
)

func TestSecondsOf(t *testing.T) {
	for text, want := range map[string]int64{"90": 90, "90s": 90, "5m": 300, "1h30m": 5400, "3:20": 200, "1:00:01": 3601, "1h5": 3605} {
		if got, ok := secondsOf(text); !ok || got != want {
			t.Errorf("%q is %d (%v), want %d", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "x", "5x", "-5", "1:2:3:4", ":5", "5m-", "99999999999999999999", "1:99999999999999999"} {
		if got, ok := secondsOf(text); ok {
			t.Errorf("%q is %d", text, got)
		}
	}
}

// TestFacts: filters by what is known of contents hold for names and for texts.
func TestFacts(t *testing.T) {
	l := newTexts(t)
	photo := l.file(l.vol.Root, "photo.jpg", "a caption by the sea", 0)
	l.file(l.vol.Root, "copy of photo.jpg", "", photo.Content)
	song := l.file(l.vol.Root, "song.mp3", "", 0)
	book := l.file(l.vol.Root, "book.pdf", "a chapter by the sea", 0)
	l.add(l.vol.Root, "plain.jpg", vfs.File)
	l.write(func(tx *catalog.Tx) error {
		if err := tx.PutDevice(catalog.Device{ID: "d", Name: "Jamie's Laptop", Slug: "jamies-laptop"}); err != nil {
			return err
		}
		insert := func(query string, args ...any) {
			if _, err := tx.Store().Exec(query, args...); err != nil {
				t.Fatal(err)
			}
		}
		taken := time.Date(2024, 3, 5, 12, 0, 0, 0, time.UTC).UnixNano()
		insert("INSERT INTO facts (content_id, taken_ns, width, height, camera, facts) VALUES (?, ?, 4000, 3000, 'canon eos r5', '{}')", int64(photo.Content), taken)
		insert("INSERT INTO facts (content_id, duration_ms, artist, title, facts) VALUES (?, 199600, 'nina simone', 'feeling good', '{}')", int64(song.Content))
		insert("INSERT INTO facts (content_id, pages, facts) VALUES (?, 120, '{}')", int64(book.Content))
		e, err := tx.Entry(book.ID)
		if err != nil {
			return err
		}
		e.Created = taken
		return tx.Apply(&catalog.Batch{Update: []catalog.Entry{e}})
	})
	l.settle()
	photos := []string{"copy of photo.jpg", "photo.jpg"}
	for query, want := range map[string][]string{
		"taken:2024-03":            photos,
		"taken:2023":               {},
		"camera:CANON":             photos,
		`camera:"eos r5"`:          photos,
		"width:>=4000":             photos,
		"width:>4000":              {},
		"width:1..5000":            photos,
		"height:3000 -name:copy":   {"photo.jpg"},
		"artist:nina":              {"song.mp3"},
		"title:good":               {"song.mp3"},
		"duration:3:20":            {"song.mp3"},
		"duration:3m..4m":          {"song.mp3"},
		"duration:<3m":             {},
		"pages:>100":               {"book.pdf"},
		"created:2024":             {"book.pdf"},
		"created:<2024-03-06":      {"book.pdf"},
		"created:2025":             {},
		"-camera:canon ext:jpg":    {"plain.jpg"},
		"is:duplicate":             photos,
		"-is:duplicate ext:jpg":    {"plain.jpg"},
		"device:jamie ext:pdf":     {"book.pdf"},
		"device:laptop ext:mp3":    {"song.mp3"},
		"camera:canon OR pages:>5": {"book.pdf", "copy of photo.jpg", "photo.jpg"},
	} {
		hits, err := l.ask(map[string]any{"query": query})
		if err != nil || !slices.Equal(namesOf(hits), want) || len(hits.Hints) > 0 || hits.Partial {
			t.Errorf("%q finds %q (%v, %+v)", query, namesOf(hits), err, hits.Hints)
		}
	}
	l.reads("sea", "book.pdf", "photo.jpg")
	l.reads("sea camera:canon name:copy", "copy of photo.jpg")
	l.reads("sea -taken:2024", "book.pdf")
	for _, query := range []string{"width:wide", "duration:long", "taken:then", "created:x", "pages:-1", "device:nobody", "tag:work", "is:favourite", "is:odd"} {
		if hits, err := l.ask(map[string]any{"query": query}); err != nil || len(hits.Hints) != 1 {
			t.Errorf("%q gives the hints %+v (%v)", query, hits.Hints, err)
		}
	}
}

// TestDuplicate: names of one and the same file are no duplicates, nor are empty
// files.
func TestDuplicate(t *testing.T) {
	l := newTexts(t)
	linked := l.file(l.vol.Root, "name", "", 0)
	second := l.file(l.vol.Root, "another name", "", linked.Content)
	empty := l.file(l.vol.Root, "empty", "", 0)
	l.file(l.vol.Root, "also empty", "", empty.Content)
	l.write(func(tx *catalog.Tx) error {
		for _, id := range []ident.EntryID{linked.ID, second.ID} {
			if _, err := tx.Store().Exec("UPDATE entry SET inode = 77 WHERE id = ?", int64(id)); err != nil {
				return err
			}
		}
		return nil
	})
	l.settle()
	if hits, err := l.ask(map[string]any{"query": "is:duplicate"}); err != nil || hits.Total != 0 {
		t.Errorf("%q (%v)", namesOf(hits), err)
	}
	l.file(l.vol.Root, "third", "", linked.Content)
	l.settle()
	if hits, err := l.ask(map[string]any{"query": "is:duplicate"}); err != nil || hits.Total != 3 {
		t.Errorf("%q (%v)", namesOf(hits), err)
	}
}

// TestFactsAreIndexed: no search by facts reads the rows of contents, of which there
// are many, and which are long.
func TestFactsAreIndexed(t *testing.T) {
	s := newShelf(t)
	a, err := s.look(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"taken:2019", "taken:<2019", "camera:canon", "artist:a", "title:b", "width:>4000", "height:5", "duration:>5m", "duration:3:20", "pages:1..2"} {
		plan := ""
		a.each = func(ctx context.Context, query string, args []any, _ func(int64)) error {
			return s.Catalog.Read(ctx, func(r *catalog.Reader) error {
				rows, err := r.Store().Query("EXPLAIN QUERY PLAN "+query, args...)
				if err != nil {
					return err
				}
				defer rows.Close()
				for rows.Next() {
					var id, parent, unused int
					var step string
					if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
						return err
					}
					plan += step + "\n"
				}
				return rows.Err()
			})
		}
		a.known = map[string]*among{}
		q, _, _ := parse(text, a.around, 0, false)
		if _, err := q.ready(t.Context()); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(plan) {
			if strings.Contains(line, " facts") && !strings.Contains(line, "COVERING INDEX facts_") {
				t.Errorf("%s is asked by\n%s", text, plan)
				break
			}
		}
		if !strings.Contains(plan, "COVERING INDEX facts_") {
			t.Errorf("%s is asked by\n%s", text, plan)
		}
	}
}
