package store

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stardrive/stardrive/internal/errs"
)

// keeper is a database of numbers, with what it takes to open it.
func keeper(t *testing.T, change ...func(*Options)) (*DB, Options) {
	t.Helper()
	o := Options{
		Path: filepath.Join(t.TempDir(), "a.db"), ApplicationID: 7,
		Migrations: []Migration{{Name: "t", SQL: "CREATE TABLE t (n INTEGER PRIMARY KEY, pad BLOB NOT NULL) STRICT; CREATE INDEX t_pad ON t (pad)"}},
	}
	for _, f := range change {
		f(&o)
	}
	db, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db, o
}

func put(t *testing.T, db *DB, n int) {
	t.Helper()
	err := db.WriteDurable(t.Context(), func(tx *Tx) error {
		_, err := tx.Exec("INSERT INTO t VALUES (?, randomblob(200))", n)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func numbers(t *testing.T, db *DB) (all []int) {
	t.Helper()
	err := db.Read(t.Context(), func(tx *Tx) error {
		rows, err := tx.Query("SELECT n FROM t ORDER BY n")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var n int
			if err := rows.Scan(&n); err != nil {
				return err
			}
			all = append(all, n)
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func asideOf(path string) string { return path + ".aside" }

// TestPromise_P14_CopiesRotate: three copies are kept, the newest first; each takes the
// place of the database, which is put aside.
func TestPromise_P14_CopiesRotate(t *testing.T) {
	db, o := keeper(t)
	for n := 1; n <= 5; n++ {
		put(t, db, n)
		if err := db.Keep(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	put(t, db, 6)
	all := Kept(o.Path)
	if len(all) != Copies || all[0].N != 1 || all[2].N != 3 || all[0].Bytes == 0 {
		t.Fatalf("%+v", all)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	want := map[int][]int{1: {1, 2, 3, 4, 5}, 2: {1, 2, 3, 4}, 3: {1, 2, 3}}
	for _, c := range all {
		_ = removeAll(o.Path + ".aside")
		if err := Restore(t.Context(), o, c.Path, nil, asideOf); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(asideOf(o.Path)); err != nil {
			t.Error("the database that was replaced is gone:", err)
		}
		again, err := Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if got := numbers(t, again); !slices.Equal(got, want[c.N]) {
			t.Errorf("copy %d holds %v", c.N, got)
		}
		if err := again.Close(); err != nil {
			t.Error(err)
		}
	}
	if left, _ := filepath.Glob(o.Path + ".probe*"); len(left) > 0 {
		t.Error(left)
	}
}

// TestPromise_P14_DamagedCopyRestoresNothing: whatever is wrong with a copy, either all
// its rows are there afterwards, or nothing was touched.
func TestPromise_P14_DamagedCopyRestoresNothing(t *testing.T) {
	db, o := keeper(t)
	for n := range 300 {
		put(t, db, n)
	}
	if err := db.Keep(t.Context()); err != nil {
		t.Fatal(err)
	}
	put(t, db, 300)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	sound, err := os.ReadFile(CopyPath(o.Path, 1))
	if err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(o.Path)
	if err != nil {
		t.Fatal(err)
	}
	random, refused := rand.New(rand.NewPCG(1, 2)), 0
	for range 60 {
		bad := slices.Clone(sound)
		switch random.IntN(4) {
		case 0:
			bad = bad[:random.IntN(len(bad))]
		case 1:
			clear(bad[random.IntN(len(bad)/pageSize)*pageSize:][:pageSize])
		case 2:
			a, b := random.IntN(len(bad)/pageSize)*pageSize, random.IntN(len(bad)/pageSize)*pageSize
			copy(bad[a:a+pageSize], sound[b:b+pageSize])
		default:
			bad[random.IntN(len(bad))] ^= 1 << random.IntN(8)
		}
		from := filepath.Join(t.TempDir(), "bad")
		if err := os.WriteFile(from, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := Restore(t.Context(), o, from, nil, asideOf); err != nil {
			refused++
			if now, err := os.ReadFile(o.Path); err != nil || !slices.Equal(now, before) {
				t.Fatal("a copy that was refused changed something:", err)
			}
			continue
		}
		again, err := Open(t.Context(), o)
		if err != nil {
			t.Fatal("it was taken for sound, and cannot be opened:", err)
		}
		if got := numbers(t, again); len(got) != 300 || got[0] != 0 || got[299] != 299 {
			t.Fatalf("taken for sound, and holds %d rows", len(got))
		}
		if err := again.Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(o.Path, before, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if refused < 20 {
		t.Errorf("only %d of 60 damaged copies were refused", refused)
	}
}

// TestKeepLeavesRoom: no copy is made where a disk would be full by it, and nothing stays
// of one that came to nothing.
func TestKeepLeavesRoom(t *testing.T) {
	full := false
	db, o := keeper(t, func(o *Options) {
		o.free = func(string) (int64, bool) {
			if full {
				return 4096, true
			}
			return 1 << 40, true
		}
	})
	put(t, db, 1)
	if err := db.Keep(t.Context()); err != nil {
		t.Fatal(err)
	}
	full = true
	if err := db.Keep(t.Context()); !errs.Is(err, errs.Unavailable) || errs.RemedyOf(err) == "" {
		t.Error(err)
	}
	full = false
	ended, stop := context.WithCancel(t.Context())
	stop()
	if err := db.Keep(ended); err == nil {
		t.Error("a copy was made though nobody waits")
	}
	if all := Kept(o.Path); len(all) != 1 {
		t.Errorf("%+v", all)
	}
	if left, _ := filepath.Glob(o.Path + ".new*"); len(left) > 0 {
		t.Error(left)
	}
	elsewhere := filepath.Join(t.TempDir(), "b.db")
	if err := db.Backup(t.Context(), elsewhere); err != nil {
		t.Fatal(err)
	}
	if err := db.Backup(t.Context(), elsewhere); !errs.Is(err, errs.Conflict) {
		t.Error("a backup took the place of another:", err)
	}
	if _, err := os.Stat(elsewhere); err != nil {
		t.Error(err)
	}
}
