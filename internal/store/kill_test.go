package store

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// childEnv makes the test binary a child that works on the named database
// until it is killed.
const childEnv = "STORE_TEST_CHILD"

func child(t *testing.T, test, path string) (*exec.Cmd, io.Reader) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, "-test.run=^"+test+"$")
	cmd.Env = append(os.Environ(), childEnv+"="+path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, out
}

func rounds(n int) int {
	if testing.Short() {
		return 3
	}
	return n
}

// TestPromise_P10_KillWhileWriting: what a killed process was told is
// committed is there when the database is opened again, and transactions are
// whole.
func TestPromise_P10_KillWhileWriting(t *testing.T) {
	schema := []Migration{{"first", "CREATE TABLE pair (id INTEGER PRIMARY KEY, half INTEGER NOT NULL) STRICT"}}
	if path := os.Getenv(childEnv); path != "" {
		writePairs(Options{Path: path, ApplicationID: appID, Migrations: schema})
		return
	}
	o := testOptions(t)
	o.Migrations = schema
	acknowledged := int64(0)
	for round := range rounds(20) {
		cmd, out := child(t, t.Name(), o.Path)
		end := func() {
			time.AfterFunc(time.Duration(50+rand.IntN(200))*time.Millisecond, func() { cmd.Process.Kill() })
		}
		early := round%2 == 0 // maybe before anything was written: a slow machine takes its time to begin
		if early {
			end()
		}
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if n, err := strconv.ParseInt(lines.Text(), 10, 64); err == nil {
				acknowledged = n
				if !early {
					early = true
					end()
				}
			}
		}
		_ = cmd.Wait()
		db, err := Open(t.Context(), o)
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		err = db.Read(t.Context(), func(tx *Tx) error {
			var n, last, halves int64
			if err := tx.QueryRow("SELECT count(*), coalesce(max(id), 0), coalesce(sum(half), 0) FROM pair").Scan(&n, &last, &halves); err != nil {
				return err
			}
			if last < acknowledged {
				t.Errorf("round %d: %d was acknowledged, the last row is %d", round, acknowledged, last)
			}
			if n != last || n%2 != 0 || halves != 0 {
				t.Errorf("round %d: torn: %d rows, last %d, halves sum to %d", round, n, last, halves)
			}
			return nil
		})
		if err != nil {
			t.Errorf("round %d: %v", round, err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
	if acknowledged == 0 {
		t.Error("no write was acknowledged in any round")
	}
	t.Logf("%d rows acknowledged", acknowledged)
}

// writePairs writes two rows that belong together in each transaction and
// prints the last row's id after each commit, forever.
func writePairs(o Options) {
	db, err := Open(context.Background(), o)
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	for i := 0; ; i++ {
		var last int64
		write := db.Write
		if i%3 == 0 {
			write = db.WriteDurable
		}
		err := write(context.Background(), func(tx *Tx) error {
			for _, half := range []int{-1, 1} {
				res, err := tx.Exec("INSERT INTO pair (half) VALUES (?)", half)
				if err != nil {
					return err
				}
				last, _ = res.LastInsertId()
			}
			return nil
		})
		if err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		fmt.Println(last)
	}
}

// TestFault_E1_KillInMigration: whenever the process dies in a chain of
// migrations, version and schema agree, and the next start finishes the chain.
func TestFault_E1_KillInMigration(t *testing.T) {
	var schema []Migration
	for i := range 6 {
		schema = append(schema, Migration{fmt.Sprintf("step%d", i+1), fmt.Sprintf(`
			CREATE TABLE t%[1]d (x INTEGER) STRICT;
			INSERT INTO t%[1]d WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) SELECT i FROM n;
			CREATE INDEX t%[1]d_x ON t%[1]d (x);
			CREATE TABLE u%[1]d (x INTEGER) STRICT;`, i+1)})
	}
	all := Options{Path: os.Getenv(childEnv), ApplicationID: appID, Migrations: schema}
	if all.Path != "" {
		fmt.Println("go")
		if _, err := Open(context.Background(), all); err != nil {
			fmt.Println("error", err)
		}
		return
	}
	run := func(kill time.Duration) (took time.Duration) {
		all.Path = filepath.Join(t.TempDir(), "test.db")
		cmd, out := child(t, t.Name(), all.Path)
		lines := bufio.NewScanner(out)
		lines.Scan()
		start := time.Now()
		defer time.AfterFunc(kill, func() { cmd.Process.Kill() }).Stop()
		for lines.Scan() {
			if strings.HasPrefix(lines.Text(), "error") {
				t.Error(lines.Text())
			}
		}
		took = time.Since(start)
		_ = cmd.Wait()
		return took
	}
	whole := run(time.Minute)
	seen := map[int]bool{}
	for round := range rounds(10) {
		run(time.Duration(rand.Int64N(int64(whole))))
		version, tables := peek(t, all.Path)
		if tables != 3*version {
			t.Errorf("round %d: version %d with %d tables and indexes", round, version, tables)
		}
		seen[version] = true
		db, err := Open(t.Context(), all)
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		if v, _ := schemaOf(t, db); v != len(schema) {
			t.Errorf("round %d: version %d after the next start", round, v)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
	t.Logf("an uninterrupted run takes %v; killed at versions %v", whole, slices.Sorted(maps.Keys(seen)))
}

// peek reads the schema's version and how much of it there is, without Open.
func peek(t *testing.T, path string) (version, tables int) {
	t.Helper()
	if _, err := os.Stat(path); err != nil {
		return 0, 0
	}
	pool, err := newPool(path, "rw", 1)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	c, err := openConn(t.Context(), pool)
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	h, err := readHeader(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	err = c.queryRow(t.Context(), "SELECT count(*) FROM sqlite_schema WHERE name LIKE 't_' OR name LIKE 'u_' OR name LIKE 't__x'").Scan(&tables)
	if err != nil {
		t.Fatal(err)
	}
	return h.version, tables
}
