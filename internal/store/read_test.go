package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
)

func TestReadSeesOneSnapshot(t *testing.T) {
	db := openTest(t, testOptions(t))
	count := func(tx *Tx) (n int) {
		if err := tx.QueryRow("SELECT count(*) FROM item").Scan(&n); err != nil {
			t.Error(err)
		}
		return n
	}
	err := db.Read(t.Context(), func(tx *Tx) error {
		before := count(tx)
		if err := db.Write(t.Context(), insert("a")); err != nil { // no waiting for the reader
			return err
		}
		if after := count(tx); before != 0 || after != 0 {
			t.Errorf("saw %d, then %d rows", before, after)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if len(names(t, db)) != 1 {
		t.Error("the next read does not see the write")
	}
}

func TestReadRefusesToWrite(t *testing.T) {
	db := openTest(t, testOptions(t))
	if err := db.Read(t.Context(), insert("x")); err == nil {
		t.Error("a read transaction wrote")
	}
	if len(names(t, db)) != 0 {
		t.Error("a row was written")
	}
}

const endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"

func TestFault_E8_ReadersAreBoxedInTime(t *testing.T) {
	o := testOptions(t)
	o.ReadLimit = 50 * time.Millisecond
	db := openTest(t, o)
	var n int64
	err := db.Read(t.Context(), func(tx *Tx) error { return tx.QueryRow(endless).Scan(&n) })
	if !errs.Is(err, errs.Unavailable) {
		t.Errorf("got %v", err)
	}
}

func TestFault_E9_ReadCancelled(t *testing.T) {
	db := openTest(t, testOptions(t))
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	var n int64
	err := db.Read(ctx, func(tx *Tx) error { return tx.QueryRow(endless).Scan(&n) })
	if !errors.Is(err, context.Canceled) || !errs.Is(err, errs.Cancelled) {
		t.Errorf("got %v", err)
	}
	for range 2 * readConns { // the connections are all still good
		names(t, db)
	}
}

func TestReadPool(t *testing.T) {
	db := openTest(t, testOptions(t))
	var inside, over sync.WaitGroup
	let := make(chan struct{})
	for range readConns {
		inside.Add(1)
		over.Go(func() {
			_ = db.Read(context.Background(), func(*Tx) error { inside.Done(); <-let; return nil })
		})
	}
	inside.Wait()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := db.Read(ctx, func(*Tx) error { return nil }); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a fifth reader got %v", err)
	}
	close(let)
	over.Wait()
}

func TestReadPanicGivesTheConnectionBack(t *testing.T) {
	db := openTest(t, testOptions(t))
	for range 2 * readConns {
		func() {
			defer func() { recover() }()
			_ = db.Read(t.Context(), func(tx *Tx) error {
				_, _ = tx.Query("SELECT * FROM item")
				panic("x")
			})
		}()
	}
	names(t, db)
}

// TestSameTextNested: a text may be queried while rows of the same text are
// being read, as a recursive walk does.
func TestSameTextNested(t *testing.T) {
	db := openTest(t, testOptions(t))
	const n = 5
	for i := range n {
		if err := db.Write(t.Context(), insert(fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
	}
	const q = "SELECT id FROM item WHERE id > ? ORDER BY id"
	var visit func(tx *Tx, from, depth int) (int, error)
	visit = func(tx *Tx, from, depth int) (seen int, err error) {
		rows, err := tx.Query(q, from)
		if err != nil {
			return 0, err
		}
		defer rows.Close()
		for rows.Next() {
			var id int
			if err := rows.Scan(&id); err != nil {
				return 0, err
			}
			below, err := visit(tx, id, depth+1)
			if err != nil {
				return 0, err
			}
			seen += 1 + below
		}
		return seen, rows.Err()
	}
	for _, run := range []func(context.Context, func(*Tx) error) error{db.Read, db.Write} {
		err := run(t.Context(), func(tx *Tx) error {
			seen, err := visit(tx, 0, 0)
			if seen != 1<<n-1 {
				t.Errorf("visited %d subsets, want %d", seen, 1<<n-1)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}

func TestLeakedRowsAreClosed(t *testing.T) {
	db := openTest(t, testOptions(t))
	for range 3 {
		if err := db.Write(t.Context(), insert(fmt.Sprint(time.Now().UnixNano()))); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		for _, run := range []func(context.Context, func(*Tx) error) error{db.Read, db.Write} {
			err := run(t.Context(), func(tx *Tx) error {
				rows, err := tx.Query("SELECT * FROM item")
				rows.Next()
				return err
			})
			if err != nil {
				t.Error(err)
			}
		}
	}
	if n := len(db.writer.stmts["SELECT * FROM item"].stmtTexts()); n != 1 {
		t.Errorf("%d instances of a statement, want 1", n)
	}
}

func (s *statement) stmtTexts() (out []string) {
	for ; s != nil; s = s.next {
		out = append(out, s.text)
	}
	return out
}

func TestStatementsAreBounded(t *testing.T) {
	db := openTest(t, testOptions(t))
	for i := range 3 * maxStatements {
		err := db.Write(t.Context(), func(tx *Tx) error {
			_, err := tx.Exec(fmt.Sprintf("UPDATE item SET name = name WHERE id = %d", i))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if db.writer.count > maxStatements {
		t.Errorf("%d statements kept", db.writer.count)
	}
	var n int
	for _, s := range db.writer.stmts {
		n += len(s.stmtTexts())
	}
	if n != db.writer.count {
		t.Errorf("counted %d statements, there are %d", db.writer.count, n)
	}
	if db.writer.stmts["COMMIT"] == nil {
		t.Error("a statement used all the time was dropped")
	}
}

func TestTxIsUselessAfterItsEnd(t *testing.T) {
	db := openTest(t, testOptions(t))
	for _, run := range []func(context.Context, func(*Tx) error) error{db.Read, db.Write} {
		var kept *Tx
		var in *Inserter
		if err := run(t.Context(), func(tx *Tx) error {
			kept, in = tx, tx.InsertMany("INSERT INTO item (name) VALUES", 1, 1, "")
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := kept.Exec("DELETE FROM item"); err == nil {
			t.Error("Exec worked")
		}
		if _, err := kept.Query("SELECT * FROM item"); err == nil {
			t.Error("Query worked")
		}
		if err := kept.QueryRow("SELECT 1").Scan(new(int)); err == nil {
			t.Error("QueryRow worked")
		}
		if err := in.Add("x"); err == nil {
			t.Error("Add worked")
		}
	}
}
