package store

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stardrive/stardrive/internal/errs"
)

// hold keeps the writer busy until release is called, so that other writes
// queue up behind it and share its commit.
func hold(t *testing.T, db *DB) (release func() error) {
	t.Helper()
	started, let := make(chan struct{}), make(chan struct{})
	ended := make(chan error, 1)
	go func() {
		ended <- db.Write(context.Background(), func(*Tx) error { close(started); <-let; return nil })
	}()
	<-started
	return func() error { close(let); return <-ended }
}

// waitQueued returns when n writes wait.
func waitQueued(db *DB, n int) {
	for {
		db.queue.mu.Lock()
		have := len(db.queue.waiting)
		db.queue.mu.Unlock()
		if have >= n {
			return
		}
		runtime.Gosched()
	}
}

func TestGroupSharesOneCommitAndIsolatesFailures(t *testing.T) {
	db := openTest(t, testOptions(t))
	release := hold(t, db)
	boom := errors.New("boom")
	var seen []int // rows a reader sees while the group runs
	peek := func() {
		var n int
		if err := db.Read(context.Background(), func(tx *Tx) error { return tx.QueryRow("SELECT count(*) FROM item").Scan(&n) }); err != nil {
			t.Error(err)
		}
		seen = append(seen, n)
	}
	fns := []func(*Tx) error{
		insert("a"),
		func(tx *Tx) error { insert("gone")(tx); return boom },
		func(tx *Tx) error { insert("gone too")(tx); panic("ouch") },
		insert("a"), // taken
		func(tx *Tx) error { peek(); return insert("b")(tx) },
	}
	errors4 := make([]error, len(fns))
	var wg sync.WaitGroup
	for i, fn := range fns {
		wg.Go(func() { errors4[i] = db.Write(context.Background(), fn) })
		waitQueued(db, i+1)
	}
	if err := release(); err != nil {
		t.Error(err)
	}
	wg.Wait()
	if errors4[0] != nil || errors4[4] != nil {
		t.Errorf("good writes failed: %v, %v", errors4[0], errors4[4])
	}
	if errors4[1] != boom {
		t.Errorf("fn's error came back as %v", errors4[1])
	}
	if !errs.Is(errors4[2], errs.Internal) || !strings.Contains(errors4[2].Error(), "ouch") || strings.Contains(errors4[2].Error(), ".go:") {
		t.Errorf("panic came back as %v", errors4[2])
	}
	if !errs.Is(errors4[3], errs.Conflict) {
		t.Errorf("a taken name came back as %v", errors4[3])
	}
	if !slices.Equal(seen, []int{0}) {
		t.Errorf("a reader saw %v rows inside the group: it had more than one commit", seen)
	}
	if got := names(t, db); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("committed %q", got)
	}
}

func TestGroupIsLimited(t *testing.T) {
	db := openTest(t, testOptions(t))
	release := hold(t, db)
	const n = groupMax * 2
	var wg sync.WaitGroup
	var mu sync.Mutex
	var order []int
	for i := range n {
		wg.Go(func() {
			err := db.Write(context.Background(), func(tx *Tx) error {
				tx.AfterCommit(func() { mu.Lock(); order = append(order, i); mu.Unlock() })
				return insert(fmt.Sprint(i))(tx)
			})
			if err != nil {
				t.Error(err)
			}
		})
		waitQueued(db, i+1)
	}
	if err := release(); err != nil {
		t.Error(err)
	}
	wg.Wait()
	if len(order) != n || !slices.IsSorted(order) {
		t.Errorf("hooks ran in another order than the writes: %v", order)
	}
	if got := names(t, db); len(got) != n {
		t.Errorf("%d rows, want %d", len(got), n)
	}
}

