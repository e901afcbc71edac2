package store

import "fmt"

// benchTable has the width and the indexes of the library's entry table.
const benchTable = `CREATE TABLE entry (
	id INTEGER PRIMARY KEY AUTOINCREMENT, volume_id INTEGER NOT NULL, parent_id INTEGER NOT NULL, name BLOB NOT NULL,
	kind INTEGER NOT NULL, state INTEGER NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, ctime_ns INTEGER NOT NULL,
	btime_ns INTEGER NOT NULL, inode INTEGER NOT NULL, mode INTEGER NOT NULL, links INTEGER NOT NULL, content_id INTEGER,
	files INTEGER NOT NULL, folders INTEGER NOT NULL, bytes INTEGER NOT NULL, seq INTEGER NOT NULL) STRICT;`

const benchIndexes = `
	CREATE UNIQUE INDEX entry_child ON entry (parent_id, name) WHERE state <> 2;
	CREATE INDEX entry_content ON entry (content_id) WHERE content_id IS NOT NULL;
	CREATE INDEX entry_seq ON entry (seq);`

const benchInsert = `INSERT INTO entry (id, volume_id, parent_id, name, kind, state, size, mtime_ns, ctime_ns, btime_ns,
	inode, mode, links, content_id, files, folders, bytes, seq) VALUES`

// addEntries inserts rows first..first+n-1, twenty to a folder.
func addEntries(tx *Tx, first, n, perStatement int) error {
	in := tx.InsertMany(benchInsert, 18, perStatement, "")
	const t0 = int64(1_760_000_000_000_000_000)
	for i := int64(first); i < int64(first+n); i++ {
		name := fmt.Appendf(nil, "IMG_%d_holiday_photo_%03d.jpeg", i*7919%1_000_003, i%1000)
		at := t0 + i*1_000_003
		err := in.Add(i+1, int64(1), i/20+1, name, int64(1), int64(1), i*37%10_000_000, at, at, at, i+4_000_000, int64(0o644),
			int64(1), nil, int64(0), int64(0), int64(0), i+1)
		if err != nil {
			return err
		}
	}
	return in.Flush()
}
