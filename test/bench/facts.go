package bench

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"time"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/event"
	"github.com/stardrive/stardrive/internal/ident"
	"github.com/stardrive/stardrive/internal/schema"
	"github.com/stardrive/stardrive/internal/store"
	"github.com/stardrive/stardrive/internal/vfs"
	"github.com/stardrive/stardrive/test/bench/treegen"
	"github.com/stardrive/stardrive/test/daemon"
)

var cameras = []string{"canon eos 80d", "canon eos r6", "nikon d750", "sony ilce-7m3", "apple iphone 12", "apple iphone 15 pro", "google pixel 7", "fujifilm x-t3", "samsung sm-g991b", "olympus e-m10"}

// facts gives up to 100,000 files what is known of photos, songs, films and
// documents, as if a daemon had looked at them, and measures searches by it.
func (r *run) facts(ctx context.Context) error {
	if err := r.d.Stop(); err != nil {
		return fmt.Errorf("stop: %w", err)
	}
	found, err := filepath.Glob(filepath.Join(r.data, "libraries", "*", "library.db"))
	if err != nil || len(found) != 1 {
		return fmt.Errorf("%d libraries (%w)", len(found), err)
	}
	n, err := r.writeFacts(ctx, found[0])
	if err != nil {
		return err
	}
	if r.d, err = daemon.Start(ctx, r.Bin, r.data); err != nil {
		return err
	}
	rng := rand.New(rand.NewPCG(3, 3))
	pick := func(from []string) string { return from[rng.IntN(len(from))] }
	year := func() int { return 2005 + rng.IntN(20) }
	for _, c := range []struct {
		name string
		next func() string
	}{
		{"taken in a year", func() string { return fmt.Sprintf("taken:%d", year()) }},
		{"taken in a month", func() string { return fmt.Sprintf("taken:%d-%02d", year(), 1+rng.IntN(12)) }},
		{"taken before a year", func() string { return fmt.Sprintf("taken:<%d", year()) }},
		{"camera", func() string { return "camera:" + strings.Fields(pick(cameras))[0] }},
		{"artist", func() string { return "artist:" + pick(treegen.Words(5)) }},
		{"title", func() string { return "title:" + pick(treegen.Words(8)) }},
		{"width", func() string { return fmt.Sprintf("width:>%d", 1000+rng.IntN(5000)) }},
		{"duration", func() string { return fmt.Sprintf("duration:>%dm", 1+rng.IntN(9)) }},
		{"pages", func() string { return fmt.Sprintf("pages:%d..%d", 1+rng.IntN(50), 60+rng.IntN(400)) }},
		{"camera, year and word", func() string {
			return fmt.Sprintf("camera:%s taken:%d %s", strings.Fields(pick(cameras))[0], year(), pick(treegen.Words(5)))
		}},
		{"created in a month", func() string { return fmt.Sprintf("created:%d-%02d", year(), 1+rng.IntN(12)) }},
	} {
		if err := r.nameQueries(ctx, fmt.Sprintf("search by facts of %d files, p95: %s", n, c.name), 50, 16, c.next); err != nil {
			return err
		}
	}
	return nil
}

// writeFacts makes contents and facts of the first files of the library.
func (r *run) writeFacts(ctx context.Context, path string) (n int, err error) {
	db, err := store.Open(ctx, store.Options{Path: path, ApplicationID: schema.ApplicationID, Migrations: schema.Migrations()})
	if err != nil {
		return 0, err
	}
	defer func() { _ = db.Close() }()
	c, err := catalog.Open(ctx, db, event.NewBus())
	if err != nil {
		return 0, err
	}
	var files []ident.EntryID
	_, err = c.Scan(ctx, func(e *catalog.Brief) error {
		if e.Kind == vfs.File && e.State == catalog.Present && len(files) < min(100_000, r.Entries/2) {
			files = append(files, e.ID)
		}
		return nil
	})
	rng := rand.New(rand.NewPCG(4, 4))
	for rest := files; len(rest) > 0 && err == nil; {
		some := rest[:min(1000, len(rest))]
		rest = rest[len(some):]
		err = c.Write(ctx, func(tx *catalog.Tx) error { return factsOf(tx, some, rng) })
	}
	return len(files), err
}

// factsOf makes of some files photos, films, songs and documents.
func factsOf(tx *catalog.Tx, some []ident.EntryID, rng *rand.Rand) error {
	pick := func(from []string) string { return from[rng.IntN(len(from))] }
	es, err := tx.EntriesByID(some)
	for i := range es {
		e := &es[i]
		if e.Content == 0 {
			h := catalog.Hash{31: 2}
			binary.BigEndian.PutUint64(h[:], uint64(e.ID))
			id, err := tx.PutContent(catalog.Content{Hash: h, Size: e.Size, Kind: "other"}) // of which nothing is derived
			if err != nil {
				return err
			}
			seen := vfs.Entry{Name: e.Name, Kind: e.Kind, Size: e.Size, Modified: e.Modified, Changed: e.Changed, Inode: e.Inode, Mode: e.Mode, Links: e.Links}
			if e.Content, err = tx.Identify(e.ID, seen, id, 1); err != nil {
				return err
			}
		}
		var taken, width, height, duration, pages, camera, artist, title any
		switch rng.IntN(10) {
		default: // a photo
			day := time.Date(2004, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rng.IntN(22*365*24)) * time.Hour)
			taken, width, height, camera = day.UnixNano(), 800+rng.IntN(6000), 600+rng.IntN(4000), pick(cameras)
		case 7: // a film
			width, height, duration = 1920, 1080, rng.IntN(7_200_000)
		case 8: // a song
			duration, artist, title = 60_000+rng.IntN(500_000), pick(treegen.Words(5))+" "+pick(treegen.Words(8)), pick(treegen.Words(8))+" "+pick(treegen.Words(5))
		case 9: // a document
			pages, artist, title = 1+rng.IntN(600), pick(treegen.Words(5))+" "+pick(treegen.Words(8)), pick(treegen.Words(8))+" "+pick(treegen.Words(5))+" "+pick(treegen.Words(8))
		}
		rest := `{"lens":"` + strings.Repeat("x", 200+rng.IntN(600)) + `"}` // about as much as there is
		_, err = tx.Store().Exec("INSERT OR REPLACE INTO facts (content_id, taken_ns, width, height, duration_ms, pages, camera, artist, title, facts) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
			int64(e.Content), taken, width, height, duration, pages, camera, artist, title, rest)
		if err != nil {
			return err
		}
	}
	return err
}
