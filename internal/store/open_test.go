package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stardrive/stardrive/internal/errs"
)

func TestSettings(t *testing.T) {
	db := openTest(t, testOptions(t))
	want := func(side string, settings map[string]string) func(*Tx) error {
		return func(tx *Tx) error {
			for k, v := range settings {
				var got string
				if err := tx.QueryRow("PRAGMA " + k).Scan(&got); err != nil {
					return err
				}
				if got != v {
					t.Errorf("%s: %s is %s, want %s", side, k, got, v)
				}
			}
			return nil
		}
	}
	both := map[string]string{"page_size": "16384", "journal_mode": "wal", "trusted_schema": "0", "cell_size_check": "1",
		"temp_store": "1", "application_id": fmt.Sprint(appID), "user_version": "1", "busy_timeout": "5000"}
	if err := errors.Join(
		db.Write(t.Context(), want("writer", both)), db.Read(t.Context(), want("reader", both)),
		db.Write(t.Context(), want("writer", map[string]string{"synchronous": "1", "wal_autocheckpoint": "8000",
			"foreign_keys": "1", "cache_size": "-12288"})),
		db.Read(t.Context(), want("reader", map[string]string{"query_only": "1"})),
	); err != nil {
		t.Error(err)
	}
}

func TestSQLiteVersionIsSafe(t *testing.T) {
	for v, ok := range map[string]bool{"3.51.2": false, "3.51.3": true, "3.46.1": false, "3.53.2": true,
		"3.53.3": false, "3.53.4": true, "3.54.1": true, "4.0.0": true, "": false, "x": false} {
		if err := safeVersion(v); (err == nil) != ok {
			t.Errorf("version %q: %v", v, err)
		}
	}
	var v string
	db := openTest(t, testOptions(t))
	if err := db.Read(t.Context(), func(tx *Tx) error { return tx.QueryRow("SELECT sqlite_version()").Scan(&v) }); err != nil {
		t.Fatal(err)
	}
	if err := safeVersion(v); err != nil {
		t.Error(err)
	}
}

