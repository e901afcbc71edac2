package content

import (
	"context"
	"encoding/binary"
	"fmt"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stardrive/stardrive/internal/catalog"
	"github.com/stardrive/stardrive/internal/event"
	"github.com/stardrive/stardrive/internal/schema"
	"github.com/stardrive/stardrive/internal/store"
)

// million makes a library of so many files in folders of a hundred, all known: of
// every ten three are copies of one content.
func million(b *testing.B, files int) *Service {
	b.Helper()
	ctx := context.Background()
	db, err := store.Open(ctx, store.Options{Path: filepath.Join(b.TempDir(), "library.db"), ApplicationID: schema.ApplicationID, Migrations: schema.Migrations()})
	must(b, err)
	b.Cleanup(func() { must(b, db.Close()) })
	c, err := catalog.Open(ctx, db, event.NewBus())
	must(b, err)
	var v catalog.Volume
	must(b, c.Write(ctx, func(tx *catalog.Tx) (err error) {
		if v, err = tx.PutVolume(catalog.Volume{Identity: "disk", Name: "Disk", Device: "here", Facts: []byte("{}"), Online: true}); err == nil {
			_, err = tx.AddLocation(catalog.Location{Volume: v.ID, Entry: v.Root, Name: "all", Mode: "content", State: catalog.Ready})
		}
		return err
	}))
	first := int(c.ReserveEntryIDs(files + files/100 + 1))
	must(b, db.Write(ctx, func(tx *store.Tx) error {
		entries := tx.InsertMany("INSERT INTO entry (id, volume_id, parent_id, name, kind, state, size, mtime_ns, ctime_ns, btime_ns, inode, mode, links, content_id, files, folders, bytes, happened, seq) VALUES", 19, 20, "")
		proofs := tx.InsertMany("INSERT INTO proof (entry_id, changed_ns, read_ns, extents) VALUES", 4, 50, "")
		contents := tx.InsertMany("INSERT INTO content (id, hash, size, kind, mime, seq) VALUES", 6, 50, "")
		folder := 0
		for i := range files {
			id := first + i + i/100 + 1
			if i%100 == 0 {
				folder = id - 1
				if err := entries.Add(int64(folder), int64(v.ID), int64(v.Root), []byte(fmt.Sprint(folder)), 2, 1, 0, 1, 1, 1, int64(folder), 493, 1, nil, 100, 0, 0, 1, int64(folder)); err != nil {
					return err
				}
			}
			k := i + 1
			if i%10 < 3 {
				k = i/10*10 + 1
			}
			size := int64(k%100_000 + 1)
			if k == i+1 {
				var hash [32]byte
				binary.LittleEndian.PutUint64(hash[:], uint64(k)*0x9e3779b97f4a7c15)
				if err := contents.Add(int64(k), hash[:], size, "image", "image/jpeg", int64(id)); err != nil {
					return err
				}
			}
			if err := entries.Add(int64(id), int64(v.ID), int64(folder), fmt.Appendf(nil, "IMG_%07d.jpg", i), 1, 1, size, 5, 5, 5, int64(id), 420, 1, int64(k), 0, 0, 0, 1, int64(id)); err != nil {
				return err
			}
			if err := proofs.Add(int64(id), 5, int64(i)); err != nil {
				return err
			}
		}
		for _, in := range []*store.Inserter{entries, proofs, contents} {
			if err := in.Flush(); err != nil {
				return err
			}
		}
		return nil
	}))
	c, err = catalog.Open(ctx, db, event.NewBus())
	must(b, err)
	return New(Options{Catalog: c, Volumes: &disk{c: c}})
}

func BenchmarkAMillionFiles(b *testing.B) {
	s := million(b, 1_000_000)
	ctx := context.Background()
	for name, run := range map[string]func() error{
		"duplicates":         func() error { _, err := s.duplicates(ctx, DuplicatesIn{}); return err },
		"duplicates summary": func() error { _, err := s.duplicatesSummary(ctx, DuplicatesIn{}); return err },
		"redundancy":         func() error { _, err := s.redundancy(ctx, RedundancyIn{}); return err },
		"redundancy summary": func() error { _, err := s.redundancySummary(ctx, None{}); return err },
		"candidates":         func() error { _, err := s.candidates(ctx, 1, 0); return err },
		"sums": func() error {
			return s.Catalog.Read(ctx, func(r *catalog.Reader) error { _, err := r.Sums(); return err })
		},
	} {
		b.Run(name, func(b *testing.B) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for b.Loop() {
				must(b, run())
			}
			runtime.ReadMemStats(&after)
			b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/float64(b.N)/1e6, "MB-alloc/op")
		})
	}
}