func TestWriteCancelled(t *testing.T) {
	db := openTest(t, testOptions(t))
	t.Run("before it is queued", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		err := db.Write(ctx, func(*Tx) error { t.Error("fn ran"); return nil })
		if !errs.Is(err, errs.Cancelled) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("while it waits", func(t *testing.T) {
		release := hold(t, db)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- db.Write(ctx, func(*Tx) error { t.Error("fn ran"); return nil }) }()
		waitQueued(db, 1)
		cancel()
		if err := <-ended; !errs.Is(err, errs.Cancelled) || !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		if err := release(); err != nil {
			t.Error(err)
		}
	})
	t.Run("in the middle, and fn gives up", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		err := db.Write(ctx, func(tx *Tx) error {
			if err := insert("given up")(tx); err != nil {
				return err
			}
			cancel()
			if err := insert("a statement is not interrupted")(tx); err != nil {
				t.Error(err)
			}
			return tx.Context().Err()
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("in the middle, and fn goes on", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		if err := db.Write(ctx, func(tx *Tx) error { cancel(); return insert("kept")(tx) }); err != nil {
			t.Error(err)
		}
	})
	if got := names(t, db); !slices.Equal(got, []string{"kept"}) {
		t.Errorf("committed %q", got)
	}
}

func TestWriteInsideWriteIsRefused(t *testing.T) {
	db := openTest(t, testOptions(t))
	err := db.Write(t.Context(), func(tx *Tx) error { return db.Write(tx.Context(), insert("x")) })
	if !errs.Is(err, errs.Internal) {
		t.Errorf("got %v", err)
	}
	other := openTest(t, testOptions(t))
	err = db.Write(t.Context(), func(tx *Tx) error { return other.Write(tx.Context(), insert("x")) })
	if err != nil {
		t.Errorf("another database: %v", err)
	}
}

// TestWriterSurvivesGoexit: t.FailNow inside a fn ends the goroutine it runs on.
func TestWriterSurvivesGoexit(t *testing.T) {
	db := openTest(t, testOptions(t))
	release := hold(t, db)
	results := make([]error, 3)
	var wg sync.WaitGroup
	for i, fn := range []func(*Tx) error{
		insert("neighbour"),
		func(tx *Tx) error { insert("gone")(tx); runtime.Goexit(); return nil },
		insert("later"),
	} {
		wg.Go(func() { results[i] = db.Write(context.Background(), fn) })
		waitQueued(db, i+1)
	}
	if err := release(); !errs.Is(err, errs.Internal) {
		t.Errorf("a neighbour: %v", err)
	}
	wg.Wait()
	if !errs.Is(results[0], errs.Internal) || !errs.Is(results[1], errs.Internal) || results[2] != nil {
		t.Errorf("got %v", results)
	}
	if got := names(t, db); !slices.Equal(got, []string{"later"}) {
		t.Errorf("committed %q", got)
	}
}

func TestAfterCommit(t *testing.T) {
	db := openTest(t, testOptions(t))
	var ran []string
	note := func(s string) func() { return func() { ran = append(ran, s) } }
	if err := db.Write(t.Context(), func(tx *Tx) error {
		tx.AfterCommit(note("1"))
		tx.AfterCommit(func() { panic("contained") })
		tx.AfterCommit(note("2"))
		return nil
	}); err != nil {
		t.Error(err)
	}
	_ = db.Write(t.Context(), func(tx *Tx) error { tx.AfterCommit(note("rolled back")); return errors.New("no") })
	_ = db.Read(t.Context(), func(tx *Tx) error { tx.AfterCommit(note("read")); return nil })
	if !slices.Equal(ran, []string{"1", "2"}) {
		t.Errorf("ran %q", ran)
	}
}

func TestDurable(t *testing.T) {
	db := openTest(t, testOptions(t))
	level := func(out *int) func(*Tx) error {
		return func(tx *Tx) error { return tx.QueryRow("PRAGMA synchronous").Scan(out) }
	}
	var before, during, after int
	if err := errors.Join(db.Write(t.Context(), level(&before)), db.WriteDurable(t.Context(), level(&during)),
		db.Write(t.Context(), level(&after))); err != nil {
		t.Fatal(err)
	}
	if before != 1 || during != 2 || after != 1 {
		t.Errorf("synchronous was %d, %d, %d; want 1, 2, 1", before, during, after)
	}
	// A durable write must not ride on the commit of one that is not.
	release := hold(t, db)
	var wg sync.WaitGroup
	wg.Go(func() { _ = db.Write(context.Background(), insert("plain")) })
	waitQueued(db, 1)
	during = 0
	wg.Go(func() { _ = db.WriteDurable(context.Background(), level(&during)) })
	waitQueued(db, 2)
	if err := release(); err != nil {
		t.Error(err)
	}
	wg.Wait()
	if during != 2 {
		t.Errorf("durable write ran with synchronous %d", during)
	}
}

// TestFault_F8_DiskFull: a full disk fails the write, loses nothing committed,
// and reading goes on.
func TestFault_F8_DiskFull(t *testing.T) {
	db := openTest(t, testOptions(t))
	if err := db.Write(t.Context(), insert("before")); err != nil {
		t.Fatal(err)
	}
	if _, err := db.writer.exec(t.Context(), "PRAGMA max_page_count = 1"); err != nil { // rounds up to what is used
		t.Fatal(err)
	}
	fill := func(tx *Tx) error {
		for range 100 {
			if _, err := tx.Exec("INSERT INTO log (text) VALUES (zeroblob(9000) || '')"); err != nil {
				return err
			}
		}
		return nil
	}
	err := db.Write(t.Context(), fill)
	if !errs.Is(err, errs.Unavailable) || errs.RemedyOf(err) == "" {
		t.Errorf("alone: got %v", err)
	}
	release := hold(t, db)
	results := make([]error, 3)
	var wg sync.WaitGroup
	for i, fn := range []func(*Tx) error{insert("first"), fill, insert("last")} {
		wg.Go(func() { results[i] = db.Write(context.Background(), fn) })
		waitQueued(db, i+1)
	}
	if err := release(); err != nil && !errs.Is(err, errs.Unavailable) {
		t.Errorf("a neighbour: %v", err)
	}
	wg.Wait()
	if !errs.Is(results[1], errs.Unavailable) {
		t.Errorf("in a group: got %v", results[1])
	}
	got := names(t, db)
	for i, name := range map[int]string{0: "first", 2: "last"} {
		if (results[i] == nil) != slices.Contains(got, name) {
			t.Errorf("%s: reported %v, database has %q", name, results[i], got)
		}
	}
	if !slices.Contains(got, "before") {
		t.Errorf("a committed row is gone: %q", got)
	}
	if _, err := db.writer.exec(t.Context(), "PRAGMA max_page_count = 100000"); err != nil {
		t.Fatal(err)
	}
	if err := db.Write(t.Context(), insert("after")); err != nil {
		t.Errorf("with space again: %v", err)
	}
}

func TestCloseFinishesWaitingWrites(t *testing.T) {
	db, err := Open(t.Context(), testOptions(t))
	if err != nil {
		t.Fatal(err)
	}
	release := hold(t, db)
	var waiting error
	var wg sync.WaitGroup
	wg.Go(func() { waiting = db.Write(context.Background(), insert("waiting")) })
	waitQueued(db, 1)
	wg.Go(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	<-db.closing
	if err := db.Write(t.Context(), insert("late")); !errs.Is(err, errs.Unavailable) {
		t.Errorf("write after Close: %v", err)
	}
	if err := db.Read(t.Context(), func(*Tx) error { return nil }); !errs.Is(err, errs.Unavailable) {
		t.Errorf("read after Close: %v", err)
	}
	if err := release(); err != nil {
		t.Error(err)
	}
	wg.Wait()
	if waiting != nil {
		t.Errorf("the waiting write: %v", waiting)
	}
	if err := db.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}
}
