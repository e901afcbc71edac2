package organize

import (
	"context"
	"crypto/rand"
	"database/sql"
	_ "embed"
	"errors"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/stardrive/stardrive/internal/errs"
	"github.com/stardrive/stardrive/internal/hlc"
	"github.com/stardrive/stardrive/internal/organize/merge"
	"github.com/stardrive/stardrive/internal/store"
)

// ApplicationID stands in the header of every user.db ("SDus").
const ApplicationID int32 = 0x53447573

//go:embed user.sql
var userSQL string

func userOptions(path string, log *slog.Logger) store.Options {
	return store.Options{Path: path, ApplicationID: ApplicationID, Migrations: []store.Migration{{Name: "user", SQL: userSQL}}, Log: log}
}

// opChanges is how many changes one operation holds at most.
const opChanges = 1000

// book is the log and what stands of it. Its methods belong to the holder of the
// Service's pen, but for reading.
type book struct {
	db    *store.DB
	me    string
	clock hlc.Clock
	seen  merge.Vector

	actors  map[string]int64 // their numbers
	names   map[int64]string
	targets map[string]int64
	now     func() time.Time
	reached func() int64 // how far the feed of the catalogue reaches
}

func openBook(ctx context.Context, db *store.DB, device string, now func() time.Time) (*book, error) {
	b := &book{db: db, seen: merge.Vector{}, actors: map[string]int64{}, names: map[int64]string{}, targets: map[string]int64{}, now: now}
	err := db.WriteDurable(ctx, func(tx *store.Tx) error { return b.begin(tx, device) })
	return b, err
}

// begin reads who writes here, or becomes somebody: a database that another device
// wrote, as one that was copied, is gone on with as somebody else, so that no two
// ever write under one name.
func (b *book) begin(tx *store.Tx, device string) error {
	own := map[string]string{}
	err := each(tx, "SELECT key, value FROM own", nil, func(rows *sql.Rows) error {
		var k, v string
		err := rows.Scan(&k, &v)
		own[k] = v
		return err
	})
	if err != nil {
		return err
	}
	reserved, err := strconv.ParseUint("0"+own["reserved"], 10, 64)
	if err != nil {
		return errs.New(errs.Internal, "the bound of the clock cannot be read: %w", err)
	}
	b.clock = hlc.Resume(hlc.Stamp(reserved))
	if b.me = own["me"]; b.me == "" || own["device"] != device {
		if err := b.become(tx, device); err != nil {
			return err
		}
	}
	err = each(tx, "SELECT no, id, seen FROM actor", nil, func(rows *sql.Rows) error {
		var no, seen int64
		var id string
		err := rows.Scan(&no, &id, &seen)
		b.actors[id], b.names[no], b.seen[id] = no, id, uint64(seen) //nolint:gosec // counts
		return err
	})
	if err != nil {
		return err
	}
	return each(tx, "SELECT no, id FROM target", nil, func(rows *sql.Rows) error {
		var no int64
		var id string
		err := rows.Scan(&no, &id)
		b.targets[id] = no
		return err
	})
}

// become takes a new name under which this device writes here.
func (b *book) become(tx *store.Tx, device string) error {
	b.me = device + "." + strings.ToLower(rand.Text()[:8])
	for k, v := range map[string]string{"me": b.me, "device": device} {
		if err := setOwn(tx, k, v); err != nil {
			return err
		}
	}
	return nil
}

func setOwn(tx *store.Tx, key, value string) error {
	_, err := tx.Exec("INSERT INTO own (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", key, value)
	return err
}

// each runs a query and calls fn with every row.
func each(tx *store.Tx, query string, args []any, fn func(rows *sql.Rows) error) error {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := fn(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (b *book) actor(tx *store.Tx, id string) (int64, error) {
	if no, ok := b.actors[id]; ok {
		return no, nil
	}
	res, err := tx.Exec("INSERT INTO actor (id, seen) VALUES (?, 0)", id)
	if err != nil {
		return 0, err
	}
	no, err := res.LastInsertId()
	b.actors[id], b.names[no] = no, id
	return no, err
}

// noRows reports that a row was not there.
func noRows(err error) bool { return errors.Is(err, sql.ErrNoRows) }