func TestOpenRefuses(t *testing.T) {
	closed := func(o Options) { // leaves a database made with o
		db, err := Open(context.Background(), o)
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for _, tc := range []struct {
		name   string
		made   func(o Options)
		change func(o *Options)
		kind   errs.Kind
		says   string
	}{
		{"E7_newer_schema", func(o Options) {
			o.Migrations = append(testSchema, Migration{"second", "CREATE TABLE more (x INTEGER)"})
			closed(o)
		}, nil, errs.Conflict, "version 2"},
		{"foreign_application", func(o Options) { o.ApplicationID++; closed(o) }, nil, errs.Invalid, "not a database of Stardrive"},
		{"no_application", func(o Options) { o.ApplicationID = 0; closed(o) }, nil, errs.Invalid, "not a database of Stardrive"},
		{"text_file", func(o Options) { write(t, o.Path, strings.Repeat("hello ", 5000)) }, nil, errs.Invalid, "the file is not a database"},
		{"older_tables", func(o Options) {
			o.Migrations = []Migration{{"first", strings.Replace(testSchema[0].SQL, "name TEXT", "name BLOB", 1)}}
			closed(o)
		}, nil, errs.Conflict, "earlier development version"},
		{"before_tables_were_told_apart", func(o Options) {
			db, err := Open(context.Background(), o)
			if err != nil {
				t.Fatal(err)
			}
			if err := db.Write(context.Background(), func(tx *Tx) error {
				_, err := tx.Exec("ALTER TABLE store_state DROP COLUMN schema")
				return err
			}); err != nil {
				t.Fatal(err)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
		}, nil, errs.Conflict, "earlier development version"},
		{"folder_missing", nil, func(o *Options) { o.Path = filepath.Join(filepath.Dir(o.Path), "no", "x.db") }, errs.NotFound, ""},
		{"E5_network_file_system", nil, func(o *Options) { o.network = func(string) string { return "NFS" } }, errs.Unsupported, "NFS"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := testOptions(t)
			if tc.made != nil {
				tc.made(o)
			}
			if tc.change != nil {
				tc.change(&o)
			}
			before := fingerprint(t, filepath.Dir(o.Path))
			db, err := Open(t.Context(), o)
			if err == nil {
				db.Close()
				t.Fatal("opened")
			}
			if !errs.Is(err, tc.kind) || !strings.Contains(err.Error(), tc.says) || !strings.Contains(err.Error(), o.Path) {
				t.Errorf("got %v (%s), want %s", err, errs.KindOf(err), tc.kind)
			}
			if after := fingerprint(t, filepath.Dir(o.Path)); after != before {
				t.Errorf("files were changed:\n%s\nto\n%s", before, after)
			}
			for _, side := range []string{"-wal", "-shm"} {
				if _, err := os.Stat(o.Path + side); err == nil {
					t.Errorf("%s was left behind", side)
				}
			}
			if tc.kind != errs.NotFound && errs.RemedyOf(err) == "" {
				t.Errorf("no remedy: %v", err)
			}
		})
	}
}

// TestCommentsMakeNoOtherSchema: words about the tables may change.
func TestCommentsMakeNoOtherSchema(t *testing.T) {
	o := testOptions(t)
	openTest(t, o).Close()
	o.Migrations = []Migration{{"first", "-- New words.\n" + strings.ReplaceAll(testSchema[0].SQL, "\n", " -- and more\n\t")}}
	openTest(t, o)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// fingerprint tells apart any two states of the files in folder. SQLite's
// shared-memory file is an index of the log, made anew at will.
func fingerprint(t *testing.T, folder string) string {
	t.Helper()
	list, _ := os.ReadDir(folder)
	var s strings.Builder
	for _, e := range list {
		b, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(e.Name(), "-shm") && !(strings.HasSuffix(e.Name(), "-wal") && len(b) == 0) {
			fmt.Fprintf(&s, "%s %d %x\n", e.Name(), len(b), sha256.Sum256(b))
		}
	}
	return s.String()
}

func TestOddPaths(t *testing.T) {
	for _, name := range []string{"a b?mode=memory&x=%41#c.db", "ünï+code;.db", "bad\xffbytes.db", "%2e%2e.db"} {
		if runtime.GOOS != "linux" && strings.ContainsAny(name, "?\xff") {
			continue
		}
		t.Run(fmt.Sprintf("%q", name), func(t *testing.T) {
			o := testOptions(t)
			o.Path = filepath.Join(filepath.Dir(o.Path), name)
			db := openTest(t, o)
			if err := db.Write(t.Context(), insert("x")); err != nil {
				t.Fatal(err)
			}
			if info, err := os.Stat(o.Path); err != nil || info.Size() == 0 {
				t.Errorf("the file is elsewhere: %v", err)
			}
		})
	}
}

// crashed returns options for a copy of db's files as a kill would leave them.
func crashed(t *testing.T, o Options) Options {
	t.Helper()
	folder := t.TempDir()
	for _, suffix := range []string{"", "-wal"} {
		b, err := os.ReadFile(o.Path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(folder, "test.db"+suffix), string(b))
	}
	o.Path = filepath.Join(folder, "test.db")
	return o
}

func TestCheckOnlyAfterUncleanStop(t *testing.T) {
	o := testOptions(t)
	var log bytes.Buffer
	o.Log = slog.New(slog.NewTextHandler(&log, nil))
	checks := func() int { return strings.Count(log.String(), "unclean stop") }
	for i := range 5 {
		db, err := Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if i%2 == 1 { // also without a write
			if err := db.Write(t.Context(), insert(fmt.Sprint(i))); err != nil {
				t.Fatal(err)
			}
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		for _, side := range []string{"-wal", "-shm"} {
			if _, err := os.Stat(o.Path + side); err == nil {
				t.Errorf("%s is left after Close", side)
			}
		}
	}
	if checks() != 0 {
		t.Fatal("checked after a clean stop")
	}
	db := openTest(t, o)
	if err := db.Write(t.Context(), insert("unclean")); err != nil {
		t.Fatal(err)
	}
	copied := crashed(t, o)
	again := openTest(t, copied)
	if checks() != 1 {
		t.Errorf("%d checks after an unclean stop", checks())
	}
	if got := names(t, again); got[len(got)-1] != "unclean" {
		t.Errorf("got %q", got)
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
	openTest(t, copied)
	if checks() != 1 {
		t.Error("a clean stop after an unclean one does not count")
	}
}

// TestFault_E3_Damage: a damaged database opens with all its rows, or with
// those of an earlier commit where its log was cut, or is refused and left as
// it was. It never panics.
func TestFault_E3_Damage(t *testing.T) {
	const rows = 1000
	o := testOptions(t)
	o.Migrations = []Migration{{"first", benchTable + benchIndexes + testSchema[0].SQL}}
	db := openTest(t, o)
	if err := db.Write(t.Context(), func(tx *Tx) error { return addEntries(tx, 0, rows, 50) }); err != nil {
		t.Fatal(err)
	}
	inLog := crashed(t, o)
	if err := db.Write(t.Context(), func(tx *Tx) error { tx.AfterCommit(func() { _ = db.checkpoint("TRUNCATE") }); return nil }); err != nil {
		t.Fatal(err)
	}
	inFile := crashed(t, o)
	t.Run("log", func(t *testing.T) { damageRounds(t, inLog, "-wal", rows, 0, rows) })
	t.Run("file", func(t *testing.T) { damageRounds(t, inFile, "", rows) })
}

// damageRounds damages one file of the database again and again. What opens
// may hold one of the given numbers of rows.
func damageRounds(t *testing.T, source Options, suffix string, allowed ...int) {
	file, err := os.ReadFile(source.Path + suffix)
	if err != nil {
		t.Fatal(err)
	}
	opened, refused, noticed := 0, 0, 0
	times := rounds(40)
	if n, err := strconv.Atoi(os.Getenv("SOAK_DAMAGES")); err == nil { // 2,000 were run
		times = n
	}
	for i := range times {
		folder := t.TempDir()
		o := source
		o.Path = filepath.Join(folder, "test.db")
		for _, s := range []string{"", "-wal"} {
			b, err := os.ReadFile(source.Path + s)
			if err != nil {
				t.Fatal(err)
			}
			write(t, o.Path+s, string(b))
		}
		write(t, o.Path+suffix, string(damage(rand.New(rand.NewPCG(1, uint64(i))), file)))
		before := fingerprint(t, folder)
		db, err := Open(t.Context(), o)
		if err != nil {
			refused++
			if after := fingerprint(t, folder); after != before {
				t.Errorf("round %d: refused (%v), and changed the files", i, err)
			}
			continue
		}
		opened++
		var n int
		err = db.Read(t.Context(), func(tx *Tx) error { return tx.QueryRow("SELECT count(id + size) FROM entry").Scan(&n) })
		if err != nil {
			noticed++
		} else if !slices.Contains(allowed, n) {
			t.Errorf("round %d: %d rows", i, n)
		}
		_ = db.Close()
	}
	t.Logf("%d opened, %d of them failed to read, %d refused", opened, noticed, refused)
}

func damage(r *rand.Rand, b []byte) []byte {
	b = bytes.Clone(b)
	if len(b) == 0 {
		return b
	}
	at := r.IntN(len(b))
	switch r.IntN(4) {
	case 0:
		return b[:at]
	case 1:
		b[at] ^= 1 << r.IntN(8)
	case 2:
		clear(b[at:min(len(b), at+4096)])
	case 3:
		to := r.IntN(len(b))
		copy(b[at:], bytes.Clone(b[to:min(len(b), to+pageSize)]))
	}
	return b
}
